"""The shapes of Xero's refusals (xero.md 1.8, 2.6 and 3), and a connection that ends without an answer."""

import uuid
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from xerosync_tui.sandbox.render import xml_exception

VALIDATION = (10, "ValidationException", "A validation exception occurred")


class Refusal(Exception):
    """Raised to answer a request at once with `response`."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


class ClosedConnection(Response):
    """Closes the TCP connection without a byte; the transport is put in the scope by the server."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["transport"].close()
        while (await receive())["type"] != "http.disconnect":
            pass


def gateway(status: int, title: str, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """A 401 or 403 of the gateway: always JSON, PascalCase keys (xero.md 1.8)."""
    body: dict[str, Any] = {
        "Type": None,
        "Title": title,
        "Status": status,
        "Detail": detail,
        "Instance": str(uuid.uuid4()),
        "Extensions": {},
    }
    return JSONResponse(body, status, headers)


def unauthorized(detail: str = "AuthenticationUnsuccessful") -> JSONResponse:
    return gateway(401, "Unauthorized", detail)


def insufficient_scope() -> JSONResponse:
    """Xero's own spelling of the error (xero.md 1.8)."""
    headers = {"WWW-Authenticate": 'Bearer error="insufficent_scope"'}
    return gateway(401, "Unauthorized", "AuthorizationUnsuccessful", headers)


def forbidden() -> JSONResponse:
    return gateway(403, "Forbidden", "AuthenticationUnsuccessful")


def not_found() -> HTMLResponse:
    """404: text/html, empty body (xero.md 2.6)."""
    return HTMLResponse("", 404)


def too_many(problem: str, retry_after: int | None) -> Response:
    """429: empty body, no content type (xero.md 2.6)."""
    headers = {"X-Rate-Limit-Problem": problem}
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return Response(None, 429, headers)


def bare(status: int, style: str) -> Response:
    """412, 500, 501: nobody knows the body, so a switch chooses it (xero.md 8.7)."""
    if style == "json":
        return JSONResponse({"Title": "An error occurred", "Detail": None, "Type": None}, status)
    return HTMLResponse("<html><body>An error occurred</body></html>" if style == "html" else "", status)


def api_exception(
    request: Request, number: int, kind: str, message: str, elements: list[dict[str, Any]] | None = None
) -> Response:
    """400 of the accounting API, in the language the client reads (xero.md 3)."""
    body: dict[str, Any] = {"ErrorNumber": number, "Type": kind, "Message": message}
    if elements is not None:
        body["Elements"] = elements
    if wants_json(request):
        return JSONResponse(body, 400)
    return Response(xml_exception(body), 400, media_type="text/xml")


def wants_json(request: Request) -> bool:
    """XML is what a client gets that does not ask for JSON (xero.md 2)."""
    return "json" in request.headers.get("accept", "")
