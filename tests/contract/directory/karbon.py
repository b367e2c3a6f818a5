"""The directory port over the sandbox's Karbon, and people who work in that Karbon."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from xerosync_tui.domain.contact import Address, Contact, Kind
from xerosync_tui.domain.directory import DirectoryRecord
from xerosync_tui.domain.person_name import PersonName
from xerosync_tui.remotes import http
from xerosync_tui.remotes.karbon.api import KarbonDirectory, Known
from xerosync_tui.remotes.karbon.session import Credentials, KarbonSession
from xerosync_tui.remotes.ports import Delete
from xerosync_tui.sandbox import SandboxServer
from xerosync_tui.sandbox.karbon.credentials import ACCESS_KEY, TOKEN
from xerosync_tui.sandbox.karbon.entity import TICKS, BusinessCard, Entity
from xerosync_tui.sandbox.karbon.entity import Kind as EntityKind
from xerosync_tui.sandbox.karbon.tenant import Tenant
from xerosync_tui.store.database import Store

ENTITY: dict[Kind, EntityKind] = {Kind.PERSON: "Contact", Kind.ORGANIZATION: "Organization"}
KIND = {entity: kind for kind, entity in ENTITY.items()}
ADDRESS = {"AddressLines": "line1", "City": "city", "StateProvinceCounty": "region", "ZipCode": "postal_code"}

_NO_DELETE = "Karbon's API has no delete (karbon.md 2.13)"
_BEYOND = {
    "test_a_new_contact_is_as_it_was_sent": "Karbon has no place for the reason of a kind; see test_karbon_create.py",
    "test_a_name_that_comes_back_has_its_typed_parts": "Karbon does not keep the parts of a former name",
    "test_a_contact_is_deleted": _NO_DELETE,
    "test_what_was_deleted_comes_back_whole_under_its_key": _NO_DELETE,
    "test_what_changed_in_any_field_waits_where_exactly_this_was_seen": "a write names no version (karbon.md 2.7)",
    "test_a_contact_may_be_deleted_whoever_came": _NO_DELETE,
    "test_when_the_recorder_fails_nothing_was_written": "no transaction spans the API and the store",
}
_BEYOND_VALUE = {
    "x" * 255: "a phone has 20 characters at most (karbon.md 2.5)",
    "two\nlines": "a person's name is its parts, joined by single spaces (karbon.md 2.5)",
}


def beyond_karbon(test: str, given: Mapping[str, Any]) -> str:
    """Why Karbon's API cannot give what a test of this folder asks of every directory; empty where it can."""
    if isinstance(given.get("write"), Delete):
        return _NO_DELETE
    return _BEYOND.get(test) or _BEYOND_VALUE.get(given.get("text", ""), "")


