"""New contacts: made once, whatever is lost on the way (engine.md 2.5)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.records import ADDRESS
from tests.unit.remotes import karbon_account
from tests.unit.remotes.karbon_account import Account, Notes, card
from xerosync_tui.domain.contact import Contact, Kind
from xerosync_tui.errors import RemoteUnreachable
from xerosync_tui.remotes.ports import Create, NotStored, Outcome, Stored

server, store, account = karbon_account.server, karbon_account.store, karbon_account.account

ACME = Contact("Acme", "a@acme.example", "02 5550 1234", ADDRESS)
JANE = Contact("Mary Ann van der Berg", "m@x.example")
MAKES = {
    "organization": Create(Kind.ORGANIZATION, ACME, {"contact_type": "Client"}),
    "person": Create(Kind.PERSON, JANE),
}


async def create(account: Account, contact: Contact = ACME, kind: Kind = Kind.ORGANIZATION) -> Outcome:
    [outcome] = await account.write(Create(kind, contact))
    return outcome


def posts(account: Account) -> int:
    return len([method for method, *_ in account.writes() if method == "POST"])


@pytest.mark.parametrize("kind", MAKES)
async def test_a_new_contact_is_as_it_was_sent(account: Account, kind: str) -> None:
    write = MAKES[kind]
    [outcome] = await account.write(write)
    assert isinstance(outcome, Stored)
    made = outcome.contact
    assert (made.contact, made.kind, made.contact_type) == (
        write.contact,
        write.kind,
        write.others.get("contact_type", ""),
    )
    assert await account.whole() == {made.key: made}
    assert posts(account) == 1


async def test_the_parts_of_a_new_person(account: Account) -> None:
    assert isinstance(await create(account, JANE, Kind.PERSON), Stored)
    [made] = account.tenant.entities.values()
    assert made.text == {"FirstName": "Mary", "MiddleName": "Ann", "LastName": "van der Berg"}


@pytest.mark.parametrize("takes", [False, True])
async def test_a_one_word_name_is_karbons_to_take(account: Account, takes: bool) -> None:
    """karbon.md 2.14, 6."""
    account.switch(empty_last_name=takes)
    outcome = await create(account, Contact("Madonna"), Kind.PERSON)
    if takes:
        assert isinstance(outcome, Stored)
        assert outcome.contact.contact.name == "Madonna"
        return
    assert isinstance(outcome, NotStored)
    assert not outcome.deferred
    assert "first and a last name" in outcome.reason
    assert account.names() == []


async def test_a_contact_without_a_name_is_not_sent(account: Account) -> None:
    assert await create(account, Contact(" ", "a@x.example")) == NotStored("A contact in Karbon has a name.")
    assert posts(account) == 0


@pytest.mark.parametrize("kind", MAKES)
@pytest.mark.parametrize("fault", ["lost_reply", "half_applied"])
async def test_a_lost_answer_makes_no_second_one(account: Account, kind: str, fault: str) -> None:
    """P7: applied, and the answer did not come, or came as a 500."""
    account.fault(fault, method="POST")
    [outcome] = await account.write(MAKES[kind])
    assert isinstance(outcome, Stored)
    assert outcome.contact.contact == MAKES[kind].contact
    assert list(account.tenant.entities) == [outcome.contact.key]
    assert posts(account) == 1


async def test_an_answer_without_a_key_is_a_lost_one(account: Account) -> None:
    account.fault("empty_body", method="POST")
    outcome = await create(account)
    assert isinstance(outcome, Stored)
    assert len(account.tenant.entities) == posts(account) == 1


@pytest.mark.parametrize("fault", ["refuse", "unavailable", "html"])
async def test_what_did_not_arrive_is_left_to_the_next_run(account: Account, fault: str) -> None:
    account.fault(fault, method="POST")
    outcome = await create(account)
    assert isinstance(outcome, NotStored)
    assert outcome.deferred and outcome.unknown
    assert "does not show the contact" in outcome.reason
    assert posts(account) == 1
    assert account.names() == []


async def test_a_500_that_made_nothing_is_a_refusal(account: Account) -> None:
    account.fault("server_error", method="POST")
    assert await create(account) == NotStored("Karbon refused (HTTP 500): Internal Error.")


@pytest.mark.parametrize("age", [-100_000, -10, 0])
async def test_what_was_there_before_is_never_adopted(account: Account, age: float) -> None:
    """Not even a namesake that the plan knew, and whose time is the newest of all."""
    account.organization("k1", "Acme", card(EmailAddresses=("a@acme.example",)), second=age)
    account.planned()
    account.fault("unavailable", method="POST")
    outcome = await create(account)
    assert isinstance(outcome, NotStored)
    assert outcome.deferred


async def test_what_was_there_but_never_known_is_not_adopted(account: Account) -> None:
    """A record that no plan rests on, since it could not be read then; the list of all keys has it."""
    account.planned()
    account.organization("k1", "Acme", card(EmailAddresses=("a@acme.example",)))
    account.serves("k1", UserDefinedIdentifier=3)
    account.fault("unavailable", method="POST")
    account.before("POST", lambda: account.serves("k1"))
    assert isinstance(await create(account), NotStored)


async def test_several_that_may_be_it_are_matched_by_the_next_run(account: Account) -> None:
    def type_first() -> None:
        account.organization("k1", "ACME", card(EmailAddresses=("a@acme.example",)))

    account.planned()
    account.before("POST", type_first)
    account.fault("lost_reply", method="POST")
    outcome = await create(account)
    assert isinstance(outcome, NotStored)
    assert outcome.deferred and not outcome.unknown
    assert "several new contacts" in outcome.reason


@pytest.mark.parametrize(("name", "email"), [("Other", "a@acme.example"), ("Acme", "other@x.example"), ("Acme", "")])
async def test_another_new_contact_is_not_adopted(account: Account, name: str, email: str) -> None:
    emails = {"EmailAddresses": (email,)} if email else {}
    account.before("POST", lambda: account.organization("k1", name, card(**emails)))
    account.fault("unavailable", method="POST")
    outcome = await create(account)
    assert isinstance(outcome, NotStored)
    assert outcome.deferred


async def test_a_namesake_of_the_same_batch_is_not_adopted(account: Account) -> None:
    account.fault("unavailable", method="POST", skip=1)
    first, second = await account.write(MAKES["organization"], MAKES["organization"])
    assert isinstance(first, Stored)
    assert isinstance(second, NotStored)
    assert second.deferred


async def test_all_keys_are_listed_before_the_intents(account: Account) -> None:
    """And only once: later batches read what is new."""
    for n in range(150):
        account.organization(f"k{n}", f"Other {n}", second=-1000 - n)
    account.planned()
    await create(account)
    assert len(account.lists_asked()) == 2 + 1 + 2
    account.sent.clear()
    await create(account, Contact("Beta"))
    assert len(account.lists_asked()) == 2


async def test_who_came_meanwhile_is_kept_before_something_is_made(account: Account) -> None:
    """Once, whole, and before the intents; who was known before is no newcomer."""
    account.organization("k1", "Known")
    account.planned()
    account.touched("k1", 1, FullName="Known, edited")
    account.organization("k2", "Newcomer", card(EmailAddresses=("n@x.example",)), second=1)
    notes = Notes(account)
    await account.port.write([MAKES["person"]], notes)
    assert notes.kept_before == ["k2"]
    [[newcomer]] = account.kept
    assert (newcomer.key, newcomer.kind, newcomer.whole) == ("k2", Kind.ORGANIZATION, True)
    assert (newcomer.contact.name, newcomer.contact.email) == ("Newcomer", "n@x.example")
    account.kept.clear()
    await create(account, Contact("Beta"))
    assert account.kept == [[]]


async def test_a_newcomer_is_kept_also_when_it_claims_what_was_to_be_made(account: Account) -> None:
    account.planned()
    account.organization("k2", "Acme")
    assert await create(account) == NotStored("Acme was added or changed in Karbon meanwhile.", deferred=True)
    assert [contact.key for batch in account.kept for contact in batch] == ["k2"]


@pytest.mark.parametrize("fault", ["", "lost_reply", "half_applied", "empty_body"])
async def test_what_this_run_made_is_no_newcomer(account: Account, fault: str) -> None:
    if fault:
        account.fault(fault, method="POST")
    for write in (MAKES["organization"], MAKES["person"], MAKES["organization"]):
        [outcome] = await account.write(write)
        assert isinstance(outcome, Stored)
    assert account.kept == [[], [], []]


async def test_what_an_interrupted_run_made_is_no_newcomer(account: Account) -> None:
    account.planned()
    planned = account.known()
    outcome = await create(account)
    assert isinstance(outcome, Stored)
    account.kept.clear()
    account.port = account.directory(outcome.contact.version, known=planned)
    assert isinstance(await create(account), Stored)
    assert account.kept == [[]]


async def test_newcomers_are_kept_with_the_intents_or_not_at_all(account: Account) -> None:
    account.planned()
    account.organization("k2", "Newcomer")
    with pytest.raises(LookupError):
        await account.port.write([MAKES["person"]], Notes(account, failing=True))
    kept = "SELECT count(*) FROM counter WHERE name = 'kept'"
    assert await account.store.run(lambda db: db.execute_sql(kept).fetchone()) == (0,)
    await create(account)
    assert await account.store.run(lambda db: db.execute_sql(kept).fetchone()) == (1,)


async def test_a_made_contact_that_cannot_be_read_is_made_all_the_same(account: Account) -> None:
    account.before("POST", lambda: account.fault("unavailable", method="GET", times=3))
    outcome = await create(account)
    assert isinstance(outcome, Stored)
    assert [outcome.contact.key] == list(account.tenant.entities)


async def test_when_karbon_goes_away_after_a_create_nobody_knows(account: Account) -> None:
    account.fault("lost_reply", method="POST")
    account.before("POST", lambda: account.fault("unavailable", method="GET", times=99))
    notes = Notes(account)
    with pytest.raises(RemoteUnreachable):
        await account.port.write([MAKES["organization"], MAKES["person"]], notes)
    lost, untried = notes.outcomes
    assert isinstance(lost, NotStored) and lost.deferred and lost.unknown
    assert isinstance(untried, NotStored) and untried.deferred and not untried.unknown
    assert posts(account) == 1


async def test_one_refused_does_not_stop_the_others(account: Account) -> None:
    outcomes = await account.write(
        Create(Kind.ORGANIZATION, ACME, {"contact_type": "No such type"}),
        MAKES["person"],
        Create(Kind.ORGANIZATION, replace(ACME, phone="0" * 21)),
        MAKES["organization"],
    )
    assert [type(one) for one in outcomes] == [NotStored, Stored, NotStored, Stored]
    assert not any(isinstance(one, NotStored) and one.deferred for one in outcomes)


async def test_a_limit_is_waited_out_and_nothing_is_made_twice(account: Account) -> None:
    """karbon.md 2.2: a 429 did nothing."""
    account.fault("rate_minute", method="POST", value=7)
    assert isinstance(await create(account), Stored)
    assert len(account.tenant.entities) == 1
    assert posts(account) == 2
