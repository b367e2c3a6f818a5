"""The next step after something went wrong, as data: the command line renders a command, the screens a key."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

_CONSENT = "Esc, then 1 and enter, and give consent."
_PREVIEW = "Esc, then p for the preview."


class Do(Enum):
    """What helps: as a command, and as a key. ``{}`` is what it is about."""

    CONNECT = "Run `xerosync connect`.", _CONSENT
    CONNECT_AGAIN = "Start again with `xerosync connect`.", _CONSENT
    CONNECT_OTHER = 'To go on with it, run `xerosync connect --organisation "{}"`.', _CONSENT
    RECONNECT = "Run `xerosync reconnect`.", _CONSENT
    CONNECT_KARBON = "Run `xerosync connect karbon`.", "Press 1, then K, and give both keys."
    NEW_KEYS = (
        "Both are in Karbon: Settings > Connected Apps > API Applications. Then run `xerosync connect karbon`.",
        "Both are in Karbon: Settings > Connected Apps > API Applications. Then press 1, then K, and give both.",
    )
    RESTORE_KEY = "Put the right key file back, or run `xerosync reconnect`.", f"Put it back, or: {_CONSENT}"
    REPLACE_KEY = (
        "Put the right file back, or remove it and run `xerosync reconnect`.",
        f"Put the right file back, or remove it and: {_CONSENT}",
    )
    PREVIEW = "Run `xerosync sync --preview` first.", _PREVIEW
    FIRST_SYNC = "Run `xerosync sync --preview`, then --yes.", _PREVIEW
    START = "Run `xerosync sync --yes` to do what the preview showed.", f"{_PREVIEW[:-1]}; S starts the sync."
    SYNC_FULL = "Run `xerosync sync --full`.", "Press s."
    APPROVE = (
        "See `xerosync sync --preview`; if it is right, `xerosync sync --approve {}`.",
        "Esc, then p: it shows what, and asks.",
    )
    SEE_BRAKE = "See `xerosync status` for the code of the sync that was stopped.", "Press 1: a approves."
    HISTORY = "See `xerosync history`.", "See Activity (5)."
    CLIENTS = "See `xerosync clients`.", "See the Client List (2)."
    CONTACTS = "See `xerosync contacts`.", "See Contacts (4)."
    ISSUES = "See `xerosync issues`.", "See Match issues (3)."
    FIELDS = "See `xerosync issues --tab fields`.", "See Field conflicts (3)."
    UNSYNCED = "See `xerosync issues --tab unsynced`.", "See Unsynced (3)."
    FAILED = "See `xerosync issues --tab failed`.", "See Failed (3)."
    IGNORED = "See `xerosync issues --ignored`.", "See the ignored ones (3, then v)."
    LEFT_OUT = (
        "See `xerosync issues` or `xerosync left-out`.",
        "See Match issues (3) or the contacts left out (2, then l).",
    )
    CLIENTS_OR_ISSUES = "See `xerosync clients`, or `xerosync issues`.", "See the Client List (2), or Match issues (3)."
    TYPES = "See `xerosync types`.", "See the contact types (1, then t)."
    STATUS = "See `xerosync status`.", "Press 1."
    DOCTOR = "See `xerosync doctor`.", "Quit, and run the command: xerosync doctor."
    EDIT = "Edit the contact instead: `xerosync edit`.", "Edit the contact instead: Contacts (4, then e)."
    RESOLVE = "See `xerosync issues`, then resolve it again.", "See Match issues (3), then resolve it again."
    VETO_LATE = "Use `xerosync issues` instead.", "Use Match issues (3) instead."
    CREATE_IN_XERO = "Use `xerosync create-in-xero` again.", "Use the contact's page (4, then enter) again."
    UNSYNC = "Stop syncing it: `xerosync unsync {}`.", "u unsyncs it."
    OTHER_TYPE = "Choose another: `xerosync settings`.", "Choose another: Settings (1, then e)."
    MAKE_INACTIVE = (
        "Delete it in Karbon, or give it another type: `xerosync edit KEY contact_type=Inactive`.",
        "Delete it in Karbon, or give it another type: e, then its contact type.",
    )
    KIND = (
        "See `xerosync sync --preview`, or `xerosync edit KEY kind=person`.",
        "Look at the preview, or 4 and K.",
    )
    NAME_ONE = "Name one with --match KEY.", "Name one of them."
    ANYWAY = (
        "Link to one of them, or create it all the same (--anyway).",
        "Link to one of them, or create it all the same.",
    )
    SKIP_BAD = (
        "Fix them, or leave them out with --skip-bad; --preview lists them all.",
        "Fix them, or look at the file again.",
    )
    MAP_NAME = (
        "Call the column with the names Name in the first line, or say which one it is with --map COLUMN=name.",
        "Call the column with the names Name in the first line, or write above which one it is: COLUMN=name.",
    )


@dataclass(frozen=True, slots=True)
class Hint:
    """A next step, and what it is about."""

    do: Do
    about: str = ""

    def as_command(self) -> str:
        """For somebody at a shell."""
        return self.do.value[0].replace("{}", self.about)

    def as_key(self) -> str:
        """For somebody in front of the screens."""
        return self.do.value[1].replace("{}", self.about)
