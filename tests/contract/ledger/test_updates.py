"""Updates: what is named is written, everything else stays; each element on its own, and nothing twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.records import ADDRESS
from xerosync_tui.domain.contact import NO_ADDRESS, Address, Contact, Field, Value, XeroStatus
from xerosync_tui.remotes.http import ConnectionLost
from xerosync_tui.remotes.ports import GROUP, LedgerOutcome, LedgerRecord, Refused, Saved

from .subject import Subject

ACME = Contact("Acme Pty Ltd", "accounts@acme.example", "02 5550 1234", ADDRESS)
NEW: dict[Field, Value] = {
    Field.NAME: "Beta Pty Ltd",
    Field.EMAIL: "new@beta.example",
    Field.PHONE: "+61 2 5550 9999",
    Field.ADDRESS: Address("Level 2", "1 High St", city="Perth", country="Australia"),
}
AWKWARD = ["x" * 255, "two\nlines", "🙂👩‍👩‍👧", "שלום עולם", 'O\'Brien & "Söhne"; --', "back\\slash"]


async def read(subject: Subject, id: str) -> LedgerRecord:
    return (await subject.port.read([id]))[id]


async def write(subject: Subject, id: str, values: dict[Field, Value], request: str = "r1") -> LedgerOutcome:
    """What became of these values over the contact as it is now."""
    [outcome] = await subject.port.update([(await read(subject, id), values)], request)
    return outcome


def saved(outcome: LedgerOutcome) -> Contact:
    """What the ledger says it holds now."""
    assert isinstance(outcome, Saved), outcome
    return outcome.contact.contact


@pytest.mark.parametrize("field", Field)
async def test_only_what_is_named_changes(subject: Subject, field: Field) -> None:
    """xero.md 2.5 field omitted, `Phones` or `Addresses` omitted, update needs Name?"""
    id, other = subject.made(ACME, "C-1"), subject.made(Contact("Other"))
    before = (await read(subject, id)).contact
    outcome = await write(subject, id, {field: NEW[field]})
    expected = ACME.with_values({field: NEW[field]})
    assert saved(outcome) == expected
    assert isinstance(outcome, Saved) and (outcome.contact.id, outcome.contact.contact_number) == (id, "C-1")
    assert subject.held() == {id: (expected, XeroStatus.ACTIVE), other: (Contact("Other"), XeroStatus.ACTIVE)}
    assert outcome.contact.updated > before.updated
    assert (await read(subject, id)).contact.contact == expected


@pytest.mark.parametrize("held", [ACME, Contact("Acme Pty Ltd")])
async def test_all_four_at_once_over_filled_and_empty_ones(subject: Subject, held: Contact) -> None:
    """xero.md 2.4 Phone, POBOX; 2.5 `Phones` sent."""
    id = subject.made(held)
    expected = Contact().with_values(NEW)
    assert saved(await write(subject, id, NEW)) == expected
    assert subject.held() == {id: (expected, XeroStatus.ACTIVE)}


@pytest.mark.parametrize(
    ("field", "empty"), [(Field.EMAIL, ""), (Field.PHONE, ""), (Field.ADDRESS, NO_ADDRESS)], ids=str
)
async def test_a_value_can_be_cleared(subject: Subject, field: Field, empty: Value) -> None:
    """xero.md 2.5 clear one phone; 2.6 omitted names."""
    id = subject.made(ACME)
    expected = ACME.with_values({field: empty})
    assert saved(await write(subject, id, {field: empty})) == expected
    assert subject.held() == {id: (expected, XeroStatus.ACTIVE)}


async def test_of_an_address_the_parts_that_are_gone_are_cleared(subject: Subject) -> None:
    """xero.md 2.4 Address, 2.5 clear one phone: a part left out would stay."""
    id = subject.made(ACME)
    shorter = Address("PO Box 1", country="Australia")
    assert saved(await write(subject, id, {Field.ADDRESS: shorter})).address == shorter
    assert subject.held()[id][0].address == shorter


@pytest.mark.parametrize("text", AWKWARD)
async def test_any_text_arrives(subject: Subject, text: str) -> None:
    """xero.md 2 (bodies are UTF-8), 2.4 Name, Phone (free text)."""
    id = subject.made(ACME)
    values: dict[Field, Value] = {Field.NAME: text, Field.PHONE: text[:50], Field.ADDRESS: Address(text, city=text)}
    assert saved(await write(subject, id, values)) == ACME.with_values(values)
    assert subject.held()[id][0] == ACME.with_values(values)


async def test_what_a_person_edited_since_the_read_stays_unless_named(subject: Subject) -> None:
    """xero.md 2.3 (no compare-and-set), 2.5 field omitted: the window of engine.md 2.7 is for named fields only."""
    id = subject.made(ACME)
    record = await read(subject, id)
    subject.edited(id, phone="02 5550 7777")
    [outcome] = await subject.port.update([(record, {Field.EMAIL: "new@acme.example"})], "r1")
    expected = replace(ACME, email="new@acme.example", phone="02 5550 7777")
    assert (saved(outcome), subject.held()[id][0]) == (expected, expected)


async def test_a_group_is_answered_by_position_and_one_refused_does_not_stop_the_others(subject: Subject) -> None:
    """xero.md 3 batch size, with false, matching results to inputs, duplicate name; 2.6 refused element."""
    ids = [subject.made(Contact(f"Acme {number}", f"a{number}@acme.example")) for number in range(GROUP)]
    subject.made(Contact("Taken"))
    turned = ids[::-1]  # not the order in which the ledger knows them
    records = await subject.port.read(turned)
    values: list[dict[Field, Value]] = [{Field.PHONE: str(number)} for number in range(GROUP)]
    values[7] = {Field.PHONE: "7", Field.NAME: "Taken"}
    outcomes = await subject.port.update([(records[id], v) for id, v in zip(turned, values, strict=True)], "r1")

    assert [number for number, outcome in enumerate(outcomes) if isinstance(outcome, Refused)] == [7]
    for number, (id, outcome) in enumerate(zip(turned, outcomes, strict=True)):
        held = subject.held()[id][0]
        assert held.phone == ("" if number == 7 else str(number))
        if isinstance(outcome, Saved):
            assert (outcome.contact.id, outcome.contact.contact) == (id, held)


async def test_a_name_that_is_taken_is_refused_in_the_ledgers_words(subject: Subject) -> None:
    """xero.md 2.4 Name, 3 duplicate name; nothing of a refused element is stored."""
    id, other = subject.made(ACME), subject.made(Contact("Taken"))
    before = subject.held()
    outcome = await write(subject, id, {Field.NAME: "taken", Field.EMAIL: "new@acme.example"})
    assert isinstance(outcome, Refused) and "already assigned to another contact" in outcome.reason
    assert subject.held() == before and other in before


async def test_names_cannot_be_swapped_at_once(subject: Subject) -> None:
    """xero.md 3 duplicate name: which is why rings of names step aside (engine.md 2.4)."""
    a, b = subject.made(Contact("A")), subject.made(Contact("B"))
    records = await subject.port.read([a, b])
    outcomes = await subject.port.update([(records[a], {Field.NAME: "B"}), (records[b], {Field.NAME: "A"})], "r1")
    assert [type(outcome) for outcome in outcomes] == [Refused, Refused]
    assert [subject.held()[id][0].name for id in (a, b)] == ["A", "B"]


async def test_a_name_can_change_in_its_case_alone(subject: Subject) -> None:
    """xero.md 2.4 Name: nobody stands in its own way."""
    id = subject.made(Contact("macdonald"))
    assert saved(await write(subject, id, {Field.NAME: "MacDonald"})).name == "MacDonald"


async def test_the_name_of_an_archived_contact_is_free(subject: Subject) -> None:
    """xero.md 2.5 reuse the name of an archived contact."""
    gone, id = subject.made(Contact("Gone")), subject.made(ACME)
    subject.set_to(gone, XeroStatus.ARCHIVED)
    assert saved(await write(subject, id, {Field.NAME: "Gone"})).name == "Gone"


@pytest.mark.parametrize("status", [XeroStatus.ARCHIVED, XeroStatus.GDPRREQUEST])
async def test_what_is_archived_or_to_be_erased_is_not_edited(subject: Subject, status: XeroStatus) -> None:
    """xero.md 2.5 edit or re-archive an archived contact, GDPRREQUEST; the others of the group are written."""
    closed, id = subject.made(Contact("Closed")), subject.made(ACME)
    records = await subject.port.read([closed, id])
    subject.set_to(closed, status)
    changes = [(records[closed], {Field.PHONE: "1"}), (records[id], {Field.PHONE: "2"})]
    refused, written = await subject.port.update(changes, "r1")
    assert isinstance(refused, Refused) and refused.reason
    assert saved(written).phone == "2"
    assert subject.held()[closed] == (Contact("Closed"), status)


async def test_what_is_stored_differently_comes_back_as_stored(subject: Subject) -> None:
    """xero.md 2.4 Name (what Xero does with < and > is unknown): the base must hold what a read will tell."""
    id = subject.made(ACME)
    subject.tidies_names()
    outcome = await write(subject, id, {Field.NAME: "Acme <Holding>"})
    assert saved(outcome).name == "Acme Holding"
    assert (await read(subject, id)).contact.contact == saved(outcome)


async def test_the_same_request_does_nothing_twice(subject: Subject) -> None:
    """xero.md 3 Idempotency-Key: an edit that came after the first is not written over."""
    id = subject.made(ACME)
    record = await read(subject, id)
    first = await subject.port.update([(record, {Field.PHONE: "1"})], "r1")
    subject.edited(id, phone="2")
    assert await subject.port.update([(record, {Field.PHONE: "1"})], "r1") == first
    assert subject.held()[id][0].phone == "2"
    await subject.port.update([(record, {Field.PHONE: "1"})], "r2")
    assert subject.held()[id][0].phone == "1"


async def test_a_refusal_too_is_the_answer_to_the_same_request(subject: Subject) -> None:
    """xero.md 3 Idempotency-Key: errors are cached too."""
    id, other = subject.made(ACME), subject.made(Contact("Taken"))
    record = await read(subject, id)
    first = await subject.port.update([(record, {Field.NAME: "Taken"})], "r1")
    subject.edited(other, name="Out of the way")
    assert await subject.port.update([(record, {Field.NAME: "Taken"})], "r1") == first
    assert isinstance(first[0], Refused) and subject.held()[id][0].name == ACME.name
    assert isinstance((await subject.port.update([(record, {Field.NAME: "Taken"})], "r2"))[0], Saved)


async def test_a_lost_answer_is_found_again_under_its_request(subject: Subject) -> None:
    """xero.md 3 Idempotency-Key: done once, though nobody heard of it."""
    id = subject.made(ACME)
    record = await read(subject, id)
    subject.loses_answers()
    with pytest.raises(ConnectionLost):
        await subject.port.update([(record, {Field.PHONE: "1"})], "r1")
    assert subject.held()[id][0].phone == "1"
    subject.edited(id, phone="2")
    [outcome] = await subject.port.update([(record, {Field.PHONE: "1"})], "r1")
    assert saved(outcome).phone == "1"
    assert subject.held()[id][0].phone == "2"
