"""The consent in the browser, and what the token endpoint gives for it (xero.md 1.1-1.8).

Nothing here is kept: ``tokens`` stores what comes out. What is secret hides itself from ``repr``, since a
traceback prints the variables it meets.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from xerosync_tui.errors import NotConnected, ReconnectNeeded, RemoteRefused, RemoteUnreachable
from xerosync_tui.hints import Do, Hint
from xerosync_tui.remotes import http
from xerosync_tui.settings import LOOPBACK, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx2

SCOPES = ("offline_access", "accounting.contacts", "accounting.settings.read")
_LIFETIME = 1800  # seconds an access token lives if the answer does not say (xero.md 1.6)
_AGAIN = Hint(Do.CONNECT_AGAIN)


@dataclass(frozen=True, slots=True)
class Token:
    """A token set: one for all organisations of a consent. ``expires_at`` is in seconds since the epoch."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: float

    def sign(self, request: httpx2.Request) -> httpx2.Request:
        """The request with its Authorization header; given as ``auth``, so that no frame holds the text."""
        request.headers["Authorization"] = f"Bearer {self.access}"
        return request


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent that was begun: the page a person must open, and what the redirect will be checked against."""

    url: str = field(repr=False)
    redirect_uri: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)


class XeroOAuth:
    """Xero's authorisation server, for an app without a secret (PKCE). ``now`` is in seconds since the epoch."""

    def __init__(
        self, settings: Settings, now: Callable[[], float], transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        self._settings, self._now, self._transport = settings, now, transport
        self._token_url = f"{settings.xero_identity_url}/connect/token"

    async def begin(self) -> Consent:
        """A new consent; nothing is sent."""
        verifier = secrets.token_urlsafe(48)
        async with self._client() as client:
            url, state = client.create_authorization_url(
                f"{self._settings.xero_login_url}/identity/connect/authorize",
                redirect_uri=self._settings.redirect_uri,
                scope=" ".join(SCOPES),
                state=secrets.token_urlsafe(32),
                code_verifier=verifier,
            )
        return Consent(url, self._settings.redirect_uri, state, verifier)

    async def exchange(self, consent: Consent, redirect_url: str) -> Token:
        """The token set for the code in ``redirect_url``. A code works once, for about five minutes.

        Raises NotConnected when the URL is not the answer to this consent, says no, or its code is worthless;
        RemoteRefused, RemoteUnreachable.
        """
        code, asked_at = read_redirect(redirect_url, consent), self._now()
        used = NotConnected("Xero does not accept this code: it was used or is too old", _AGAIN)
        with _refusals(self._token_url, used):
            async with self._client() as client:
                answer = await client.fetch_token(
                    self._token_url,
                    grant_type="authorization_code",
                    code=code,
                    redirect_uri=consent.redirect_uri,
                    code_verifier=consent.verifier,
                )
        token = _token(answer, asked_at)
        if not token.refresh:
            raise NotConnected("Xero gave no refresh token", "Consent again and grant offline access.")
        return token

    async def refresh(self, token: Token) -> Token:
        """A new token set for an old one; the old refresh token is spent with it (xero.md 1.6).

        The body is exactly grant_type, refresh_token and client_id (xero.md 1.3): no scope, so none is given to
        the client. Raises ReconnectNeeded when Xero no longer accepts the grant; ConnectionLost when it may
        have been renewed but the answer was lost; RemoteRefused, RemoteUnreachable.
        """
        asked_at = self._now()
        gone = ReconnectNeeded(
            "Xero no longer accepts the consent: it was revoked, or not used for 60 days",
            Hint(Do.RECONNECT),
        )
        with _refusals(self._token_url, gone):
            async with self._client() as client:
                return _token(await client.refresh_token(self._token_url, token.refresh), asked_at)

    async def revoke(self, token: Token) -> None:
        """End the whole consent: the tokens, and every connection of that user to the app (xero.md 1.1).

        Raises RemoteRefused, RemoteUnreachable.
        """
        url = f"{self._settings.xero_identity_url}/connect/revocation"
        async with self._client() as client:
            with _refusals(url):
                response = await client.revoke_token(url, token.refresh)
        http.checked(response, json_due=False)
        if response.status_code != 200:
            raise RemoteRefused("Xero did not revoke the consent", status=response.status_code)

    def _client(self) -> Any:
        from authlib.integrations.httpx_client import AsyncOAuth2Client

        with http.set_up_in_words():
            client = AsyncOAuth2Client(
                self._settings.xero_client_id,
                code_challenge_method="S256",
                **http.client_options(self._transport),
            )
        # authlib would read an error page as a token answer, or raise in its own words.
        for answer in ("access_token_response", "refresh_token_response"):
            client.register_compliance_hook(answer, http.checked)
        return client


def read_redirect(text: str, consent: Consent) -> str:
    """The code in a redirect URL, also as a person pastes it (wrapped, quoted, without http://).

    Raises NotConnected for another page, another attempt's state, a declined consent, no code.
    """
    url = "".join(text.split()).strip("\"'<>")
    if "://" not in url:
        url = f"http://{url}"
    if not is_redirect(url, consent.redirect_uri):
        raise NotConnected(
            "That is not the page Xero sent the browser to",
            f"Paste the whole address; it starts with {consent.redirect_uri}?",
        )
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    if not secrets.compare_digest(query.get("state", "").encode(errors="replace"), consent.state.encode()):
        raise NotConnected("That address belongs to another attempt to connect (wrong state)", _AGAIN)
    if error := query.get("error"):
        said = "The consent was declined in Xero"
        if error != "access_denied":
            said = f"Xero refused the consent ({http.quoted(error)})"
        raise NotConnected(said, _AGAIN)
    if not query.get("code"):
        raise NotConnected("That address carries no code", "Paste the whole address, to its very end.")
    return query["code"]


def is_redirect(url: str, redirect_uri: str) -> bool:
    """Whether ``url`` is a page of our redirect, under any of loopback's names."""
    try:
        given, ours = urlsplit(url), urlsplit(redirect_uri)
        same_place = (given.scheme, given.port, given.path) == (ours.scheme, ours.port, ours.path)
    except ValueError:
        return False
    return same_place and given.hostname in LOOPBACK


def _token(answer: Any, asked_at: float) -> Token:
    """The token set in an answer; its life is counted from when we asked, by our clock."""
    access, refresh = answer.get("access_token"), answer.get("refresh_token") or ""
    if not isinstance(access, str) or not isinstance(refresh, str) or not access:
        raise RemoteUnreachable("Xero's answer holds no token", "Try again in a few minutes.")
    lifetime = http.whole_number(str(answer.get("expires_in", "")))
    return Token(access, refresh, asked_at + (_LIFETIME if lifetime is None else lifetime))


@contextmanager
def _refusals(url: str, worthless: NotConnected | None = None) -> Iterator[None]:
    """Turn what authlib and httpx2 raise into our words; ``worthless`` is what invalid_grant means here.

    Never chained: the library's exceptions hold the request, and the request holds the secrets.
    """
    import httpx2
    from authlib.integrations.base_client import OAuthError

    try:
        yield
    except OAuthError as error:
        if error.error == "invalid_grant" and worthless:
            raise worthless from None
        raise RemoteRefused(
            f"Xero refused to give a token ({http.quoted(str(error.error))})",
            "Check the client id (XEROSYNC_XERO_CLIENT_ID) and the app's settings at developer.xero.com.",
            status=400,
        ) from None
    except httpx2.HTTPStatusError as error:
        raise _refused_or_busy(error.response) from None
    except httpx2.RequestError as error:
        raise http.in_words(error, url) from None
    except ValueError:
        raise RemoteUnreachable("Xero's token answer is not one", "Try again in a few minutes.") from None


def _refused_or_busy(response: httpx2.Response) -> RemoteRefused | RemoteUnreachable:
    status = response.status_code
    if status == 429:
        return http.ConnectionLost("Xero is busy (HTTP 429 for a token)", "Try again in a minute.")
    return RemoteRefused(f"Xero refused to give a token (HTTP {status})", "Try again later.", status=status)
