"""``python -m tests.tui.screenshots``: a picture of every screen in screenshots/, from the running program.

The program is connected to the sandbox as ``xerosync demo`` does it, and walked through by its keys. With names, only
those pictures are taken.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from tests.scenarios.firm import CONTACTS, Firm, settings_for
from tests.scenarios.sandboxed import Xero, program_over
from xerosync_tui.sandbox import SandboxOptions, SandboxServer
from xerosync_tui.sandbox.karbon.credentials import ACCESS_KEY, TOKEN
from xerosync_tui.sandbox.practice import practice_csv
from xerosync_tui.services import clients, contacts, importing, karbon, overview
from xerosync_tui.tui.app import XeroSyncApp

FOLDER = Path(__file__).parents[2] / "screenshots"
_SIZE = 250
# * and a name: the picture of what is there now. ~: wait for a word. ! and a name of _ELSEWHERE: what others do
# meanwhile. Everything else: a key.
_WALK = """
*apps-not-connected enter ~waiting *consent y ~Which down up enter ~Choices *choices p ~Nothing *preview
tab *preview-conflicts tab *preview-new S ~done *first-sync escape ~Needs *apps 2 ~Alderton *clients
3 ~Acacia down down down *issues c ~undoes *issues-decided L ~Leave *confirm-all escape
a ~Match down enter ~match *match escape 5 ~initial *activity
4 ~Alderton *contacts end up enter ~ContactID *contact e ~Postcode *edit escape escape 1 ~Needs t ~Interval *settings
escape ~Needs question_mark ~Keys *keys escape ctrl+p *palette escape
2 ~Alderton down down o ~clipboard *open-in-xero escape
!edits 1 ~Needs s ~field 3 ~Confirm tab ~agreed *field-conflicts tab ~again *unsynced tab ~refused *failed
5 ~incremental enter ~Before *journal escape
4 ~Zoe u home down ~Aaron enter ~Create C ~gets: *create-in-xero escape escape
i ~path !file enter ~imported *import escape escape
1 ~Needs f ~Interval enter down enter ~customers escape 2 ~Alderton l ~Supplier *left-out
"""
_EXPORT = """\
Name,Email,Phone,Contact type,Fax
Aardvark Plumbing,office@aardvark.example,02 5550 1001,Client-VIP,none
Abbott Family Trust,abbott@trust.example,,Client,
Mia Abbott,mia@abbott.example,0400 000 001,Household,
,nobody@abbott.example,,,
Abbott & Sons,no email here,,,
"""


async def allow(url: str) -> None:
    """Answer the sandbox's consent page."""
    async with httpx2.AsyncClient(follow_redirects=True, trust_env=False) as browser:
        await browser.get(f"{url}&auto=1")


def on_screen(app: App[Any]) -> str:
    """What the screen shows, as text."""
    return "\n".join(re.findall(r">([^<>]+)</text>", app.export_screenshot()))


async def until(pilot: Pilot[int], there: Callable[[], bool], what: str = "the program") -> None:
    """Go on as soon as the condition holds."""
    for _ in range(400):
        if there():
            return
        await pilot.pause(0.02)
    raise AssertionError(f"{what} never came on the screen:\n{on_screen(pilot.app)}")


async def walk(take: Callable[[XeroSyncApp, str], Awaitable[None]], size: tuple[int, int]) -> None:
    """Walk through the program and take the pictures."""
    with tempfile.TemporaryDirectory() as folder, SandboxServer(_options()) as server:
        xero, home = Xero(server), Path(folder)
        async with program_over(settings_for(xero, home), xero) as program:
            csv = home / "practice.csv"
            csv.write_text(practice_csv(1, _SIZE), encoding="utf-8")
            await importing.import_file(program, csv, {})
            app = XeroSyncApp(program, answer_consent=allow)
            async with app.run_test(size=size) as pilot:
                await until(pilot, lambda: app.status is not None)
                for word in _WALK.split():
                    if word.startswith("!"):
                        await _ELSEWHERE[word[1:]](Firm(program, xero), app)
                    else:
                        await _step(pilot, app, word, take)
        xero.close()


