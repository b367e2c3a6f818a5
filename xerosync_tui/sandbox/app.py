"""The HTTP surface: one port, the real paths, the sandbox's controls beside them."""

import re
import sys
import traceback
from collections.abc import Awaitable, Callable
from email.utils import formatdate

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from xerosync_tui.sandbox import identity_http, mishaps
from xerosync_tui.sandbox.accounting import accounting
from xerosync_tui.sandbox.answers import ClosedConnection, Refusal, not_found
from xerosync_tui.sandbox.controls import control
from xerosync_tui.sandbox.faults import Fault, delay
from xerosync_tui.sandbox.karbon import mishaps as karbon_mishaps
from xerosync_tui.sandbox.karbon.api import karbon
from xerosync_tui.sandbox.pages import contact_page
from xerosync_tui.sandbox.world import World

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_LOOPBACK = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d+)?", re.IGNORECASE)

Plain = Callable[[World, Request], Awaitable[Response]]
Faulty = Callable[[World, Request, Fault | None], Awaitable[Response]]
Mishap = Callable[[World, Request, Fault], Awaitable[Response | None]]


def build_app(world: World) -> ASGIApp:
    """The application around `world`; answers to loopback names only."""
    routes = [
        Route(
            "/identity/connect/authorize", _observed(world, _plain(identity_http.authorize)), methods=["GET", "POST"]
        ),
        Route("/connect/token", _observed(world, _plain(identity_http.token)), methods=["POST"]),
        Route("/connect/revocation", _observed(world, _plain(identity_http.revocation)), methods=["POST"]),
        Route("/api.xro/2.0/{path:path}", _observed(world, accounting), methods=METHODS),
        Route("/app/{short_code}/contacts/contact/{contact_id}", _bound(world, _contact_page)),
        Route("/_sandbox/{name}", _bound(world, control), methods=["GET", "POST"]),
    ]
    for path in ("/connections", "/Connections"):
        routes += [
            Route(path, _observed(world, _plain(identity_http.connections)), methods=["GET"]),
            Route(path + "/{id}", _observed(world, _plain(identity_http.disconnect)), methods=["DELETE"]),
        ]
    if world.options.karbon:
        endpoint = _observed(world, karbon, karbon_mishaps.before)
        gzip = Middleware(GZipMiddleware, compresslevel=1)
        routes.append(Route("/v3/{path:path}", endpoint, methods=METHODS, middleware=[gzip]))
    return _LoopbackOnly(Starlette(routes=routes, exception_handlers={Exception: _bug}))


class _LoopbackOnly:
    """Refuses a request that names another host: a web page cannot reach the sandbox by DNS rebinding."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = dict(scope.get("headers", [])).get(b"host", b"").decode("latin-1")
        answer = self.app if _LOOPBACK.fullmatch(host) else PlainTextResponse("Misdirected Request", 421)
        await answer(scope, receive, send)


def _observed(
    world: World, endpoint: Faulty, mishap: Mishap = mishaps.before
) -> Callable[[Request], Awaitable[Response]]:
    """`endpoint`, recorded, and with the fault that is planned for the request, as `mishap` answers it."""

    async def handle(request: Request) -> Response:
        entry = world.record.open(request)
        fault = world.faults.take(request.method, request.url.path, request.query_params)
        try:
            response = await mishap(world, request, fault) if fault is not None else None
            if response is None:
                response = await endpoint(world, request, fault)
        except Refusal as refusal:
            response = refusal.response
        if fault is not None:
            response = mishaps.after(fault, response)
        response.headers["Date"] = formatdate(world.clock.now(), usegmt=True)
        entry.status = None if isinstance(response, ClosedConnection) else response.status_code
        return response

    return handle


def _plain(endpoint: Plain) -> Faulty:
    async def handle(world: World, request: Request, fault: Fault | None) -> Response:
        await delay(fault)
        return await endpoint(world, request)

    return handle


def _bound(world: World, endpoint: Plain) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        return await endpoint(world, request)

    return handle


async def _contact_page(world: World, request: Request) -> Response:
    for organisation in world.organisations.values():
        contact = organisation.contacts.get(request.path_params["contact_id"].lower())
        if contact is not None and organisation.short_code == request.path_params["short_code"]:
            return HTMLResponse(contact_page(organisation, contact))
    return not_found()


async def _bug(request: Request, error: Exception) -> Response:
    """A fault of the sandbox itself: loud, so that no test takes it for one of Xero's."""
    traceback.print_exception(error, file=sys.stderr)
    return PlainTextResponse(f"the sandbox itself failed: {error!r}", 500)
