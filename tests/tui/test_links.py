"""An address is opened where the person sees it, or shown to be taken away; nothing else is ever done with it."""

from __future__ import annotations

import base64
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import pytest
import segno
from rich.color_triplet import ColorTriplet
from textual.app import App
from textual.geometry import Region
from textual.widget import Widget
from textual.widgets import Static

import xerosync_tui
from xerosync_tui.tui.links import open_link, start_browser
from xerosync_tui.tui.screens.link import AddressPage, LinkPage, qr_code

if TYPE_CHECKING:
    from xerosync_tui.tui.app import XeroSyncApp

ADDRESS = "https://go.xero.com/app/!abc12/contacts/contact/bd2270c3-8706-4c11-9cfb-000b551c3f51"
LONGER = "https://app.karbonhq.com/" + "x" * 100
PATIENCE = 20  # seconds until a screen that does not come fails its test
MODULES = {" ": "00", "▄": "01", "▀": "10", "█": "11"}


class TinyApp(App[None]):
    """What opening an address needs of the real one."""

    CSS_PATH = Path(xerosync_tui.__file__).parent / "tui" / "app.tcss"

    def __init__(self) -> None:
        super().__init__()
        self.said: list[tuple[str, str]] = []

    def say(self, message: str, *, severity: Literal["information", "warning", "error"] = "information") -> None:
        self.said.append((message, severity))
        self.notify(message, severity=severity, markup=False)


class Browser:
    """Stands where the machine's browser is started."""

    def __init__(self, works: bool) -> None:
        self.works = works
        self.opened: list[str] = []

    def __call__(self, address: str, environment: Mapping[str, str]) -> bool:
        self.opened.append(address)
        return self.works


async def opening(app: TinyApp, address: str, environment: Mapping[str, str], browser: Browser) -> None:
    await open_link(cast("XeroSyncApp", app), address, "Bayside Club in Xero", environment, browser)


def drawn(widget: Widget) -> list[str]:
    return [widget.render_line(line).text for line in range(widget.size.height)]


# Where it is opened


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://",
        "javascript:alert(1)",
        "file:///etc/passwd",
        " https://go.xero.com/",
        "https://go.xero.com/a b",
        "https://go.xero.com/a\n",
        "https://go.xero.com/\x1b]52;c;QUJD\x07",
        "https://go.xero.com/\x9b2J",
        "https://go.xero.com/caf\u00e9",
        "https://go.xero.com/\u202e",
        "https://go.xero.com/" + "a" * 1000,
    ],
)
async def test_what_is_no_plain_web_address_goes_nowhere(address: str) -> None:
    app, browser = TinyApp(), Browser(works=True)
    async with app.run_test():
        for environment in ({"DISPLAY": ":0"}, {"SSH_TTY": "/dev/pts/1"}):
            await opening(app, address, environment, browser)
            assert not isinstance(app.screen, LinkPage)
        assert [severity for _, severity in app.said] == ["warning", "warning"]
        assert not browser.opened
        assert not app.clipboard


@pytest.mark.parametrize(
    "environment",
    [{"SSH_CONNECTION": "10.0.0.1 5000 10.0.0.2 22", "DISPLAY": ":10"}, {"SSH_TTY": "/dev/pts/1", "DISPLAY": ":10"}],
)
async def test_over_ssh_nothing_is_started(environment: dict[str, str]) -> None:
    app, browser = TinyApp(), Browser(works=True)
    async with app.run_test():
        await opening(app, ADDRESS, environment, browser)
        assert isinstance(app.screen, LinkPage)
        assert not browser.opened


@pytest.mark.skipif(sys.platform == "darwin", reason="a Mac always has a display")
async def test_without_a_display_nothing_is_started() -> None:
    app, browser = TinyApp(), Browser(works=True)
    async with app.run_test():
        await opening(app, ADDRESS, {"TERM": "xterm"}, browser)
        assert isinstance(app.screen, LinkPage)
        assert not browser.opened


async def test_with_a_display_the_browser_opens_it_and_that_is_said() -> None:
    app, browser = TinyApp(), Browser(works=True)
    async with app.run_test():
        await opening(app, ADDRESS, {"WAYLAND_DISPLAY": "wayland-0"}, browser)
        assert browser.opened == [ADDRESS]
        assert app.said == [("Opened in your browser.", "information")]
        assert not isinstance(app.screen, LinkPage)


