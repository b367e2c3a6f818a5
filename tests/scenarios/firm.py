"""A firm: its Xero in the sandbox, its Karbon built in or in the sandbox too, the program between the two."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from xerosync_tui.domain.connection import ImportFilter
from xerosync_tui.domain.contact import Contact, Kind
from xerosync_tui.domain.directory import DirectoryRecord
from xerosync_tui.program import Program
from xerosync_tui.sandbox import SandboxServer
from xerosync_tui.sandbox.karbon.credentials import ACCESS_KEY, TOKEN
from xerosync_tui.services import connect, contacts, karbon, triage
from xerosync_tui.services import sync as runs
from xerosync_tui.settings import Settings, load_settings

from .karbons import ITSELF, ApiKarbon, BuiltinKarbon, Karbon
from .sandboxed import Xero, consent_to, program_over

CONTACTS = "/api.xro/2.0/Contacts"
BUILTIN, API = "builtin", "karbon"  # directories


@dataclass(frozen=True)
class EndState:
    """What a first sync leaves, whatever the keys of new records are."""

    links: Mapping[str, tuple[Contact, Kind, str]]  # by ContactID: Karbon's contact, its kind, why it is linked
    issues: Mapping[str, str]
    karbon: Counter[Contact]


class Firm:
    """Both sides as their users see them. ``directory``: the one that ``connect`` connects."""

    def __init__(self, program: Program, xero: Xero, directory: str = BUILTIN) -> None:
        self.program, self.xero, self.directory = program, xero, directory

    async def connect(self, import_filter: ImportFilter = ImportFilter.ALL) -> None:
        """Connected to the main organisation and to Karbon; the requests of that are over."""
        if self.directory == API:
            await karbon.connect(self.program, TOKEN, ACCESS_KEY)
        organisations = await consent_to(self.program)
        await connect.choose(self.program, organisations[0], import_filter=import_filter, contact_type="Client")

    def in_xero(self, name: str, email: str = "", phone: str = "", **more: Any) -> str:
        """A new Xero contact, any name allowed; its ContactID."""
        slots = {"Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": phone}]} if phone else {}
        return self.edit("create", contact={"Name": name, "EmailAddress": email, **slots, **more})

    def edit(self, op: str, id: str = "", **more: Any) -> str:
        """An edit in Xero's web app."""
        body = {"op": op, **({"id": id} if id else {}), **more}
        return str(self.xero.control("edit", **body)["ContactID"])

    async def in_karbon(self, name: str, email: str = "", phone: str = "", kind: Kind = Kind.ORGANIZATION) -> str:
        """A contact that somebody makes in Karbon; its key."""
        given = {"name": name, "email": email, "phone": phone}
        return await (await self.side()).add(kind, {field: text for field, text in given.items() if text})

    async def edit_karbon(self, key: str, **given: str) -> None:
        """An edit in Karbon, field by field as ``xerosync edit`` names them."""
        await (await self.side()).edit(key, given)

    async def delete_karbon(self, key: str) -> None:
        """A contact is deleted in Karbon."""
        await (await self.side()).delete(key)

    async def side(self) -> Karbon:
        """The Karbon that is connected now."""
        over_api = await contacts.over_api(self.program)
        return ApiKarbon(self.xero.world) if over_api else BuiltinKarbon(self.program)

    async def preview(self, **more: Any) -> runs.RunResult:
        return await runs.preview(self.program, **more)

    async def sync(self, *, confirmed: bool = True, vetoes: Sequence[str] = (), **more: Any) -> runs.RunResult:
        return await runs.sync(self.program, confirmed=confirmed, vetoes=vetoes, **more)

    async def first_sync(self) -> runs.RunResult:
        await self.preview()
        return await self.sync()

    async def rows(self, sql: str) -> list[Any]:
        return await self.program.store.run(lambda db: list(db.execute_sql(sql)))

    async def links(self) -> dict[str, str]:
        """Synced links: ContactID, Karbon key."""
        return dict(await self.rows("SELECT xero_id, karbon_key FROM link WHERE state = 'synced'"))

    async def issues(self) -> dict[str, triage.IssueView]:
        """Open issues by ContactID."""
        return {issue.xero.id: issue for issue in await triage.listed(self.program)}

    async def karbon(self) -> dict[str, DirectoryRecord]:
        """Karbon's contacts by key."""
        return await (await self.side()).records()

    async def journal(self) -> list[tuple[str, str, str, str]]:
        """(action, state, ContactID, Karbon key) of every row, but those about what people did in Karbon itself."""
        mine = "SELECT action, state, xero_id, karbon_key FROM journal WHERE connection_id IS NOT NULL"
        return await self.rows(f"{mine} ORDER BY id")

    async def end_state(self) -> EndState:
        records = await self.karbon()
        linked = await self.rows("SELECT xero_id, karbon_key, why FROM link WHERE state = 'synced'")
        return EndState(
            {x: (records[k].contact, records[k].kind, why) for x, k, why in linked},
            {x: issue.reason.value for x, issue in (await self.issues()).items()},
            Counter(record.contact for record in records.values()),
        )

    def xero_contacts(self) -> list[dict[str, Any]]:
        """Every contact of the main organisation as Xero stores it."""
        state = httpx2.get(f"{self.xero.url}/_sandbox/state", trust_env=False, verify=False).json()
        return list(state["organisations"][0]["contacts"])

    def asked(self) -> list[dict[str, Any]]:
        """Every request about contacts, in order."""
        return [entry for entry in self.xero.state()["log"] if entry["path"].startswith(CONTACTS)]

    def asked_of_karbon(self) -> list[dict[str, Any]]:
        """Every request to Karbon's API, in order."""
        return [entry for entry in self.xero.state()["log"] if entry["path"].startswith("/v3/")]

    def written_to_karbon(self) -> list[dict[str, Any]]:
        """Every request that could change Karbon through its API."""
        return [entry for entry in self.asked_of_karbon() if entry["method"] != "GET"]

    def written_to_xero(self) -> list[dict[str, Any]]:
        """Every request that could change Xero."""
        return [entry for entry in self.asked() if entry["method"] != "GET"]


