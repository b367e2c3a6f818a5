"""Person or organization on the screens: guesses first, turned round with one key, before and after."""

from __future__ import annotations

from tests.scenarios.conftest import directory as directory  # fixtures
from tests.scenarios.conftest import firm as firm
from tests.scenarios.conftest import sandbox as sandbox
from tests.scenarios.conftest import size as size
from tests.scenarios.firm import Firm
from tests.tui.firms import screens_over
from xerosync_tui.domain.contact import Kind
from xerosync_tui.services import contacts

GUESS = "Harvey Norman"


async def test_a_new_contact_is_turned_round_before_it_is_made(firm: Firm) -> None:
    firm.in_xero("Acme Pty Ltd")
    x = firm.in_xero(GUESS)
    await firm.preview()
    async with screens_over(firm, "p", until="Nothing has been written yet") as screens:
        await screens.press("K")
        await screens.until("chosen for new ones")
        await screens.press("tab", "tab")
        await screens.until("1 organization, 1 person made; 1 by a guess")
        await screens.until("K Kind")
        await screens.until(f"▸ {GUESS}")  # read later, but a guess: first
        await screens.until("likely ")
        await screens.press("K")
        await screens.until("2 organizations, 0 people made; 0 by a guess")
        await screens.until("a person's own")
        await screens.press("S")
        await screens.until("The first sync is done")
        await screens.settled()
    assert (await firm.karbon())[(await firm.links())[x]].kind is Kind.ORGANIZATION


async def test_a_guess_that_was_made_is_looked_at_in_the_contacts(firm: Firm) -> None:
    firm.in_xero(GUESS)
    await firm.in_karbon("Acme Pty Ltd")
    await firm.first_sync()
    [(guess, _)] = await contacts.listed(firm.program, guesses=True)
    async with screens_over(firm, "4", until="person?") as screens:
        await screens.press("v")
        await screens.until_gone("Acme")
        await screens.press("K")
        await screens.until_gone("person?")
        record = (await contacts.one(firm.program, guess.key)).record
        assert (record.kind, record.kind_guess) == (Kind.ORGANIZATION, 0)
        await screens.press("v")
        await screens.until("Acme")


async def test_a_guess_that_is_right_is_said_to_be(firm: Firm) -> None:
    firm.in_xero(GUESS)
    await firm.first_sync()
    async with screens_over(firm, "4", until="person?") as screens:
        await screens.press("c")
        await screens.until_gone("person?")
    assert [record.kind for record in (await firm.karbon()).values()] == [Kind.PERSON]
