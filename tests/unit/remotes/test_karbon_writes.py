"""Changes of contacts: what is sent, what stays, and what a race, a lost answer or a refusal leaves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.records import ADDRESS
from tests.unit.remotes import karbon_account
from tests.unit.remotes.karbon_account import Account, Notes, card, phone
from xerosync_tui.domain.contact import Address, Contact, Field, Value
from xerosync_tui.errors import ReconnectNeeded, RemoteUnreachable
from xerosync_tui.remotes.ports import Delete, NotStored, Outcome, Stored, Update

server, store, account = karbon_account.server, karbon_account.store, karbon_account.account

CARD = {
    "RoleOrTitle": "Director",
    "SkypeLink": "skype",
    "WebSites": ("www.acme.example",),
    "EmailAddresses": ("a@acme.example", "b@acme.example"),
    "PhoneNumbers": (phone("9", "Fax"), phone("1"), phone("2", "Mobile")),
    "Addresses": ({"AddressLines": "PO 1", "City": "X", "Label": "Legal", "AddressKey": "A1"},),
}
HELD = Contact("Acme", "a@acme.example", "1", Address(line1="PO 1", city="X"))


def held(account: Account, **more: str) -> None:
    """An organization whose card holds more than what is synced, and a second card."""
    account.organization("k1", "Acme", card(**CARD), card("card2", EmailAddresses=("c@acme.example",)), **more)
    account.planned()


async def update(account: Account, expected: Contact = HELD, **values: Value) -> Outcome:
    [outcome] = await account.write(Update("k1", expected, {Field(name): value for name, value in values.items()}))
    return outcome


async def retyped(account: Account, expected: str, wanted: str) -> Outcome:
    """Another contact type, and nothing else."""
    others, was = {"contact_type": wanted}, {"contact_type": expected}
    [outcome] = await account.write(Update("k1", HELD, {}, others, was))
    return outcome


def stored(outcome: Outcome) -> Contact:
    assert isinstance(outcome, Stored), outcome
    return outcome.contact.contact


async def test_a_name_is_patched_and_nothing_else_is_sent(account: Account) -> None:
    """karbon.md 2.7."""
    held(account, ContactType="Client")
    before = account.tenant.entities["k1"]
    assert stored(await update(account, name="Acme & Co")) == replace(HELD, name="Acme & Co")
    assert account.writes() == [("PATCH", "/Organizations/k1", {"FullName": "Acme & Co"})]
    after = account.tenant.entities["k1"]
    assert after == replace(before, text={**before.text, "FullName": "Acme & Co"}, modified=after.modified)


async def test_a_person_is_renamed_in_parts(account: Account) -> None:
    account.person("k1", FirstName="Jane", MiddleName="M", LastName="Doe", Suffix="Jr", PreferredName="Jan")
    account.planned()
    assert stored(await update(account, Contact("Jane M Doe"), name="Jane de la Cruz")).name == "Jane de la Cruz"
    assert account.tenant.entities["k1"].text == {
        "FirstName": "Jane",
        "LastName": "de la Cruz",
        "Suffix": "Jr",
        "PreferredName": "Jan",
    }


async def test_a_card_is_put_whole_and_only_its_entries_change(account: Account) -> None:
    """P8: other emails, phones, addresses, links, websites, the other card, owner, type and identifier."""
    held(account, ContactType="Client", UserDefinedIdentifier="C1", ClientOwner="anna@harbour.example")
    before = account.tenant.entities["k1"]
    outcome = await update(account, email="new@acme.example", phone="5", address=ADDRESS)
    assert stored(outcome) == Contact("Acme", "new@acme.example", "5", ADDRESS)
    [(method, path, document)] = account.writes()
    assert (method, path, document["EntityType"], document["EntityKey"]) == (
        "PUT", "/BusinessCards/card1", "Organization", "k1",
    )  # fmt: skip
    after = account.tenant.entities["k1"]
    assert (after.text, after.cards[1:]) == (before.text, before.cards[1:])
    assert after.cards[0].text == before.cards[0].text
    lists = account.lists("k1")
    assert lists["WebSites"] == CARD["WebSites"]
    assert lists["EmailAddresses"] == ("new@acme.example", "b@acme.example")
    assert [(one["Number"], one["Label"], one["PhoneNumberKey"]) for one in lists["PhoneNumbers"]] == [
        ("9", "Fax", "key of 9"), ("5", "Work", "key of 1"), ("2", "Mobile", "key of 2"),
    ]  # fmt: skip
    [address] = lists["Addresses"]
    assert (address["AddressKey"], address["Label"], address["CountryCode"]) == ("A1", "Legal", "AU")


async def test_name_and_card_together(account: Account) -> None:
    held(account)
    assert stored(await update(account, name="Acme 2", phone="5")) == replace(HELD, name="Acme 2", phone="5")
    assert [method for method, *_ in account.writes()] == ["PATCH", "PUT"]


async def test_a_contact_without_a_card_gets_one_and_loses_nothing(account: Account) -> None:
    """karbon.md 2.7: only the owner's PUT can make one, and what that leaves out may be cleared."""
    account.organization("k1", "Acme", ContactType="Client", UserDefinedIdentifier="C1")
    more: dict[str, Any] = {"description": "Old client", "accounting": {"LegalName": "A"}, "team": ({"a": "b"},)}
    account.tenant.put(replace(account.tenant.entities["k1"], **more, level="Private"))
    before = account.tenant.entities["k1"]
    account.planned()
    assert stored(await update(account, Contact("Acme"), phone="5")) == Contact("Acme", phone="5")
    after = account.tenant.entities["k1"]
    assert (after.text, after.description, after.team, after.level) == (
        before.text, before.description, before.team, "Private",
    )  # fmt: skip
    assert after.accounting["LegalName"] == "A"
    assert len(after.cards) == 1


