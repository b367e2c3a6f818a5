"""Single contacts, whole as they are now."""

from __future__ import annotations

from dataclasses import replace

from tests.records import ADDRESS
from xerosync_tui.domain.contact import Contact, Field, Kind
from xerosync_tui.domain.directory import DirectoryRecord
from xerosync_tui.remotes.ports import Cards, Create, Stored, Update

from .subject import Subject, written

ACME = DirectoryRecord(
    "k1",
    Kind.ORGANIZATION,
    Contact("Acme", "a@acme.example", "02 5550 1234", ADDRESS),
    contact_type="Client",
    client_identifier="C1",
)
JANE = DirectoryRecord("k2", Kind.PERSON, Contact("Jane Doe", "j@x.example"), first_name="Jane", last_name="Doe")


async def test_contacts_are_read_whole(subject: Subject) -> None:
    """All four values, and what is beside them; of either kind, whether they were told before or not."""
    await subject.typed(ACME)
    assert [page async for page in subject.port.changes(0)]
    await subject.typed(JANE)
    acme, jane = await subject.held("k1"), await subject.held("k2")
    assert acme and jane
    found = await subject.port.read(["k1", "k2"])
    assert found == Cards((acme.as_karbon(), jane.as_karbon()))
    assert [contact.contact for contact in found.contacts] == [ACME.contact, JANE.contact]
    assert all(contact.whole for contact in found.contacts)
    assert (found.contacts[0].contact_type, found.contacts[0].client_identifier) == ("Client", "C1")


async def test_only_what_was_asked_for_is_read(subject: Subject) -> None:
    await subject.typed(ACME)
    await subject.typed(JANE)
    assert [contact.key for contact in (await subject.port.read(["k2"])).contacts] == ["k2"]
    assert await subject.port.read([]) == Cards(())


async def test_what_is_not_there_any_more_is_gone_and_the_others_go_on(subject: Subject) -> None:
    for record in (ACME, JANE, replace(ACME, key="k3", client_identifier="C3")):
        await subject.typed(record)
    assert [page async for page in subject.port.changes(0)]
    await subject.deleted("k2")
    found = await subject.port.read(["k1", "k2", "k3"])
    assert ([contact.key for contact in found.contacts], found.gone, found.bad) == (["k1", "k3"], ("k2",), ())


async def test_an_unknown_key_is_gone(subject: Subject) -> None:
    await subject.typed(ACME)
    assert await subject.port.read(["nobody"]) == Cards((), ("nobody",))


async def test_it_is_as_it_is_now(subject: Subject) -> None:
    await subject.typed(ACME)
    await subject.planned()
    await subject.edited("k1", {"phone": "1"})
    [found] = (await subject.port.read(["k1"])).contacts
    assert found.contact == replace(ACME.contact, phone="1")


async def test_what_this_run_wrote_is_read(subject: Subject) -> None:
    await subject.typed(ACME)
    await subject.planned()
    new = Create(Kind.ORGANIZATION, Contact("New", "new@x.example"))
    for outcome in await written(subject, Update("k1", ACME.contact, {Field.PHONE: "1"}), new):
        assert isinstance(outcome, Stored)
        assert (await subject.port.read([outcome.contact.key])).contacts == (outcome.contact,)


async def test_an_edit_behind_a_read_is_told_as_a_change(subject: Subject) -> None:
    await subject.typed(ACME)
    [page] = [page async for page in subject.port.changes(0)]
    await subject.port.read(["k1"])
    await subject.edited("k1", {"phone": "1"})
    [later] = [page async for page in subject.port.changes(page.version)]
    assert [contact.key for contact in later.contacts] == ["k1"]
    [found] = (await subject.port.read(["k1"])).contacts
    assert found.contact.phone == "1"
