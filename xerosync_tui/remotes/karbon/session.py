"""Requests to one Karbon account: both headers, the limit, and what Karbon says when it says no."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from xerosync_tui.errors import NotConnected, ReconnectNeeded, RemoteRefused, RemoteUnreachable
from xerosync_tui.hints import Do, Hint
from xerosync_tui.remotes import http
from xerosync_tui.remotes.http import Reply, Sleep, whole_number
from xerosync_tui.remotes.karbon.budget import LIMIT, Budget, OnWait

if TYPE_CHECKING:
    import httpx2

OnRefusal = Callable[[ReconnectNeeded], Awaitable[None]]

API_URL = "https://api.karbonhq.com"  # the one host, whatever the region (karbon.md 2.1)
FORBIDDEN = 403
LOST_RACE = 409  # code 4020 (karbon.md 2.7)
MISTAKE_OR_FAULT = 500  # code 5001: nobody can tell which (karbon.md 2.11)

_PATIENCE = 300  # seconds; a longer Retry-After is not waited out
_BUSY_TRIES = 8  # answers 429 in a row to one request before we give up
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_JWT = re.compile(r"eyJ[\w-]*(\.[\w-]+){2}")
_WHERE_FROM = "Both come from Karbon: Settings > Connected Apps > API Applications > the application."
_WHERE_TO = "Give the application this permission there; the API takes a Business or Enterprise plan."


@dataclass(frozen=True, slots=True)
class Credentials:
    """The token (a GUID) and the AccessKey (a JWT) of the API application (karbon.md 2.1); neither is ever shown."""

    token: str = field(repr=False)
    access_key: str = field(repr=False)

    def __post_init__(self) -> None:
        """Raises NotConnected for what cannot stand in a header; a library would quote it."""
        for name, value in (("token", self.token), ("access key", self.access_key)):
            if not value or not value.isascii() or not value.isprintable() or " " in value:
                raise NotConnected(f"The Karbon {name} is empty or holds what no {name} can hold", _WHERE_FROM)

    @property
    def look_swapped(self) -> bool:
        """Whether each has the form of the other: Karbon answers 401 then (karbon.md 2.1)."""
        return bool(_JWT.fullmatch(self.token) and _GUID.fullmatch(self.access_key))

    def headers(self) -> dict[str, str]:
        """What every request carries (karbon.md 2.1)."""
        return {"Authorization": f"Bearer {self.token}", "AccessKey": self.access_key}

    def hidden_in(self, text: str) -> str:
        """``text`` without either of the two."""
        return text.replace(self.token, "(hidden)").replace(self.access_key, "(hidden)")


class KarbonSession:
    """One account's Karbon. ``requests`` counts every request sent, ``writes`` those that may change something.

    ``now`` is in seconds since the epoch.

    ``on_wait(seconds left, reason)`` is called while a limit makes everybody wait, with 0 when that is over;
    ``on_refusal`` when Karbon refuses the keys. ``budget`` is shared by all sessions of the account here.
    """

    def __init__(
        self,
        client: httpx2.AsyncClient,
        credentials: Credentials,
        api_url: str = API_URL,
        *,
        now: Callable[[], float],
        sleep: Sleep,
        on_wait: OnWait | None = None,
        on_refusal: OnRefusal | None = None,
        budget: Budget | None = None,
    ) -> None:
        self.requests = 0
        self.writes = 0
        self._on_wait, self._on_refusal = on_wait, on_refusal
        self.api_url = api_url.rstrip("/")
        self._client, self._credentials, self._sleep = client, credentials, sleep
        self._budget = budget or Budget(now, sleep)

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> Reply:
        """The answer to GET ``path`` (from /v3 on, or a whole URL of this API): 200 with JSON.

        Waits out the limit and tries again what a read may. Raises ReconnectNeeded; RemoteRefused with
        ``status`` 400, 403, 404 ...; RemoteUnreachable.
        """
        url = path if path.startswith(f"{self.api_url}/") else f"{self.api_url}{path}"
        return await self._request("GET", url, params=params)

    async def send(self, method: str, path: str, document: object) -> Reply:
        """The answer to a POST, PUT or PATCH of ``document``, sent once: there is no key to repeat it under.

        (karbon.md 2.1, 2.13.) Raises what ``get`` raises; RemoteRefused with status 409 after a lost race
        (2.7) and with status 500 where the body says code 5001 (2.11); RemoteUnreachable when nobody knows
        what was done.
        """
        body = msgspec.json.encode(document)
        # Without Prefer a PATCH may answer without the record (karbon.md 2.7).
        headers = {"Content-Type": "application/json", "Prefer": "return=representation"}
        return await self._request(method, f"{self.api_url}{path}", headers=headers, content=body)

    async def _request(self, method: str, url: str, **request: Any) -> Reply:
        headers = {**self._credentials.headers(), **request.pop("headers", {})}

        async def once() -> Reply:
            return await self._exchange(method, url, headers=headers, **request)

        for busy in range(_BUSY_TRIES):
            reply = await (http.retried(once, self._sleep) if method == "GET" else once())
            if reply.status != 429:
                break
            self._yield_to_limit(reply, busy)
        else:
            raise RemoteUnreachable("Karbon stays busy (HTTP 429)", "Try again in a few minutes.")
        if reply.status >= 400:
            refusal = self._refusal(reply)
            if self._on_refusal and isinstance(refusal, ReconnectNeeded):
                await self._on_refusal(refusal)
            raise refusal
        return reply

    async def _exchange(self, method: str, url: str, **request: Any) -> Reply:
        """As ``http.exchange``, but for the 500 that a write gets for a mistake of ours (karbon.md 2.11)."""
        import httpx2

        await self._budget.turn(self._on_wait)
        self.requests += 1
        self.writes += method != "GET"
        try:
            response = await self._client.request(method, url, **request)
        except (httpx2.RequestError, httpx2.InvalidURL) as error:
            raise http.in_words(error, url) from None
        ours = method != "GET" and response.status_code == MISTAKE_OR_FAULT
        if not (ours and problem(response.content).code == "5001"):
            http.checked(response)
        return Reply(response.status_code, response.content, response.headers)

    def _yield_to_limit(self, reply: Reply, busy: int) -> None:
        """Ask everybody to wait: Retry-After at least, and longer each time (karbon.md 2.2)."""
        asked = whole_number(reply.headers.get("Retry-After")) or 0
        if asked > _PATIENCE:
            raise RemoteUnreachable(f"Karbon asks for a pause of {asked} seconds (HTTP 429)", "Try again after that.")
        self._budget.pause(float(max(asked, 2**busy)), LIMIT)

    def _refusal(self, reply: Reply) -> Exception:
        said = problem(reply.body)
        words = http.quoted(self._credentials.hidden_in(said.message))
        tail = f": {words}" if words else ""
        if reply.status == 401:
            return ReconnectNeeded(f"{self._unauthorized()} (HTTP 401){tail}", Hint(Do.NEW_KEYS))
        if reply.status == 403 and said.code != "4021":  # that one is about a RestrictionLevel (karbon.md 2.11)
            return RemoteRefused(
                f"Karbon does not allow this to the API application (HTTP 403){tail}", _WHERE_TO, status=403
            )
        what = "Karbon does not know what was asked for" if reply.status == 404 else "Karbon refused"
        return RemoteRefused(f"{what} (HTTP {reply.status}){tail}", status=reply.status)

    def _unauthorized(self) -> str:
        if self._credentials.look_swapped:
            return "The Karbon token and the access key are swapped"
        return "Karbon refuses the token or the access key"


@dataclass(frozen=True, slots=True)
class Problem:
    """What an error says, as far as it says it."""

    code: str = ""
    message: str = ""


def problem(body: bytes) -> Problem:
    """The error of a body: ``error.code``, or ``statusCode`` within it or at the top, or no JSON (karbon.md 2.11)."""
    try:
        said = msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError):
        return Problem()
    error = said.get("error", said) if isinstance(said, dict) else None
    if not isinstance(error, dict):
        return Problem()
    details = error.get("details")  # drawn as a list and as an object (karbon.md 2.11)
    more = details if isinstance(details, list) else [details]
    messages = [one.get("message") for one in (error, *more) if isinstance(one, dict)]
    code = error.get("code") or error.get("statusCode") or ""
    return Problem(str(code), "; ".join(dict.fromkeys(text for text in messages if isinstance(text, str) and text)))