def settings_for(xero: Xero, home: Path) -> Settings:
    """Settings of a program in ``home``."""
    hosts = {f"XEROSYNC_XERO_{host}_URL": xero.url for host in ("LOGIN", "IDENTITY", "API", "WEB")}
    client_id = "SANDBOXCLIENTID0000000000000000AB"
    return load_settings(
        {
            "XEROSYNC_HOME": str(home),
            "XEROSYNC_USER": "mia",
            "XEROSYNC_XERO_CLIENT_ID": client_id,
            "XEROSYNC_KARBON_API_URL": xero.url,
            **hosts,
        }
    )


@asynccontextmanager
async def opened(sandbox: SandboxServer, home: Path, size: int = 0, directory: str = BUILTIN) -> AsyncIterator[Firm]:
    """A sandbox as new with ``size`` contacts in Xero, and Karbon empty; a program in ``home``, not connected yet."""
    xero = Xero(sandbox)
    xero.control("reset", size=size)
    if directory == API:
        for key in list(xero.tenant.entities):
            xero.tenant.remove(key)
        xero.tenant.put(ITSELF)
    try:
        async with program_over(settings_for(xero, home), xero) as program:
            yield Firm(program, xero, directory)
    finally:
        xero.close()


class Case:
    """A conflict: same name, other email; Karbon has a phone that Xero has not, and an address book of its own."""

    def __init__(self, firm: Firm, xero_id: str, key: str) -> None:
        self.firm, self.xero_id, self.key = firm, xero_id, key

    async def issue(self) -> triage.IssueView:
        return (await self.firm.issues())[self.xero_id]

    async def target(self) -> str:
        return str((await self.issue()).id)
