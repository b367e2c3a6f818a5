"""The screens over Karbon's API at 80x24 and 120x40, compared with what was looked at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest
from textual.widgets import Input

from tests.tui.driving import Screens, opened
from tests.tui.office import ACCESS_KEY, TOKEN, Office, office, two_sided
from tests.tui.snapshot import check
from tests.tui.test_snapshots import SIZES, follow, over_ssh

__all__ = ["office", "over_ssh", "two_sided"]  # fixtures


@dataclass(frozen=True)
class Scene:
    """A state to look at: the stage it begins at, and the keys that lead to it; ``held``: after 25 cards read."""

    stage: str
    keys: str
    held: bool = False


_READING = "p p ~cards_read_20_of_44 ~waits_30_s"
SCENES = {
    "karbon-apps": Scene("joined", ""),
    "karbon-apps-reading": Scene("connected", f"{_READING} 1 ~Now", held=True),
    "karbon-apps-synced": Scene("synced", ""),
    "karbon-menu": Scene("synced", "K ~give_new_keys"),
    "karbon-leave": Scene("synced", "K ~give_new_keys down enter ~Back_to"),
    "karbon-settings": Scene("synced", "e ~Interval end ~two_writers"),
    "karbon-settings-labels": Scene("synced", "e ~Interval end up up enter ~Labels_by"),
    "karbon-preview-reading": Scene("connected", _READING, held=True),
    "karbon-preview-stopped": Scene("connected", f"{_READING} x ~p_reads_on ~11_of_them", held=True),
    "karbon-preview-row": Scene("connected", f"{_READING} end enter ~Close", held=True),
    "karbon-contacts": Scene("connected", f"{_READING} 4 ~card_not_read", held=True),
    "karbon-contact-unread": Scene(
        "connected", f"{_READING} 4 ~card_not_read down down down down enter ~first_of", held=True
    ),
    "karbon-contact": Scene("synced", "2 ~Billing_email enter ~ContactID"),
    "karbon-delete": Scene("synced", "4 ~Billing_email D ~neither"),
    "karbon-link": Scene("synced", "2 ~Billing_email O ~clipboard"),
}
sizes = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")


@sizes
@pytest.mark.parametrize("name", SCENES)
async def test_scene(office: Office, name: str, size: tuple[int, int], request: pytest.FixtureRequest) -> None:
    scene = SCENES[name]
    async with office.at(scene.stage, size) as screens:
        if scene.held:
            office.hold_after(25)
        await follow_held(screens, scene.keys)
        check(screens, name, request, picture=name not in {"karbon-link"})


async def follow_held(screens: Screens, keys: str) -> None:
    """As ``follow``, where a run may be held back and does not settle."""
    if not screens.app.jobs.kind and "waits" not in keys:
        await follow(screens, keys)
        return
    for word in keys.split():
        if word.startswith("~"):
            await screens.until(word[1:].replace("_", " "))
        else:
            await screens.press(word)
    await screens.app.read_status()
    await screens._pilot.pause()


async def connecting(office: Office, screens: Screens) -> None:
    await screens.press("K")
    await screens.until("Application token")


async def refused(office: Office, screens: Screens) -> None:
    await connecting(office, screens)
    token, access_key = screens.app.screen.query(Input)
    token.value, access_key.value = ACCESS_KEY, TOKEN
    await screens.press("ctrl+s")
    await screens.until("swapped")


async def connected(office: Office, screens: Screens) -> None:
    await connecting(office, screens)
    token, access_key = screens.app.screen.query(Input)
    token.value, access_key.value = TOKEN, ACCESS_KEY
    await screens.press("ctrl+s")
    await screens.until("goes on")


STATES: dict[str, Callable[[Office, Screens], Awaitable[None]]] = {
    "karbon-connect": connecting,
    "karbon-connect-refused": refused,
    "karbon-connect-done": connected,
}


@sizes
@pytest.mark.parametrize("name", STATES)
async def test_connecting(office: Office, name: str, size: tuple[int, int], request: pytest.FixtureRequest) -> None:
    async with opened(office.program, size) as screens:
        await STATES[name](office, screens)
        check(screens, name, request)


@sizes
async def test_refused_keys(office: Office, size: tuple[int, int], request: pytest.FixtureRequest) -> None:
    async with office.at("synced", size) as screens:
        office.refuse_keys()
        await follow(screens, "s ~It_did_not escape ~gives_new")
        check(screens, "karbon-apps-refused", request)
