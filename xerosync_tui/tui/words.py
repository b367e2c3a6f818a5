"""Short words for what the services name, where a column or a line has little room."""

from __future__ import annotations

from xerosync_tui.domain.contact import KarbonContact
from xerosync_tui.domain.directory import DirectoryRecord
from xerosync_tui.errors import XeroSyncError
from xerosync_tui.hints import Hint

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


def next_step(error: XeroSyncError) -> str:
    """What helps, for somebody in front of the screens; may be empty."""
    return error.hint.as_key() if isinstance(error.hint, Hint) else error.hint
