"""Writing through Karbon's API: several requests to a write, nothing to repeat them under (karbon.md 2.7, 2.11)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from xerosync_tui.domain.contact import Field, Kind
from xerosync_tui.domain.match import Reason
from xerosync_tui.errors import RemoteError, RemoteUnreachable
from xerosync_tui.program import Program
from xerosync_tui.services import contacts, triage
from xerosync_tui.services import sync as runs
from xerosync_tui.services.undo import undo

from .behind_the_api import called, in_karbon_with, lose, names
from .crashing import Crash, CrashingStore
from .firm import Firm
from .linked import NEW_PHONE, OLD_PHONE, OTHER_PHONE, STREET, Client, came_to_rest, conflicts, failed, linked
from .restarts import dying_after
from .sandboxed import program_over

CARD, EMAIL = "/v3/BusinessCards/", "new@client.example"


async def test_a_lost_race_is_run_again(firm: Firm) -> None:
    """409, code 4020 (karbon.md 2.7): read again, and the write goes through when the value is still as planned."""
    [client] = await linked(firm, "Acme")
    client.phone_in_xero(NEW_PHONE)
    lose(firm, "touch", "PUT", CARD, times=1)
    result = await firm.sync()
    assert [e["status"] for e in firm.written_to_karbon()[-2:]] == [409, 204]
    assert (result.counts.changed_in_karbon, await client.both(Field.PHONE)) == (1, (NEW_PHONE, NEW_PHONE))
    await came_to_rest(firm)


async def test_who_loses_every_race_waits_for_the_next_run(firm: Firm) -> None:
    """And the others do not."""
    slow, other = await linked(firm, "Acme", "Bravo")
    slow.phone_in_xero(NEW_PHONE)
    other.phone_in_xero(NEW_PHONE)
    [card] = firm.xero.tenant.entities[slow.key].cards
    lose(firm, "touch", "PUT", f"{CARD}{card.key}")
    result = await firm.sync()
    assert (result.counts.deferred, result.counts.changed_in_karbon, await failed(firm)) == (1, 1, {})
    await firm.sync()
    assert await slow.both(Field.PHONE) == (NEW_PHONE, NEW_PHONE)
    await came_to_rest(firm)


async def test_a_500_that_says_mistake_is_a_refusal_of_that_contact(firm: Firm) -> None:
    """Code 5001 (karbon.md 2.11): told by name, not repeated blindly, and nobody else suffers."""
    bad, good = await linked(firm, "Acme", "Bravo")
    base = await firm.rows(f"SELECT xero_phone, karbon_phone FROM link WHERE xero_id = '{bad.id}'")
    bad.phone_in_xero(NEW_PHONE)
    good.phone_in_xero(NEW_PHONE)
    [card] = firm.xero.tenant.entities[bad.key].cards
    lose(firm, "server_error", "PUT", f"{CARD}{card.key}", times=1)
    result = await firm.sync()
    assert (result.counts.failed, result.counts.changed_in_karbon) == (1, 1)
    assert list(await failed(firm)) == ["Acme"]
    assert await firm.rows(f"SELECT xero_phone, karbon_phone FROM link WHERE xero_id = '{bad.id}'") == base
    await firm.sync(full=True)  # tried again once a day
    assert (await failed(firm), await bad.both(Field.PHONE)) == ({}, (NEW_PHONE, NEW_PHONE))
    await came_to_rest(firm)


async def test_a_lost_answer_to_a_put_is_looked_up_at_once(firm: Firm) -> None:
    """Written once: the read after it finds the value."""
    [client] = await linked(firm, "Acme")
    client.phone_in_xero(NEW_PHONE)
    lose(firm, "lost_reply", "PUT", CARD, times=1)
    result = await firm.sync()
    assert (result.counts.changed_in_karbon, await client.both(Field.PHONE)) == (1, (NEW_PHONE, NEW_PHONE))
    assert len([e for e in firm.written_to_karbon() if e["method"] == "PUT"]) == 1
    await came_to_rest(firm)


@pytest.mark.parametrize("editor", ["nobody", "xero", "karbon"])
async def test_our_own_write_whose_answer_was_lost_is_nobodys_edit(firm: Firm, editor: str) -> None:
    """P4, P6: written, and Karbon then gone to the run's end; the next edit in Xero is in no conflict with it."""
    [client] = await linked(firm, "Acme")
    client.phone_in_xero(NEW_PHONE)
    lose(firm, "lost_reply", "PUT", CARD, times=1)
    # Read for the list, for strangers, and for the premise; then to look what became of the write.
    lose(firm, "unavailable", "GET", f"/v3/Organizations/{client.key}", skip=3)
    with pytest.raises(RemoteUnreachable):
        await firm.sync()
    assert await firm.rows("SELECT state FROM journal WHERE action = 'update'") == [("unknown",)]
    assert await client.both(Field.PHONE) == (NEW_PHONE, NEW_PHONE)
    if editor == "xero":
        client.phone_in_xero(OTHER_PHONE)
    elif editor == "karbon":
        await client.in_karbon(phone=OTHER_PHONE)
    await firm.sync()
    if editor == "karbon":  # over a value that nobody knows to have been there: a person looks at the two
        assert await conflicts(firm) == {client.id: (Field.PHONE,)}
        assert await client.both(Field.PHONE) == (NEW_PHONE, OTHER_PHONE)
        return
    expected = NEW_PHONE if editor == "nobody" else OTHER_PHONE
    assert (await conflicts(firm), await client.both(Field.PHONE)) == ({}, (expected, expected))
    await came_to_rest(firm)


