"""The states of what the store keeps, each with the value that stands in its column."""

from __future__ import annotations

from enum import StrEnum


class Side(StrEnum):
    """One of the two systems."""

    XERO = "xero"
    KARBON = "karbon"

    @property
    def other(self) -> Side:
        """The other one."""
        return Side.KARBON if self is Side.XERO else Side.XERO


class Action(StrEnum):
    """What a journal entry does."""

    LINK = "link"  # join a Xero contact to a Karbon contact, which gets Xero's values
    CREATE = "create"  # make a Karbon contact from a Xero contact, and link the two
    CREATE_IN_XERO = "create in Xero"
    UPDATE = "update"  # write values over a contact
    SWAP = "swap"  # one step of a ring of renames: a temporary name in Xero
    ARCHIVE = "archive"  # in Xero
    UNLINK = "unlink"
    IGNORE = "ignore"  # a match issue
    CHOOSE = "choose"  # one side's value of a field that both changed
    REOPEN = "reopen"  # undo of an ignored issue or of a choice: it waits again
    UNDO = "undo"  # undo of a link
    ADD = "add"  # a Karbon contact, by hand or from a file
    DELETE = "delete"  # a contact of the built-in directory
    TYPE = "type"  # another contact type, as builds before decisions wrote it: in words only
    RETRY = "retry"  # of a decision only: what failed is tried again
    TYPES = "types"  # the contact types of the built-in directory


class EntryState(StrEnum):
    """What became of a journal entry."""

    INTENDED = "intended"  # written down before it was done
    DONE = "done"
    FAILED = "failed"  # the remote refused it, or its premise no longer held
    ABANDONED = "abandoned"  # nothing came of it
    UNKNOWN = "unknown"  # the answer was lost: the next read shows what became of it
    UNDONE = "undone"


class FailedSide(StrEnum):
    """What could not be done with a failed record."""

    READ_XERO = "xero"
    READ_KARBON = "karbon read"
    LINK = "karbon"  # linking it with a Karbon contact, or making that one
    TO_XERO = "to_xero"  # an edit
    TO_KARBON = "to_karbon"
    CREATE_IN_XERO = "create"
    DECISION = "decision"  # a decision about its match issue


class LinkState(StrEnum):
    """Whether a link is kept in step."""

    SYNCED = "synced"
    UNSYNCED = "unsynced"


class IssueState(StrEnum):
    """Whether a match issue waits."""

    OPEN = "open"
    IGNORED = "ignored"
    CLOSED = "closed"


class CardState(StrEnum):
    """How much of a contact of Karbon's API is known (karbon.md 2.5)."""

    READ = "read"
    UNREAD = "unread"  # only a list named it
    STALE = "stale"  # changed since it was read
    FAILED = "failed"  # it cannot be read


class RunKind(StrEnum):
    """What a run is for."""

    PREVIEW = "preview"
    INITIAL = "initial"
    INCREMENTAL = "incremental"
    FULL = "full"


class RunState(StrEnum):
    """What became of a run."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"  # its process died
    UNDONE = "undone"  # a first sync of which nothing is left


class RequestState(StrEnum):
    """A decision that the holder of the lock was asked to carry out."""

    WAITING = "waiting"
    TAKEN = "taken"
    DONE = "done"
    REFUSED = "refused"
