"""Requests to Xero for one organisation: the token, the limits, and what Xero says when it says no."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from xerosync_tui.domain.connection import Organisation
from xerosync_tui.errors import QuotaUsedUp, ReconnectNeeded, RemoteRefused, RemoteUnreachable
from xerosync_tui.hints import Do, Hint
from xerosync_tui.remotes import http
from xerosync_tui.remotes.http import Reply, Sleep, whole_number
from xerosync_tui.remotes.xero.quota import OnWait, Quota, Turns
from xerosync_tui.remotes.xero.tokens import TokenKeeper

if TYPE_CHECKING:
    import httpx2

__all__ = ["Quota", "Reply", "Tenant", "XeroSession"]

T = TypeVar("T")
OnReconnect = Callable[[ReconnectNeeded], Awaitable[None]]

_PATIENCE = 300  # seconds; Retry-After beyond it is a day's limit, whatever it is called
_BUSY_TRIES = 8  # answers 429 in a row to one request before we give up
_NARROW = ("insufficent_scope", "insufficient_scope")  # Xero's spelling first (xero.md 1.8)
_RECONNECT = Hint(Do.RECONNECT)


class Tenant(msgspec.Struct, frozen=True, rename="camel"):
    """An element of /connections (xero.md 1.7). ``id`` is the connection's, which disconnecting takes."""

    id: str
    tenant_id: str
    tenant_type: str
    tenant_name: str | None = None

    @property
    def is_organisation(self) -> bool:
        """Whether it has contacts to sync; a practice has not."""
        return self.tenant_type == "ORGANISATION"


class _OrganisationDetails(msgspec.Struct, rename="pascal"):
    name: str
    short_code: str | None = None
    country_code: str | None = None


class _Organisations(msgspec.Struct, rename="pascal"):
    organisations: list[_OrganisationDetails]


