"""What changed since a version: everything once, deletions too."""

from __future__ import annotations

from xerosync_tui.domain.contact import Contact, KarbonContact, Kind
from xerosync_tui.domain.directory import DirectoryRecord
from xerosync_tui.remotes.ports import Create

from .subject import Subject, written


def acme(key: str, name: str = "Acme") -> DirectoryRecord:
    return DirectoryRecord(key, Kind.ORGANIZATION, Contact(name), contact_type="Client", client_identifier=f"id {key}")


async def since(subject: Subject, version: int = 0) -> tuple[dict[str, KarbonContact], set[str], int]:
    """Contacts by key, keys of deleted ones, and the version reached."""
    contacts: dict[str, KarbonContact] = {}
    gone: set[str] = set()
    async for page in subject.port.changes(version):
        assert page.version > version
        version = page.version
        told = [contact.key for contact in page.contacts] + list(page.gone)
        assert not set(told) & (contacts.keys() | gone)  # each once
        contacts |= {contact.key: contact for contact in page.contacts}
        gone |= set(page.gone)
    return contacts, gone, version


async def test_an_empty_directory_tells_nothing(subject: Subject) -> None:
    assert await since(subject) == ({}, set(), 0)


async def test_everything_is_told_once(subject: Subject) -> None:
    for n in range(3):
        await subject.typed(acme(f"k{n}", f"Acme {n}"))
    contacts, gone, _ = await since(subject)
    assert {key: contact.contact.name for key, contact in contacts.items()} == {f"k{n}": f"Acme {n}" for n in range(3)}
    assert not gone
    assert (contacts["k1"].contact_type, contacts["k1"].client_identifier) == ("Client", "id k1")


async def test_after_the_version_reached_there_is_nothing(subject: Subject) -> None:
    await subject.typed(acme("k1"))
    *_, version = await since(subject)
    assert await since(subject, version) == ({}, set(), version)


async def test_only_what_changed_since_is_told(subject: Subject) -> None:
    await subject.typed(acme("k1"))
    await subject.typed(acme("k2"))
    before, _, version = await since(subject)
    await subject.edited("k1", {"phone": "1"})
    contacts, gone, _ = await since(subject, version)
    assert (set(contacts), gone) == ({"k1"}, set())
    assert contacts["k1"].contact.phone == "1"
    assert contacts["k1"].version > before["k1"].version


async def test_two_edits_are_told_as_one(subject: Subject) -> None:
    await subject.typed(acme("k1"))
    await subject.edited("k1", {"phone": "1"})
    await subject.edited("k1", {"phone": "2"})
    contacts, *_ = await since(subject)
    assert contacts["k1"].contact.phone == "2"


async def test_a_deleted_contact_is_told_as_gone(subject: Subject) -> None:
    await subject.typed(acme("k1"))
    await subject.typed(acme("k2"))
    *_, version = await since(subject)
    await subject.deleted("k1")
    contacts, gone, later = await since(subject, version)
    assert (contacts, gone) == ({}, {"k1"})
    assert later > version
    assert (await since(subject))[1] == {"k1"}


async def test_more_than_a_page_is_told_once_too(subject: Subject) -> None:
    for part in range(6):
        names = [f"Acme {part}/{n}" for n in range(200)]
        await written(subject, *[Create(Kind.ORGANIZATION, "", Contact(name), "") for name in names])
    contacts, *_ = await since(subject)
    assert len({contact.contact.name for contact in contacts.values()}) == 1200
