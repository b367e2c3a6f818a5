"""The loopback listener: one page, one answer, and nothing left behind."""

from __future__ import annotations

import asyncio
import socket

import httpx2
import pytest

from xerosync_tui.errors import MachineError, NotConnected
from xerosync_tui.remotes.xero.callback import redirected
from xerosync_tui.remotes.xero.oauth import Consent


@pytest.fixture
def consent() -> Consent:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return Consent("https://login/", f"http://localhost:{port}/callback", "the-state", "the-verifier")


def port_of(consent: Consent) -> int:
    return int(consent.redirect_uri.split(":")[2].split("/")[0])


def is_free(consent: Consent) -> bool:
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(family) as one:
            if one.connect_ex((host, port_of(consent))) == 0:
                return False
    return True


async def test_the_redirect_is_handed_over_whole(consent: Consent) -> None:
    waiting = asyncio.create_task(redirected(consent))
    async with httpx2.AsyncClient(trust_env=False) as browser:
        await asyncio.sleep(0)
        page = await browser.get(f"{consent.redirect_uri}?code=a%2Fb&scope=x+y&state=the-state")
    assert await waiting == f"{consent.redirect_uri}?code=a%2Fb&scope=x+y&state=the-state"
    assert page.status_code == 200
    assert "close this window" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "a%2Fb" not in page.text
    assert is_free(consent)


async def test_a_no_is_an_answer_too(consent: Consent) -> None:
    waiting = asyncio.create_task(redirected(consent))
    async with httpx2.AsyncClient(trust_env=False) as browser:
        await asyncio.sleep(0)
        await browser.get(f"{consent.redirect_uri}?error=access_denied&state=the-state")
    assert "access_denied" in await waiting


async def test_strays_do_not_end_the_wait(consent: Consent) -> None:
    waiting = asyncio.create_task(redirected(consent))
    base = consent.redirect_uri.removesuffix("/callback")
    async with httpx2.AsyncClient(trust_env=False) as browser:
        await asyncio.sleep(0)
        strays = [
            await browser.get(f"{base}/favicon.ico"),
            await browser.get(consent.redirect_uri),
            await browser.get(f"{consent.redirect_uri}?code=evil&state=another"),
            await browser.post(f"{consent.redirect_uri}?code=evil&state=the-state"),
            await browser.get(f"{base}/callback/?code=evil&state=the-state"),
        ]
        assert not waiting.done()
        await browser.get(f"{consent.redirect_uri}?code=good&state=the-state")
    assert "code=good" in await waiting
    assert [stray.status_code for stray in strays][:4] == [404, 400, 400, 405]
    assert strays[4].status_code != 200


async def test_both_names_of_loopback_are_served(consent: Consent) -> None:
    waiting = asyncio.create_task(redirected(consent))
    async with httpx2.AsyncClient(trust_env=False) as browser:
        await asyncio.sleep(0)
        for host in ("127.0.0.1", "[::1]"):
            page = await browser.get(consent.redirect_uri.replace("localhost", host))
            assert page.status_code == 400
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


async def test_a_taken_port_is_one_clear_line(consent: Consent) -> None:
    with (
        socket.create_server(("127.0.0.1", port_of(consent))),
        pytest.raises(MachineError, match=f"Port {port_of(consent)}") as raised,
    ):
        await redirected(consent)
    assert "XEROSYNC_REDIRECT_PORT" in raised.value.next_step
    assert raised.value.exit_code == 8


async def test_a_stranger_on_the_other_loopback_address_is_not_overlooked(consent: Consent) -> None:
    with (
        socket.create_server(("::1", port_of(consent)), family=socket.AF_INET6),
        pytest.raises(MachineError, match="::1"),
    ):
        await redirected(consent)
    assert is_free(consent)


async def test_patience_ends(consent: Consent) -> None:
    with pytest.raises(NotConnected, match="No answer from Xero"):
        await redirected(consent, patience=0.05)
    assert is_free(consent)


async def test_cancelling_leaves_no_socket_behind(consent: Consent) -> None:
    waiting = asyncio.create_task(redirected(consent))
    while is_free(consent):
        await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert is_free(consent)
    with socket.create_server(("127.0.0.1", port_of(consent))):
        pass
