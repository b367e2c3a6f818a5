"""A ledger under test: the port, and what people do behind its back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from tests.ledger import MemoryLedger
from tests.scenarios.firm import CONTACTS, Firm, opened
from xerosync_tui.domain.contact import Address, Contact, Field, Value, XeroContact, XeroStatus
from xerosync_tui.engine import sessions
from xerosync_tui.remotes.ports import Ledger
from xerosync_tui.remotes.xero.api import XeroLedger
from xerosync_tui.sandbox import SandboxServer
from xerosync_tui.sandbox import contact as stored

PARTS = {
    "AddressLine1": "line1",
    "AddressLine2": "line2",
    "AddressLine3": "line3",
    "AddressLine4": "line4",
    "City": "city",
    "Region": "region",
    "PostalCode": "postal_code",
    "Country": "country",
}


class Subject(Protocol):
    """An implementation, and the side door to it that only a test has. Each act there is seconds after the last."""

    @property
    def port(self) -> Ledger: ...

    def made(self, contact: Contact, number: str = "") -> str:
        """A person makes this contact; its id."""
        ...

    def many(self, names: list[str]) -> None:
        """A firm has contacts of these names."""
        ...

    def edited(self, id: str, **values: str) -> None:
        """A person edits it."""
        ...

    def set_to(self, id: str, status: XeroStatus) -> None:
        """A person archives it, restores it, or asks for its erasure."""
        ...

    def vanished(self, id: str) -> None:
        """It is there no more."""
        ...

    def held(self) -> dict[str, tuple[Contact, XeroStatus]]:
        """Everything the ledger has, by id."""
        ...

    def tidies_names(self) -> None:
        """From here on it stores names without < and >."""
        ...

    def loses_answers(self) -> None:
        """The next write is done, and its answer does not come, however often it is asked for at once."""
        ...


def tidied(field: Field, value: Value) -> Value:
    return str(value).replace("<", "").replace(">", "") if field is Field.NAME else value


class Memory:
    """The ledger that the model tests use."""

    def __init__(self) -> None:
        self.port = self._ledger = MemoryLedger()
        self._numbers = count(1)

    def made(self, contact: Contact, number: str = "") -> str:
        id = f"typed {next(self._numbers)}"
        self._ledger.put(XeroContact(id, contact, updated=self._ledger.newest(), contact_number=number))
        return id

    def many(self, names: list[str]) -> None:
        for name in names:
            self.made(Contact(name))

    def edited(self, id: str, **values: str) -> None:
        held = self._ledger.contacts[id]
        changed = replace(held.contact, **values)  # type: ignore[arg-type]
        self._ledger.put(replace(held, contact=changed, updated=self._ledger.newest()))

    def set_to(self, id: str, status: XeroStatus) -> None:
        self._ledger.put(replace(self._ledger.contacts[id], status=status, updated=self._ledger.newest()))

    def vanished(self, id: str) -> None:
        del self._ledger.contacts[id]

    def held(self) -> dict[str, tuple[Contact, XeroStatus]]:
        return {id: (one.contact, one.status) for id, one in self._ledger.contacts.items()}

    def tidies_names(self) -> None:
        self._ledger.stores = tidied

    def loses_answers(self) -> None:
        self._ledger.lose_after = 1


class OverHttp:
    """Xero's API as the sandbox plays it, over HTTP, with a consent of its own."""

    def __init__(self, firm: Firm, server: SandboxServer, port: XeroLedger) -> None:
        self.port, self.xero = port, firm.xero
        self.firm, self._server = firm, server

    def made(self, contact: Contact, number: str = "") -> str:
        return self.typed(contact.name, ContactNumber=number, **slots(contact))

    def typed(self, name: str, **more: Any) -> str:
        """A new contact in Xero's own words."""
        self.passes(2)
        return self.firm.in_xero(name, more.pop("EmailAddress", ""), **more)

    def passes(self, seconds: float) -> None:
        """Both clocks move; the sandbox's own, which is a new one after each reset."""
        self.xero.offset += seconds
        self._server.world.clock.offset += seconds

    def many(self, names: list[str]) -> None:
        for at, name in enumerate(names, 1_600_000_000):  # straight in: a request for each would take seconds
            self._server.world.main().put(stored.Contact(str(uuid4()), at * 1000, {"Name": name}))

    def edited(self, id: str, **values: str) -> None:
        self.passes(2)
        contact = Contact(**values)  # type: ignore[arg-type]
        names = {"Name": contact.name} if contact.name else {}
        self.firm.edit("update", id, contact={**names, **{k: v for k, v in slots(contact).items() if v}})

    def set_to(self, id: str, status: XeroStatus) -> None:
        self.passes(2)
        ops = {XeroStatus.ARCHIVED: "archive", XeroStatus.ACTIVE: "restore", XeroStatus.GDPRREQUEST: "gdpr"}
        self.firm.edit(ops[status], id)

    def vanished(self, id: str) -> None:
        self.firm.edit("delete", id)

    def held(self) -> dict[str, tuple[Contact, XeroStatus]]:
        found = self._server.world.main().contacts
        return {id: (told(one), XeroStatus(one.status)) for id, one in found.items()}

    def tidies_names(self) -> None:
        self.xero.control("switches", name_cleaned=True)

    def loses_answers(self) -> None:
        for method in ("POST", "PUT"):
            self.xero.fault("lost_reply", CONTACTS, method=method, times=3)

    def bytes_of(self, id: str) -> stored.Contact:
        """The contact as Xero stores it."""
        return self._server.world.main().contacts[id]

    def keep(self, contact: stored.Contact) -> None:
        """Xero has this contact."""
        self._server.world.main().put(contact)

    def sent(self, method: str) -> list[int | None]:
        """The status of each request by ``method`` about contacts."""
        return [entry["status"] for entry in self.firm.asked() if entry["method"] == method]


def slots(contact: Contact) -> dict[str, Any]:
    """Email, phone and address in Xero's words."""
    parts = {xero: getattr(contact.address, ours) for xero, ours in PARTS.items()}
    return {
        "EmailAddress": contact.email,
        "Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": contact.phone}] if contact.phone else [],
        "Addresses": [{"AddressType": "POBOX", **parts}] if contact.address else [],
    }


def told(one: stored.Contact) -> Contact:
    """What the sandbox stores, in our words; a phone that is in one part."""
    address = one.addresses.get("POBOX", {})
    parts = {ours: address.get(xero, "") for xero, ours in PARTS.items()}
    phone = one.phones.get("DEFAULT", {}).get("PhoneNumber", "")
    return Contact(one.name, one.text.get("EmailAddress", ""), phone, Address(**parts))


@asynccontextmanager
async def over_http(server: SandboxServer, home: Path) -> AsyncIterator[OverHttp]:
    """The sandbox as new and empty, and a ledger that is connected to it."""
    async with opened(server, home) as firm:
        await firm.connect()
        async with sessions.xero(firm.program) as session:
            yield OverHttp(firm, server, XeroLedger(session))