async def test_a_write_whose_answer_was_lost_is_looked_up_on_its_card(firm: Firm) -> None:
    """P4: the list shows that something changed, and not what; Xero's next edit is no conflict with ours."""
    [client] = await linked(firm, "Acme")
    firm.xero.advance(60)
    client.phone_in_xero(NEW_PHONE)
    with dying(firm, 1) as program, pytest.raises(Crash):
        await runs.sync(program)
    client.phone_in_xero(OTHER_PHONE)
    await firm.sync()
    assert (await conflicts(firm), await client.both(Field.PHONE)) == ({}, (OTHER_PHONE, OTHER_PHONE))
    await came_to_rest(firm)


async def test_a_persons_edit_whose_answer_was_lost_goes_over_to_xero(firm: Firm) -> None:
    """P4, P5: it is hers, and not ours; nothing brings the old value back."""
    [client] = await linked(firm, "Acme")
    with dying(firm, 1) as program, pytest.raises(Crash):
        await contacts.edit(program, client.key, {"phone": NEW_PHONE})
    assert await client.both(Field.PHONE) == (OLD_PHONE, NEW_PHONE)
    await firm.sync()
    assert (await conflicts(firm), await client.both(Field.PHONE)) == ({}, (NEW_PHONE, NEW_PHONE))
    await came_to_rest(firm)


async def test_a_change_that_was_being_taken_back_is_taken_back_on_both_sides(firm: Firm) -> None:
    """P3, P17: whoever did it died when Karbon had it."""
    [client] = await linked(firm, "Acme")
    client.phone_in_xero(NEW_PHONE)
    await firm.sync()
    [(entry,)] = await firm.rows("SELECT id FROM journal WHERE action = 'update'")
    with dying(firm, 1) as program, pytest.raises(Crash):
        await undo(program, entry)
    await firm.sync()
    assert await client.both(Field.PHONE) == (OLD_PHONE, OLD_PHONE)
    assert await firm.rows(f"SELECT state FROM journal WHERE id = {entry}") == [("undone",)]
    await came_to_rest(firm)


@pytest.mark.parametrize("email", [EMAIL, ""])
@pytest.mark.parametrize("kind", ["lost_reply", "refuse", "empty_body", "unavailable"])
async def test_a_lost_answer_to_a_post_makes_no_second_one(firm: Firm, kind: str, email: str) -> None:
    """P7: adopted at once where it shows; where it was never made, the next run makes it."""
    await linked(firm, "Acme")
    x = firm.in_xero("Newcomer", email)
    lose(firm, kind, "POST", times=1)
    with suppress(RemoteError):
        await firm.sync()
    await firm.sync()
    [made] = called(firm, "Newcomer")
    assert (await firm.links())[x] == made.key
    assert await firm.rows("SELECT 1 FROM journal WHERE state = 'intended'") == []
    await came_to_rest(firm)


@contextmanager
def dying(firm: Firm, writes: int) -> Iterator[Program]:
    """Another process on the same data, which dies once Karbon has done so many writes."""
    store = CrashingStore.open(firm.program.settings.database)
    assert isinstance(store, CrashingStore)
    try:
        yield Program(firm.program.settings, store, dying_after(firm.xero, store, writes), firm.xero.sleep)
    finally:
        store.close()


