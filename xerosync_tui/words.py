"""What states, actions, sides and counts are called: once, for the commands and the screens.

Each table is a ``match`` over its enum, so that mypy finds a member that it forgot. The words are Karbon's own where
Karbon has one: Resolve Match Issues, Confirm Match, Create New Contact, No match, Re-match, Unsync Contact.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from xerosync_tui.domain.contact import Field
from xerosync_tui.domain.counts import Counts
from xerosync_tui.domain.decided import Decided, Done
from xerosync_tui.domain.directory import FOLLOWS
from xerosync_tui.domain.display import counted, number
from xerosync_tui.domain.match import Reason
from xerosync_tui.domain.states import Action, EntryState, FailedSide, RunState, Side

CONFLICTS, UNSYNCED = "Conflicts", "Unsynced"


def action(what: Action, side: Side | None, *, many: bool = False) -> str:
    """What a journal entry did; ``many``: of a decision about several contacts."""
    match what:
        case Action.LINK:
            return "matched"
        case Action.CREATE:
            return "created in Karbon"
        case Action.CREATE_IN_XERO:
            return "created in Xero"
        case Action.UPDATE:
            return "changed in Xero" if side is Side.XERO else "changed in Karbon"
        case Action.SWAP:
            return "temporary name in Xero"
        case Action.ARCHIVE:
            return "archived in Xero"
        case Action.UNLINK:
            return "unsynced"
        case Action.IGNORE:
            return "ignored"
        case Action.CHOOSE:
            return "value chosen" if side is None or many else f"{side.other.value.title()}'s value chosen"
        case Action.REOPEN:
            return "open again"
        case Action.UNDO:
            return "undone"
        case Action.ADD:
            return "added in Karbon"
        case Action.DELETE:
            return "deleted in Karbon"
        case Action.TYPE:
            return "contact type changed"
        case Action.TYPES:
            return "contact types changed"
        case Action.RETRY:
            return "tried again"


def entry_state(state: EntryState) -> str:
    """What became of a journal entry; empty where it simply was done."""
    match state:
        case EntryState.DONE:
            return ""
        case EntryState.INTENDED:
            return "in progress"
        case EntryState.FAILED:
            return "refused"
        case EntryState.ABANDONED:
            return "given up"
        case EntryState.UNKNOWN:
            return "answer lost"
        case EntryState.UNDONE:
            return "undone since"


class FailedWords(NamedTuple):
    """What could not be done: in short, what was being done, what it means, and what ``r`` does about it."""

    short: str
    doing: str
    means: str
    retry: str


def failed(side: FailedSide) -> FailedWords:
    """What a failed record is about."""
    match side:
        case FailedSide.READ_XERO:
            return FailedWords(
                "not readable", "reading Xero", "Xero's record could not be read, so it takes no part.",
                "r reads it again.",
            )  # fmt: skip
        case FailedSide.READ_KARBON:
            return FailedWords(
                "not readable in Karbon", "reading Karbon", "Karbon's record could not be read, so it takes no part.",
                "r reads it again.",
            )  # fmt: skip
        case FailedSide.LINK:
            return FailedWords(
                "not linked", "linking it in Karbon", "Karbon refused this contact, or it must not be written.",
                "r tries again, with a full sync.",
            )  # fmt: skip
        case FailedSide.TO_XERO:
            return FailedWords(
                "refused by Xero", "writing to Xero", "Xero refused an edit that was made in Karbon.",
                "e corrects it, then r tries it again.",
            )  # fmt: skip
        case FailedSide.TO_KARBON:
            return FailedWords(
                "refused by Karbon", "writing to Karbon", "Karbon refused an edit that was made in Xero.",
                "Correct it in Xero (o), then r.",
            )  # fmt: skip
        case FailedSide.CREATE_IN_XERO:
            return FailedWords(
                "not created in Xero", "creating it in Xero", "Xero refused to create this contact.",
                "r tries again, or under another name.",
            )  # fmt: skip
        case FailedSide.DECISION:
            return FailedWords(
                "not decided", "deciding about it", "A decision about this match issue was refused.",
                "r leads back to it.",
            )  # fmt: skip


def reason(why: Reason) -> str:
    """Why a match issue waits, in one word."""
    match why:
        case Reason.EMAIL_DIFFERS:
            return "email"
        case Reason.NAME_DIFFERS:
            return "name"
        case Reason.SEVERAL:
            return "several"
        case Reason.CROSSED:
            return "crossed"
        case Reason.RIVALS:
            return "rivals"
        case Reason.TAKEN:
            return "taken"
        case Reason.HELD:
            return "held"


def run_state(state: RunState) -> str:
    """What became of a run."""
    match state:
        case RunState.RUNNING | RunState.DONE | RunState.FAILED | RunState.CANCELLED | RunState.INTERRUPTED:
            return state.value
        case RunState.UNDONE:
            return "undone"


def done_counts(counts: Counts) -> list[tuple[int, str]]:
    """What a run did, as counts and their words, without those that are zero."""
    found = (
        (counts.linked, "linked"),
        (counts.created, "created in Karbon"),
        (counts.changed_in_karbon, "changed in Karbon"),
        (counts.changed_in_xero, "changed in Xero"),
        (counts.created_in_xero, "created in Xero"),
        (counts.ended, "ended"),
        (counts.field_conflicts, "in conflict"),
        (counts.deferred, "deferred"),
        (counts.failed, "failed"),
    )
    return [(count, word) for count, word in found if count]


def did(counts: Counts) -> str:
    """What a run did, on one line; empty where it did nothing."""
    return ", ".join(f"{number(count)} {word}" for count, word in done_counts(counts))


def by_field(counts: Mapping[Field, int]) -> str:
    """Counts of fields: ``2 phones, 1 address``."""
    named = ((f.label.rpartition(" ")[2], counts.get(f, 0)) for f in Field)
    return ", ".join(counted(count, word, _PLURALS.get(word, "")) for word, count in named if count)


_PLURALS = {"address": "addresses"}


def others(changed: Mapping[str, tuple[Any, Any]]) -> dict[str, tuple[str, str]]:
    """What a directory holds of a contact beside the four fields, before and after; without what merely follows."""
    named = {name.replace("_", " "): both for name, both in changed.items() if name not in FOLLOWS}
    return {name: (_in_words(old), _in_words(new)) for name, (old, new) in named.items()}


def _in_words(value: Any) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "")


def decided(kind: Action, name: str, records: int) -> str:
    """What a decision did, and to whom: ``Acme: matched``, ``217 contacts: matched``."""
    whom = name if records == 1 else counted(records, "contact")
    return f"{whom}: {action(kind, None, many=records > 1)}"


def all_undone(decided: Decided) -> str:
    """What an undo did, to one contact or to many."""
    if len({one.name for one in decided.done}) == 1:
        return undone(decided.done[-1])
    return f"{counted(decided.undid, 'change')} undone."


def undone(one: Done) -> str:
    """What an undo did to one contact."""
    if one.issue:
        return f"{one.name}: undone; it waits for you again under {CONFLICTS}."
    if one.action is Action.UPDATE:
        return f"{one.name}: undone; {', '.join(f.label for f in one.fields) or 'it'} as before."
    return f"{one.name}: undone; {_AFTER.get(one.action, 'it is as before')}."


_AFTER = {  # by the action that undid it
    Action.UNDO: f"it is under {UNSYNCED} again",
    Action.LINK: "it is synced again",
    Action.REOPEN: "it waits for you again",
    Action.DELETE: "it is deleted",
    Action.ADD: "it is restored",
}
