"""The keeper of the token set: valid, renewed once at a time on this machine, durable before it is used (P15).

Xero gives a new refresh token with every renewal and forgets the old one, except that for 30 minutes it may be
used again if the answer was lost (xero.md 1.6). So the old one is kept, with the time of the first attempt, until
the new one is stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout
from peewee import SqliteDatabase

from xerosync_tui.errors import LockHeld, MachineError, NotConnected, ReconnectNeeded
from xerosync_tui.hints import Do, Hint
from xerosync_tui.remotes.http import ConnectionLost, Sleep
from xerosync_tui.remotes.xero.oauth import Token, XeroOAuth
from xerosync_tui.store.database import Store
from xerosync_tui.store.vault import Vault

ACTIVE = "xero.token"  # the vault's name for the token set of the active connection
PENDING = "xero.token.pending"  # of a consent whose organisation is not chosen yet
_LEEWAY = 60.0  # seconds before its end from which a token counts as expired
_GRACE = 1800.0  # seconds a spent refresh token may be used again (xero.md 1.6)
_PAUSES = (1.0, 2.0, 4.0)  # between the tries of a renewal whose answer is lost
_LOCK_STEP = 0.1
_LOCK_TRIES = 1800  # three minutes: longer than all tries of another process together


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the vault holds; ``renewing_since`` (seconds since the epoch): a renewal was sent, its answer not stored."""

    token: Token
    renewing_since: float | None = None


def save(db: SqliteDatabase, vault: Vault, name: str, token: Token, now_ms: int) -> None:
    """Keep a token set; to be run in the store."""
    _put(db, vault, name, _Kept(token), now_ms)


def promote(db: SqliteDatabase, vault: Vault, now_ms: int) -> None:
    """Let the pending token set, if there is one, be the active one; to be run in the store."""
    if (text := vault.get(db, PENDING)) is not None:
        vault.put(db, ACTIVE, text, now_ms)
        vault.forget(db, PENDING)


class TokenKeeper:
    """Gives the token set kept under ``name``. ``now`` is in seconds since the epoch."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        oauth: XeroOAuth,
        *,
        now: Callable[[], float],
        sleep: Sleep,
        name: str = ACTIVE,
    ) -> None:
        self._store, self._vault, self._oauth, self._name = store, vault, oauth, name
        self._now, self._sleep = now, sleep
        self._one = asyncio.Lock()
        self._token: Token | None = None

    async def valid(self) -> Token:
        """A token set that should be accepted, renewed if its time is up.

        Raises NotConnected when none is kept; ReconnectNeeded, RemoteRefused, RemoteUnreachable, LockHeld,
        MachineError when it cannot be renewed.
        """
        token = self._token or (await self._load()).token
        if self._expired(token):
            token = await self.renewed(token)
        self._token = token
        return token

    async def renewed(self, refused: Token) -> Token:
        """A newer token set than ``refused``: renewed, unless somebody was quicker. Raises as ``valid``."""
        async with self._one, self._only_process():
            kept = await self._load()
            if kept.token.access == refused.access or self._expired(kept.token):
                kept = _Kept(await self._renew(kept))
            self._token = kept.token
            return kept.token

    def _expired(self, token: Token) -> bool:
        return token.expires_at - _LEEWAY <= self._now()

    async def _renew(self, kept: _Kept) -> Token:
        began = self._now() if kept.renewing_since is None else kept.renewing_since
        await self._keep(replace(kept, renewing_since=began))
        try:
            token = await self._tried(kept.token)
        except ReconnectNeeded:
            if self._now() - began > _GRACE:
                raise _out_of_grace(began) from None
            raise
        await self._keep(_Kept(token))
        return token

    async def _tried(self, token: Token) -> Token:
        for pause in _PAUSES:
            try:
                return await self._oauth.refresh(token)
            except ConnectionLost:
                await self._sleep(pause)
        return await self._oauth.refresh(token)

    async def _load(self) -> _Kept:
        text = await self._store.run(self._vault.get, self._name)
        if text is None:
            raise NotConnected("Xero is not connected: no consent is kept", Hint(Do.CONNECT))
        return msgspec.json.decode(text, type=_Kept)

    async def _keep(self, kept: _Kept) -> None:
        await self._store.run(_put, self._vault, self._name, kept, int(self._now() * 1000))

    @asynccontextmanager
    async def _only_process(self) -> AsyncIterator[None]:
        """Hold the lock of this machine. Polled, so that neither the event loop nor a thread hangs in it."""
        path = token_lock(self._store.path)
        lock = FileLock(path, mode=0o600)
        for _ in range(_LOCK_TRIES):
            try:
                lock.acquire(blocking=False)
                break
            except Timeout:
                await self._sleep(_LOCK_STEP)
            except OSError as error:
                raise MachineError(f"Cannot lock {path}: {error.strerror}", "Fix its permissions.") from error
        else:
            raise LockHeld("Another process has been renewing Xero's token for minutes", "End it or wait.")
        try:
            yield
        finally:
            lock.release()


def token_lock(database: Path) -> Path:
    """The lock file that lets one process at a time renew the token set."""
    return database.with_name(f"{database.name}.token.lock")


def _put(db: SqliteDatabase, vault: Vault, name: str, kept: _Kept, now_ms: int) -> None:
    vault.put(db, name, msgspec.json.encode(kept).decode(), now_ms)


def _out_of_grace(began: float) -> ReconnectNeeded:
    when = datetime.fromtimestamp(began, UTC)
    return ReconnectNeeded(
        f"The token renewal begun at {when:%Y-%m-%d %H:%M} UTC got no answer, "
        "and the 30 minutes in which Xero lets it be repeated are over",
        Hint(Do.RECONNECT),
    )