async def test_a_browser_that_does_not_start_leaves_the_page() -> None:
    app, browser = TinyApp(), Browser(works=False)
    async with app.run_test():
        await opening(app, ADDRESS, {"DISPLAY": ":0"}, browser)
        assert browser.opened == [ADDRESS]
        assert not app.said
        assert isinstance(app.screen, LinkPage)


# The browser of this machine


def browser_script(folder: Path, name: str, does: str) -> Path:
    script = folder / name
    script.write_text(f"#!/bin/sh\n{does}\n")
    script.chmod(0o755)
    return script


def machine(browser: Path | str) -> dict[str, str]:
    return {"BROWSER": str(browser), "DISPLAY": ":0", "PATH": "/usr/bin:/bin", "TERM": "xterm"}


def test_the_browser_gets_the_address_as_it_is(tmp_path: Path) -> None:
    script = browser_script(tmp_path, "graphical", f'printf "%s|%s" "$1" "$TERM" > {tmp_path}/opened')
    address = "https://go.xero.com/app/!a'$(id)\"/contacts?x=1&y=%s;"
    assert start_browser(address, machine(script))
    assert (tmp_path / "opened").read_text() == f"{address}|"


@pytest.mark.parametrize("name", ["lynx", "links", "elinks", "w3m", "www-browser", "browsh"])
@pytest.mark.parametrize("arguments", ["", " %s"])
def test_a_text_browser_is_refused(tmp_path: Path, name: str, arguments: str) -> None:
    script = browser_script(tmp_path, name, f"touch {tmp_path}/started")
    assert not start_browser(ADDRESS, machine(f"{script}{arguments}"))
    assert not (tmp_path / "started").exists()


def test_a_browser_that_fails_is_not_followed_by_another(tmp_path: Path) -> None:
    fails = browser_script(tmp_path, "fails", "exit 1")
    other = browser_script(tmp_path, "other", f"touch {tmp_path}/started")
    assert not start_browser(ADDRESS, machine(f"{fails}{os.pathsep}{other}"))
    assert not (tmp_path / "started").exists()


def test_a_browser_that_stays_in_the_foreground_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "window")
    script = browser_script(tmp_path, "foreground", f"read closed < {tmp_path}/window")
    assert start_browser(ADDRESS, machine(script), patience=0.3)
    (tmp_path / "window").write_text("closed")


def test_no_browser_at_all(tmp_path: Path) -> None:
    assert not start_browser(ADDRESS, {"DISPLAY": ":0", "PATH": str(tmp_path), "TERM": "xterm"})


# The page


@pytest.mark.parametrize("address", [ADDRESS, LONGER])
async def test_the_page_has_all_of_it_at_80x24(address: str) -> None:
    app = TinyApp()
    async with app.run_test(size=(80, 24)) as pilot:
        page = LinkPage(address, "Bayside Club in Xero", encoding="utf-8")
        await app.push_screen(page)
        await pilot.pause()
        assert str(page.query_one("#box").border_title) == "Bayside Club in Xero"
        assert "".join(line.strip() for line in drawn(page.query_one("#address"))) == address
        for widget in page.query(Static):
            if widget.display:
                assert Region(0, 0, 80, 24).contains_region(widget.region), widget
        assert page.query_one("#code").display
        assert page.query_one("#box").max_scroll_y == 0
        assert app.clipboard == address
        await pilot.press("escape")
        assert app.screen is not page


async def test_the_code_is_dark_on_light_and_says_the_address() -> None:
    app = TinyApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.theme = "textual-dark"
        await app.push_screen(LinkPage(ADDRESS, "", encoding="utf-8"))
        await pilot.pause()
        code = app.screen.query_one("#code")
        pairs = [[MODULES[character] for character in line] for line in drawn(code)]
        rows = ["".join(pair[half] for pair in line) for line in pairs for half in (0, 1)]
        wanted = segno.make_qr(ADDRESS, error="L").matrix_iter(border=2)
        assert rows[:-1] == ["".join(map(str, row)) for row in wanted]
        assert set(rows[-1]) == {"0"}
        for line in range(code.size.height):
            for segment in code.render_line(line):
                assert segment.style is not None and segment.style.color and segment.style.bgcolor
                assert segment.style.color.triplet == ColorTriplet(0, 0, 0)
                assert segment.style.bgcolor.triplet == ColorTriplet(255, 255, 255)


