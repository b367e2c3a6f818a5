"""Person or organization: a guess is turned round before it is made, and after, and every plan keeps to it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from xerosync_tui.domain.contact import Kind
from xerosync_tui.domain.kinds import CHOSEN
from xerosync_tui.domain.match import Verdict
from xerosync_tui.errors import UsageError
from xerosync_tui.services import contacts, kinds, overview, preview, triage
from xerosync_tui.store import kinds as choices

from .firm import Firm

GUESS = "Harvey Norman"  # a firm, and no name can tell


async def test_the_first_sync_makes_what_was_chosen(firm: Firm) -> None:
    x, plain = firm.in_xero(GUESS), firm.in_xero("Acme Pty Ltd")
    await firm.preview()
    before = await overview.plan_counts(firm.program)
    assert before is not None
    assert (before.new_people, before.new_organizations, before.guesses) == (1, 1, 1)

    [chosen] = await kinds.choose(firm.program, {x: None})

    assert (chosen.name, chosen.kind) == (GUESS, Kind.ORGANIZATION)
    after = await overview.plan_counts(firm.program)
    assert after is not None
    assert (after.new_people, after.new_organizations, after.guesses) == (0, 2, 0)
    assert firm.written_to_xero() == [] and await firm.links() == {}
    assert (await firm.sync()).counts.created == 2
    links, karbon = await firm.links(), await firm.karbon()
    made = karbon[links[x]]
    assert (made.kind, made.kind_reason, made.kind_guess, made.first_name) == (Kind.ORGANIZATION, CHOSEN, 0, "")
    assert karbon[links[plain]].kind is Kind.ORGANIZATION


async def test_a_choice_outlives_the_preview_and_can_be_turned_round(firm: Firm) -> None:
    x = firm.in_xero(GUESS)
    await firm.preview()
    await kinds.choose(firm.program, {x: Kind.ORGANIZATION})
    counts = (await firm.preview()).counts
    assert (counts.new_organizations, counts.guesses) == (1, 0)
    await kinds.choose(firm.program, {x: None})
    [row] = await preview.rows(firm.program, Verdict.NEW)
    assert row.guess and (row.guess.kind, row.guess.reason, row.guess.certain) == (Kind.PERSON, CHOSEN, True)


async def test_a_choice_does_not_hide_what_changed_since_the_preview(firm: Firm) -> None:
    """The word is for what the preview showed; a choice is no look at the contact's new values."""
    x = firm.in_xero(GUESS)
    await firm.preview()
    firm.edit("update", x, contact={"EmailAddress": "new@acme.example"})
    await kinds.choose(firm.program, {x: None})
    result = await firm.sync()
    assert (result.counts.left_for_next_run, await firm.links()) == (1, {})
    await firm.sync()
    assert (await firm.karbon())[(await firm.links())[x]].kind is Kind.ORGANIZATION


async def test_what_is_linked_or_unknown_cannot_be_chosen_for(firm: Firm) -> None:
    x, other = firm.in_xero("Acme Pty Ltd"), firm.in_xero(GUESS)
    await firm.first_sync()
    fresh = firm.in_xero("Someone Else")
    for wanted in ({x: None}, {"nobody": Kind.PERSON}, {fresh: Kind.PERSON, other: Kind.PERSON}):
        with pytest.raises(UsageError, match=r"linked|not known"):
            await kinds.choose(firm.program, wanted)
    assert await firm.rows("SELECT * FROM kind_choice") == []


async def test_a_contact_made_in_triage_is_of_the_kind_that_was_chosen(firm: Firm) -> None:
    x = firm.in_xero(GUESS, "one@acme.example")
    await firm.in_karbon(GUESS, "two@acme.example")
    await firm.first_sync()
    connection = await triage_connection(firm)
    await firm.program.store.run(choices.choose, connection, x, Kind.ORGANIZATION)
    [issue] = (await firm.issues()).values()
    await triage.create_new(firm.program, str(issue.id))
    assert (await firm.karbon())[(await firm.links())[x]].kind is Kind.ORGANIZATION


async def triage_connection(firm: Firm) -> int:
    [(connection,)] = await firm.rows("SELECT id FROM connection")
    return int(connection)


async def test_a_guess_is_listed_until_a_person_has_looked_at_it(firm: Firm) -> None:
    x, _ = firm.in_xero(GUESS), firm.in_xero("Acme Pty Ltd")
    await firm.first_sync()
    key = (await firm.links())[x]
    [(made, synced)] = await contacts.listed(firm.program, guesses=True)
    assert (made.key, made.kind, synced, 50 <= made.kind_guess < 90) == (key, Kind.PERSON, True, True)
    assert (made.first_name, made.last_name) == ("Harvey", "Norman")

    await contacts.change_kind(firm.program, key)

    assert await contacts.listed(firm.program, guesses=True) == []
    changed = (await firm.karbon())[key]
    assert (changed.kind, changed.kind_reason, changed.first_name) == (Kind.ORGANIZATION, CHOSEN, "")
    assert (await contacts.one(firm.program, key)).link
    assert (await firm.sync()).counts.changed_in_xero == 0  # a kind is not synced
    await contacts.change_kind(firm.program, key)
    back = (await firm.karbon())[key]
    assert replace(back, version=0, kind_reason="") == replace(made, version=0, kind_reason="", kind_guess=0)


async def test_saying_that_a_guess_is_right_changes_nothing_else(firm: Firm) -> None:
    x = firm.in_xero(GUESS)
    await firm.first_sync()
    key = (await firm.links())[x]
    await contacts.change_kind(firm.program, key, Kind.PERSON)
    assert await contacts.listed(firm.program, guesses=True) == []
    assert (await firm.karbon())[key].kind is Kind.PERSON
    with pytest.raises(UsageError, match="no Karbon contact"):
        await contacts.change_kind(firm.program, "nobody")
