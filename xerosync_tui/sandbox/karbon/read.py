"""The reading endpoints of Karbon (karbon.md 2.3, 2.4, 2.8)."""

from typing import Any
from urllib.parse import quote, urlencode

from starlette.responses import JSONResponse, Response

from xerosync_tui.sandbox.karbon import render
from xerosync_tui.sandbox.karbon.call import Call
from xerosync_tui.sandbox.karbon.entity import Entity, Kind
from xerosync_tui.sandbox.karbon.errors import bad_request, unknown_key
from xerosync_tui.sandbox.karbon.query import PAGE, Query, read_expand, read_query, refuse_options
from xerosync_tui.sandbox.karbon.selection import select

EXPANDED: dict[Kind, tuple[str, ...]] = {
    "Contact": ("BusinessCards", "ClientTeam", "ClientAccess"),
    "Organization": ("BusinessCards", "ClientTeam", "Contacts"),
}
BY_IDENTIFIER = ("BusinessCards",)
MALFORMED = {"ContactKey": 123, "OrganizationKey": 123, "FullName": ["x"]}


def tenant_settings(call: Call) -> Response:
    """GET /v3/TenantSettings: the contact types, and who the tenant is."""
    refuse_options(call.params, ())
    tenant = call.tenant
    body = {
        "@odata.context": f"{call.base}/v3/$metadata#TenantSettings/$entity",
        "TenantKey": tenant.key,
        "ClientAccessActivated": False,
        "ContactTypes": [{"Name": name, "ContactTypeKey": key} for name, key in tenant.contact_types.items()],
        "WorkStatuses": [{"Name": "Planned", "Type": "Primary", "Children": []}],
        "WorkTypes": [],
        "ServiceTypes": [],
    }
    return JSONResponse(body)


def list_records(call: Call, kind: Kind) -> Response:
    """GET /v3/Contacts, GET /v3/Organizations: a page of rows."""
    query = read_query(call.params, kind, call.tenant.switches)
    found = select(call.tenant, kind, query)
    chosen = found[query.skip : query.skip + (PAGE if query.top is None else query.top)]
    rows = [_selected(render.row(entity, call.tenant.switches), query) for entity in chosen]
    body: dict[str, Any] = {
        "@odata.context": f"{call.base}/v3/$metadata#{kind}s/KarbonService.{kind}SummaryDTO",
        "@odata.count": len(found),
        "value": _spoiled(call, chosen, rows),
    }
    after = query.skip + len(chosen)
    if after < len(found) and (query.top is None or call.tenant.switches["next_link_after_top"]):
        body["@odata.nextLink"] = _next_link(call, after)
    return JSONResponse(body)


def get_record(call: Call, kind: Kind, key: str) -> Response:
    """GET of one contact or organization by its key."""
    entity = call.tenant.find(kind, key)
    if entity is None:
        contact, organization = "No Contact found for provided key", f"No organization exists with a key of {key}."
        raise unknown_key(contact if kind == "Contact" else organization)
    return JSONResponse(_expanded(call, entity, EXPANDED[kind]))


def get_by_identifier(call: Call, kind: Kind, quoted: str) -> Response:
    """GET of one contact or organization by its UserDefinedIdentifier."""
    identifier = quoted.replace("''", "'")
    if not identifier.strip():
        raise bad_request("UserDefinedIdentifier is missing or empty")
    found = [entity for entity in call.tenant.identified(identifier) if entity.kind == kind]
    if not found:
        raise unknown_key(f"No {kind} found for provided UserDefinedIdentifer")
    return JSONResponse(_expanded(call, found[0], BY_IDENTIFIER))


def get_card(call: Call, key: str) -> Response:
    """GET of one business card."""
    refuse_options(call.params, ())
    found = call.tenant.owner_of(key)
    if found is None:
        raise unknown_key(f"Invalid businessCardPermaKey {key}")
    body = {"@odata.context": f"{call.base}/v3/$metadata#BusinessCards/$entity"}
    return JSONResponse(body | render.card(*found, call.tenant.switches))


def _expanded(call: Call, entity: Entity, allowed: tuple[str, ...]) -> dict[str, Any]:
    wanted = read_expand(call.params, allowed, entity.kind)
    body = render.single(entity, call.base, call.tenant.switches)
    for name in wanted:
        body[name] = _part(call, entity, name)
    return body


def _part(call: Call, entity: Entity, name: str) -> list[Any]:
    if name == "BusinessCards":
        return render.cards(entity, call.tenant.switches)
    if name == "ClientTeam":
        return [dict(member) for member in entity.team]
    return _people_of(call, entity) if name == "Contacts" else []


def _people_of(call: Call, organization: Entity) -> list[Any]:
    """The people with a card in `organization`, as rows without a type of any kind."""
    without = ("@odata.type", "ContactType")
    return [
        {name: value for name, value in render.row(person, call.tenant.switches).items() if name not in without}
        for person in call.tenant.entities.values()
        if any(card.organization_key == organization.key for card in person.cards)
    ]


def _selected(row: dict[str, Any], query: Query) -> dict[str, Any]:
    return {name: row[name] for name in ("@odata.type", *query.select) if name in row} if query.select else row


def _next_link(call: Call, skip: int) -> str:
    kept = dict(call.params) if call.tenant.switches["next_link_keeps_query"] else {}
    return f"{call.base}{call.request.url.path}?{urlencode({**kept, '$skip': skip}, safe='$', quote_via=quote)}"


def _spoiled(call: Call, chosen: list[Entity], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows, with what a fault does to a list."""
    if not rows:
        return rows
    if call.suffers("touch"):
        call.tenant.touch(chosen[-1], call.now)
    if call.suffers("drop_last"):
        return rows[:-1]
    if call.suffers("malformed_element"):
        return [MALFORMED, *rows[1:]]
    return rows
