"""Linked clients as the people on both sides see and edit them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from threading import Thread
from typing import Any

from xerosync_tui.domain.contact import Address, Contact, Field
from xerosync_tui.domain.directory import DirectoryRecord
from xerosync_tui.domain.progress import Progress
from xerosync_tui.program import Program
from xerosync_tui.services import fields, overview
from xerosync_tui.services import sync as runs

from .firm import CONTACTS, Firm
from .sandboxed import program_over

OLD_PHONE, NEW_PHONE, OTHER_PHONE = "02 5550 1000", "02 5550 2000", "02 5550 3000"
STREET = {"AddressLine1": "12 Builder St", "City": "Parramatta", "Region": "NSW", "PostalCode": "2150"}


@dataclass(frozen=True)
class Client:
    """A pair: its ContactID and its Karbon key."""

    firm: Firm
    id: str
    key: str

    def in_xero(self, **contact: Any) -> None:
        """An edit in Xero's web app."""
        self.firm.edit("update", self.id, contact=contact)

    def phone_in_xero(self, number: str) -> None:
        self.in_xero(Phones=[{"PhoneType": "DEFAULT", "PhoneNumber": number}])

    def address_in_xero(self, **parts: str) -> None:
        self.in_xero(Addresses=[{"AddressType": "POBOX", **parts}])

    async def in_karbon(self, **values: str) -> None:
        """An edit in Karbon."""
        await self.firm.edit_karbon(self.key, **values)

    def in_karbon_meanwhile(self, **values: str) -> None:
        """An edit in Karbon, begun and ended while our program stands still."""
        xero = self.firm.xero
        elsewhere(self.firm, lambda program: Firm(program, xero).edit_karbon(self.key, **values))

    def xero(self) -> dict[str, Any]:
        """All that Xero stores."""
        return next(one for one in self.firm.xero_contacts() if one["ContactID"] == self.id)

    async def karbon(self) -> DirectoryRecord:
        """All that Karbon stores."""
        return (await self.firm.karbon())[self.key]

    async def both(self, field: Field) -> tuple[Any, Any]:
        """What each side holds of a field."""
        return synced(self.xero()).value(field), (await self.karbon()).contact.value(field)


async def linked(firm: Firm, *names: str, **more: Any) -> list[Client]:
    """New clients with all four fields filled, after the first sync."""
    address = {"AddressType": "POBOX", **STREET, "Country": "Australia"}
    ids = [firm.in_xero(name, email_of(name), OLD_PHONE, Addresses=[address], **more) for name in names]
    await firm.first_sync()
    links = await firm.links()
    return [Client(firm, xero_id, links[xero_id]) for xero_id in ids]


def email_of(name: str) -> str:
    """The address of a client of that name."""
    return f"{name.lower().replace(' ', '.')}@client.example"


def synced(stored: Mapping[str, Any]) -> Contact:
    """The four synced fields of a contact as Xero stores it."""
    phones = [phone["PhoneNumber"] for phone in stored["Phones"] if phone["PhoneType"] == "DEFAULT"]
    parts: Mapping[str, str] = next((a for a in stored["Addresses"] if a["AddressType"] == "POBOX"), {})
    names = ("AddressLine1", "AddressLine2", "AddressLine3", "AddressLine4", "City", "Region", "PostalCode", "Country")
    address = Address(*(parts.get(name, "") for name in names))
    return Contact(stored["Name"], stored.get("EmailAddress", ""), phones[0] if phones else "", address)


async def came_to_rest(firm: Firm) -> None:
    """P3: one more run has nothing to write on either side, also when everything is looked at."""
    for full in (False, True):
        before, journal, karbon = len(firm.written_to_xero()), await firm.journal(), await firm.karbon()
        await firm.sync(full=full)
        assert len(firm.written_to_xero()) == before
        assert (await firm.journal(), await firm.karbon()) == (journal, karbon)


async def conflicts(firm: Firm) -> dict[str, tuple[Field, ...]]:
    """Fields in conflict by ContactID."""
    return {one.xero.id: tuple(v.field for v in one.fields) for one in await fields.listed(firm.program)}


async def failed(firm: Firm) -> dict[str, str]:
    """Why, by the name of the failed record."""
    return {failure.name: failure.reason for failure in await overview.failures(firm.program)}


async def asked_by(firm: Firm, **more: Any) -> list[str]:
    """The methods of all requests about contacts that a sync sent, in order."""
    before = len(firm.asked())
    await firm.sync(**more)
    return [entry["method"] for entry in firm.asked()[before:]]


def later(firm: Firm, seconds: float) -> None:
    """Time passes, for Xero too."""
    firm.xero.offset += seconds
    firm.xero.control("clock", advance=seconds)


def lose(firm: Firm, kind: str, method: str = "POST", **more: Any) -> None:
    """The next request of that kind about contacts goes wrong, and so do its repetitions."""
    firm.xero.fault(kind, CONTACTS, method=method, **{"times": 3, **more})


async def sync_while(firm: Firm, phase: str, act: Callable[[], object]) -> runs.RunResult:
    """A sync, with ``act`` done once when it says that it has come to ``phase``."""
    done: list[str] = []

    def report(progress: Progress) -> None:
        if progress.phase == phase and not done:
            done.append(phase)
            act()

    result = await runs.sync(firm.program, report)
    assert done, f"the sync never came to {phase}"
    return result


def elsewhere(firm: Firm, work: Callable[[Program], Coroutine[Any, Any, object]]) -> None:
    """Do ``work`` in another process's stead: a program of its own, from begin to end, while ours stands still."""

    async def do() -> None:
        async with program_over(firm.program.settings, firm.xero) as program:
            await work(program)

    thread = Thread(target=lambda: asyncio.run(do()))
    thread.start()
    thread.join()
