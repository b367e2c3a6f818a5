"""The terminal underneath: whether there is a usable one, and what happens when it or the process is told to go."""

from __future__ import annotations

import asyncio
import codecs
import io
import os
import select
import signal
import sys
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from xerosync_tui.domain.display import in_ascii
from xerosync_tui.errors import UsageError

if TYPE_CHECKING:
    from textual.app import App

_GRACE = 5.0  # seconds a shutdown may take before the process is ended all the same
_COERCED = frozenset({"C.UTF-8", "C.utf8", "UTF-8"})  # what Python sets for a locale C (PEP 538)
_LOOK = 1.0  # seconds between two looks at whether the terminal is still there


def require(environment: Mapping[str, str] = os.environ) -> None:
    """Raises UsageError unless standard input and output are a terminal that can be drawn on."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "The screens need a terminal, and this is none",
            "Every job has a command too: see `xerosync --help`.",
        )
    if environment.get("TERM", "dumb") in {"dumb", ""}:
        raise UsageError(
            f"The screens need a terminal that can be drawn on; TERM is {environment.get('TERM') or 'not set'}",
            "Set TERM, or use the commands: see `xerosync --help`.",
        )


def follow_locale(environment: Mapping[str, str] = os.environ) -> None:
    """Write ASCII alone, from here on, to where the screens are drawn, unless the locale is UTF-8.

    Python writes UTF-8 under ``LC_ALL=C`` too, and Textual never looks.
    """
    if not is_utf8(environment) and isinstance(sys.__stderr__, io.TextIOWrapper):
        codecs.register_error("stand-in", _stand_in)
        sys.__stderr__.reconfigure(encoding="ascii", errors="stand-in")


def is_ascii() -> bool:
    """Whether nothing but ASCII can be drawn."""
    return sys.__stderr__ is not None and sys.__stderr__.encoding == "ascii"


def is_utf8(environment: Mapping[str, str]) -> bool:
    """Whether the locale says so, or nothing at all."""
    ctype, lang = environment.get("LC_CTYPE", ""), environment.get("LANG", "")
    if ctype in _COERCED and lang in {"C", "POSIX"}:  # Python's doing: the terminal knows nothing of it
        ctype = ""
    locale = environment.get("LC_ALL") or ctype or lang
    return not locale or "utf8" in locale.casefold().replace("-", "")


def _stand_in(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    return in_ascii(error.object[error.start : error.end]), error.end


def over_ssh(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the person sits at another machine."""
    return bool(environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"))


def has_display(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a browser started here would be seen by the person."""
    if over_ssh(environment):
        return False
    return sys.platform in {"darwin", "win32"} or bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def guard(app: App[int]) -> None:
    """SIGHUP, SIGTERM and a terminal that has gone end ``app`` cleanly, with 129 and 143 (cli.md).

    Textual leaves all three to their defaults, and spins on a dead terminal when SIGHUP is ignored.
    """
    if not sys.__stdin__ or not sys.__stdin__.isatty() or app.is_headless:
        return
    loop = asyncio.get_running_loop()
    for name, code in ((signal.SIGHUP, 129), (signal.SIGTERM, 143)):
        if signal.getsignal(name) is not signal.SIG_IGN:
            loop.add_signal_handler(name, _end, app, code)

    def look() -> None:
        if _gone():
            _end(app, 129)

    app.set_interval(_LOOK, look)


def _gone() -> bool:
    """Whether the other side of the terminal has hung up."""
    poll = select.poll()
    poll.register(0, 0)  # a hang-up is always reported
    return any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in poll.poll(0))


def _end(app: App[int], code: int) -> None:
    watchdog = threading.Timer(_GRACE, os._exit, (code,))  # a write to a dead terminal may never return
    watchdog.daemon = True
    watchdog.start()
    app.exit(code, return_code=code)