async def test_a_contact_type_is_put_with_the_whole_record(account: Account) -> None:
    held(account, ContactType="Client", UserDefinedIdentifier="C1")
    before = account.tenant.entities["k1"]
    outcome = await retyped(account, "Client", "Prospect")
    assert isinstance(outcome, Stored)
    assert outcome.contact.contact_type == "Prospect"
    after = account.tenant.entities["k1"]
    assert (after.text, after.cards) == ({**before.text, "ContactType": "Prospect"}, before.cards)
    assert "BusinessCards" not in account.writes()[0][2]


async def test_a_contact_type_that_changed_meanwhile_is_left(account: Account) -> None:
    held(account, ContactType="Client")
    outcome = await retyped(account, "Supplier", "Prospect")
    assert outcome == NotStored("It was edited in Karbon meanwhile.", deferred=True)
    assert account.writes() == []


@pytest.mark.parametrize("how", ["refuse", "error", "blank"])
async def test_a_contact_type_that_does_not_exist(account: Account, how: str) -> None:
    """karbon.md 2.8: what it returns is unknown."""
    held(account, ContactType="Client")
    account.switch(unknown_contact_type=how)
    outcome = await retyped(account, "Client", "Nonsense")
    assert isinstance(outcome, NotStored)
    assert not outcome.deferred


async def test_a_refused_type_is_told_with_what_was_written_before(account: Account) -> None:
    held(account, ContactType="Client")
    account.switch(unknown_contact_type="refuse")
    others, was = {"contact_type": "Nonsense"}, {"contact_type": "Client"}
    [outcome] = await account.write(Update("k1", HELD, {Field.PHONE: "5"}, others, was))
    assert isinstance(outcome, NotStored)
    assert outcome.reason.endswith("All but the contact type was written before that.")
    assert (await account.whole())["k1"].contact == replace(HELD, phone="5")


async def test_what_karbon_has_no_place_for_is_not_written(account: Account) -> None:
    held(account)
    [outcome] = await account.write(Update("k1", HELD, {Field.PHONE: "5"}, {"client_identifier": "C1"}))
    assert outcome == NotStored("XeroSync does not write client_identifier in Karbon.")
    assert account.writes() == []


@pytest.mark.parametrize("fault", ["touch", "lost_reply", "half_applied", "unavailable"])
async def test_a_type_is_written_whatever_became_of_the_answer(account: Account, fault: str) -> None:
    held(account, ContactType="Client")
    account.fault(fault, "/v3/Organizations/k1", method="PUT")
    assert isinstance(await retyped(account, "Client", "Prospect"), Stored)


@pytest.mark.parametrize("values", [{"name": "Acme 2"}, {"phone": "5"}])
async def test_a_lost_race_is_read_and_run_again(account: Account, values: dict[str, str]) -> None:
    """409, code 4020 (karbon.md 2.7): somebody touched the record, and no value of ours."""
    held(account)
    for method in ("PATCH", "PUT"):
        account.fault("touch", method=method)
    assert stored(await update(account, **values)) == replace(HELD, **values)  # type: ignore[arg-type]
    assert len(account.writes()) == 2


