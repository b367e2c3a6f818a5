"""HTTP as both remotes use it: one client, one kind of answer, transport trouble told in words.

Nothing secret can leave this module: what a library says about a failed request is never quoted (h11 names
the offending header, value and all), and what a remote says is cleaned first.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from xerosync_tui import __version__
from xerosync_tui.errors import MachineError, RemoteUnreachable

if TYPE_CHECKING:
    import httpx2

Sleep = Callable[[float], Awaitable[None]]

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 30.0
_PAUSES = (1.0, 2.0)  # seconds between the tries of a read
_SERVER_TROUBLE = frozenset({500, 502, 503, 504})
_LONGEST_QUOTE = 300
_SECRET = re.compile(
    r"(?i)\bbearer\s+\S+|\beyJ[\w-]+\.[\w.-]+|\b(code|access_token|refresh_token|code_verifier)=[^&\s]+"
)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: HTTP status, body, headers (their names in any case)."""

    status: int
    body: bytes
    headers: Mapping[str, str]


class ConnectionLost(RemoteUnreachable):
    """Raised when the answer was lost or the server stumbled: the request may have been applied all the same."""


def client_options(transport: httpx2.AsyncBaseTransport | None = None) -> dict[str, Any]:
    """Arguments for an httpx2.AsyncClient (authlib's is one too). The environment's proxy settings apply."""
    import httpx2

    return {
        "timeout": httpx2.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
        "follow_redirects": False,
        "transport": transport,
        "verify": _trust(),
        # The Accounting API answers XML unless asked otherwise (xero.md 2).
        "headers": {"User-Agent": f"xerosync/{__version__}", "Accept": "application/json"},
    }


@cache
def _trust() -> ssl.SSLContext:
    """The machine's certificates, or SSL_CERT_FILE's; reading them takes longer than many a request."""
    import httpx2

    return httpx2.create_ssl_context()


def new_client(transport: httpx2.AsyncBaseTransport | None = None) -> httpx2.AsyncClient:
    """A client; the caller closes it."""
    import httpx2

    with set_up_in_words():
        return httpx2.AsyncClient(**client_options(transport))


@contextmanager
def set_up_in_words() -> Iterator[None]:
    """Around the making of a client: what this machine's proxy and certificate settings do wrong, as MachineError."""
    try:
        yield
    except (ImportError, OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise MachineError(
            f"This machine's proxy or certificate settings cannot be used ({quoted(str(error))})",
            "Look at HTTPS_PROXY, ALL_PROXY and SSL_CERT_FILE.",
        ) from None


async def exchange(client: httpx2.AsyncClient, method: str, url: str, **request: Any) -> Reply:
    """What the remote answered, once; any status that only the remote itself can have sent.

    ``request``: as httpx2 takes it (params, headers, auth). Raises RemoteUnreachable; its subclass
    ConnectionLost where another try may help.
    """
    import httpx2

    try:
        response = await client.request(method, url, **request)
    except (httpx2.RequestError, httpx2.InvalidURL) as error:
        raise in_words(error, url) from None
    checked(response, json_due=method != "DELETE")
    return Reply(response.status_code, response.content, response.headers)


async def retried(attempt: Callable[[], Awaitable[Reply]], sleep: Sleep) -> Reply:
    """What ``attempt`` returns; after ConnectionLost it is tried again, three times in all.

    For reads, and writes that carry a key: any other would be applied twice.
    """
    for pause in _PAUSES:
        try:
            return await attempt()
        except ConnectionLost:
            await sleep(pause)
    return await attempt()


def checked(response: httpx2.Response, *, json_due: bool = True) -> httpx2.Response:
    """The response, if the remote itself sent it, and sent all of it. Raises RemoteUnreachable."""
    status, body, host = response.status_code, response.content, host_of(str(response.request.url))
    if status in _SERVER_TROUBLE:
        raise ConnectionLost(f"{host} is in trouble (HTTP {status})", "Try again in a few minutes.")
    if _is_page(body) or status in {407, 511} or (300 <= status < 400 and status != 304):
        raise RemoteUnreachable(
            f"Something between this machine and {host} answered in its place (HTTP {status}, not the API)",
            "Check the proxy or the network's sign-in page, then try again.",
        )
    if status == 200 and json_due and not _is_json(body):
        what = "was cut off" if body else "was empty"
        raise ConnectionLost(f"The answer of {host} {what}", "Try again in a few minutes.")
    return response


def _is_page(body: bytes) -> bool:
    return body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype html", b"<html"))


def _is_json(body: bytes) -> bool:
    try:
        msgspec.json.decode(body, type=msgspec.Raw)  # skips through without building anything
    except (msgspec.MsgspecError, RecursionError):
        return False
    return True


def host_of(url: str) -> str:
    """Host and port of a URL, as an admin knows it."""
    return urlsplit(url).netloc.rpartition("@")[2]


def quoted(text: str) -> str:
    """What a remote said, fit for one line: no control characters, nothing like a token, not endless."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    masked = _SECRET.sub("(hidden)", plain)
    return masked if len(masked) <= _LONGEST_QUOTE else masked[: _LONGEST_QUOTE - 1] + "…"


def whole_number(text: str | None) -> int | None:
    """The number in a header, or None where there is none or something else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def in_words(error: Exception, url: str) -> RemoteUnreachable:
    """What went wrong on the way to ``url``, without quoting the library. ConnectionLost if it may pass."""
    import httpx2

    host = host_of(url)
    causes = list(_causes(error))
    if tls := next((cause for cause in causes if isinstance(cause, ssl.SSLError)), None):
        return _tls_trouble(tls, host)
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return ConnectionLost(f"The name {host} is not found (DNS)", "Check the network and the name.")
    if isinstance(error, httpx2.ProxyError):
        return RemoteUnreachable(f"The proxy does not let {host} through", "Check the HTTPS_PROXY setting.")
    if isinstance(error, httpx2.ConnectTimeout):
        return ConnectionLost(f"{host} does not answer (time-out)", "Check the network and the firewall.")
    if isinstance(error, httpx2.TimeoutException):
        return ConnectionLost(f"{host} did not answer in {ANSWER_SECONDS:.0f} seconds", "Try again later.")
    if isinstance(error, httpx2.ConnectError):
        refused = any(isinstance(cause, ConnectionRefusedError) for cause in causes)
        how = "refuses the connection" if refused else "cannot be reached"
        return ConnectionLost(f"{host} {how}", "Check the network, then try again.")
    if isinstance(error, httpx2.NetworkError | httpx2.RemoteProtocolError | httpx2.DecodingError):
        return ConnectionLost(f"The connection to {host} broke off", "Try again in a few minutes.")
    return RemoteUnreachable(f"No request to {host} is possible ({type(error).__name__})", "Check its URL.")


def _tls_trouble(error: ssl.SSLError, host: str) -> RemoteUnreachable:
    if isinstance(error, ssl.SSLCertVerificationError):
        return RemoteUnreachable(
            f"The certificate of {host} is not trusted ({quoted(error.verify_message)})",
            "Check this machine's clock; where a proxy inspects TLS, set SSL_CERT_FILE to its certificates.",
        )
    return RemoteUnreachable(
        f"{host} does not speak TLS as it should", "Check the URL and whether a proxy stands in between."
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and all that led to it; anyio groups one per address it tried."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for one in error.exceptions:
                yield from _causes(one)
        error = error.__cause__ or error.__context__