class XeroSession:
    """One organisation's Xero. ``requests`` counts every request sent; ``now`` is in seconds since the epoch.

    ``on_wait(seconds left, reason)`` is called while a limit makes everybody wait, with 0 when that is over;
    ``on_reconnect`` before a ReconnectNeeded goes out.
    """

    def __init__(
        self,
        client: httpx2.AsyncClient,
        keeper: TokenKeeper,
        api_url: str,
        organisation: Organisation | None = None,
        *,
        now: Callable[[], float],
        sleep: Sleep,
        on_wait: OnWait | None = None,
        on_reconnect: OnReconnect | None = None,
    ) -> None:
        self.requests = 0
        self._client, self._keeper, self._api_url = client, keeper, api_url
        self._organisation = organisation
        self._now, self._sleep, self._on_reconnect = now, sleep, on_reconnect
        self._turns = Turns(now, sleep, on_wait)

    @property
    def quota(self) -> Quota:
        """What is left of the limits, as Xero last said."""
        return self._turns.quota

    async def get(
        self, path: str, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """The answer to GET /api.xro/2.0``path``: 200 with JSON, or 304 without a body.

        Waits out the minute limit and tries again what a read may (xero.md 3, 4). Raises ReconnectNeeded;
        QuotaUsedUp with the day's limit; RemoteRefused with ``status`` 400, 403, 404 ...; RemoteUnreachable,
        also for 5xx: nobody knows what was done.
        """
        return await self._request("GET", f"/api.xro/2.0{path}", self._organisation, params, headers)

    async def send(self, method: str, path: str, params: Mapping[str, str], document: object, request: str) -> Reply:
        """The answer to a POST or PUT of ``document``, sent under the Idempotency-Key ``request``.

        Within minutes Xero does nothing twice under one key (xero.md 3), so a lost answer is asked for again.
        Raises what ``get`` raises; RemoteUnreachable when nobody knows what was done.
        """
        headers = {"Idempotency-Key": request, "Content-Type": "application/json"}
        body = msgspec.json.encode(document)
        return await self._request(method, f"/api.xro/2.0{path}", self._organisation, params, headers, body)

    async def tenants(self) -> list[Tenant]:
        """All that this user has connected to the app, practices too. Raises what ``get`` raises."""
        reply = await self._request("GET", "/connections")
        return _decoded(reply, list[Tenant])

    async def connections(self) -> list[Organisation]:
        """The organisations this user has connected to the app. Raises what ``get`` raises."""
        return [_organisation(tenant) for tenant in await self.tenants() if tenant.is_organisation]

    async def organisation(self, of: Organisation) -> Organisation:
        """``of`` with its name, ShortCode and CountryCode (xero.md 7). Raises what ``get`` raises."""
        found = _decoded(await self._request("GET", "/api.xro/2.0/Organisation", of), _Organisations)
        if not found.organisations:
            raise RemoteUnreachable("Xero's answer names no organisation", "Try again in a minute.")
        it = found.organisations[0]
        return Organisation(of.id, it.name, of.connection_id, it.short_code or "", it.country_code or "")

    async def remove_connection(self, connection_id: str) -> None:
        """Disconnect one organisation; one that is gone already is fine. Raises what ``get`` raises."""
        try:
            await self._request("DELETE", f"/connections/{connection_id}")
        except RemoteRefused as error:
            if error.status != 404:
                raise

    async def _request(
        self,
        method: str,
        path: str,
        organisation: Organisation | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Reply:
        sent = dict(headers or {})
        if organisation:
            sent["xero-tenant-id"] = organisation.id
        try:
            reply = await self._authorised(method, path, params=params, headers=sent, content=body)
            if reply.status == 403 and organisation and await self._is_gone(organisation):
                raise ReconnectNeeded(
                    f"The organisation {organisation.name} is no longer connected in Xero", _RECONNECT
                )
        except ReconnectNeeded as error:
            if self._on_reconnect:
                await self._on_reconnect(error)
            raise
        if reply.status >= 400:
            raise RemoteRefused(_refusal(reply), status=reply.status)
        return reply

    async def _is_gone(self, organisation: Organisation) -> bool:
        """Token and connection are separate things: the one may live while the other is gone (xero.md 1.7)."""
        return organisation.id not in {one.tenant_id for one in await self.tenants()}

    async def _authorised(self, method: str, path: str, **request: Any) -> Reply:
        token = await self._keeper.valid()
        for again in (True, False):
            reply = await self._within_limits(method, path, auth=token.sign, **request)
            if reply.status != 401:
                return reply
            if _lacks_scope(reply):
                raise ReconnectNeeded("The consent does not allow what XeroSync needs (scope)", _RECONNECT)
            if again:
                token = await self._keeper.renewed(token)
        raise ReconnectNeeded("Xero refuses the consent, also with a new token", _RECONNECT)

    async def _within_limits(self, method: str, path: str, **request: Any) -> Reply:
        async def once() -> Reply:
            async with self._turns:
                self.requests += 1
                reply = await http.exchange(self._client, method, f"{self._api_url}{path}", **request)
                self._turns.learn(reply.headers)
            return reply

        for busy in range(_BUSY_TRIES):
            safe = method == "GET" or "Idempotency-Key" in request["headers"]
            reply = await (http.retried(once, self._sleep) if safe else once())
            if reply.status != 429:
                return reply
            self._yield_to_limit(reply, busy)
        raise RemoteUnreachable("Xero stays busy (HTTP 429)", "Try again in a few minutes.")

    def _yield_to_limit(self, reply: Reply, busy: int) -> None:
        """Ask everybody to wait; raises QuotaUsedUp where that would take hours (xero.md 4)."""
        problem = http.quoted(reply.headers.get("X-Rate-Limit-Problem", "")).casefold()
        seconds = whole_number(reply.headers.get("Retry-After"))
        if problem == "day" or (seconds or 0) > _PATIENCE:
            until = None if seconds is None else self._at(seconds)
            when = f" until {until:%Y-%m-%d %H:%M} UTC" if until else ""
            raise QuotaUsedUp(
                f"Xero's day limit for this organisation is used up{when}",
                "It goes on then; nothing is lost.",
                until=until,
            )
        if seconds is None:  # not promised for the concurrent limit
            seconds = min(2**busy, 8)
        self._turns.pause(float(max(seconds, 1)), f"{problem} limit".strip())

    def _at(self, seconds: int) -> datetime:
        return datetime.fromtimestamp(self._now(), UTC) + timedelta(seconds=seconds)


def _organisation(tenant: Tenant) -> Organisation:
    return Organisation(tenant.tenant_id, tenant.tenant_name or tenant.tenant_id, tenant.id)


def _lacks_scope(reply: Reply) -> bool:
    said = f"{reply.headers.get('WWW-Authenticate', '')} {reply.body[:2000].decode(errors='replace')}"
    return any(word in said.casefold() for word in _NARROW)


class _Message(msgspec.Struct, rename="pascal"):
    message: str = ""


class _RefusedElement(msgspec.Struct, rename="pascal"):
    validation_errors: list[_Message] | None = None


class _Refusal(msgspec.Struct, rename="pascal"):
    message: str | None = None
    detail: str | None = None
    elements: list[_RefusedElement] | None = None


def _refusal(reply: Reply) -> str:
    """Xero's own words, as far as it found any: the elements' messages say more than the general one."""
    try:
        said = msgspec.json.decode(reply.body, type=_Refusal)
    except msgspec.MsgspecError:
        said = _Refusal()
    messages = [error.message for element in said.elements or () for error in element.validation_errors or ()]
    words = "; ".join(dict.fromkeys(messages)) or said.message or said.detail or ""
    what = "Xero does not know what was asked for" if reply.status == 404 else "Xero refused"
    return f"{what} (HTTP {reply.status})" + (f": {http.quoted(words)}" if words else "")


def _decoded(reply: Reply, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(reply.body, type=kind)
    except msgspec.MsgspecError:
        raise RemoteUnreachable("Xero's answer is not what it should be", "Try again in a minute.") from None