async def died_making(firm: Firm, *emails: str) -> list[str]:
    """Newcomers, each of whom Karbon was asked to make by a process that died then; their ContactIDs."""
    await linked(firm, "Acme")
    ids = [firm.in_xero("Newcomer" if n == 0 else f"Newcomer {n}", email) for n, email in enumerate(emails)]
    with dying(firm, len(emails)) as program, pytest.raises(Crash):
        await runs.sync(program)
    assert sum(names(firm).values()) == 1 + len(emails)
    states = await firm.rows("SELECT state FROM journal WHERE action = 'create' ORDER BY id DESC")
    assert states[: len(emails)] == [("intended",)] * len(emails)
    return ids


@pytest.mark.parametrize("emails", [(EMAIL,), ("",), (EMAIL, "", "third@client.example")])
async def test_made_by_a_process_that_died_it_is_adopted(firm: Firm, emails: tuple[str, ...]) -> None:
    """P7, P17: by the next one, whatever of it was asked; and nobody is made twice."""
    ids = await died_making(firm, *emails)
    before = names(firm)
    async with program_over(firm.program.settings, firm.xero) as program:
        after = Firm(program, firm.xero)
        await after.sync()
        assert set(ids) <= set(await after.links())
        assert (names(firm), await after.issues()) == (before, {})
        assert await after.rows("SELECT 1 FROM journal WHERE state = 'intended'") == []
        await came_to_rest(after)


@pytest.mark.parametrize("email", [EMAIL, ""])
async def test_of_two_that_may_be_ours_none_is_adopted(firm: Firm, email: str) -> None:
    """P7: somebody made the same one in Karbon while nobody ran: a match issue, and no third one."""
    [x] = await died_making(firm, email)
    await firm.in_karbon("Newcomer", email)
    await firm.sync()
    await firm.sync()
    assert names(firm)["Newcomer"] == 2
    issue = (await firm.issues())[x]
    assert issue.reason in (Reason.SEVERAL, Reason.EMAIL_DIFFERS)
    assert {c.karbon.key for c in issue.candidates} == {entity.key for entity in called(firm, "Newcomer")}


async def test_one_that_was_there_before_is_never_adopted(firm: Firm) -> None:
    """P7: the request was never applied, and a namesake of before is somebody else."""
    await linked(firm, "Acme")
    key = await firm.in_karbon("Newcomer", "somebody@else.example")
    await firm.sync()
    x = firm.in_xero("Newcomer", EMAIL)
    await firm.sync()
    assert (x in await firm.links(), names(firm)["Newcomer"]) == (False, 1)
    assert [c.karbon.key for c in (await firm.issues())[x].candidates] == [key]


PERSON: dict[str, Any] = {
    "FirstName": "Mary Ann",
    "LastName": "Smith",
    "PreferredName": "Annie",
    "Salutation": "Dr",
    "Suffix": "AM",
    "ContactType": "Client",
    "UserDefinedIdentifier": "C-17",
    "ClientOwner": "anna@harbour.example",
    "EntityDescription": {"Text": "Likes tea."},
}
MORE: dict[str, Any] = {
    "EmailAddresses": ["mary@client.example", "second@client.example"],
    "WebSites": ["https://mary.example"],
    "PhoneNumbers": [
        {"Number": "0400 000 001", "CountryCode": "AU", "Label": "Mobile"},
        {"Number": OLD_PHONE, "CountryCode": "AU", "Label": "Work"},
        {"Number": "02 5550 9999", "CountryCode": "AU", "Label": "Fax"},
    ],
    "Addresses": [
        {"AddressLines": "1 Door St", "City": "Perth", "CountryCode": "AU", "Label": "Physical"},
        {"AddressLines": "PO Box 1", "City": "Sydney", "CountryCode": "AU", "Label": "Mailing"},
    ],
    "RoleOrTitle": "Director",
    "LinkedInLink": "https://linkedin.example/mary",
}
SECOND = {"EmailAddresses": ["mary@work.example"], "PhoneNumbers": [{"Number": "1", "Label": "Work"}]}


async def mary(firm: Firm) -> Client:
    """A person with two cards and more on them than is synced, linked."""
    key = await in_karbon_with(firm, Kind.PERSON, {**PERSON, "BusinessCards": [MORE, SECOND]})
    address = {"AddressType": "POBOX", "AddressLine1": "PO Box 1", "City": "Sydney", "Country": "Australia"}
    x = firm.in_xero("Mary Ann Smith", "mary@client.example", OLD_PHONE, Addresses=[address])
    await firm.first_sync()
    assert await firm.links() == {x: key}
    return Client(firm, x, key)


