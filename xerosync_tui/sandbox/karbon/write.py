"""The writing endpoints of Karbon: create, whole update, patch of names, whole business card (karbon.md 2.7)."""

from dataclasses import replace

from starlette.responses import JSONResponse, Response

from xerosync_tui.sandbox.karbon import render
from xerosync_tui.sandbox.karbon.bodies import (
    Body,
    check_card,
    check_emails,
    check_identifier,
    check_level,
    check_patch,
    check_record,
    read_common,
    read_object,
)
from xerosync_tui.sandbox.karbon.call import Call
from xerosync_tui.sandbox.karbon.entity import NAMES, REQUIRED, BusinessCard, Entity, Kind
from xerosync_tui.sandbox.karbon.errors import bad_request, internal, missing, unknown_path, unknown_uri
from xerosync_tui.sandbox.karbon.native import carry_to_xero
from xerosync_tui.sandbox.karbon.query import refuse_options
from xerosync_tui.sandbox.karbon.revise import card_of, cards_of, overlaid
from xerosync_tui.sandbox.karbon.tenant import new_key


def create(call: Call, kind: Kind) -> Response:
    """POST: 201 with the new record and where it is."""
    refuse_options(call.params, ())
    body = read_object(call.body, kind)
    blank = Entity(new_key(call.tenant.random), kind, call.now, {})
    entity = _written(call, blank, body, clear=True)
    if not entity.cards and call.tenant.switches["card_on_create"]:
        entity = replace(entity, cards=(BusinessCard(new_key(call.tenant.random)),))
    _save(call, entity)
    answer = render.single(entity, call.base, call.tenant.switches)
    if kind == "Contact":
        answer["BusinessCards"] = render.cards(entity, call.tenant.switches)
    location = f"{call.base}/v3/{kind}s('{entity.key}')/KarbonService.{kind}DTO"
    return JSONResponse(answer, 201, {"Location": location})


def update(call: Call, kind: Kind, key: str) -> Response:
    """PUT: the whole record; 204."""
    refuse_options(call.params, ("$expand",))
    body = read_object(call.body, "update")
    entity = call.current(_found(call, kind, key))
    _save(call, _written(call, entity, body, clear=call.tenant.switches["put_omitted"] == "clear"))
    return Response(None, 204)


def patch(call: Call, kind: Kind, key: str) -> Response:
    """PATCH: names and RestrictionLevel; the record, or nothing."""
    refuse_options(call.params, ())
    body = read_object(call.body, "update")
    entity = call.current(_found(call, kind, key))
    check_patch(kind, body)
    for name in REQUIRED[kind]:
        if name in body and not body[name] and not (name == "LastName" and call.tenant.switches["empty_last_name"]):
            raise missing(name)
    check_level(call.tenant, body)
    texts = {name: body[name] for name in NAMES[kind] if name in body}
    _save(call, overlaid(entity, texts, {"RestrictionLevel": body.get("RestrictionLevel")}, clear=False))
    if call.tenant.switches["patch_answer"] == "empty" and "return=representation" not in _prefer(call):
        return Response(None, 204)
    answer = render.single(call.tenant.entities[key], call.base, call.tenant.switches)
    return JSONResponse({**answer, "AccountingDetail": None})


def update_card(call: Call, key: str) -> Response:
    """PUT of one business card, whole; 204. IsPrimaryCard has no effect."""
    refuse_options(call.params, ())
    body = read_object(call.body, "update")
    found = call.tenant.owner_of(key)
    if found is None:
        raise _unknown(call)
    owner, card = call.current(found[0]), found[1]
    for name in ("EntityType", "EntityKey"):
        if not body.get(name):
            raise missing(name)
    check_card(call.tenant, owner.kind, body)
    if body["EntityKey"] != owner.key or body.get("BusinessCardKey", key) != key:
        raise bad_request(f"The business card {key} does not belong to '{body['EntityKey']}'.")
    kept = [render.card(owner, one, call.tenant.switches) for one in owner.cards if one is not card]
    check_emails(call.tenant, owner, [*kept, body])
    new = card_of(call.tenant.random, key, body, of_organization=owner.kind == "Organization")
    changed = replace(owner, cards=tuple(new if one is card else one for one in owner.cards))
    _save(call, changed, moves=call.tenant.switches["card_moves_modified"])
    return Response(None, 204)


def _written(call: Call, entity: Entity, body: Body, *, clear: bool) -> Entity:
    """`entity` after a whole record was written over it. Raises Refusal."""
    tenant = call.tenant
    check_record(tenant, entity.kind, body)
    check_level(tenant, body)
    bodies = body.get("BusinessCards")
    for one in bodies or ():
        check_card(tenant, entity.kind, one)
    check_emails(tenant, entity, bodies or ())
    check_identifier(tenant, entity.kind, entity.key, body)
    texts = {name: body[name] for name in NAMES[entity.kind] if name in body} | read_common(tenant, body)
    written = overlaid(entity, texts, body, clear=clear)
    if bodies is None:
        return written
    remove = tenant.switches["cards_left_out"] == "remove"
    return replace(written, cards=cards_of(tenant.random, entity, bodies, remove=remove))


def _save(call: Call, entity: Entity, *, moves: bool = True) -> None:
    if moves:
        call.tenant.touch(entity, call.now)
    else:
        call.tenant.put(entity)
    if call.tenant.switches["native_sync"]:
        carry_to_xero(call.world, entity)
    if call.suffers("half_applied"):
        raise internal()


def _found(call: Call, kind: Kind, key: str) -> Entity:
    entity = call.tenant.find(kind, key)
    if entity is None:
        raise _unknown(call)
    return entity


def _unknown(call: Call) -> Exception:
    """A write to a key that does not exist: a 500, or a 404 that the OpenAPI file has too (karbon.md 2.11).

    The file draws that 404 flat, but for PUT of an organization.
    """
    if call.tenant.switches["put_unknown_key"] == "500":
        return internal()
    path = call.request.url.path
    if call.request.method == "PUT" and path.startswith("/v3/Organizations/"):
        return unknown_uri(f"{call.base}{path}")
    return unknown_path()


def _prefer(call: Call) -> str:
    return call.request.headers.get("prefer", "").lower().replace(" ", "")