# With Karbon's API, whose limit holds the reading back: the second half of the cards comes a minute later.
_WALK_KARBON = """
K ~token *connect-karbon escape ~Needs !connect enter ~waiting y ~Which down up enter ~Choices p ~cards *preview-karbon
"""


async def walk_karbon(take: Callable[[XeroSyncApp, str], Awaitable[None]], size: tuple[int, int]) -> None:
    """The same over the sandbox's Karbon."""
    options = replace(_options(), karbon=True)
    with tempfile.TemporaryDirectory() as folder, SandboxServer(options) as server:
        xero, home = Xero(server), Path(folder)
        settings = replace(settings_for(xero, home), karbon_api_url=xero.url)
        async with program_over(settings, xero) as plain:
            program = replace(plain, sleep=asyncio.sleep)  # the limit is real
            app = XeroSyncApp(program, answer_consent=allow)
            async with app.run_test(size=size) as pilot:
                await until(pilot, lambda: app.status is not None)
                for word in _WALK_KARBON.split():
                    if word == "!connect":
                        await karbon.connect(program, TOKEN, ACCESS_KEY)
                    else:
                        await _step(pilot, app, word, take)
        xero.close()


async def _step(
    pilot: Pilot[int], app: XeroSyncApp, word: str, take: Callable[[XeroSyncApp, str], Awaitable[None]]
) -> None:
    if word.startswith("*"):
        await pilot.pause()
        await take(app, word[1:])
    elif word.startswith("~"):
        await until(pilot, lambda: word[1:] in on_screen(app).replace("\xa0", " ").replace("&#160;", " "), word)
    else:
        await pilot.press(word)


async def _edits(firm: Firm, app: XeroSyncApp) -> None:
    """Both sides go on: fields that both changed, an edit that Xero refuses, links that end."""
    both, refused, archived, deleted, other = (await overview.clients(firm.program))[1:6]
    number = {"PhoneCountryCode": "", "PhoneAreaCode": "", "PhoneNumber": "02 5550 1111"}
    slots = [{"PhoneType": "DEFAULT", **number}]
    firm.edit("update", both.xero_id, contact={"EmailAddress": "accounts@in-xero.example", "Phones": slots})
    firm.edit("archive", archived.xero_id)
    await contacts.edit(firm.program, both.karbon_key, {"email": "billing@in-karbon.example", "phone": "02 5550 2222"})
    await contacts.edit(firm.program, refused.karbon_key, {"phone": "02 5550 1234"})
    await contacts.delete(firm.program, deleted.karbon_key)
    await clients.unsync(firm.program, [other.xero_id])
    await firm.in_karbon("Aaron & Ash Pty Ltd", "office@aaron-ash.example", "02 5550 4321")
    firm.xero.fault("element_errors", CONTACTS, method="POST", value="The phone number is too long.")


async def _file(firm: Firm, app: XeroSyncApp) -> None:
    """A file to import is there, and its path is typed."""
    file = firm.program.settings.data_dir / "practice export.csv"
    file.write_text(_EXPORT, encoding="utf-8")
    app.screen.query_one("#path", Input).value = str(file)


_ELSEWHERE = {"edits": _edits, "file": _file}


def _options() -> SandboxOptions:
    return SandboxOptions(size=_SIZE, redirect_uris=("http://localhost:8742/callback",))


async def _save(app: XeroSyncApp, name: str) -> None:
    if sys.argv[1:] and name not in sys.argv[1:]:
        return
    (FOLDER / f"{name}.svg").write_text(app.export_screenshot(), encoding="utf-8")
    print(f"{name}.svg")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    asyncio.run(walk(_save, (100, 30)))
    asyncio.run(walk_karbon(_save, (100, 30)))
