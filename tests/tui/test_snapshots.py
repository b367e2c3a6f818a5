"""Every screen and state at 80x24 and 120x40, compared with what was looked at."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import pytest
from textual.widgets import Input, Static

from tests.scenarios.crashing import Crash, CrashingStore
from tests.scenarios.firm import CONTACTS
from tests.tui.conftest import Desk
from tests.tui.driving import Screens, opened
from tests.tui.snapshot import check
from tests.tui.test_jobs import gated
from xerosync_tui.domain.connection import ConnectionState
from xerosync_tui.domain.states import FailedSide
from xerosync_tui.errors import MachineError
from xerosync_tui.services import overview
from xerosync_tui.services import sync as run
from xerosync_tui.store import connections, plans, runs
from xerosync_tui.tui import text

Steps = Callable[[Screens], Awaitable[None]]


@dataclass(frozen=True)
class Scene:
    """A state to look at: the stage it begins at, and the keys that lead to it."""

    stage: str
    keys: str
    wanted: str = ""


# Keys are separated by spaces; ~word waits for a word on the screen, an underscore being a space.
SCENES = {
    "apps-not-connected": Scene("fresh", ""),
    "apps-connected": Scene("connected", ""),
    "apps-previewed": Scene("previewed", ""),
    "apps-synced": Scene("synced", ""),
    "choices": Scene("connected", "enter ~Import_filter"),
    "choices-menu": Scene("connected", "enter ~Import_filter enter ~customers_only"),
    "preview-full-matches": Scene("previewed", "enter ~Nothing_has"),
    "preview-veto": Scene("previewed", "enter ~Nothing_has space"),
    "preview-conflicts": Scene("previewed", "enter ~Nothing_has tab ~Billing_email"),
    "preview-new": Scene("previewed", "enter ~Nothing_has tab tab ~Becomes"),
    "preview-left-out": Scene("previewed", "enter ~Nothing_has tab tab tab ~nobody"),
    "preview-row": Scene("previewed", "enter ~Nothing_has down enter ~Close"),
    "first-sync-done": Scene("previewed", "enter ~Nothing_has S ~sync_is_done"),
    "clients-not-connected": Scene("fresh", "2 ~not_connected."),
    "clients-before-first-sync": Scene("connected", "2 ~preview"),
    "clients": Scene("synced", "2 ~Billing_email"),
    "clients-filtered": Scene("synced", "2 ~Billing_email / p t y"),
    "clients-no-hit": Scene("synced", "2 ~Billing_email / z q z q ~clears"),
    "clients-marked": Scene("synced", "2 ~Billing_email space space"),
    "clients-menu": Scene("synced", "2 ~Billing_email . ~Open"),
    "issues-not-connected": Scene("fresh", "3 ~Nothing_is_connected"),
    "issues-before-first-sync": Scene("connected", "3 ~come_with"),
    "issues": Scene("synced", "3 ~Confirm_would"),
    "issues-decided": Scene("synced", "3 ~Confirm_would c ~matched"),
    "issues-undone": Scene("synced", "3 ~Confirm_would c ~matched z ~undone;"),
    "issues-ignored": Scene("synced", "3 ~Confirm_would i ~ignored v ~+ignored"),
    "issues-marked": Scene("synced", "3 ~Confirm_would space space ~2/7_marked"),
    "confirm-all": Scene("synced", "3 ~Confirm_would down space space c ~Leave_them"),
    "match": Scene("synced", "3 ~Confirm_would a ~Match_"),
    "match-confirm": Scene("synced", "3 ~Confirm_would a ~Match_ enter enter ~Leave_it"),
    "contacts": Scene("synced", "4 ~Billing_email"),
    "contacts-empty": Scene("empty", "4 ~directory_is_empty"),
    "contacts-delete": Scene("synced", "4 ~Billing_email D ~Leave_it"),
    "contact-linked": Scene("synced", "2 ~Billing_email enter ~ContactID"),
    "contact-with-issue": Scene("synced", "3 ~Confirm_would O ~Not_in_Xero"),
    "contact-not-linked": Scene("synced", "4 ~Billing_email u ~Only_contacts enter ~Not_in_Xero"),
    "edit": Scene("synced", "4 ~Billing_email e ~Postcode"),
    "edit-refused": Scene("synced", "4 ~Billing_email e ~Postcode end ctrl+u ctrl+s ~Not_stored"),
    "edit-leave": Scene("synced", "4 ~Billing_email e ~Postcode x escape ~What_you_typed"),
    "import-file": Scene("fresh", "4 ~Billing_email i ~The_path"),
    "settings": Scene("synced", "e ~Interval"),
    "settings-changed": Scene(
        "synced", "e ~Interval down enter ~no_type j enter ~contact_type: ~contact_type______Prospect"
    ),
    "keys": Scene("synced", "3 ~Confirm_would ? ~Show_ignored"),
    "palette": Scene("synced", "ctrl+p ~part_of"),
    "palette-search": Scene("synced", "ctrl+p ~part_of f i s h e ~Claire_Fisher"),
    "disconnect": Scene("synced", "d ~tokens"),
    "link": Scene("synced", "2 ~Billing_email o ~clipboard"),
    "unavailable": Scene("fresh", "d ~nothing_to"),
}
SIZES = [(80, 24), (120, 40)]
_KEYS = {"?": "question_mark", "/": "slash", ".": "full_stop"}


async def follow(screens: Screens, keys: str) -> None:
    """Press the keys of a scene."""
    for word in keys.split():
        if word.startswith("~"):
            await screens.until(word[1:].replace("_", " "))
        else:
            await screens.press(_KEYS.get(word, word))
    await screens.settled()
    await screens.app._read_status()  # the program's own clock would get there a moment later
    await screens.settled()


@pytest.fixture(autouse=True)
def over_ssh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open in Xero shows its link, whatever machine the tests run on."""
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.1 50000 192.0.2.2 22")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", SCENES)
async def test_scene(desk: Desk, name: str, size: tuple[int, int], request: pytest.FixtureRequest) -> None:
    scene = SCENES[name]
    async with desk.at(scene.stage, size) as screens:
        await follow(screens, scene.keys)
        check(screens, name, request, picture=name not in {"link"})


