"""The redirect as it arrives or is pasted, and exactly what goes to the token endpoint."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs

import httpx2
import pytest

from xerosync_tui.errors import NotConnected, ReconnectNeeded, RemoteRefused, RemoteUnreachable
from xerosync_tui.remotes.http import ConnectionLost
from xerosync_tui.remotes.xero.oauth import Consent, Token, XeroOAuth, read_redirect
from xerosync_tui.settings import Settings, load_settings

CONSENT = Consent("https://login/", "http://localhost:8742/callback", "the-state", "the-verifier")
GOOD = "http://localhost:8742/callback?code=the-code&scope=a+b&state=the-state"
NOW = 1_000_000.0


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({"XEROSYNC_HOME": str(tmp_path), "XEROSYNC_XERO_CLIENT_ID": "THECLIENT"})


class Identity:
    """Xero's token endpoint: answers as told, remembers what came."""

    def __init__(self, settings: Settings, answer: httpx2.Response) -> None:
        self.requests: list[httpx2.Request] = []
        self.oauth = XeroOAuth(settings, lambda: NOW, httpx2.MockTransport(self.answer))
        self._answer = answer

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        return self._answer

    @property
    def form(self) -> dict[str, list[str]]:
        return parse_qs(self.requests[-1].content.decode(), keep_blank_values=True)


def tokens(**more: object) -> httpx2.Response:
    return httpx2.Response(200, json={"access_token": "A2", "refresh_token": "R2", "expires_in": 1800, **more})


@pytest.mark.parametrize(
    "pasted",
    [
        GOOD,
        f"  {GOOD}\n",
        f'"{GOOD}"',
        GOOD.replace("&", "\n&"),
        GOOD.removeprefix("http://"),
        GOOD.replace("localhost", "127.0.0.1"),
        f"{GOOD}#fragment",
    ],
)
def test_a_redirect_is_read_as_people_paste_it(pasted: str) -> None:
    assert read_redirect(pasted, CONSENT) == "the-code"


@pytest.mark.parametrize(
    ("pasted", "words"),
    [
        ("", "not the page"),
        ("hello", "not the page"),
        ("http://[", "not the page"),
        ("https://login.xero.com/identity/connect/authorize?code=x&state=the-state", "not the page"),
        ("http://localhost:8742/other?code=the-code&state=the-state", "not the page"),
        ("http://localhost:9999/callback?code=the-code&state=the-state", "not the page"),
        ("http://evil.example:8742/callback?code=the-code&state=the-state", "not the page"),
        (GOOD.replace("the-state", "another"), "another attempt"),
        ("http://localhost:8742/callback?code=the-code", "another attempt"),
        ("http://localhost:8742/callback?code=the-code&state=\udcff", "another attempt"),
        ("http://localhost:8742/callback?error=access_denied&state=the-state", "declined"),
        ("http://localhost:8742/callback?error=invalid_scope&state=the-state", "invalid_scope"),
        ("http://localhost:8742/callback?state=the-state", "no code"),
    ],
)
def test_what_is_no_answer_to_this_consent_is_one_clear_line(pasted: str, words: str) -> None:
    with pytest.raises(NotConnected, match=words) as raised:
        read_redirect(pasted, CONSENT)
    assert raised.value.exit_code == 4
    assert "\n" not in raised.value.what
    assert "the-code" not in f"{raised.value.what} {raised.value.next_step}"


async def test_the_exchange_sends_what_xero_wants(settings: Settings) -> None:
    identity = Identity(settings, tokens())
    token = await identity.oauth.exchange(CONSENT, GOOD)
    request = identity.requests[0]
    assert str(request.url) == "https://identity.xero.com/connect/token"
    assert identity.form == {
        "grant_type": ["authorization_code"],
        "client_id": ["THECLIENT"],
        "code": ["the-code"],
        "redirect_uri": ["http://localhost:8742/callback"],
        "code_verifier": ["the-verifier"],
    }
    assert "authorization" not in request.headers
    assert (token.access, token.refresh, token.expires_at) == ("A2", "R2", NOW + 1800)