async def test_who_always_loses_the_race_waits(account: Account) -> None:
    held(account)
    account.fault("touch", method="PUT", times=99)
    outcome = await update(account, phone="5")
    assert isinstance(outcome, NotStored)
    assert outcome.deferred
    assert len(account.writes()) == 3


async def test_after_a_lost_race_the_premise_is_checked_again(account: Account) -> None:
    """P13: the one who was faster typed the phone."""
    held(account)

    def type_first() -> None:
        entity = account.tenant.entities["k1"]
        theirs = card(**{**CARD, "PhoneNumbers": (phone("777"),)})
        account.tenant.put(replace(entity, cards=(theirs, *entity.cards[1:])))

    account.before("PUT", type_first)
    account.fault("touch", method="PUT")
    assert await update(account, phone="5") == NotStored("It was edited in Karbon meanwhile.", deferred=True)
    assert [one["Number"] for one in account.lists("k1")["PhoneNumbers"]] == ["777"]


@pytest.mark.parametrize("kind", ["lost_reply", "refuse", "unavailable", "html", "half_applied", "server_error"])
@pytest.mark.parametrize("values", [{"name": "Acme 2"}, {"phone": "5"}])
async def test_whatever_became_of_the_answer_it_is_written_once_or_refused(
    account: Account, kind: str, values: dict[str, str]
) -> None:
    held(account)
    for method in ("PATCH", "PUT"):
        account.fault(kind, method=method)
    outcome = await update(account, **values)
    if kind == "server_error":  # 500, code 5001, and nothing was done: a mistake of ours for all we know
        assert outcome == NotStored("Karbon refused (HTTP 500): Internal Error.")
        return
    assert stored(outcome) == replace(HELD, **values)  # type: ignore[arg-type]
    assert len(account.lists("k1")["PhoneNumbers"]) == 3


async def test_a_refusal_is_told_in_karbons_words_and_the_others_go_on(account: Account) -> None:
    held(account)
    account.organization("k2", "Beta")
    account.planned()
    outcomes = await account.write(
        Update("k1", HELD, {Field.PHONE: "0" * 21}), Update("k2", Contact("Beta"), {Field.NAME: "Gamma"})
    )
    assert outcomes[0] == NotStored(
        "Karbon refused (HTTP 400): The field Number must be a string with a maximum length of 20."
    )
    assert stored(outcomes[1]).name == "Gamma"


async def test_what_was_written_before_a_refusal_is_told(account: Account) -> None:
    held(account)
    outcome = await update(account, name="Acme 2", phone="0" * 21)
    assert isinstance(outcome, NotStored)
    assert outcome.reason.endswith("The name was written before that.")


async def test_a_one_word_name_of_a_person_is_refused_in_words(account: Account) -> None:
    account.person("k1", FirstName="Jane", LastName="Doe")
    account.planned()
    outcome = await update(account, Contact("Jane Doe"), name="Madonna")
    assert isinstance(outcome, NotStored)
    assert outcome.reason.startswith("Karbon wants a first and a last name for a person, and this is one word.")
    assert account.names() == ["Jane Doe"]
    account.switch(empty_last_name=True)
    assert stored(await update(account, Contact("Jane Doe"), name="Madonna")).name == "Madonna"


async def test_no_contact_loses_its_name(account: Account) -> None:
    held(account)
    assert await update(account, name=" ") == NotStored("A contact in Karbon has a name.")
    assert account.writes() == []


@pytest.mark.parametrize("value", [{"email": "x@x.example"}, {"phone": "7"}, {"name": "Other"}])
async def test_the_premise_is_read_right_before_the_write(account: Account, value: dict[str, str]) -> None:
    """P13, for each value, also one that is not written."""
    held(account)
    expected = replace(HELD, **value)  # type: ignore[arg-type]
    outcome = await update(account, expected, address=ADDRESS)
    assert outcome == NotStored("It was edited in Karbon meanwhile.", deferred=True)
    assert account.writes() == []


