"""Checks of the set-up; each says what to do when it fails. Xero is asked one thing: who it is."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path

from xerosync_tui.domain.connection import KarbonAccount
from xerosync_tui.engine import sessions
from xerosync_tui.errors import XeroSyncError
from xerosync_tui.program import Program, active, opened
from xerosync_tui.services import overview
from xerosync_tui.settings import Settings

_ROOM = 50 * 1024 * 1024
_CLOCK_MAY_DIFFER = 60  # seconds; tokens live 30 minutes, so a minute harms nothing


@dataclass(frozen=True, slots=True)
class Check:
    """One check: ``next_step`` is empty when it is well."""

    name: str
    well: bool
    detail: str
    next_step: str = ""


async def examine(settings: Settings) -> AsyncIterator[Check]:
    """Every check, in the order in which things depend on each other."""
    for check in _machine(settings):
        yield check
    try:
        async with opened(settings) as program:
            yield Check("database", True, f"{settings.database} opens and is current")
            async for check in _connection(program):
                yield check
            if account := await overview.account_in_use(program):
                yield await _karbon(program, account)
    except XeroSyncError as error:
        yield Check("database", False, error.what, error.next_step)


def _machine(settings: Settings) -> Iterator[Check]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Check(
        "python",
        sys.version_info >= (3, 11),
        f"Python {version}",
        "" if sys.version_info >= (3, 11) else "Use 3.11 or newer.",
    )
    for name, folder in (("config folder", settings.config_dir), ("data folder", settings.data_dir)):
        yield _folder(name, folder)
    yield _private("database file", settings.database)
    yield _private("key file", settings.key_file)
    yield _room(settings)
    yield _port(settings)
    yield _terminal()
    yield _clipboard()
    given = bool(settings.xero_client_id)
    yield Check(
        "Xero client id", given, "set" if given else "not set",
        "" if given else "Set XEROSYNC_XERO_CLIENT_ID, or xero_client_id in config.toml.",
    )  # fmt: skip


def _folder(name: str, folder: Path) -> Check:
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    if os.access(place, os.W_OK | os.X_OK):
        return Check(name, True, f"{folder}" + ("" if place == folder else " (made when needed)"))
    return Check(name, False, f"{folder} cannot be written", "Fix its owner or permissions, or set XEROSYNC_HOME.")


def _private(name: str, path: Path) -> Check:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return Check(name, True, f"{path} is made at first use")
    except OSError as error:
        return Check(name, False, f"{path}: {error.strerror}", "Fix its owner or permissions.")
    if mode & 0o077:
        return Check(name, False, f"{path} can be read by others ({mode:o})", f"Run: chmod 600 {path}")
    return Check(name, True, f"{path} is private")


def _room(settings: Settings) -> Check:
    place = settings.data_dir
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    well = free >= _ROOM
    return Check("disk", well, f"{free // 1024**2} MiB free", "" if well else "Make room on that disk.")


def _port(settings: Settings) -> Check:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", settings.redirect_port))
        except OSError:
            return Check(
                "redirect port", False, f"port {settings.redirect_port} is in use",
                "Close what uses it, or register another redirect URI and set XEROSYNC_REDIRECT_PORT.",
            )  # fmt: skip
    return Check("redirect port", True, f"{settings.redirect_uri} can be served")


def _terminal() -> Check:
    encoding = (sys.stdout.encoding or "").lower()
    if os.environ.get("TERM", "dumb") == "dumb" or not sys.stdout.isatty():
        return Check("terminal", True, "none here; every command works without one")
    if "utf" not in encoding:
        return Check(
            "terminal", False, f"its encoding is {encoding}", "Set a UTF-8 locale, for example LC_ALL=C.UTF-8."
        )
    return Check("terminal", True, f"{os.environ['TERM']}, {encoding}")


async def _connection(program: Program) -> AsyncIterator[Check]:
    """Whether the tokens open, the consent holds and Xero answers; and by its answer, whether our clock is right."""
    try:
        connection = await active(program)
        async with sessions.xero(program, connection) as session:
            reply = await session.get("/Organisation")
    except XeroSyncError as error:
        yield Check("connection", False, error.what, error.next_step)
        return
    yield Check("connection", True, f"{connection.organisation.name} answers")
    if date := reply.headers.get("date"):
        off = abs(program.now() - parsedate_to_datetime(date).timestamp())
        well = off <= _CLOCK_MAY_DIFFER
        detail = f"{off:.0f} s from Xero's"
        yield Check("clock", well, detail, "" if well else "Set this machine's clock, for example by NTP.")


async def _karbon(program: Program, account: KarbonAccount) -> Check:
    try:
        await sessions.look(program, account)
    except XeroSyncError as error:
        return Check("Karbon's API", False, error.what, error.next_step)
    return Check("Karbon's API", True, f"account {account.tenant_key} answers")


def _clipboard() -> Check:
    """OSC 52 gets no answer, so all that can be told is what is known to swallow it (tmux does by default)."""
    if os.environ.get("TMUX"):
        return Check("clipboard (OSC 52)", True, "inside tmux it needs: set -g set-clipboard on")
    return Check("clipboard (OSC 52)", True, "links can be sent to terminals that allow it")
