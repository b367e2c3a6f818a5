"""The token URL: exchange, refresh, revocation, lifetimes, errors (xero.md 1.1-1.3, 1.5, 1.6, 1.8)."""

import base64
import json

import httpx2
import pytest

from .client import JSON, Controls, Xero, refusals
from .rows import row
from .signin import CLIENT_ID, SCOPE, bearer, code, connections, exchange, refresh, sign_in

REVOKE = "/connect/revocation"


def revoke(http: httpx2.Client, token: JSON) -> httpx2.Response:
    """Answer to a revocation by a PKCE client, which has only its client id to show (xero.md 8.8)."""
    return http.post(REVOKE, data={"token": token["refresh_token"], "client_id": CLIENT_ID})


def claims(token: str) -> JSON:
    """The claims of a JWT, its signature not looked at."""
    payload = token.split(".")[1]
    read: JSON = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return read


def error(answer: httpx2.Response) -> str:
    """The OAuth error of a refusal by the token URL."""
    assert answer.status_code == 400, answer.text
    return str(answer.json()["error"])


def alive(http: httpx2.Client, token: JSON) -> bool:
    """Whether the access token is accepted."""
    return http.get("/connections", headers=bearer(token)).status_code == 200


@row(
    "1.1 token (code, refresh, client_credentials)",
    "1.3 token response keys",
    "1.3 exchange body",
    "1.2 client authentication at token URL",
    "1.6 access token",
)
def test_an_exchange_answers_with_a_token_set(http: httpx2.Client) -> None:
    token = sign_in(http, f"openid profile email {SCOPE}")
    assert token.keys() == {
        "access_token",
        "refresh_token",
        "id_token",
        "expires_in",
        "token_type",
        "scope",
    }
    assert (token["expires_in"], token["token_type"]) == (1800, "Bearer")
    assert set(token["scope"].split()) == {"openid", "profile", "email", *SCOPE.split()}


@row("1.5 offline_access", "1.5 openid profile email", "1.2 refresh token")
def test_a_refresh_token_needs_offline_access_and_an_id_token_openid(http: httpx2.Client) -> None:
    token = sign_in(http, "accounting.contacts")
    assert "refresh_token" not in token
    assert "id_token" not in token


@row("1.3 exchange body", "1.8 token URL 400")
@pytest.mark.parametrize(
    "changes",
    [
        {"code": "wrong"},
        {"code_verifier": "w" * 43},
        {"code_verifier": None},
        {"redirect_uri": "http://localhost:8743/callback"},
    ],
    ids=str,
)
def test_a_wrong_exchange_is_an_invalid_grant(http: httpx2.Client, changes: dict[str, str | None]) -> None:
    given = code(http)
    assert error(exchange(http, **({"code": given} | changes))) == "invalid_grant"  # type: ignore[arg-type]


@row("1.3 code lifetime", "1.8 token URL 400")
def test_a_code_works_once(http: httpx2.Client) -> None:
    given = code(http)
    assert exchange(http, given).status_code == 200
    assert error(exchange(http, given)) == "invalid_grant"


@row("1.3 code lifetime")
def test_a_code_lives_about_five_minutes(http: httpx2.Client, sandbox: Controls) -> None:
    young, old = code(http), code(http)
    sandbox.advance(minutes=4)
    assert exchange(http, young).status_code == 200
    sandbox.advance(minutes=4)
    assert error(exchange(http, old)) == "invalid_grant"


@row("1.8 token URL", "1.8 token URL #2")
def test_other_errors_of_the_token_url(http: httpx2.Client) -> None:
    given = code(http)
    assert exchange(http, given, client_id="NOBODY").json()["error"] == "invalid_client"
    assert error(exchange(http, given, grant_type="password")) == "unsupported_grant_type"
    assert error(exchange(http, given, grant_type="client_credentials")) in (
        "unauthorized_client",
        "unsupported_grant_type",
    )
    assert exchange(http, given).status_code == 200


@row("1.6 access token", "1.8 API 401")
def test_an_access_token_lives_30_minutes(xero: Xero, sandbox: Controls) -> None:
    sandbox.advance(minutes=29)
    assert xero.get().status_code == 200
    sandbox.advance(minutes=2)
    answer = xero.get()
    assert answer.status_code == 401
    body = answer.json()
    assert (body["Title"], body["Status"]) == ("Unauthorized", 401)
    assert (body["Type"], body["Extensions"]) == (None, {})
    assert body["Detail"].startswith("TokenExpired: token expired at ")
    assert body["Instance"]


@row("1.3 refresh body", "1.6 rotation")
def test_a_refresh_rotates_the_refresh_token(http: httpx2.Client, sandbox: Controls) -> None:
    token = sign_in(http)
    sandbox.advance(minutes=31)
    assert not alive(http, token)
    renewed = refresh(http, token["refresh_token"]).json()
    assert alive(http, renewed)
    assert renewed["refresh_token"] != token["refresh_token"]
    assert renewed["expires_in"] == 1800


@row("1.6 grace", "1.8 token URL 400")
def test_an_old_refresh_token_may_be_retried_for_30_minutes(http: httpx2.Client, sandbox: Controls) -> None:
    old = sign_in(http)["refresh_token"]
    refresh(http, old).raise_for_status()
    sandbox.advance(minutes=29)
    again = refresh(http, old)
    assert again.status_code == 200
    assert alive(http, again.json())
    sandbox.advance(minutes=2)
    assert error(refresh(http, old)) == "invalid_grant"


