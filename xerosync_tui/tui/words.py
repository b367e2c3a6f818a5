"""Short words for what the services name, where a column or a line has little room."""

from __future__ import annotations

import re

from xerosync_tui.domain.contact import KarbonContact
from xerosync_tui.domain.directory import DirectoryRecord
from xerosync_tui.domain.match import Reason
from xerosync_tui.errors import XeroSyncError

REASONS = {
    Reason.EMAIL_DIFFERS: "email",
    Reason.NAME_DIFFERS: "name",
    Reason.SEVERAL: "several",
    Reason.CROSSED: "crossed",
    Reason.RIVALS: "rivals",
    Reason.TAKEN: "taken",
    Reason.HELD: "held",
}
UNREAD = "○ card not read yet"  # of a contact of Karbon's API, of which a list told
UNREAD_SIGN = "○ "


def email_in_list(held: DirectoryRecord | KarbonContact) -> str:
    """A contact's billing email; with a sign before it where only a list told of it, and its card may hold another."""
    return f"{'' if held.whole else UNREAD_SIGN}{held.contact.email or '-'}"


FILTERS = {
    "all": "all contacts",
    "customers": "customers only",
    "customers-suppliers": "customers and suppliers",
}

# What the services advise in the words of the command line, and what is to be done here instead.
_ADVICE = (
    (
        r"see `xerosync sync --preview`; if it is right, `xerosync sync --approve .*?`",
        "esc, then p: it shows what, and asks",
    ),
    (r"run `xerosync sync --preview`(, then --yes| first)?", "esc, then p for the preview"),
    (r"run `xerosync sync --yes` to do what the preview showed", "esc, then p for the preview; S starts the sync"),
    (r"run `xerosync sync --full`", "press s"),
    (r"run `xerosync connect karbon`", "press 1, then K, and give both keys"),
    (r"see `xerosync status`", "press 1"),
    (r"set beside_karbon=write", "choose to write them too (1, then e, Beside Karbon's own sync)"),
    (r"`xerosync edit KEY contact_type=Inactive`", "e, then its contact type"),
    (r"see `xerosync sync --preview`, or `xerosync edit KEY kind=person`", "look at the preview, or 4 and K"),
    (r"(run|start again with) `xerosync (re)?connect.*?`", "esc, then 1 and enter, and give consent"),
    (r"(see|run) `xerosync doctor`", "quit, and run the command: xerosync doctor"),
    (r"leave them out with --skip-bad; --preview lists them all", "look at the file again"),
    (r"say which one it is with --map COLUMN=name", "write above which one it is: COLUMN=name"),
    (r"with --match KEY", "of them"),
    (r" \(--anyway\)", ""),
    (r"`xerosync clients`", "the Client List (2)"),
    (r"`xerosync left-out`", "the contacts left out (2, then l)"),
    (r"`xerosync issues --tab fields`", "Field conflicts (3)"),
    (r"`xerosync issues --tab unsynced`", "Unsynced (3)"),
    (r"`xerosync issues --tab failed`", "Failed (3)"),
    (r"`xerosync issues --ignored`", "the ignored ones (3, then v)"),
    (r"`xerosync issues`", "Match issues (3)"),
    (r"`xerosync contacts`", "Contacts (4)"),
    (r"`xerosync edit`", "Contacts (4, then e)"),
    (r"`xerosync create-in-xero`", "the contact's page (4, then enter)"),
    (r"`xerosync types`", "the contact types (1, then t)"),
    (r"`xerosync settings`", "Settings (1, then e)"),
    (r"`xerosync history`", "Activity (5)"),
)
_COMMAND = re.compile(r"`xerosync|(^|\s)--\w")


def next_step(error: XeroSyncError) -> str:
    """What helps, for somebody in front of the screens; empty where only a command would."""
    advice = error.next_step
    for pattern, words in _ADVICE:
        advice = re.sub(pattern, words, advice, flags=re.IGNORECASE)
    return "" if _COMMAND.search(advice) else advice[:1].upper() + advice[1:]