async def test_what_is_not_synced_keeps_its_bytes_in_karbon(firm: Firm) -> None:
    """P8: other emails, phones, addresses, the other card, keys, owner, type, identifier."""
    client = await mary(firm)
    before = firm.xero.tenant.entities[client.key]
    client.in_xero(EmailAddress="maria@client.example")
    client.phone_in_xero(NEW_PHONE)
    client.address_in_xero(AddressLine1="PO Box 2", City="Hobart", Region="TAS", PostalCode="7000", Country="Australia")
    await firm.sync()
    after = firm.xero.tenant.entities[client.key]
    assert (after.text, after.cards[1:], after.team, after.description, after.accounting) == (
        before.text, before.cards[1:], before.team, before.description, before.accounting,
    )  # fmt: skip
    old, new = before.cards[0], after.cards[0]
    assert (new.key, new.text, new.lists["WebSites"]) == (old.key, old.text, old.lists["WebSites"])
    assert new.lists["EmailAddresses"] == ("maria@client.example", "second@client.example")
    phones, were = new.lists["PhoneNumbers"], old.lists["PhoneNumbers"]
    assert (phones[0], phones[2]) == (were[0], were[2])
    assert phones[1] == {**were[1], "Number": NEW_PHONE}
    places, lay = new.lists["Addresses"], old.lists["Addresses"]
    assert (places[0], places[1]["AddressKey"], places[1]["Label"]) == (lay[0], lay[1]["AddressKey"], "Mailing")
    assert (places[1]["AddressLines"], places[1]["City"]) == ("PO Box 2", "Hobart")
    await came_to_rest(firm)


async def test_a_persons_name_is_split_by_the_rule_and_the_rest_of_it_stays(firm: Firm) -> None:
    """P8: PATCH of the three parts of a name; how she is called besides is hers."""
    client = await mary(firm)
    before = firm.xero.tenant.entities[client.key]
    client.in_xero(Name="Maria van der Berg")
    await firm.sync()
    after = firm.xero.tenant.entities[client.key]
    parts = {"FirstName", "MiddleName", "LastName"}
    assert {n: t for n, t in after.text.items() if n not in parts} == {
        n: t for n, t in before.text.items() if n not in parts
    }
    assert (after.full_name, after.cards) == ("Maria van der Berg", before.cards)
    assert after.text["FirstName"] == "Maria"
    assert {e["method"] for e in firm.written_to_karbon()} == {"PATCH"}
    await came_to_rest(firm)


async def test_a_person_of_one_word_is_refused_in_words(firm: Firm) -> None:
    """karbon.md 2.4: nothing is invented, nobody else suffers; a second word mends it."""
    client = await mary(firm)
    client.in_xero(Name="Cher", EmailAddress="cher@client.example")
    await firm.sync()
    [reason] = (await failed(firm)).values()
    assert "a first and a last name for a person, and this is one word" in reason
    assert await client.both(Field.NAME) == ("Cher", "Mary Ann Smith")
    client.in_xero(Name="Cher Sarkisian")
    await firm.sync()
    assert await client.both(Field.NAME) == ("Cher Sarkisian", "Cher Sarkisian")
    assert await client.both(Field.EMAIL) == ("cher@client.example", "cher@client.example")
    assert await failed(firm) == {}
    await came_to_rest(firm)


async def test_a_new_person_of_one_word_is_refused_in_words_and_listed(firm: Firm) -> None:
    await linked(firm, "Acme")
    x = firm.in_xero("Cher", FirstName="Cher", EmailAddress="cher@client.example")
    await firm.sync()
    if x not in await firm.links():
        assert "one word" in next(iter((await failed(firm)).values()))
    assert names(firm)["Cher"] == (x in await firm.links())


async def test_a_contact_without_a_card_gets_one(firm: Firm) -> None:
    """By a PUT of its owner, which is the only way to make one (karbon.md 2.7)."""
    x = firm.in_xero("Acme", "acme@client.example")
    key = await in_karbon_with(firm, Kind.ORGANIZATION, {"FullName": "Acme", "UserDefinedIdentifier": "C-1"})
    await firm.first_sync()
    issue = (await firm.issues())[x]
    await triage.confirm(firm.program, str(issue.id), key)
    entity = firm.xero.tenant.entities[key]
    assert entity.text["UserDefinedIdentifier"] == "C-1"
    client = Client(firm, x, key)
    assert await client.both(Field.EMAIL) == ("acme@client.example", "acme@client.example")
    client.address_in_xero(**STREET)
    await firm.sync()
    assert (await client.both(Field.ADDRESS))[1].city == "Parramatta"
    await came_to_rest(firm)