@row("1.6 refresh token")
def test_a_refresh_token_dies_after_60_days_unused(http: httpx2.Client, sandbox: Controls) -> None:
    token = sign_in(http)
    for _ in range(2):
        sandbox.advance(days=59)
        token = refresh(http, token["refresh_token"]).json()
    sandbox.advance(days=61)
    assert error(refresh(http, token["refresh_token"])) == "invalid_grant"


@row("1.6 one token set, many orgs", "1.2 organisations")
def test_one_token_set_reaches_every_organisation(xero: Xero, other: Xero) -> None:
    assert [one.get().status_code for one in (xero, other)] == [200, 200]


@row("1.6 access token is a JWT")
def test_the_access_token_is_a_jwt(http: httpx2.Client) -> None:
    token = sign_in(http)
    read = claims(token["access_token"])
    names = "nbf exp iss aud client_id sub auth_time xero_userid global_session_id jti scope"
    assert read.keys() >= {*names.split(), "authentication_event_id"}
    assert read["exp"] - read["nbf"] == 1800
    assert {one["authEventId"] for one in connections(http, token)} == {read["authentication_event_id"]}


@row("1.6 id_token claims seen")
def test_the_id_token_says_who_signed_in(http: httpx2.Client) -> None:
    read = claims(sign_in(http, "openid profile email")["id_token"])
    names = "iss email given_name family_name name xero_userid global_session_id"
    assert read.keys() >= set(names.split())


@row("1.1 revoke")
def test_revocation_ends_tokens_and_connections(http: httpx2.Client, sandbox: Controls) -> None:
    token = sign_in(http)
    assert revoke(http, token).status_code == 200
    assert not alive(http, token)
    assert error(refresh(http, token["refresh_token"])) == "invalid_grant"
    assert not any(one["connected"] for one in sandbox.state(contacts="0")["organisations"])


@row("1.5 accounting.contacts.read", "1.5 accounting.contacts", "1.8 API 401 #2", "3 401, 403")
def test_writing_needs_the_writing_scope(http: httpx2.Client) -> None:
    token = sign_in(http, "offline_access accounting.contacts.read")
    xero = Xero(http, token, connections(http, token)[0]["tenantId"])
    assert xero.get().status_code == 200
    answer = xero.put({"Name": "Read Only"})
    assert answer.status_code == 401
    assert answer.json()["Detail"] == "AuthorizationUnsuccessful"
    assert "insufficent_scope" in answer.headers["www-authenticate"]
    assert xero.page(where='Name=="Read Only"') == []


@row("1.5 accounting.settings.read")
@pytest.mark.parametrize(
    ("scope", "status"),
    [("accounting.contacts", 401), ("accounting.settings.read", 200), ("accounting.settings", 200)],
)
def test_the_organisation_needs_a_settings_scope(http: httpx2.Client, scope: str, status: int) -> None:
    token = sign_in(http, scope)
    xero = Xero(http, token, connections(http, token)[0]["tenantId"])
    assert xero.send("GET", "/Organisation").status_code == status


@row("1.5 scopes only grow: a later consent adds; narrowing needs a revoke and a new consent; a refresh never widens")
def test_scopes_only_grow(http: httpx2.Client) -> None:
    reading = sign_in(http, "offline_access accounting.contacts.read")
    wider = refresh(http, reading["refresh_token"], scope=SCOPE)
    assert wider.status_code != 200 or "accounting.contacts" not in wider.json()["scope"].split()
    later = sign_in(http, "offline_access accounting.settings.read")
    assert {"accounting.contacts.read", "accounting.settings.read"} <= set(later["scope"].split())
    revoke(http, later)
    narrow = sign_in(http, "offline_access accounting.settings.read")
    assert set(narrow["scope"].split()) == {"offline_access", "accounting.settings.read"}


@row("1.8 API 401", "3 401, 403")
@pytest.mark.parametrize("authorization", ["", "Bearer nonsense", "Basic YTpi"])
def test_a_call_without_a_good_token_is_401(xero: Xero, authorization: str) -> None:
    answer = xero.get(headers={"Authorization": authorization})
    assert answer.status_code == 401
    assert (answer.json()["Title"], answer.json()["Status"]) == ("Unauthorized", 401)


@row("1.8 API 403", "3 401, 403", "1.2 `xero-tenant-id`")
@pytest.mark.parametrize("tenant", ["", "00000000-0000-0000-0000-000000000000", "nonsense"])
def test_a_missing_or_wrong_tenant_is_403(xero: Xero, tenant: str) -> None:
    answer = xero.get(headers={"xero-tenant-id": tenant})
    assert answer.status_code == 403
    body = answer.json()
    assert (body["Title"], body["Status"], body["Detail"]) == ("Forbidden", 403, "AuthenticationUnsuccessful")


@row("1.8 API 401")
def test_writes_are_refused_before_they_are_applied(xero: Xero, sandbox: Controls) -> None:
    sandbox.advance(minutes=31)
    assert xero.put({"Name": "Too Late"}).status_code == 401
    stored = [one for each in sandbox.state()["organisations"] for one in each["contacts"]]
    assert "Too Late" not in {contact["Name"] for contact in stored}


@row("1.3 refresh body")
def test_a_refreshed_token_works_for_writes(http: httpx2.Client, xero: Xero) -> None:
    renewed = Xero(http, refresh(http, xero.token["refresh_token"]).json(), xero.tenant)
    renewed.create("After Refresh")
    assert refusals(renewed.put({"Name": "After Refresh"}))
