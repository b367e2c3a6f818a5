"""The decision table of the sync, a row a line (engine.md 2.2 to 2.4).

Everything that a run does follows from three questions. What becomes of a Xero contact without a link? Does a link go
on? And if it does, what becomes of each of its four fields? A preview asks the same functions (promise P12).
"""

from __future__ import annotations

from enum import Enum, auto

from xerosync_tui.domain.contact import Field, XeroContact, XeroStatus
from xerosync_tui.domain.link import End, Linked, Rules
from xerosync_tui.domain.match import Likeness, Standing, Verdict
from xerosync_tui.domain.normalise import same_key, same_spelling


def unlinked(standing: Standing) -> Verdict:
    """What becomes of a Xero contact without a link."""
    _, _, takes_part, likeness, held = standing
    if not takes_part:
        return Verdict.LEFT_OUT
    if held:  # a person said no: never by itself again
        return Verdict.CONFLICT
    if likeness == Likeness.PAIR:  # exactly one shares both keys, and is unique on both sides
        return Verdict.FULL_MATCH
    if likeness == Likeness.NONE:
        return Verdict.NEW
    return Verdict.CONFLICT


def ends(xero: XeroContact, *, gone: bool = False) -> End | None:
    """Why a link with this Xero contact ends, ``gone``: its Karbon contact was deleted; None: it goes on."""
    if gone:
        return End.DELETED
    if xero.status is XeroStatus.ARCHIVED:
        return End.MERGED if xero.merged_to else End.ARCHIVED
    if xero.status is XeroStatus.GDPRREQUEST:
        return End.ERASURE
    if xero.status is XeroStatus.GONE:
        return End.NOT_IN_XERO
    return None


class Fate(Enum):
    """What becomes of one field of a link."""

    NOTHING = auto()
    TO_KARBON = auto()
    TO_XERO = auto()
    AGREED = auto()  # both hold the same already: only the base moves
    CONFLICT = auto()  # a person decides
    EMPTIED = auto()  # refused: a contact has a name


def field(linked: Linked, one: Field, rules: Rules) -> Fate:
    """What becomes of one field, each side compared with its own half of the base only.

    So a value that a remote stores in its own way is agreed upon, and never echoes.
    """
    xero, karbon = linked.xero.contact.value(one), linked.karbon.contact.value(one)
    in_xero = not same_spelling(one, xero, linked.xero_base.value(one))
    in_karbon = not same_spelling(one, karbon, linked.karbon_base.value(one))
    if not in_xero and not in_karbon:
        return Fate.TO_XERO if rules.fill_xero_blanks and one in linked.unfilled else Fate.NOTHING
    if same_spelling(one, xero, karbon):
        return Fate.AGREED
    if not in_xero:
        return Fate.TO_XERO
    if not in_karbon or same_key(one, xero, karbon, rules.region):
        return Fate.TO_KARBON
    return Fate.CONFLICT
