"""What became of a write: stored, deferred when its premise is gone, and recorded with it or not at all."""

from __future__ import annotations

from dataclasses import replace

import pytest
from peewee import SqliteDatabase

from tests.records import ADDRESS
from xerosync_tui.domain.contact import Contact, Field, KarbonContact, Kind
from xerosync_tui.domain.directory import DirectoryRecord
from xerosync_tui.remotes.ports import Create, Delete, NotStored, Stored, Update
from xerosync_tui.store.database import Store

from .subject import Notes, Subject, completed, written

JANE = Contact("Jane van der Berg", "jane@acme.example", "02 5550 1234", ADDRESS)
RECORD = DirectoryRecord(
    "k1",
    Kind.PERSON,
    JANE,
    first_name="Jane",
    middle_name="van",
    last_name="der Berg",
    typed_name=("Jane", "van", "der Berg"),
    other_phones=("0400 000 001", " 0400  000 002"),
    contact_type="Client",
    client_identifier="C1",
    kind_reason="said in the file",
)
AWKWARD = ["x" * 255, "two\nlines", "🙂👩‍👩‍👧", "שלום", "nul\x00", "O'Brien; --"]


def update(**values: str) -> Update:
    return Update("k1", JANE, {Field(name): value for name, value in values.items()})


async def all_contacts(subject: Subject) -> dict[str, KarbonContact]:
    pages = [page async for page in subject.port.changes(0)]
    return {contact.key: contact for page in pages for contact in await completed(subject, page)}


async def test_a_new_contact_is_as_it_was_sent(subject: Subject) -> None:
    [outcome] = await written(
        subject, Create(Kind.ORGANIZATION, JANE, {"contact_type": "Prospect", "kind_reason": "a company word"})
    )
    assert isinstance(outcome, Stored)
    assert (outcome.contact.contact, outcome.contact.kind, outcome.contact.contact_type) == (
        JANE,
        Kind.ORGANIZATION,
        "Prospect",
    )
    assert await all_contacts(subject) == {outcome.contact.key: outcome.contact}
    record = await subject.held(outcome.contact.key)
    assert record and (record.kind_reason, record.first_name, record.last_name) == ("a company word", "", "")


async def test_a_new_person_has_parts_by_the_rule(subject: Subject) -> None:
    [outcome] = await written(subject, Create(Kind.PERSON, Contact("  Mary Ann  van der Berg Jr ")))
    assert isinstance(outcome, Stored)
    record = await subject.held(outcome.contact.key)
    assert record and (record.first_name, record.middle_name, record.last_name) == ("Mary", "Ann", "van der Berg Jr")


async def test_only_what_is_sent_changes(subject: Subject) -> None:
    """P8: other phones, the type, the identifier, and a person's parts as typed keep their bytes."""
    await subject.typed(RECORD)
    [outcome] = await written(subject, update(phone="02 5550 9999"))
    after = await subject.held("k1")
    assert isinstance(outcome, Stored)
    assert after
    assert after == replace(RECORD, contact=replace(JANE, phone="02 5550 9999"), version=after.version)
    assert outcome.contact == after.as_karbon()


async def test_a_contact_type_is_written_beside_the_values(subject: Subject) -> None:
    await subject.typed(RECORD)
    of_the_type = {"contact_type": "Prospect"}, {"contact_type": "Client"}
    [outcome] = await written(subject, Update("k1", JANE, {Field.PHONE: "02 5550 9999"}, *of_the_type))
    after = await subject.held("k1")
    assert isinstance(outcome, Stored)
    assert after and outcome.contact == after.as_karbon()
    assert after == replace(
        RECORD, contact=replace(JANE, phone="02 5550 9999"), contact_type="Prospect", version=after.version
    )


async def test_a_contact_type_is_written_alone(subject: Subject) -> None:
    await subject.typed(RECORD)
    [outcome] = await written(subject, Update("k1", JANE, {}, {"contact_type": "Prospect"}, {"contact_type": "Client"}))
    after = await subject.held("k1")
    assert isinstance(outcome, Stored)
    assert after == replace(RECORD, contact_type="Prospect", version=outcome.contact.version)


async def test_a_new_name_is_split_by_the_rule(subject: Subject) -> None:
    await subject.typed(RECORD)
    await written(subject, update(name="Jane de la Cruz"))
    after = await subject.held("k1")
    assert after and (after.first_name, after.middle_name, after.last_name) == ("Jane", "", "de la Cruz")
    assert after.other_phones == RECORD.other_phones


async def test_a_name_that_comes_back_has_its_typed_parts(subject: Subject) -> None:
    """By the rule ``van`` is no middle name; a person typed it as one."""
    await subject.typed(RECORD)
    for name in ("Jane de la Cruz", JANE.name):
        held = (await all_contacts(subject))["k1"].contact
        await written(subject, Update("k1", held, {Field.NAME: name}))
    after = await subject.held("k1")
    assert after and after == replace(RECORD, version=after.version)


@pytest.mark.parametrize("text", AWKWARD)
async def test_any_text_is_kept(subject: Subject, text: str) -> None:
    await subject.typed(RECORD)
    made, changed = await written(
        subject, Create(Kind.ORGANIZATION, Contact(text, text, text)), update(name=text, email=text)
    )
    assert isinstance(made, Stored)
    assert isinstance(changed, Stored)
    kept = await all_contacts(subject)
    assert kept[made.contact.key].contact == Contact(text, text, text)
    assert kept["k1"].contact == replace(JANE, name=text, email=text)