# What the consent's address holds that is random, or of this machine.
_RANDOM = re.compile(r"(?<=state=)[\w-]+|(?<=code_challenge=)[\w-]+|(?<=localhost%3A)\d+")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_consent(
    desk: Desk, size: tuple[int, int], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "firm-server")
    async with desk.at("fresh", size) as screens:
        await consent_shown(screens)
        check(screens, "consent", request, picture=False)
        await screens.press("v")
        screens.app.screen.query_one(Input).value = "localhost/?error=access_denied"
        await screens.settled()
        check(screens, "consent-paste", request, picture=False)
        await screens.press("enter")
        await screens.until("! ")
        check(screens, "consent-refused", request, picture=False)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_which_organisation(
    desk: Desk, size: tuple[int, int], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "firm-server")
    async with desk.at("fresh", size) as screens:
        await consent_shown(screens)
        await screens.press("y")
        await screens.until("Which organisation?")
        await screens.settled()
        check(screens, "consent-organisation", request, picture=False)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_reconnecting(
    desk: Desk, size: tuple[int, int], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "firm-server")
    async with desk.program("synced") as program:
        changes = {"state": ConnectionState.RECONNECT.value, "state_reason": "the consent is 60 days old"}
        await program.store.run(lambda db: connections.change(db, 1, **changes))
        async with opened(program, size) as screens:
            await consent_shown(screens)
            check(screens, "consent-reconnect", request, picture=False)


async def consent_shown(screens: Screens) -> None:
    """The consent page, without what is another each time."""
    await screens.press("enter")
    await screens.until("waiting for Xero's answer")
    address = screens.app.screen.query_one("#address", Static)
    address.update(text.safe(_RANDOM.sub(lambda found: "0" * len(found[0]), str(address.content))))
    await screens.settled()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_import(desk: Desk, size: tuple[int, int], request: pytest.FixtureRequest) -> None:
    csv = desk.home.parent / "practice export.csv"
    csv.write_text(CSV, encoding="utf-8")
    async with desk.at("fresh", size) as screens:
        await follow(screens, "4 ~Billing_email i ~The_path")
        screens.app.screen.query_one(Input).value = str(csv)
        await follow(screens, "enter ~Nothing_has_been_imported")
        check(screens, "import", request)
        await follow(screens, "m ~Fields:")
        screens.app.screen.query_one("#path", Input).value = csv.name  # its folder is another each time
        screens.app.screen.query_one("#columns", Input).value = "Fax=other_phone"
        await screens.settled()
        check(screens, "import-columns", request)
        await follow(screens, "escape y ~Imported ~Billing_email")
        check(screens, "import-done", request)