async def test_a_window_too_small_for_the_code_says_what_would_do() -> None:
    app = TinyApp()
    async with app.run_test(size=(70, 20)) as pilot:
        page = LinkPage(ADDRESS, "", encoding="utf-8")
        await app.push_screen(page)
        await pilot.pause()
        words = " ".join(drawn(page.query_one("#without")))
        found = re.search(r"(\d+)x(\d+) or larger", words)
        assert found and not page.query_one("#code").display
        await pilot.resize_terminal(int(found[1]), int(found[2]))
        await pilot.pause()
        code = page.query_one("#code")
        assert code.display and not page.query_one("#without").display
        assert page.region.contains_region(code.region)
        assert code.size.height == len(qr_code(ADDRESS))


async def test_no_code_where_half_blocks_cannot_be_written() -> None:
    app = TinyApp()
    async with app.run_test(size=(120, 40)) as pilot:
        page = LinkPage(ADDRESS, "", encoding="ascii")
        await app.push_screen(page)
        await pilot.pause()
        assert not page.query_one("#code").display
        assert "UTF-8" in drawn(page.query_one("#without"))[0]


async def test_no_code_where_its_colours_are_taken_away() -> None:
    app = TinyApp()
    app.no_color = True
    async with app.run_test(size=(120, 40)) as pilot:
        app.theme = "ansi-dark"
        page = LinkPage(ADDRESS, "", encoding="utf-8")
        await app.push_screen(page)
        await pilot.pause()
        assert not page.query_one("#code").display
        assert "NO_COLOR" in drawn(page.query_one("#without"))[0]


async def test_a_bare_page_has_the_address_from_edge_to_edge() -> None:
    app = TinyApp()
    async with app.run_test(size=(80, 24)) as pilot:
        page = LinkPage(ADDRESS, "")
        await app.push_screen(page)
        await pilot.press("m")
        bare = app.screen
        assert isinstance(bare, AddressPage)
        address = bare.query(Static).first()
        assert address.region == Region(0, 0, 80, 2)
        assert [line.rstrip() for line in drawn(address)] == [ADDRESS[:80], ADDRESS[80:]]
        await pilot.press("escape")
        assert app.screen is page


# What really reaches the terminal

PROGRAM = f"""
import os, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
os.close(os.open(os.ttyname(0), os.O_RDWR))  # a session's first terminal becomes the one it is controlled by
from test_links import ADDRESS, TinyApp, open_link
class Opened(TinyApp):
    async def on_mount(self):
        await open_link(self, ADDRESS, "Smith [/] \\x1b]52;c;QUJD\\x1b\\\\ Co in Xero")
Opened().run()
"""


def written(environment: dict[str, str], until: bytes) -> bytes:
    """What the program wrote to its terminal until it wrote ``until``."""
    ours, theirs = pty.openpty()
    base = {"PATH": "/usr/bin:/bin", "TERM": "xterm-256color", "LANG": "C.UTF-8", "COLUMNS": "80", "LINES": "24"}
    base["PYTHONPATH"] = str(Path(xerosync_tui.__file__).parent.parent)
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        env=base | environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    raw, end = b"", time.monotonic() + PATIENCE
    try:
        while until not in raw:
            assert select.select([ours], [], [], end - time.monotonic())[0], raw[-2000:]
            raw += os.read(ours, 65536)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        os.close(ours)
    return raw


def test_a_terminal_gets_the_hyperlink_and_the_clipboard_and_nothing_from_outside() -> None:
    raw = written({"SSH_TTY": "/dev/pts/1"}, until=b"Close")
    links = re.findall(rb"\x1b\]8;[^;]*;([^\x1b]+)\x1b\\", raw)
    assert set(links) == {ADDRESS.encode()}
    sent = re.findall(rb"\x1b\]52;c;([^\x07\x1b]*)\x07", raw)
    assert [base64.b64decode(value) for value in sent] == [ADDRESS.encode()]
    assert b"\x1b]52;c;QUJD" not in raw


def test_what_a_browser_says_stays_off_the_screen(tmp_path: Path) -> None:
    noisy = browser_script(tmp_path, "noisy", "echo NOISE; echo NOISE >&2; echo NOISE > /dev/tty; exit 0")
    raw = written(machine(noisy) | {"TERM": "xterm-256color"}, until=b"Opened in your browser.")
    assert b"NOISE" not in raw
