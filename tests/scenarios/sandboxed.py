"""A program over a sandbox Xero: real HTTP on loopback, a clock that both sides follow, no waiting."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import httpx2

from xerosync_tui.domain.connection import Organisation
from xerosync_tui.program import Program
from xerosync_tui.sandbox import SandboxServer
from xerosync_tui.sandbox.karbon.tenant import Tenant
from xerosync_tui.services import connect
from xerosync_tui.settings import Settings
from xerosync_tui.store.database import Store


class Xero:
    """The sandbox, its controls, and the time that it shares with the program."""

    def __init__(self, server: SandboxServer) -> None:
        self.url = server.url
        self.world = server.world
        self.offset = 0.0
        self.slept: list[float] = []
        # Plain HTTP: reading the certificates would take longer than most tests.
        self._http = httpx2.Client(base_url=server.url, trust_env=False, verify=False)

    @property
    def tenant(self) -> Tenant:
        """The sandbox's Karbon, as it stores it."""
        assert self.world.karbon
        return self.world.karbon

    def now(self) -> float:
        """The program's clock."""
        return time.time() + self.offset

    async def sleep(self, seconds: float) -> None:
        """The program's sleep: both clocks move, nobody waits."""
        self.slept.append(seconds)
        self.advance(seconds)
        await asyncio.sleep(0)

    def advance(self, seconds: float) -> None:
        """Both clocks move; not by HTTP, because a countdown moves them sixty times."""
        self.offset += seconds
        self.world.clock.offset += seconds

    def control(self, name: str, **body: Any) -> Any:
        answer = self._http.post(f"/_sandbox/{name}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def fault(self, kind: str, path: str = "*", **more: Any) -> None:
        self.control("fault", kind=kind, path=path, method=more.pop("method", "*"), **more)

    def state(self) -> Any:
        return self._http.get("/_sandbox/state", params={"contacts": "0"}).json()

    def count(self, request: str) -> int:
        """How many requests of a kind (``POST /connect/token``) came in."""
        return int(self.state()["requests"].get(request, 0))

    def statuses(self) -> list[int | None]:
        """What the Accounting API answered, in order; None for a connection that was closed."""
        return [entry["status"] for entry in self.state()["log"] if entry["path"].startswith("/api.xro")]

    def environment(self, settings: Settings) -> dict[str, str]:
        """For a process of its own on the same home folder."""
        hosts = {f"XEROSYNC_XERO_{host}_URL": self.url for host in ("LOGIN", "IDENTITY", "API", "WEB")}
        home, client_id = str(settings.data_dir), settings.xero_client_id
        there = {"XEROSYNC_XERO_CLIENT_ID": client_id, "XEROSYNC_KARBON_API_URL": self.url, **hosts}
        return {"XEROSYNC_HOME": home, **there}

    def close(self) -> None:
        self._http.close()


class ConsentPage(HTMLParser):
    """The form of Xero's page: its hidden fields and the organisations with their labels."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.hidden: dict[str, str] = {}
        self.tenants: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if at.get("type") == "hidden":
            self.hidden[at["name"]] = at["value"]
        elif at.get("name") == "tenant":
            self.tenants.append(at["value"])


async def browse(url: str, decision: str = "allow", tenants: list[str] | None = None) -> str:
    """Opens the authorisation page, ticks ``tenants`` or all, decides; the address the browser is sent to."""
    async with httpx2.AsyncClient(trust_env=False, verify=False) as browser:
        shown = await browser.get(url)
        assert shown.status_code == 200, shown.text
        page = ConsentPage(shown.text)
        form = {**page.hidden, "decision": decision, "tenant": page.tenants if tenants is None else tenants}
        answer = await browser.post(urljoin(url, "/identity/connect/authorize"), data=form)
        assert answer.status_code == 302, answer.text
        return str(answer.headers["location"])


@asynccontextmanager
async def program_over(settings: Settings, xero: Xero) -> AsyncIterator[Program]:
    """A program of its own on these settings: another process, or the same one after a restart."""
    store = Store.open(settings.database)
    try:
        yield Program(settings, store, now=xero.now, sleep=xero.sleep)
    finally:
        store.close()


async def consent_to(program: Program, tenants: list[str] | None = None) -> list[Organisation]:
    """A whole consent, its redirect pasted; all organisations unless told otherwise."""
    consent = await connect.begin(program)
    return await connect.finish(program, consent, await browse(consent.url, tenants=tenants))
