"""Carries out faults around Karbon's endpoints, in Karbon's own words; those inside a list are the endpoints' own."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from xerosync_tui.sandbox.answers import ClosedConnection
from xerosync_tui.sandbox.faults import Fault
from xerosync_tui.sandbox.karbon import errors
from xerosync_tui.sandbox.world import World

WAIT = 10
"""Seconds of a Retry-After that a fault does not name: those of Karbon's example (karbon.md 2.2)."""


async def before(world: World, request: Request, fault: Fault) -> Response | None:
    """The answer that a fault gives in place of the endpoint, None where the endpoint answers. Raises Refusal."""
    if world.karbon is None:
        return None
    shape = world.karbon.switches["unauthorized_body"]
    if fault.kind == "refuse":
        await request.body()
        return ClosedConnection()
    if fault.kind in ("rate_minute", "rate_day", "rate_concurrent"):
        raise errors.too_many(WAIT if fault.value is None else int(fault.value))
    if fault.kind == "server_error":
        raise errors.internal()
    if fault.kind == "unavailable":
        return PlainTextResponse("Service Unavailable", 503)
    if fault.kind == "html":
        return HTMLResponse("<html><body><h1>Sign in to this network</h1></body></html>")
    if fault.kind == "token_revoked":
        world.karbon.revoked = True
    if fault.kind == "unauthorized_expired":
        raise errors.unauthorized("Unauthorized.", shape)
    if fault.kind == "insufficient_scope":
        raise errors.forbidden()
    return None