async def test_a_value_can_be_cleared(subject: Subject) -> None:
    await subject.typed(RECORD)
    await written(subject, update(phone=""))
    assert (await all_contacts(subject))["k1"].contact.phone == ""


async def test_nothing_to_write_is_stored_and_changes_nothing(subject: Subject) -> None:
    await subject.typed(RECORD)
    before = await all_contacts(subject)
    [outcome] = await written(subject, update())
    assert outcome == Stored(before["k1"])
    assert await all_contacts(subject) == before


async def test_a_contact_is_deleted(subject: Subject) -> None:
    await subject.typed(RECORD)
    [outcome] = await written(subject, Delete("k1", JANE, await version_of(subject)))
    assert isinstance(outcome, Stored)
    assert outcome.contact.contact == JANE  # what it held
    assert await all_contacts(subject) == {}
    assert await subject.held("k1") is None


async def version_of(subject: Subject) -> int:
    record = await subject.held("k1")
    assert record
    return record.version


async def test_what_changed_in_any_field_is_not_deleted(subject: Subject) -> None:
    await subject.typed(RECORD)
    seen = await version_of(subject)
    await subject.edited("k1", {"other_phones": "02 5550 0000"})
    [outcome] = await written(subject, Delete("k1", JANE, seen))
    assert isinstance(outcome, NotStored)
    assert await subject.held("k1")


async def test_what_changed_in_any_field_waits_where_exactly_this_was_seen(subject: Subject) -> None:
    await subject.typed(RECORD)
    seen = await version_of(subject)
    await subject.edited("k1", {"other_phones": "02 5550 0000"})
    before = await subject.held("k1")
    late, other = (
        replace(update(phone="1"), version=seen),
        replace(update(phone="1"), version=await version_of(subject)),
    )
    [outcome] = await written(subject, late)
    assert outcome == NotStored("It was edited in Karbon meanwhile.", deferred=True)
    assert await subject.held("k1") == before
    [outcome] = await written(subject, other)
    assert isinstance(outcome, Stored)


async def test_what_was_deleted_comes_back_whole_under_its_key(subject: Subject) -> None:
    await subject.typed(RECORD)
    before = await all_contacts(subject)
    await written(subject, Delete("k1", JANE, await version_of(subject)))
    [outcome] = await written(subject, Create(Kind.PERSON, JANE, RECORD.others(), by_hand=True, key="k1"))
    assert isinstance(outcome, Stored)
    assert await subject.held("k1") == replace(RECORD, version=outcome.contact.version)
    assert await all_contacts(subject) == {"k1": replace(before["k1"], version=outcome.contact.version)}


@pytest.mark.parametrize("write", [update(phone="1"), update(), Delete("k1", JANE, 1)])
async def test_edited_meanwhile_it_is_deferred(subject: Subject, write: Update | Delete) -> None:
    """P13, for each value that the plan saw."""
    await subject.typed(RECORD)
    await subject.edited("k1", {"email": "new@acme.example"})
    before = await subject.held("k1")
    [outcome] = await written(subject, write)
    assert isinstance(outcome, NotStored)
    assert outcome.deferred
    assert outcome.reason
    assert await subject.held("k1") == before


@pytest.mark.parametrize("write", [update(phone="1"), Delete("k1", JANE, 1)])
async def test_deleted_meanwhile_it_is_deferred(subject: Subject, write: Update | Delete) -> None:
    await subject.typed(RECORD)
    await subject.deleted("k1")
    [outcome] = await written(subject, write)
    assert isinstance(outcome, NotStored)
    assert outcome.deferred
    assert await subject.held("k1") is None


async def test_one_deferred_does_not_stop_the_others(subject: Subject) -> None:
    await subject.typed(RECORD)
    await subject.typed(replace(RECORD, key="k2", client_identifier="C2"))
    await subject.edited("k1", {"email": "new@acme.example"})
    outcomes = await written(
        subject,
        Create(Kind.ORGANIZATION, Contact("First")),
        update(phone="1"),
        Update("k2", JANE, {Field.PHONE: "2"}),
        Create(Kind.ORGANIZATION, Contact("Last")),
    )
    assert [type(outcome) for outcome in outcomes] == [Stored, NotStored, Stored, Stored]
    names = [outcome.contact.contact.name for outcome in outcomes if isinstance(outcome, Stored)]
    assert names == ["First", JANE.name, "Last"]  # each in its place


async def test_what_is_written_is_told_as_a_change(subject: Subject) -> None:
    await subject.typed(RECORD)
    [page] = [page async for page in subject.port.changes(0)]
    await written(subject, update(phone="1"), Create(Kind.ORGANIZATION, Contact("New")))
    [later] = [page async for page in subject.port.changes(page.version)]
    assert sorted(contact.contact.name for contact in later.contacts) == [JANE.name, "New"]


async def test_when_the_recorder_fails_nothing_was_written(subject: Subject, store: Store) -> None:
    await subject.typed(RECORD)
    before = await all_contacts(subject)
    with pytest.raises(LookupError):
        await subject.port.write([update(phone="1"), Create(Kind.ORGANIZATION, Contact("New"))], Notes(failing=True))
    assert await all_contacts(subject) == before
    assert await store.run(_noted) == []


async def test_the_records_stand_when_the_write_does(subject: Subject, store: Store) -> None:
    await written(subject, Create(Kind.ORGANIZATION, Contact("New")))
    assert await store.run(_noted) == ["intended", "settled"]


def _noted(db: SqliteDatabase) -> list[str]:
    rows = db.execute_sql("SELECT name FROM counter WHERE name IN ('intended', 'settled') ORDER BY name")
    return [row[0] for row in rows]