CSV = """\
Name,Email,Phone,Contact type,Fax
Aardvark Plumbing,office@aardvark.example,02 5550 1001,Client-VIP,none
Abbott Family Trust,abbott@trust.example,,Client,
Mia Abbott,mia@abbott.example,0400 000 001,Household,
,nobody@abbott.example,,,
Abbott & Sons,no email here,,,
"""


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_left_out(desk: Desk, size: tuple[int, int], request: pytest.FixtureRequest) -> None:
    async with desk.program("synced") as program:
        await overview.change_settings(program, {"filter": "customers"})
        async with opened(program, size) as screens:
            await follow(screens, "2 ~Billing_email l ~Supplier")
            check(screens, "left-out", request)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_sync_running(desk: Desk, size: tuple[int, int], request: pytest.FixtureRequest) -> None:
    async with desk.at("synced", size) as screens:
        gate, _, start = gated(screens)
        start()
        await screens.until("Now ")
        await screens.until("7 of 20")
        check(screens, "sync-running", request)
        await screens.press("2")
        await screens.until("Billing email")
        await screens.until(lambda: all(worker.is_finished for worker in screens.app.workers if worker.group != "runs"))
        check(screens, "sync-running-clients", request)
        gate.set()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_sync_waiting(desk: Desk, size: tuple[int, int], request: pytest.FixtureRequest) -> None:
    """Xero says 429, and the wait for the next minute does not end."""
    gate = asyncio.Event()

    async def sleep(seconds: float) -> None:
        await gate.wait()

    async with desk.program("synced") as program, opened(replace(program, sleep=sleep), size) as screens:
        desk.stages.xero.fault("rate_minute", CONTACTS)
        await screens.press("s")
        await screens.until("waits")
        check(screens, "sync-waiting", request)
        gate.set()
        await screens.settled()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_interrupted_sync(desk: Desk, size: tuple[int, int], request: pytest.FixtureRequest) -> None:
    async with desk.program("synced") as program:
        store = CrashingStore.open(program.settings.database)
        assert isinstance(store, CrashingStore)
        store.before = plans.count_to_apply
        with pytest.raises(Crash):
            await run.sync(replace(program, store=store))
        store.close()
        async with opened(program, size) as screens:
            check(screens, "apps-interrupted", request)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_reconnect_needed(desk: Desk, size: tuple[int, int], request: pytest.FixtureRequest) -> None:
    async with desk.program("synced") as program:
        reason = "Xero refused the refresh token: the consent is 60 days old"
        changes = {"state": ConnectionState.RECONNECT.value, "state_reason": reason}
        await program.store.run(lambda db: connections.change(db, 1, **changes))
        async with opened(program, size) as screens:
            check(screens, "apps-reconnect", request)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_failed_records(desk: Desk, size: tuple[int, int], request: pytest.FixtureRequest) -> None:
    async with desk.program("synced") as program:
        record = ("x1", "Northcote Super Fund", "EmailAddress is not text")
        await program.store.run(lambda db: runs.put_failed(db, 1, FailedSide.READ_XERO, [record], program.now_ms()))
        async with opened(program, size) as screens:
            await follow(screens, "down enter ~Northcote")
            check(screens, "failures", request)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_error_dialog(desk: Desk, size: tuple[int, int], request: pytest.FixtureRequest) -> None:
    async with desk.at("synced", size) as screens:
        screens.app.tell(MachineError("The disk is full: xerosync.sqlite3 cannot grow", "Make room and run it again."))
        await screens.until("Make room")
        check(screens, "error", request)
