"""``python -m tests.tui.screenshots``: a picture of every screen in screenshots/, from the running program.

The program is connected to the sandbox as ``xerosync demo`` does it, and walked through by its keys.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx2
from textual.pilot import Pilot

from tests.scenarios.firm import settings_for
from tests.scenarios.sandboxed import Xero, program_over
from xerosync_tui.sandbox import SandboxOptions, SandboxServer
from xerosync_tui.sandbox.practice import practice_csv
from xerosync_tui.services import importing
from xerosync_tui.tui.app import XeroSyncApp

FOLDER = Path(__file__).parents[2] / "screenshots"
_SIZE = 250
# A name: the picture of what is there now. Everything else: a key.
_WALK = """
*apps-not-connected enter ~waiting *consent y ~Which down up enter ~Choices *choices p ~Nothing *preview
tab *preview-conflicts tab *preview-new S ~done *first-sync escape ~Needs *apps 2 ~Alderton *clients
3 ~Acacia down down down *issues c ~takes *issues-decided L ~Leave *confirm-all escape
a ~Match down enter ~match *match escape 5 ~initial *activity
4 ~Alderton *contacts end up enter ~ContactID *contact e ~Postcode *edit escape escape 1 ~Needs t ~Interval *settings
escape ~Needs question_mark ~Keys *keys escape ctrl+p *palette escape
2 ~Alderton down down o ~clipboard *open-in-xero escape
"""


async def allow(url: str) -> None:
    """Answer the sandbox's consent page."""
    async with httpx2.AsyncClient(follow_redirects=True, trust_env=False) as browser:
        await browser.get(f"{url}&auto=1")


def on_screen(app: XeroSyncApp) -> str:
    """What the screen shows, as text."""
    return "\n".join(re.findall(r">([^<>]+)</text>", app.export_screenshot()))


async def until(pilot: Pilot[int], there: Callable[[], bool]) -> None:
    """Go on as soon as the condition holds."""
    for _ in range(400):
        if there():
            return
        await pilot.pause(0.02)
    raise AssertionError("it never came on the screen")


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
                    await _step(pilot, app, word, take)
        xero.close()


async def _step(
    pilot: Pilot[int], app: XeroSyncApp, word: str, take: Callable[[XeroSyncApp, str], Awaitable[None]]
) -> None:
    if word.startswith("*"):
        await pilot.pause()
        await take(app, word[1:])
    elif word.startswith("~"):
        await until(pilot, lambda: word[1:] in on_screen(app).replace("\xa0", " ").replace("&#160;", " "))
    else:
        await pilot.press(word)


def _options() -> SandboxOptions:
    return SandboxOptions(size=_SIZE, redirect_uris=("http://localhost:8742/callback",))


async def _save(app: XeroSyncApp, name: str) -> None:
    (FOLDER / f"{name}.svg").write_text(app.export_screenshot(), encoding="utf-8")
    print(f"{name}.svg")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    asyncio.run(walk(_save, (100, 30)))
