"""Carries out faults around an endpoint; those inside a list or a batch are the endpoints' own."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from xerosync_tui.sandbox import answers
from xerosync_tui.sandbox.accounting import expired_detail
from xerosync_tui.sandbox.faults import Fault
from xerosync_tui.sandbox.world import World

RATES = {
    "rate_minute": ("minute", "X-MinLimit-Remaining", 26),
    "rate_day": ("day", "X-DayLimit-Remaining", 66975),
    "rate_concurrent": ("concurrent", None, None),
}


async def before(world: World, request: Request, fault: Fault) -> Response | None:
    """The answer that a fault gives in place of the endpoint, None where the endpoint answers."""
    _take_away(world, request, fault.kind)
    if fault.kind == "refuse":
        await request.body()
        return answers.ClosedConnection()
    if fault.kind in RATES:
        return _rate(world, request, fault)
    if fault.kind == "server_error" and not request.url.path.startswith("/api.xro/"):
        return answers.bare(500, world.switches["error_bodies"])
    if fault.kind == "unavailable":
        return PlainTextResponse("The organisation is offline", 503)
    if fault.kind == "html":
        return HTMLResponse("<html><body><h1>Sign in to this network</h1></body></html>")
    if fault.kind == "invalid_grant":
        return JSONResponse({"error": "invalid_grant"}, 400)
    if fault.kind == "unauthorized_expired":
        return answers.unauthorized(expired_detail(world.clock.now()))
    return answers.insufficient_scope() if fault.kind == "insufficient_scope" else None


def after(fault: Fault, response: Response) -> Response:
    """What becomes of an answer on its way back: lost, empty, or cut in the middle."""
    if fault.kind == "lost_reply":
        return answers.ClosedConnection()
    if fault.kind == "empty_body":
        return Response(b"", 200, media_type="application/json")
    if fault.kind == "malformed_json":
        return Response(bytes(response.body)[: len(response.body) // 2], 200, media_type="application/json")
    return response


def _take_away(world: World, request: Request, kind: str) -> None:
    """Ends the sign-in or the connection for good; the endpoint then refuses by itself."""
    if kind == "token_revoked":
        token = world.authority.access(request.headers.get("authorization", "").partition(" ")[2])
        if token is not None:
            token.grant.revoked = True
    elif kind == "organisation_gone":
        connection = world.authority.connection_of(request.headers.get("xero-tenant-id", "").lower())
        if connection is not None:
            del world.authority.connections[connection.id]


def _rate(world: World, request: Request, fault: Fault) -> Response:
    problem, spent, seconds = RATES[fault.kind]
    response = answers.too_many(problem, seconds if fault.value is None else int(fault.value))
    tenant = request.headers.get("xero-tenant-id", "").lower()
    for name, value in world.limiter.headers(tenant, world.clock.now()).items():
        response.headers[name] = "0" if name == spent else value
    return response
