"""The identity service over HTTP: the authorisation page, tokens, revocation, connections (xero.md 1)."""

from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from xerosync_tui.sandbox.accounting import bearer
from xerosync_tui.sandbox.answers import not_found
from xerosync_tui.sandbox.authority import AuthorisationError, Authority, TokenError
from xerosync_tui.sandbox.pages import consent_page, error_page
from xerosync_tui.sandbox.tokens import AuthorisationRequest
from xerosync_tui.sandbox.world import World


async def authorize(world: World, request: Request) -> Response:
    """GET shows the page (or answers at once with auto=1), POST is the user's decision."""
    authority = world.authority
    try:
        if request.method == "POST":
            return _decide(authority, parse_qsl((await request.body()).decode()))
        request_id = authority.begin(request.query_params)
        if request.query_params.get("auto") == "1":
            return _decide_at_once(authority, request_id)
        return _page(authority, request_id)
    except AuthorisationError as error:
        return HTMLResponse(error_page(str(error)), 500)


def _page(authority: Authority, request_id: str, note: str = "") -> Response:
    waiting = authority.waiting(request_id)
    page = consent_page(request_id, waiting, authority.tenants.values(), note)
    return HTMLResponse(page, headers={"X-Frame-Options": "DENY"})  # consent must not be framed (xero.md 1.4)


def _decide(authority: Authority, form: list[tuple[str, str]]) -> Response:
    fields = dict(form)
    tenant_ids = [value for name, value in form if name == "tenant" and value in authority.tenants]
    request_id = fields.get("request", "")
    if fields.get("decision") == "deny":
        return _denied(authority, request_id)
    if fields.get("decision") != "allow" or not tenant_ids:
        return _page(authority, request_id, "Choose at least one organisation.")
    return _allowed(authority, request_id, tenant_ids)


def _decide_at_once(authority: Authority, request_id: str) -> Response:
    decision, tenant_ids = authority.next_decision or ("allow", [])
    authority.next_decision = None
    if decision == "deny":
        return _denied(authority, request_id)
    return _allowed(authority, request_id, tenant_ids or authority.tenants)


def _allowed(authority: Authority, request_id: str, tenant_ids: Iterable[str]) -> Response:
    request, code, grant = authority.allow(request_id, tenant_ids)
    return _redirect(request, {"code": code, "scope": " ".join(grant.scopes)})


def _denied(authority: Authority, request_id: str) -> Response:
    return _redirect(authority.deny(request_id), {"error": "access_denied"})


def _redirect(request: AuthorisationRequest, answer: dict[str, str]) -> Response:
    if request.state is not None:
        answer["state"] = request.state
    parts = urlsplit(request.redirect_uri)
    query = "&".join(part for part in (parts.query, urlencode(answer)) if part)
    return RedirectResponse(urlunsplit(parts._replace(query=query)), 302)


async def token(world: World, request: Request) -> Response:
    """POST /connect/token. A PKCE client has no secret: client_id in the form, no Authorization (xero.md 1.2)."""
    try:
        form = await _client_form(world, request)
        grant_type = form.get("grant_type")
        if grant_type == "authorization_code":
            answer = world.authority.exchange(form)
        elif grant_type == "refresh_token":
            answer = world.authority.refresh(form)
        else:
            known = grant_type == "client_credentials"
            raise TokenError("unauthorized_client" if known else "unsupported_grant_type")
    except TokenError as error:
        return JSONResponse({"error": str(error)}, 400)
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})


async def revocation(world: World, request: Request) -> Response:
    """POST /connect/revocation: 200 without a body, for an unknown token too."""
    try:
        form = await _client_form(world, request)
    except TokenError as error:
        return JSONResponse({"error": str(error)}, 400)
    world.authority.revoke(form.get("token", ""))
    return Response(None, 200)


async def _client_form(world: World, request: Request) -> dict[str, str]:
    body = await request.body()
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise TokenError("invalid_request")
    form = dict(parse_qsl(body.decode("latin-1")))
    if "authorization" in request.headers or form.get("client_id") != world.authority.client_id:
        raise TokenError("invalid_client")
    return form


async def connections(world: World, request: Request) -> Response:
    """GET /connections: the user's connections to the app, or those of one consent with authEventId."""
    bearer(world, request)
    event_id = request.query_params.get("authEventId")
    found = world.authority.connections.values()
    return JSONResponse([item.view() for item in found if event_id in (None, item.event_id)])


async def disconnect(world: World, request: Request) -> Response:
    """DELETE /connections/{id}: 204, or 404 for an unknown id (a tenant's id is one)."""
    bearer(world, request)
    gone = world.authority.connections.pop(request.path_params["id"], None)
    return not_found() if gone is None else Response(None, 204)
