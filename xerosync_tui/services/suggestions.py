"""Who it may be: the Karbon contacts that look like a Xero contact, each with why. Nothing is linked by it."""

from __future__ import annotations

from collections.abc import Sequence

from xerosync_tui.domain.connection import Connection
from xerosync_tui.domain.contact import Contact
from xerosync_tui.domain.states import Side
from xerosync_tui.engine.decisions import looking
from xerosync_tui.program import Program, active
from xerosync_tui.services.lists import Listing
from xerosync_tui.store import offers, suggesting
from xerosync_tui.store.offers import Offer as Offer  # a word of this module for cli and tui

MOST = 5  # suggestions that a command prints


async def prepare(program: Program) -> bool:
    """Read what is new in Karbon, and enter it in the index of suggestions; True. Raises as ``looking``."""
    async with looking(program) as work:  # the mirror has what is new
        await catch_up(program, work.connection.id, Side.KARBON)
    return True


async def catch_up(program: Program, connection: int, side: Side) -> None:
    """Enter what the mirror of a side has got since the last time, a slice in each transaction."""
    while not await program.store.run(suggesting.catch_up, connection, side):
        pass


async def likely(
    program: Program, contacts: Sequence[Contact], most: int = MOST, *, ended: bool = False
) -> list[list[Offer]]:
    """For each of these the free Karbon contacts that look like it, the likeliest first, as Karbon was last read.

    ``ended``: also those whose link has ended. Raises NotConnected.
    """
    connection = await active(program)
    await catch_up(program, connection.id, Side.KARBON)
    return [
        await program.store.read(offers.suggestions, connection.id, contact, most, ended=ended) for contact in contacts
    ]


def listing(
    program: Program, connection: Connection | None, contact: Contact, *, ended: bool, ranked: bool
) -> Listing[Offer]:
    """The free Karbon contacts as a list for ``contact``; ``ranked``, once ``prepare`` is done: the likeliest first."""
    return Listing(program, offers.offers(connection.id if connection else 0, contact, ended=ended, ranked=ranked))
