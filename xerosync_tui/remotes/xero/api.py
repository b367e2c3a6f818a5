"""The ledger port over Xero's Accounting API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from xerosync_tui.domain.contact import Contact, Field, Value, XeroContact, XeroStatus
from xerosync_tui.errors import RemoteRefused, RemoteUnreachable
from xerosync_tui.remotes.ports import GROUP, LedgerOutcome, LedgerPage, LedgerRecord, Refused
from xerosync_tui.remotes.xero import wire
from xerosync_tui.remotes.xero.session import XeroSession

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
            return wire.read_page(reply.body)
        except msgspec.MsgspecError as error:
            raise _no_list(error) from error

    async def read(self, ids: Sequence[str]) -> dict[str, LedgerRecord]:
        """These contacts as they are now; absent: not there, or not to be read. Raises as ``page``.

        In groups of 40: longer ones make an address that Xero answers with 404 (xero.md 2.2). Paged, since an
        unpaged list lacks fields.
        """
        found: dict[str, LedgerRecord] = {}
        for start in range(0, len(ids), GROUP):
            found |= await self._read_group(ids[start : start + GROUP])
        return found

    async def _read_group(self, ids: Sequence[str]) -> dict[str, LedgerRecord]:
        params = {"IDs": ",".join(ids), "page": "1", "includeArchived": "true"}
        try:
            reply = await self._session.get("/Contacts", params)
        except RemoteRefused as error:
            if error.status != 404:
                raise
            if len(ids) == 1:
                return {}
            half = len(ids) // 2  # one vanished id fails all of them (engine.md 2.7)
            return await self._read_group(ids[:half]) | await self._read_group(ids[half:])
        try:
            return {record.contact.id: record for record in wire.read_records(reply.body)}
        except msgspec.MsgspecError as error:
            raise _no_list(error) from error

    async def update(
        self, changes: Sequence[tuple[LedgerRecord, Mapping[Field, Value]]], request: str
    ) -> list[LedgerOutcome]:
        """Write these values over contacts just read. What one element got wrong, the others do not suffer for.

        Raises what ``XeroSession.send`` raises.
        """
        return await self._post([wire.changed(record, values) for record, values in changes], request)

    async def archive(self, record: LedgerRecord, request: str) -> LedgerOutcome:
        """Archive a contact. Raises what ``XeroSession.send`` raises."""
        element = {"ContactID": record.contact.id, "ContactStatus": XeroStatus.ARCHIVED.value}
        return (await self._post([element], request))[0]

    async def create(self, contact: Contact, marker: str, request: str) -> LedgerOutcome:
        """Make a contact: PUT, which never updates (xero.md 2.1). Raises what ``XeroSession.send`` raises."""
        return (await self._write("PUT", [wire.new(contact, marker)], request))[0]

    async def marked(self, marker: str) -> XeroContact | None:
        """The contact whose ContactNumber is ``marker``: the path takes it like an id (xero.md 2.1)."""
        try:
            reply = await self._session.get(f"/Contacts/{marker}")
        except RemoteRefused as error:
            if error.status == 404:
                return None
            raise
        try:
            found = [record.contact for record in wire.read_records(reply.body)]
        except msgspec.MsgspecError as error:
            raise _no_list(error) from error
        return next((contact for contact in found if contact.contact_number == marker), None)

    async def _post(self, elements: list[dict[str, Any]], request: str) -> list[LedgerOutcome]:
        return await self._write("POST", elements, request)

    async def _write(self, method: str, elements: list[dict[str, Any]], request: str) -> list[LedgerOutcome]:
        """The outcomes by position (xero.md 3). A group that is refused as a whole is halved until one is alone."""
        try:
            reply = await self._session.send(
                method, "/Contacts", {"summarizeErrors": "false"}, {"Contacts": elements}, request
            )
        except RemoteRefused as error:
            if error.status not in (400, 404):
                raise
            if len(elements) == 1:
                return [Refused(error.what)]
            half = len(elements) // 2
            first = await self._write(method, elements[:half], f"{request}-1")  # another body, another key
            return first + await self._write(method, elements[half:], f"{request}-2")
        try:
            outcomes = wire.read_outcomes(reply.body)
        except msgspec.MsgspecError as error:
            raise _no_list(error) from error
        if len(outcomes) != len(elements):
            raise RemoteUnreachable("Xero's answer does not fit what was sent", "Run the sync again in a minute.")
        return outcomes


def _no_list(error: Exception) -> RemoteUnreachable:
    return RemoteUnreachable(f"Xero's answer is no list of contacts: {error}", "Try again in a minute.")


def _http_second(milliseconds: int) -> str:
    """If-Modified-Since as Xero's SDK sends it; accurate to the second (xero.md 2.2)."""
    return datetime.fromtimestamp(milliseconds // 1000, UTC).isoformat(timespec="seconds")
