"""The authorisation request and the consent page (xero.md 1.1-1.5)."""

import httpx2
import pytest

from .client import Controls
from .rows import row
from .signin import (
    AUTHORIZE,
    REDIRECT,
    SCOPE,
    ConsentPage,
    authorize,
    challenge,
    code,
    connections,
    decide,
    exchange,
    redirect,
    sign_in,
)


def refused(answer: httpx2.Response) -> str:
    """The text of the error page that the browser is left with; never a redirect."""
    assert answer.status_code == 500, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert "location" not in answer.headers
    assert "Error code: 500" in answer.text
    return answer.text


@row("1.1 authorise (browser)", "1.3 authorise parameters", "1.4 what Xero's own tools do")
def test_the_page_asks_and_sends_the_browser_back(http: httpx2.Client) -> None:
    page = authorize(http)
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    form = ConsentPage(page.text)
    assert (form.method.upper(), sorted(form.decisions)) == ("POST", ["allow", "deny"])
    assert len(form.tenants) >= 2
    answer = decide(http, page)
    assert answer.headers["location"].startswith(f"{REDIRECT}?")
    back = redirect(answer)
    assert (back["state"], back["scope"]) == ("some-state", SCOPE)
    assert back["code"]


@row("1.3 authorise parameters")
@pytest.mark.parametrize("state", ["a b&c=d", "äöü", "/+%20=="])
def test_the_state_comes_back_unchanged(http: httpx2.Client, state: str) -> None:
    assert redirect(decide(http, authorize(http, state=state)))["state"] == state


@row("1.3 authorise parameters")
def test_declining_sends_an_error_back(http: httpx2.Client) -> None:
    back = redirect(decide(http, authorize(http), "deny"))
    assert (back["error"], back["state"]) == ("access_denied", "some-state")
    assert "code" not in back


@row("1.3 authorise parameters")
def test_auto_answers_at_once_with_all_organisations(http: httpx2.Client) -> None:
    answer = authorize(http, auto="1")
    token = exchange(http, redirect(answer)["code"]).json()
    offered = ConsentPage(authorize(http).text).tenants
    assert {one["tenantId"] for one in connections(http, token)} >= set(offered)


@row("1.3 authorise parameters")
def test_auto_can_be_told_to_decline(http: httpx2.Client, sandbox: Controls) -> None:
    http.post("/_sandbox/authorize-next", json={"decision": "deny"}).raise_for_status()
    assert redirect(authorize(http, auto="1"))["error"] == "access_denied"
    assert "code" in redirect(authorize(http, auto="1"))


@row("1.3 authorise parameters")
@pytest.mark.parametrize(
    "changes",
    [
        {"response_type": "token"},
        {"response_type": None},
        {"code_challenge": None},
        {"code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"scope": None},
    ],
    ids=str,
)
def test_a_wrong_request_is_an_error_page(http: httpx2.Client, changes: dict[str, str | None]) -> None:
    refused(authorize(http, **changes))


@row("1.4 a wrong redirect_uri, scope or client_id", "1.4 matching")
@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost:8742/callback/",
        "http://localhost:9999/callback",
        "http://localhost/callback",
        "http://localhost:8742/Callback",
        "http://localhost:8742/callback?x=1",
        None,
    ],
)
def test_a_redirect_uri_must_match_to_the_byte(http: httpx2.Client, uri: str | None) -> None:
    text = refused(authorize(http, redirect_uri=uri))
    assert "unauthorized_client" in text
    assert "Invalid redirect_uri" in text


@row("1.4 `http://127.0.0.1:port`", "1.4 scheme", "1.4 custom schemes (myapp://)", "1.4 wildcard")
@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:8742/callback",
        "http://[::1]:8742/callback",
        "http://example.com/callback",
        "myapp://callback",
        "http://localhost:*/callback",
    ],
)
def test_some_uris_cannot_be_registered(http: httpx2.Client, uri: str) -> None:
    http.post("/_sandbox/app", json={"redirect_uris": [uri]})
    refused(authorize(http, redirect_uri=uri))


@row("1.4 matching")
def test_another_port_must_be_registered(http: httpx2.Client) -> None:
    uri = "http://localhost:51234/callback"
    refused(authorize(http, redirect_uri=uri))
    http.post("/_sandbox/app", json={"redirect_uris": [uri]}).raise_for_status()
    answer = decide(http, authorize(http, redirect_uri=uri))
    assert answer.headers["location"].startswith(f"{uri}?")


@row("1.4 a wrong redirect_uri, scope or client_id")
def test_a_wrong_client_id_or_scope_is_an_error_page(http: httpx2.Client) -> None:
    refused(authorize(http, client_id="NOBODY"))
    refused(authorize(http, scope="offline_access accounting.nonsense"))


@row("1.4 consent page")
def test_the_page_must_not_be_framed(http: httpx2.Client) -> None:
    headers = authorize(http).headers
    framing = headers.get("x-frame-options", "") + headers.get("content-security-policy", "")
    assert "DENY" in framing.upper() or "FRAME-ANCESTORS 'NONE'" in framing.upper()


@row("1.5 asking a new app for a retired broad scope fails with `invalid_scope`")
@pytest.mark.parametrize("scope", ["accounting.transactions", "accounting.reports.read"])
def test_retired_scopes_are_refused(http: httpx2.Client, scope: str) -> None:
    assert "invalid_scope" in refused(authorize(http, scope=f"offline_access {scope}"))


@row(
    "1.5 `accounting.transactions` -> accounting.invoices, .payments, .banktransactions, .manualjournals "
    "(each with `.read`); `accounting.reports.read` -> one scope per report",
    "1.5 `accounting.contacts`, `accounting.contacts.read`, `accounting.settings(.read)`, "
    "`accounting.attachments(.read)` are unchanged",
    "1.5 accounting.attachments(.read)",
    "1.5 openid profile email",
)
@pytest.mark.parametrize(
    "scope",
    [
        "openid profile email",
        "accounting.contacts accounting.contacts.read",
        "accounting.settings accounting.settings.read",
        "accounting.attachments accounting.attachments.read",
        "accounting.invoices accounting.invoices.read accounting.payments accounting.payments.read",
        "accounting.banktransactions accounting.banktransactions.read",
        "accounting.manualjournals accounting.manualjournals.read",
    ],
)
def test_todays_scopes_are_granted(http: httpx2.Client, scope: str) -> None:
    assert set(sign_in(http, scope)["scope"].split()) == set(scope.split())


@row("1.3 code_verifier")
@pytest.mark.parametrize("verifier", ["v" * 43, "-._~" * 32])
def test_a_verifier_has_43_to_128_characters(http: httpx2.Client, verifier: str) -> None:
    given = code(http, code_challenge=challenge(verifier))
    assert exchange(http, given, code_verifier=verifier).status_code == 200


@row("1.3 code_verifier", "1.8 token URL 400")
@pytest.mark.parametrize("verifier", ["v" * 42, "v" * 129, "v" * 42 + "!"])
def test_a_verifier_outside_its_grammar_is_refused(http: httpx2.Client, verifier: str) -> None:
    given = code(http, code_challenge=challenge(verifier))
    assert exchange(http, given, code_verifier=verifier).status_code == 400


def test_the_page_escapes_what_the_request_says(http: httpx2.Client) -> None:
    assert "<script>" not in authorize(http, state="<script>", scope="<script>").text
    assert "<script>" not in http.get(AUTHORIZE, params={"client_id": "<script>"}).text