class OverHttp:
    """Karbon's API as the sandbox plays it. Its keys are the test's own, and no limit makes anybody wait."""

    def __init__(self, session: KarbonSession, server: SandboxServer, store: Store) -> None:
        self._session, self._server, self._store = session, server, store
        self._beside: dict[str, DirectoryRecord] = {}  # what Karbon has no place for
        self._plan: dict[str, Known] = {}
        self.port = self._knowing()

    @property
    def tenant(self) -> Tenant:
        tenant = self._server.world.karbon
        assert tenant
        return tenant

    def _knowing(self, *ours: int) -> KarbonDirectory:
        version = max((known.version for known in self._plan.values()), default=0)
        return KarbonDirectory(self._session, self._store, self._plan, version, ours)

    async def planned(self) -> None:
        stored = self.tenant.entities.values()
        self._plan = {one.key: Known(KIND[one.kind], one.modified) for one in stored}
        self.port = self._knowing()

    async def interrupted(self, *ours: int) -> None:
        self.port = self._knowing(*ours)

    async def typed(self, *records: DirectoryRecord) -> None:
        for record in records:
            self._beside[record.key] = record
            self._keep(record)

    async def edited(self, key: str, changes: Mapping[str, str]) -> None:
        held = await self.held(key)
        assert held
        self._keep(held.edited(changes))

    async def deleted(self, key: str) -> None:
        assert key in self.tenant.entities
        self.tenant.remove(key)

    async def held(self, key: str) -> DirectoryRecord | None:
        entity = self.tenant.entities.get(key)
        if entity is None:
            return None
        kind, text = KIND[entity.kind], entity.text
        parts = PersonName(text.get("FirstName", ""), text.get("MiddleName", ""), text.get("LastName", ""))
        others = entity.cards[0].lists.get("PhoneNumbers", ()) if entity.cards else ()
        return replace(
            self._beside.get(key, DirectoryRecord(key, kind)),
            contact=told(entity),
            first_name=parts.first,
            middle_name=parts.middle,
            last_name=parts.last,
            other_phones=tuple(phone["Number"] for phone in others if phone["Label"] == "Other"),
            contact_type=text.get("ContactType", ""),
            client_identifier=text.get("UserDefinedIdentifier", ""),
            version=entity.modified,
        )

    def _keep(self, record: DirectoryRecord) -> None:
        """The contact as somebody would type it in Karbon."""
        if record.kind is Kind.PERSON:
            names = {"FirstName": record.first_name, "MiddleName": record.middle_name, "LastName": record.last_name}
        else:
            names = {"FullName": record.contact.name}
        text = names | {"ContactType": record.contact_type, "UserDefinedIdentifier": record.client_identifier}
        filled = {name: value for name, value in text.items() if value}
        card = BusinessCard(f"{record.key}card", lists=lists_of(record.contact, record.other_phones))
        now = int(self._server.world.clock.now() * TICKS)
        self.tenant.touch(Entity(record.key, ENTITY[record.kind], now, filled, (card,)), now)


def lists_of(contact: Contact, other_phones: tuple[str, ...] = ()) -> dict[str, tuple[Any, ...]]:
    """What is on a card that holds these values, and other phones beside them, in Karbon's words (karbon.md 2.5)."""
    phones = [{"Number": contact.phone, "Label": "Work"}] if contact.phone else []
    others = [{"Number": number, "Label": "Other"} for number in other_phones]
    lists = {"EmailAddresses": (contact.email,) if contact.email else (), "PhoneNumbers": (*phones, *others)}
    if contact.address:
        words = {**{name: getattr(contact.address, ours) for name, ours in ADDRESS.items()}, "CountryCode": "AU"}
        assert contact.address.country == "Australia"
        lists["Addresses"] = ({**words, "Label": "Mailing"},)
    return {name: items for name, items in lists.items() if items}


def told(entity: Entity) -> Contact:
    """The synced values of a stored record."""
    lists = entity.cards[0].lists if entity.cards else {}
    phones = [phone["Number"] for phone in lists.get("PhoneNumbers", ()) if phone["Label"] == "Work"]
    addresses = [
        Address(**{ours: one[name] or "" for name, ours in ADDRESS.items()}, country="Australia")
        for one in lists.get("Addresses", ())
    ]
    emails = lists.get("EmailAddresses", ())
    return Contact(entity.full_name, *(next(iter(each), "") for each in (emails, phones)), *addresses[:1])


@asynccontextmanager
async def over_http(server: SandboxServer, store: Store) -> AsyncIterator[OverHttp]:
    """The sandbox's Karbon, empty and as new, whose open questions are answered in favour of one-word names."""
    server.world.reset(server.world.options)
    clock = Clock()
    async with http.new_client() as client:
        credentials = Credentials(TOKEN, ACCESS_KEY)
        session = KarbonSession(client, credentials, server.url, now=clock.now, sleep=clock.sleep)
        subject = OverHttp(session, server, store)
        subject.tenant.switches["empty_last_name"] = True
        yield subject


class Clock:
    """The program's clock, which sleeping moves."""

    def __init__(self) -> None:
        self.time = 1_700_000_000.0

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds
        await asyncio.sleep(0)
