"""GET /Contacts and GET /Contacts/{id} (xero.md 2.2)."""

from typing import Any

from starlette.responses import Response

from xerosync_tui.sandbox.answers import api_exception, bare, not_found
from xerosync_tui.sandbox.bodies import is_uuid
from xerosync_tui.sandbox.call import Call
from xerosync_tui.sandbox.contact import Contact
from xerosync_tui.sandbox.query import (
    InvalidPrecondition,
    Page,
    Query,
    QueryError,
    is_true,
    read_page,
    read_query,
    too_long,
)
from xerosync_tui.sandbox.render import detailed, listed, summarised
from xerosync_tui.sandbox.selection import select

HIGH_VOLUME = 100_000
MALFORMED = {"ContactID": 123, "Name": ["x"]}


def list_contacts(call: Call) -> Response:
    """The list, paged or whole; 400, 404 and 412 as xero.md 2.2 and 3 say."""
    if too_long(call.params, call.target):
        return not_found()
    header = call.request.headers.get("if-modified-since")
    since = None if call.world.switches["ignore_modified_since"] else header
    try:
        query, page = read_query(call.params, since), read_page(call.params)
    except QueryError as error:
        return api_exception(call.request, 16, "QueryParseException", str(error))
    except InvalidPrecondition:
        return bare(412, call.world.switches["error_bodies"])
    if not query.is_optimised and len(call.organisation.contacts) > HIGH_VOLUME:
        return _high_volume(call)
    if call.world.switches["vanished_id"] == "404" and not call.organisation.contacts.keys() >= (query.ids or set()):
        return not_found()
    found = _selection(call, query)
    if since is not None and not found and call.world.switches["not_modified"] == "304":
        return Response(None, 304)
    if page is None:
        return _whole(call, found)
    return _paged(call, found, page)


def get_contact(call: Call, key: str) -> Response:
    """One contact by ContactID, else by ContactNumber, in a list of one; archived ones too."""
    contact = find(call, key)
    return not_found() if contact is None else call.answer("Contacts", [detailed(contact)])


def find(call: Call, key: str) -> Contact | None:
    """The contact of a path: what looks like a ContactID is never taken for a ContactNumber."""
    if is_uuid(key):
        return call.organisation.contacts.get(key.lower())
    return next(iter(call.organisation.having("ContactNumber", key)), None)


def _selection(call: Call, query: Query) -> list[Contact]:
    """The contacts of a query, kept for its next page until something changes."""
    inclusive: bool = call.world.switches["since_inclusive"]
    question = (query, inclusive, call.organisation.revision)
    kept = call.organisation.kept_selection
    if kept is None or kept[0] != question:
        kept = (question, select(call.organisation, query, inclusive=inclusive))
        call.organisation.kept_selection = kept
    return kept[1]


def _whole(call: Call, found: list[Contact]) -> Response:
    if len(found) > HIGH_VOLUME:
        return _high_volume(call)
    return call.answer("Contacts", _spoiled(call, found, [listed(contact) for contact in found]))


def _high_volume(call: Call) -> Response:
    message = "More than 100,000 contacts: page through them, by fields that have an index."
    return api_exception(call.request, 51, "HighVolumeException", message)


def _paged(call: Call, found: list[Contact], page: Page) -> Response:
    start = (page.number - 1) * page.size
    chosen = found[start : start + page.size]
    look = summarised if is_true(call.params.get("summaryOnly")) else detailed
    pagination = {
        "page": page.number,
        "pageSize": page.size,
        "pageCount": -(-len(found) // page.size),
        "itemCount": len(found),
    }
    return call.answer("Contacts", _spoiled(call, chosen, [look(contact) for contact in chosen]), pagination)


def _spoiled(call: Call, chosen: list[Contact], elements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The elements, with what a fault does to a list."""
    if not elements:
        return elements
    if call.suffers("touch"):
        call.organisation.touch(chosen[-1], call.world.clock.now_ms())
    if call.suffers("drop_last"):
        return elements[:-1]
    if call.suffers("malformed_element"):
        return [MALFORMED, *elements[1:]]
    return elements
