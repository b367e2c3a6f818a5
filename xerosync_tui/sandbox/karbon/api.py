"""Karbon's HTTP surface below /v3/: who is let in, how fast, and what answers (karbon.md 2.1, 2.2, 2.4)."""

import re
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from xerosync_tui.sandbox.faults import Fault, delay
from xerosync_tui.sandbox.karbon import read, write
from xerosync_tui.sandbox.karbon.call import Call
from xerosync_tui.sandbox.karbon.credentials import ACCESS_KEY, TOKEN
from xerosync_tui.sandbox.karbon.entity import Entity, Kind
from xerosync_tui.sandbox.karbon.errors import too_many, unauthorized, unknown_path
from xerosync_tui.sandbox.karbon.tenant import Tenant
from xerosync_tui.sandbox.world import World

Endpoint = Callable[[Call], Response]
CHANGING = ("PUT", "PATCH")
_KINDS: dict[str, Kind] = {"Contacts": "Contact", "Organizations": "Organization"}
_KEY = r"[A-Za-z0-9]+"
_LIST = re.compile(r"(Contacts|Organizations)")
_RECORD = re.compile(rf"(Contacts|Organizations)/({_KEY})")
_CARD = re.compile(rf"BusinessCards/({_KEY})")
_LOOK_UP = re.compile(
    r"(Contacts|Organizations)/Get(Contact|Organization)ByUserDefinedIdentifier\(UserDefinedIdentifier='(.*)'\)",
    re.DOTALL,
)


async def karbon(world: World, request: Request, fault: Fault | None) -> Response:
    """The answer to any request below /v3/. Raises Refusal for one that is not let in."""
    tenant, path = world.karbon, request.path_params["path"]
    if tenant is None:
        raise unknown_path()
    seen = _target(tenant, request.method, path)  # before the body is waited for: another write may overtake it
    body = await request.body()
    _admit(tenant, request)
    _meter(world, tenant)
    endpoint = _route(request.method, path)
    call = Call(world, tenant, request, body, fault, seen)
    await delay(fault)
    if call.suffers("touch") and call.seen is not None:
        tenant.touch(call.seen, call.now)
    return endpoint(call)


def _admit(tenant: Tenant, request: Request) -> None:
    """Lets in who has both headers, each with its own value (karbon.md 2.1)."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    key = request.headers.get("accesskey", "")
    shape = tenant.switches["unauthorized_body"]
    if not key:
        raise unauthorized("JWT not present.", shape)
    if key != ACCESS_KEY or scheme.lower() != "bearer" or token != TOKEN or tenant.revoked:
        raise unauthorized("Unauthorized.", shape)


def _meter(world: World, tenant: Tenant) -> None:
    """Counts the request; Refusal (429) for one too many. A refused one is not counted."""
    now, limit = world.clock.now(), world.limiter.limits.karbon_minute
    window = tenant.meter.at(now)
    if limit is not None and window.count >= limit:
        raise too_many(window.retry_after(now))
    window.count += 1


def _route(method: str, path: str) -> Endpoint:
    if path == "TenantSettings" and method == "GET":
        return read.tenant_settings
    if (found := _LIST.fullmatch(path)) and method in ("GET", "POST"):
        kind = _KINDS[found[1]]
        act = read.list_records if method == "GET" else write.create
        return lambda call: act(call, kind)
    if (found := _LOOK_UP.fullmatch(path)) and method == "GET" and _KINDS[found[1]] == found[2]:
        kind, quoted = _KINDS[found[1]], found[3]
        return lambda call: read.get_by_identifier(call, kind, quoted)
    if found := _RECORD.fullmatch(path):
        kind, key = _KINDS[found[1]], found[2]
        acts = {"GET": read.get_record, "PUT": write.update, "PATCH": write.patch}
        if method in acts:
            return lambda call: acts[method](call, kind, key)
    if (found := _CARD.fullmatch(path)) and method in ("GET", "PUT"):
        card = found[1]
        on_card = read.get_card if method == "GET" else write.update_card
        return lambda call: on_card(call, card)
    raise unknown_path()


def _target(tenant: Tenant, method: str, path: str) -> Entity | None:
    """The record that a change is about, as it is now."""
    if method not in CHANGING:
        return None
    if found := _CARD.fullmatch(path):
        owner = tenant.owner_of(found[1])
        return owner[0] if owner is not None else None
    found = _RECORD.fullmatch(path)
    return tenant.find(_KINDS[found[1]], found[2]) if found else None
