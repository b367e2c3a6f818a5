"""The sandbox's OAuth flow, walked as a browser and a PKCE client would (xero.md 1.3)."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx2

CLIENT_ID = "SANDBOXCLIENTID0000000000000000AB"
REDIRECT = "http://localhost:8742/callback"
SCOPE = "offline_access accounting.contacts accounting.settings.read"
AUTHORIZE, TOKEN = "/identity/connect/authorize", "/connect/token"
VERIFIER = secrets.token_urlsafe(48)


@dataclass
class ConsentPage(HTMLParser):
    """The authorisation page's form: hidden fields, the tenants it offers, the decisions it offers."""

    html: str
    method: str = ""
    action: str = ""
    hidden: dict[str, str] = field(default_factory=dict)
    tenants: list[str] = field(default_factory=list)
    decisions: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collects what a browser would send."""
        at = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.method, self.action = at.get("method", "get"), at.get("action", "")
        elif at.get("name") == "tenant":
            self.tenants.append(at["value"])
        elif at.get("name") == "decision":
            self.decisions.append(at["value"])
        elif at.get("type") == "hidden":
            self.hidden[at["name"]] = at.get("value", "")


def challenge(verifier: str) -> str:
    """The S256 challenge of a verifier: base64url of its SHA-256, without padding."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def authorize(http: httpx2.Client, **changes: str | None) -> httpx2.Response:
    """Answer to a good authorisation request with some parameters changed (None: left out)."""
    parameters: dict[str, str | None] = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": REDIRECT,
        "scope": SCOPE,
        "state": "some-state",
        "code_challenge": challenge(VERIFIER),
        "code_challenge_method": "S256",
    }
    merged = {key: value for key, value in (parameters | changes).items() if value is not None}
    return http.get(AUTHORIZE, params=merged)


def decide(
    http: httpx2.Client, page: httpx2.Response, decision: str = "allow", tenants: list[str] | None = None
) -> httpx2.Response:
    """Answer to the page's form, with all its organisations ticked unless told otherwise."""
    form = ConsentPage(page.text)
    form_data = {**form.hidden, "decision": decision, "tenant": form.tenants if tenants is None else tenants}
    return http.post(page.url.join(form.action or AUTHORIZE), data=form_data)


def redirect(response: httpx2.Response) -> dict[str, str]:
    """The query that the browser takes back to the app's listener."""
    assert response.status_code == 302, response.text
    return dict(httpx2.URL(response.headers["location"]).params)


def code(http: httpx2.Client, tenants: list[str] | None = None, **changes: str | None) -> str:
    """A fresh authorisation code, consent given on the page."""
    return redirect(decide(http, authorize(http, **changes), tenants=tenants))["code"]


def exchange(http: httpx2.Client, code: str, **changes: str | None) -> httpx2.Response:
    """Answer of the token URL to a good exchange with some parameters changed (None: left out)."""
    form: dict[str, str | None] = {
        "grant_type": "authorization_code",
        "client_id": CLIENT_ID,
        "code": code,
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
    }
    return http.post(TOKEN, data={key: value for key, value in (form | changes).items() if value is not None})


def refresh(http: httpx2.Client, refresh_token: str, **changes: str) -> httpx2.Response:
    """Answer of the token URL to a refresh."""
    form = {"grant_type": "refresh_token", "client_id": CLIENT_ID, "refresh_token": refresh_token}
    return http.post(TOKEN, data=form | changes)


def sign_in(http: httpx2.Client, scope: str = SCOPE, tenants: list[str] | None = None) -> dict[str, Any]:
    """A token set, obtained by consent on the page and exchange of the code."""
    response = exchange(http, code(http, tenants, scope=scope))
    assert response.status_code == 200, response.text
    token: dict[str, Any] = response.json()
    return token


def bearer(token: dict[str, Any]) -> dict[str, str]:
    """The header that carries the access token."""
    return {"Authorization": f"Bearer {token['access_token']}", "Accept": "application/json"}


def connections(http: httpx2.Client, token: dict[str, Any]) -> list[dict[str, Any]]:
    """The connections of a token set."""
    response = http.get("/connections", headers=bearer(token))
    assert response.status_code == 200, response.text
    listed: list[dict[str, Any]] = response.json()
    return listed