async def test_a_refresh_sends_exactly_three_things(settings: Settings) -> None:
    identity = Identity(settings, tokens())
    token = await identity.oauth.refresh(Token("A1", "R1~+/=", 0))
    assert identity.form == {"grant_type": ["refresh_token"], "client_id": ["THECLIENT"], "refresh_token": ["R1~+/="]}
    assert "authorization" not in identity.requests[0].headers
    assert token.refresh == "R2"


async def test_a_revocation_names_the_refresh_token(settings: Settings) -> None:
    identity = Identity(settings, httpx2.Response(200))
    await identity.oauth.revoke(Token("A1", "R1", 0))
    assert str(identity.requests[0].url) == "https://identity.xero.com/connect/revocation"
    assert identity.form == {"token": ["R1"], "client_id": ["THECLIENT"]}


async def test_a_refused_revocation_is_told(settings: Settings) -> None:
    identity = Identity(settings, httpx2.Response(400, json={"error": "invalid_client"}))
    with pytest.raises(RemoteRefused):
        await identity.oauth.revoke(Token("A1", "R1", 0))


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx2.Response(400, json={"error": "invalid_grant"}), ReconnectNeeded),
        (httpx2.Response(400, json={"error": "invalid_client"}), RemoteRefused),
        (httpx2.Response(400, json={"error": "unauthorized_client"}), RemoteRefused),
        (httpx2.Response(400, text="bad"), RemoteRefused),
        (httpx2.Response(429), ConnectionLost),
        (httpx2.Response(500, text="oops"), ConnectionLost),
        (httpx2.Response(200), ConnectionLost),
        (httpx2.Response(200, text='{"access_to'), ConnectionLost),
        (httpx2.Response(200, json=["A2"]), RemoteUnreachable),
        (httpx2.Response(200, json={"access_token": None}), RemoteUnreachable),
        (httpx2.Response(200, html="<html>Sign in</html>"), RemoteUnreachable),
        (httpx2.Response(302, headers={"Location": "http://portal/"}), RemoteUnreachable),
    ],
)
async def test_what_the_token_endpoint_says_instead(
    settings: Settings, answer: httpx2.Response, error: type[Exception]
) -> None:
    with pytest.raises(error) as raised:
        await Identity(settings, answer).oauth.refresh(Token("A1", "R1-secret", 0))
    assert type(raised.value) is error
    assert "R1-secret" not in str(raised.value)


async def test_without_a_refresh_token_there_is_no_connection(settings: Settings) -> None:
    with pytest.raises(NotConnected, match="refresh token"):
        await Identity(settings, tokens(refresh_token=None)).oauth.exchange(CONSENT, GOOD)


@pytest.mark.parametrize(("expires_in", "lifetime"), [(600, 600), ("600", 600), (None, 1800)])
async def test_the_life_of_a_token_is_counted_by_our_clock(
    settings: Settings, expires_in: object, lifetime: int
) -> None:
    token = await Identity(settings, tokens(expires_in=expires_in)).oauth.refresh(Token("A1", "R1", 0))
    assert token.expires_at == NOW + lifetime


async def test_every_consent_has_secrets_of_its_own(settings: Settings) -> None:
    oauth = XeroOAuth(settings, lambda: NOW)
    one, two = await oauth.begin(), await oauth.begin()
    assert len({one.state, two.state, one.verifier, two.verifier}) == 4
    assert 43 <= len(one.verifier) <= 128


def test_what_is_secret_hides_itself() -> None:
    shown = repr(Token("access-text", "refresh-text", 0)) + repr(CONSENT) + str(CONSENT)
    assert not any(secret in shown for secret in ("access-text", "refresh-text", "the-state", "the-verifier"))
