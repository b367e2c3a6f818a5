"""What changed since a version: everything once, deletions too; what is told only in part is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tests.records import ADDRESS
from xerosync_tui.domain.contact import Contact, KarbonContact, Kind
from xerosync_tui.domain.directory import DirectoryRecord

from .subject import Subject, completed


def acme(key: str, name: str = "Acme") -> DirectoryRecord:
    return DirectoryRecord(key, Kind.ORGANIZATION, Contact(name), contact_type="Client", client_identifier=f"id {key}")


async def since(subject: Subject, version: int = 0) -> tuple[dict[str, KarbonContact], set[str], int]:
    """Contacts by key and whole, keys of deleted ones, and the version reached."""
    contacts: dict[str, KarbonContact] = {}
    gone: set[str] = set()
    async for page in subject.port.changes(version):
        assert page.version >= version  # the same where lists tell seconds, and more came within this one
        version = page.version
        told = [contact.key for contact in page.contacts] + list(page.gone)
        assert not set(told) & (contacts.keys() | gone)  # each once
        contacts |= {contact.key: contact for contact in await completed(subject, page)}
        gone |= set(page.gone)
    return contacts, gone, version


def news(contacts: Mapping[str, KarbonContact], known: Mapping[str, KarbonContact]) -> set[str]:
    """Keys of those that are not as they are known: where lists tell seconds, what is known may be told once more."""
    return {key for key, contact in contacts.items() if known.get(key) != contact}


async def test_an_empty_directory_tells_nothing(subject: Subject) -> None:
    assert await since(subject) == ({}, set(), 0)


async def test_everything_is_told_once(subject: Subject) -> None:
    for n in range(3):
        await subject.typed(acme(f"k{n}", f"Acme {n}"))
    contacts, gone, _ = await since(subject)
    assert {key: contact.contact.name for key, contact in contacts.items()} == {f"k{n}": f"Acme {n}" for n in range(3)}
    assert not gone
    assert (contacts["k1"].contact_type, contacts["k1"].client_identifier) == ("Client", "id k1")


async def test_what_is_told_is_whole_or_completed_by_read(subject: Subject) -> None:
    """In part it is the name, the type and the identifier; the email is a hint."""
    values = Contact("Acme", "a@acme.example", "02 5550 1234", ADDRESS)
    await subject.typed(replace(acme("k1"), contact=values))
    [page] = [page async for page in subject.port.changes(0)]
    [told] = page.contacts
    record = await subject.held("k1")
    assert record
    whole = record.as_karbon()
    if not told.whole:
        hint = Contact(values.name, told.contact.email)
        assert told == replace(whole, contact=hint, version=told.version, whole=False)
        assert told.version <= whole.version
    assert await completed(subject, page) == [whole]
    assert whole.contact == values


async def test_what_is_known_is_told_at_most_once_more(subject: Subject) -> None:
    await subject.typed(acme("k1"))
    await subject.typed(acme("k2"))
    known, _, version = await since(subject)
    again, gone, later = await since(subject, version)
    assert (news(again, known), gone) == (set(), set())
    assert later >= version
    assert await since(subject, later) == ({}, set(), later)


async def test_after_the_version_of_a_plan_there_is_nothing(subject: Subject) -> None:
    """A run that knows all as it was read, and everything before the version of the newest."""
    await subject.typed(acme("k1"))
    await subject.typed(acme("k2"))
    known, *_ = await since(subject)
    await subject.planned()
    version = max(contact.version for contact in known.values())
    assert await since(subject, version) == ({}, set(), version)


async def test_only_what_changed_since_is_told(subject: Subject) -> None:
    await subject.typed(acme("k1"))
    await subject.typed(acme("k2"))
    before, _, version = await since(subject)
    await subject.edited("k1", {"phone": "1"})
    contacts, gone, _ = await since(subject, version)
    assert (news(contacts, before), gone) == ({"k1"}, set())
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
    before, _, version = await since(subject)
    await subject.deleted("k1")
    contacts, gone, later = await since(subject, version)
    assert (news(contacts, before), gone) == (set(), {"k1"})
    assert later > version
    assert (await since(subject))[1] == {"k1"}


async def test_more_than_a_page_is_told_once_too(subject: Subject) -> None:
    await subject.typed(*(acme(f"k{n}", f"Acme {n}") for n in range(1200)))
    told = [contact.contact.name async for page in subject.port.changes(0) for contact in page.contacts]
    assert sorted(told) == sorted(f"Acme {n}" for n in range(1200))
