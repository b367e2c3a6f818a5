"""The ledger port over Xero's Accounting API."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from xerosync_tui.errors import RemoteUnreachable
from xerosync_tui.remotes.ports import LedgerPage
from xerosync_tui.remotes.xero.session import XeroSession
from xerosync_tui.remotes.xero.wire import read_page

PAGE_SIZE = 1000  # the most Xero gives (xero.md 2.2)


class XeroLedger:
    """Contacts of the session's organisation."""

    def __init__(self, session: XeroSession) -> None:
        self._session = session

    async def page(self, number: int, *, modified_since: int | None = None) -> LedgerPage:
        """Page ``number`` of all contacts, archived ones too, oldest change first.

        Always paged: an unpaged list lacks fields (xero.md 2.2). Raises what ``XeroSession.get`` raises,
        and RemoteUnreachable when the answer is no list of contacts.
        """
        params = {
            "page": str(number),
            "pageSize": str(PAGE_SIZE),
            "includeArchived": "true",
            "order": "UpdatedDateUTC ASC",
        }
        headers = {} if modified_since is None else {"If-Modified-Since": _http_second(modified_since)}
        reply = await self._session.get("/Contacts", params, headers)
        if reply.status == 304:  # whether Xero says this or sends an empty list is unknown (xero.md 2.3)
            return LedgerPage((), (), 0, 0)
        try:
            return read_page(reply.body)
        except msgspec.MsgspecError as error:
            raise RemoteUnreachable(
                f"Xero's answer is no list of contacts: {error}", "Try again in a minute."
            ) from error


def _http_second(milliseconds: int) -> str:
    """If-Modified-Since as Xero's SDK sends it; accurate to the second (xero.md 2.2)."""
    return datetime.fromtimestamp(milliseconds // 1000, UTC).isoformat(timespec="seconds")
