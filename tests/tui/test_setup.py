"""Connecting, choosing, the preview and the first sync, by their keys."""

from __future__ import annotations

import asyncio
import socket

from textual.widgets import Input

from tests.tui.conftest import Desk
from xerosync_tui.domain.connection import ConnectionState
from xerosync_tui.domain.match import Reason
from xerosync_tui.program import active
from xerosync_tui.services import overview, triage
from xerosync_tui.tui.screens.consent import ConsentPage
from xerosync_tui.tui.screens.preview import PreviewPage


async def test_the_whole_first_day(desk: Desk) -> None:
    async with desk.at("fresh") as screens:
        await screens.press("enter")
        await screens.until("waiting for Xero's answer")
        await screens.press("y")
        await screens.until("Which organisation?")
        await screens.press("enter")
        await screens.until("Import filter")
        await screens.press("down", "enter")
        await screens.until("Prospect")
        await screens.press("down", "enter")
        await screens.until("Default contact type: Client")
        await screens.press("p")
        await screens.until("Nothing has been written yet")
        await screens.settled()
        assert (await overview.status(screens.app.program)).counts.synced == 0
        await screens.press("space")
        await screens.until("1 vetoed")
        await screens.press("enter", "escape")
        await screens.settled()
        assert (await active(screens.app.program)).started_at is None  # enter never starts anything
        await screens.press("S")
        await screens.until("The first sync is done")
        await screens.settled()
        assert (await active(screens.app.program)).contact_type == "Client"
        held = [view for view in await triage.listed(screens.app.program) if view.reason is Reason.HELD]
        assert len(held) == 1
        await screens.press("3")
        await screens.until("Confirm would")


async def test_after_a_wrong_paste_the_right_answer_is_still_taken(desk: Desk) -> None:
    async with desk.at("fresh") as screens:
        await screens.press("enter")
        await screens.until("waiting for Xero's answer")
        await screens.press("v")
        screens.app.screen.query_one(Input).value = "localhost/?code=of-another-page"
        await screens.press("enter")
        await screens.until("v pastes the right address")
        await screens.press("y")
        await screens.until("Which organisation?")
        assert "! " not in screens.text()


async def test_leaving_the_consent_closes_its_listener(desk: Desk) -> None:
    async with desk.at("fresh") as screens:
        port = screens.app.program.settings.redirect_port
        await screens.press("enter")
        await screens.until("waiting for Xero's answer")
        await screens.until(lambda: _taken(port))
        await screens.press("escape")
        await screens.until("Needs you")
        await screens.until(lambda: not _taken(port))


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def test_a_wrong_paste_is_said_and_the_right_one_still_counts(desk: Desk) -> None:
    async with desk.at("fresh") as screens:
        await screens.press("enter")
        await screens.until("waiting for Xero's answer")
        await screens.press("v")
        await screens.type("https://example.com/elsewhere")
        await screens.press("enter")
        await screens.until("!")
        page = screens.app.screen
        assert isinstance(page, ConsentPage) and page._consent is not None
        await screens.press("y")
        await screens.until("Which organisation?")


async def test_a_taken_port_leaves_the_paste(desk: Desk) -> None:
    port = desk.stages.port
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", port)
    async with server, desk.at("fresh") as screens:
        await screens.press("enter")
        await screens.until(str(port))
        await screens.until("! ")
        await screens.press("v")
        assert screens.app.focused is not None and screens.app.focused.id == "answer"


async def test_without_a_xero_app_the_page_says_what_to_do(desk: Desk) -> None:
    from dataclasses import replace

    from tests.tui.driving import opened

    async with desk.program("fresh") as program:
        bare = replace(program, settings=replace(program.settings, xero_client_id=""))
        async with opened(bare) as screens:
            await screens.press("enter")
            await screens.until("No Xero app is set up")


async def test_nothing_can_be_started_before_the_preview(desk: Desk) -> None:
    async with desk.at("connected") as screens:
        await screens.press("s")
        await screens.until("Import filter")
        assert (await active(screens.app.program)).started_at is None


async def test_a_veto_is_for_full_matches_only_and_is_taken_back_by_the_same_key(desk: Desk) -> None:
    async with desk.at("previewed") as screens:
        await screens.press("enter")
        await screens.until("Nothing has been written yet")
        await screens.settled()
        await screens.press("space")
        await screens.until("1 vetoed")
        await screens.press("up", "space")
        await screens.until_gone("1 vetoed")
        await screens.press("tab", "space")
        await screens.until("A veto is for a full match")


async def test_fill_blanks_is_a_switch_of_the_connection(desk: Desk) -> None:
    async with desk.at("previewed") as screens:
        await screens.press("enter")
        await screens.until("Nothing has been written yet")
        await screens.settled()
        await screens.press("b")
        await screens.settled()
        assert (await active(screens.app.program)).fill_xero_blanks
        assert isinstance(screens.app.screen, PreviewPage)


async def test_disconnect_asks_first_and_keeps_the_links(desk: Desk) -> None:
    async with desk.at("connected") as screens:
        await screens.press("d")
        await screens.until("tokens")
        await screens.press("escape")
        await screens.settled()
        assert (await active(screens.app.program)).state is ConnectionState.CONNECTED
        await screens.press("d")
        await screens.until("tokens")
        screens.app.program.store  # noqa: B018  the consent is shared by the tests: only the question is tried
