"""What people do in Karbon itself: in the built-in directory, or in the account behind Karbon's API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from xerosync_tui.domain.contact import Address, Contact, Kind
from xerosync_tui.domain.directory import DirectoryRecord
from xerosync_tui.program import Program
from xerosync_tui.sandbox.karbon.entity import TICKS, BusinessCard, Entity
from xerosync_tui.sandbox.karbon.entity import Kind as EntityKind
from xerosync_tui.sandbox.karbon.tenant import Tenant, new_key
from xerosync_tui.sandbox.world import World
from xerosync_tui.services import contacts
from xerosync_tui.store import directory

ENTITY: dict[Kind, EntityKind] = {Kind.PERSON: "Contact", Kind.ORGANIZATION: "Organization"}
KIND = {entity: kind for kind, entity in ENTITY.items()}
COUNTRY = {"AU": "Australia", "NZ": "New Zealand", None: ""}
CODE = {name: code for code, name in COUNTRY.items()}
NAME_PARTS = {"FirstName": "first_name", "MiddleName": "middle_name", "LastName": "last_name"}
_OTHERS = {"ContactType": "contact_type", "UserDefinedIdentifier": "client_identifier"}
_PLACE = {"City": "city", "StateProvinceCounty": "region", "ZipCode": "postal_code"}

# An account with nobody left makes the sync ask whether it is the right one (engine.md 2.6), so there is somebody.
ITSELF = Entity("TheFirmItself", "Organization", 1_500_000_000 * TICKS, {"FullName": "The Firm Itself"})


class Karbon(Protocol):
    """The Karbon of a firm, as its people see it."""

    async def add(self, kind: Kind, given: Mapping[str, str]) -> str:
        """A new contact; its key. ``given`` as ``DirectoryRecord.edited`` takes it."""
        ...

    async def edit(self, key: str, given: Mapping[str, str]) -> None: ...

    async def delete(self, key: str) -> None: ...

    async def records(self) -> dict[str, DirectoryRecord]: ...


class BuiltinKarbon:
    """The built-in directory, through the program; whoever works there is nobody of the tests' own."""

    def __init__(self, program: Program) -> None:
        self._program = replace(program, settings=replace(program.settings, user="kim", login="kim"))

    async def add(self, kind: Kind, given: Mapping[str, str]) -> str:
        return (await contacts.add(self._program, kind, given)).key

    async def edit(self, key: str, given: Mapping[str, str]) -> None:
        await contacts.edit(self._program, key, given)

    async def delete(self, key: str) -> None:
        await contacts.delete(self._program, key)

    async def records(self) -> dict[str, DirectoryRecord]:
        records, _, _ = await self._program.store.run(directory.changes, 0, 1_000_000)
        return {record.key: record for record in records}


class ApiKarbon:
    """The sandbox's account, past its API: as somebody at work in Karbon's own screens."""

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def tenant(self) -> Tenant:
        assert self._world.karbon
        return self._world.karbon

    async def add(self, kind: Kind, given: Mapping[str, str]) -> str:
        key = new_key(self.tenant.random)
        card = BusinessCard(new_key(self.tenant.random))
        blank = Entity(key, ENTITY[kind], 0, {}, (card,))
        self._keep(blank, DirectoryRecord(key, kind).edited(given))
        return key

    async def edit(self, key: str, given: Mapping[str, str]) -> None:
        entity = self.tenant.entities[key]
        self._keep(entity, told(entity).edited(given))

    async def delete(self, key: str) -> None:
        assert key in self.tenant.entities
        self.tenant.remove(key)

    async def records(self) -> dict[str, DirectoryRecord]:
        return {key: told(entity) for key, entity in list(self.tenant.entities.items()) if key != ITSELF.key}

    def _keep(self, entity: Entity, record: DirectoryRecord) -> None:
        person = record.kind is Kind.PERSON
        names = {n: getattr(record, part) for n, part in NAME_PARTS.items()} if person else {}
        text = {**entity.text, **(names or {"FullName": record.contact.name})}
        text |= {name: getattr(record, ours) for name, ours in _OTHERS.items()}
        first, *others = entity.cards or (BusinessCard(new_key(self.tenant.random)),)
        card = replace(first, lists={**first.lists, **typed(first.lists, record)})
        filled = {name: value for name, value in text.items() if value}
        self.tenant.touch(replace(entity, text=filled, cards=(card, *others)), int(self._world.clock.now() * TICKS))


def typed(lists: Mapping[str, tuple[Any, ...]], record: DirectoryRecord) -> dict[str, tuple[Any, ...]]:
    """A card's lists with these values in the first email, Work phone and Mailing address (karbon.md 2.5)."""
    contact = record.contact
    phones = [{"Number": contact.phone, "CountryCode": None}] if contact.phone else []
    others = tuple({"Number": number, "Label": "Other", "CountryCode": None} for number in record.other_phones)
    rest = [phone for phone in lists.get("PhoneNumbers", ()) if phone["Label"] != "Other"]
    return {
        "EmailAddresses": (*([contact.email] if contact.email else []), *lists.get("EmailAddresses", ())[1:]),
        "PhoneNumbers": (*_over(rest, phones, "Work"), *others),
        "Addresses": _over(lists.get("Addresses", ()), _place(contact.address), "Mailing"),
    }


def _over(held: Sequence[Any], new: Sequence[Any], label: str) -> tuple[Any, ...]:
    """The entries with the first of this label replaced by what is new; that keeps its other parts."""
    at = next((n for n, entry in enumerate(held) if entry["Label"] == label), len(held))
    kept = held[at] if at < len(held) else {"Label": label}
    return (*held[:at], *({**kept, **one} for one in new), *held[at + 1 :])


def _place(address: Address) -> list[dict[str, Any]]:
    if not address:
        return []
    lines = "\n".join((address.line1, address.line2, address.line3, address.line4)).rstrip("\n")
    parts = {name: getattr(address, ours) or None for name, ours in _PLACE.items()}
    return [{"AddressLines": lines or None, **parts, "CountryCode": CODE[address.country]}]


def told(entity: Entity) -> DirectoryRecord:
    """A record as its people see it."""
    lists = entity.cards[0].lists if entity.cards else {}
    phones, kind = lists.get("PhoneNumbers", ()), KIND[entity.kind]
    of_label = {label: [p["Number"] for p in phones if p["Label"] == label] for label in ("Work", "Other")}
    places = [one for one in lists.get("Addresses", ()) if one["Label"] == "Mailing"]
    email, phone = next(iter(lists.get("EmailAddresses", ())), ""), next(iter(of_label["Work"]), "")
    contact = Contact(entity.full_name, email, phone, *(_address(one) for one in places[:1]))
    others = {ours: entity.text.get(name, "") for name, ours in _OTHERS.items()}
    parts = {ours: entity.text.get(name, "") for name, ours in NAME_PARTS.items()}
    return DirectoryRecord(
        entity.key, kind, contact, **parts, other_phones=tuple(of_label["Other"]), **others, version=entity.modified
    )


def _address(entry: Mapping[str, Any]) -> Address:
    lines = [*(entry.get("AddressLines") or "").split("\n"), "", "", ""][:4]
    parts = {ours: entry.get(name) or "" for name, ours in _PLACE.items()}
    return Address(*lines, **parts, country=COUNTRY[entry.get("CountryCode")])
