"""Opening an address: in a browser where the person would see one, else as a page to take it away from."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from xerosync_tui.tui import terminal

if TYPE_CHECKING:
    from xerosync_tui.tui.app import XeroSyncApp

StartBrowser = Callable[[str, Mapping[str, str]], bool]

# The address goes to the terminal inside escape sequences, so nothing in it may end one; it also has to fit the page.
_OPENABLE = re.compile(r"https?://[!-~]{1,1000}")
_TEXT_BROWSERS = ("browsh", "elinks", "links", "links2", "lynx", "w3m", "www-browser")
_PATIENCE = 2.0  # seconds; a browser that stays in the foreground has started by then

# Not webbrowser.open: when its first browser fails it goes on to the next, which may be a text browser.
_OPEN = """
import sys, webbrowser
address, *refused = sys.argv[1:]
browser = webbrowser.get()
sys.exit(browser.basename in refused or not browser.open(address))
"""


async def open_link(
    app: XeroSyncApp,
    address: str,
    title: str,
    environment: Mapping[str, str] = os.environ,
    start: StartBrowser | None = None,
    *,
    code: bool = True,
) -> None:
    """Open ``address`` in a browser, or show it; the person is told either way. May take two seconds.

    ``title`` says in words where it leads; ``code``: whether a phone may take it by its QR code. Over SSH and
    without a display nothing is started on this machine.
    """
    if not _OPENABLE.fullmatch(address):
        app.say("This address is not a plain web address, so it was not opened.", severity="warning")
    elif terminal.has_display(environment) and await asyncio.to_thread(start or start_browser, address, environment):
        app.say("Opened in your browser.")
    else:
        from xerosync_tui.tui.screens.link import LinkPage

        await app.push_screen(LinkPage(address, title, code=code))


def start_browser(address: str, environment: Mapping[str, str], patience: float = _PATIENCE) -> bool:
    """Whether a graphical browser took ``address``. Blocks until that is known, at most ``patience`` seconds.

    It is started from a process without a terminal: no text browser can take over ours, not even behind
    xdg-open, and no message of a browser lands between the screens.
    """
    command = [sys.executable, "-I", "-c", _OPEN, address, *_TEXT_BROWSERS]
    without_terminal = {name: value for name, value in environment.items() if name != "TERM"}
    try:
        process = subprocess.Popen(
            command,
            env=without_terminal,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        return process.wait(patience) == 0
    except subprocess.TimeoutExpired:
        return True
    except OSError:
        return False
