"""/_sandbox/: what a test or a demo may do to the world behind the program's back. Never counted, never limited."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from xerosync_tui.sandbox import switches
from xerosync_tui.sandbox.edits import EditError, edit
from xerosync_tui.sandbox.karbon import edits as karbon_edits
from xerosync_tui.sandbox.karbon import switches as karbon_switches
from xerosync_tui.sandbox.options import Limits
from xerosync_tui.sandbox.organisation import Organisation
from xerosync_tui.sandbox.practice import practice_csv
from xerosync_tui.sandbox.world import World

Control = Callable[[World, dict[str, Any]], dict[str, Any]]


async def control(world: World, request: Request) -> Response:
    """Runs the control that the path names; 404 for none such, 400 with a reason for one that cannot be done."""
    name = request.path_params["name"]
    if request.method == "GET":
        return await _READS[name](world, request) if name in _READS else JSONResponse({}, 404)
    if name not in _CONTROLS:
        return JSONResponse({"error": f"no control {name!r}"}, 404)
    try:
        wanted = json.loads(await request.body() or b"{}")
        return JSONResponse(_CONTROLS[name](world, wanted))
    except EditError as error:
        return JSONResponse({"error": str(error)}, 404)
    except (ValueError, TypeError, KeyError) as error:
        return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 400)


async def _state(world: World, request: Request) -> Response:
    with_contacts = request.query_params.get("contacts") != "0"
    recorded = world.record.view()
    return JSONResponse(
        {
            "now": world.clock.iso(),
            "organisations": [_organisation(world, item, with_contacts) for item in world.organisations.values()],
            **recorded,
            "requests": karbon_edits.counted(recorded["requests"]),
            "faults_left": world.faults.left,
            "switches": world.switches,
            "limits": _limits_view(world),
            "csv_notes": world.csv_notes,
            **karbon_edits.view(world, with_contacts),
        }
    )


def _organisation(world: World, organisation: Organisation, with_contacts: bool) -> dict[str, Any]:
    view: dict[str, Any] = {
        "tenantId": organisation.tenant_id,
        "name": organisation.name,
        "shortCode": organisation.short_code,
        "tenantType": organisation.kind,
        "connected": world.authority.connection_of(organisation.tenant_id) is not None,
    }
    if with_contacts:
        view["contacts"] = [contact.stored() for contact in organisation.by_update()]
    return view


async def _practice(world: World, request: Request) -> Response:
    return PlainTextResponse(practice_csv(world.options.seed, world.options.size), media_type="text/csv")


def _reset(world: World, wanted: dict[str, Any]) -> dict[str, Any]:
    seed, size = wanted.get("seed", world.options.seed), wanted.get("size", world.options.size)
    world.reset(replace(world.options, seed=int(seed), size=int(size)))
    return {"seed": world.options.seed, "size": world.options.size}


def _edit(world: World, wanted: dict[str, Any]) -> dict[str, Any]:
    return edit(world, wanted)


def _fault(world: World, wanted: dict[str, Any]) -> dict[str, Any]:
    world.faults.add(wanted)
    return {"faults_left": world.faults.left}


def _clock(world: World, wanted: dict[str, Any]) -> dict[str, Any]:
    """advance moves on from where the clock is, skew sets the distance from real time; both in seconds."""
    if "skew" in wanted:
        world.clock.offset = float(wanted["skew"])
    world.clock.offset += float(wanted.get("advance", 0))
    return {"now": world.clock.iso()}


def _limits(world: World, wanted: dict[str, Any]) -> dict[str, Any]:
    world.limiter.limits = Limits(**{**_limits_view(world), **wanted})
    return _limits_view(world)


def _limits_view(world: World) -> dict[str, Any]:
    limits = world.limiter.limits
    return {
        "minute": limits.minute,
        "day": limits.day,
        "concurrent": limits.concurrent,
        "karbon_minute": limits.karbon_minute,
    }


def _switches(world: World, wanted: dict[str, Any]) -> dict[str, Any]:
    world.switches = switches.changed(world.switches, wanted)
    return world.switches


def _karbon_edit(world: World, wanted: dict[str, Any]) -> dict[str, Any]:
    return karbon_edits.edit(world, wanted)


def _karbon_switches(world: World, wanted: dict[str, Any]) -> dict[str, Any]:
    if world.karbon is None:
        raise ValueError("this sandbox was started without Karbon")
    world.karbon.switches = karbon_switches.changed(world.karbon.switches, wanted)
    return world.karbon.switches


def _app(world: World, wanted: dict[str, Any]) -> dict[str, Any]:
    world.authority.register(wanted["redirect_uris"])
    return {"redirect_uris": sorted(world.authority.redirect_uris)}


def _authorize_next(world: World, wanted: dict[str, Any]) -> dict[str, Any]:
    """What auto=1 answers next: a decision, and for allow the tenant ids (all when none are named)."""
    decision, tenants = wanted.get("decision", "allow"), list(wanted.get("tenants", []))
    if decision not in ("allow", "deny") or not set(tenants) <= set(world.authority.tenants):
        raise ValueError("decision is allow or deny, tenants are tenant ids")
    world.authority.next_decision = (decision, tenants)
    return {"decision": decision, "tenants": tenants}


_READS: dict[str, Callable[[World, Request], Awaitable[Response]]] = {"state": _state, "practice.csv": _practice}
_CONTROLS: dict[str, Control] = {
    "reset": _reset,
    "edit": _edit,
    "fault": _fault,
    "clock": _clock,
    "limits": _limits,
    "switches": _switches,
    "app": _app,
    "authorize-next": _authorize_next,
    "karbon-edit": _karbon_edit,
    "karbon-switches": _karbon_switches,
}