@pytest.mark.parametrize("unknown_key", ["500", "404"])
async def test_deleted_between_read_and_write(account: Account, unknown_key: str) -> None:
    """karbon.md 2.11."""
    held(account)
    account.switch(put_unknown_key=unknown_key)

    account.before("PATCH", lambda: account.tenant.remove("k1"))
    assert await update(account, name="Acme 2") == NotStored("It was deleted in Karbon meanwhile.", deferred=True)


async def test_nothing_can_be_deleted(account: Account) -> None:
    """karbon.md 2.13."""
    held(account)
    [outcome] = await account.write(Delete("k1", HELD, account.tenant.entities["k1"].modified))
    assert outcome == NotStored("Karbon's API cannot delete or archive a contact. Do it in Karbon itself.")
    assert account.writes() == []


async def test_a_contact_of_unknown_kind_is_found(account: Account) -> None:
    """A key does not tell (karbon.md 2.10), and no list that was read has this one."""
    account.organization("k2", "Newer")
    account.planned()
    account.organization("k1", "Acme", second=-100_000)
    assert stored(await update(account, Contact("Acme"), name="Beta")).name == "Beta"


async def test_when_karbon_goes_away_what_was_done_is_recorded(account: Account) -> None:
    for n, key in enumerate(("k1", "k2", "k3")):
        account.organization(key, key, second=-n)
    account.planned()
    account.fault("unavailable", "/v3/Organizations/k2", times=99)
    notes = Notes(account)
    with pytest.raises(RemoteUnreachable):
        await account.port.write(
            [Update(key, Contact(key), {Field.NAME: f"new {key}"}) for key in ("k1", "k2", "k3")], notes
        )
    done, unknown, untried = notes.outcomes
    assert stored(done).name == "new k1"
    assert isinstance(unknown, NotStored) and unknown.deferred
    assert isinstance(untried, NotStored) and untried.deferred and not untried.unknown
    assert account.names() == ["k2", "k3", "new k1"]
    assert notes.writes_before == [0, 1]  # intents first, outcomes last


@pytest.mark.parametrize("arrived", [True, False])
@pytest.mark.parametrize(("method", "field"), [("PATCH", Field.NAME), ("PUT", Field.PHONE)])
async def test_after_lost_answers_nobody_knows(account: Account, method: str, field: Field, arrived: bool) -> None:
    """Neither whether it was written, nor what is there now."""
    held(account)
    if arrived:
        account.fault("lost_reply", method=method)
        account.before(method, lambda: account.fault("unavailable", method="GET", times=99))
    else:
        account.fault("unavailable", method=method, times=99)
    notes = Notes(account)
    with pytest.raises(RemoteUnreachable):
        await account.port.write([Update("k1", HELD, {field: "5"})], notes)
    [outcome] = notes.outcomes
    assert isinstance(outcome, NotStored) and outcome.deferred and outcome.unknown
    found = (account.tenant.entities["k1"].full_name, account.lists("k1")["PhoneNumbers"][1]["Number"])
    assert ("5" in found) is arrived


async def test_what_others_changed_is_known_not_to_be_written(account: Account) -> None:
    held(account)
    account.touched("k1", 1, FullName="Theirs")
    outcome = await update(account, name="Ours")
    assert isinstance(outcome, NotStored) and outcome.deferred and not outcome.unknown


async def test_keys_that_are_revoked_end_the_batch(account: Account) -> None:
    held(account)
    account.fault("token_revoked", "/v3/Organizations/k1")
    with pytest.raises(ReconnectNeeded):
        await update(account, name="x")


async def test_without_the_intents_nothing_is_sent(account: Account) -> None:
    held(account)
    with pytest.raises(LookupError):
        await account.port.write([Update("k1", HELD, {Field.NAME: "x"})], Notes(account, failing=True))
    assert account.writes() == []


async def test_a_record_that_cannot_be_read_is_not_written(account: Account) -> None:
    account.person("k1", FirstName="Jane", LastName="Doe")
    account.planned()
    account.serves("k1", LastName=3)
    outcome = await update(account, Contact("Jane Doe"), name="Jane Roe")
    assert isinstance(outcome, NotStored)
    assert not outcome.deferred
    assert account.writes() == []


async def test_an_email_that_somebody_has_is_refused_in_words(account: Account) -> None:
    held(account)
    account.organization("k2", "Beta", card("other", EmailAddresses=("taken@x.example",)))
    account.planned()
    account.switch(unique_emails=True)
    outcome = await update(account, email="taken@x.example")
    assert isinstance(outcome, NotStored)
    assert "already in use" in outcome.reason
