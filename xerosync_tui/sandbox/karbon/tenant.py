"""One Karbon account: its records, the indexes that keep reading them fast, its types and colleagues."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from xerosync_tui.sandbox.card import CONTACT_TYPES
from xerosync_tui.sandbox.karbon import switches
from xerosync_tui.sandbox.karbon.entity import BusinessCard, Entity, Kind
from xerosync_tui.sandbox.limits import MINUTE, Window

KEY_LETTERS = "23456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"
TYPE_NAMES = (*dict.fromkeys(CONTACT_TYPES), "Inactive")


@dataclass(frozen=True, slots=True)
class Colleague:
    """A user of the firm: what ClientOwner and ClientManager may name, by key or by email."""

    key: str
    name: str
    email: str


COLLEAGUES = (
    Colleague("3Kv7PqZbXw2M", "Anna Harbour", "anna@harbour.example"),
    Colleague("4Lw8QrZcYx3N", "Ben Harbour", "ben@harbour.example"),
)


def new_key(random: Random) -> str:
    """A PermaKey: opaque text of twelve characters (karbon.md 2.5)."""
    return "".join(random.choices(KEY_LETTERS, k=12))


class Tenant:
    """A Karbon account. `revision` grows with every change, so that a selection can be kept until the next one."""

    def __init__(self, seed: int, entities: Iterable[Entity]) -> None:
        self.random = Random(f"karbon tenant {seed}")
        self.key = new_key(self.random)
        self.contact_types = {name: new_key(self.random) for name in TYPE_NAMES}
        self.switches: dict[str, Any] = dict(switches.DEFAULTS)
        self.meter = Window(MINUTE)
        self.revoked = False
        self.revision = 0
        self.kept_selection: tuple[object, list[Entity]] | None = None
        self.shifts = 0
        self.entities: dict[str, Entity] = {}
        self._owners: dict[str, str] = {}
        self._identifiers: dict[str, set[str]] = defaultdict(set)
        self._linked: dict[str, set[str]] = defaultdict(set)
        for entity in entities:
            self._enter(entity)

    def put(self, entity: Entity) -> None:
        """Stores a new record or a new state of a known one."""
        self.remove(entity.key)
        self._enter(entity)
        self.revision += 1

    def remove(self, key: str) -> None:
        """Forgets a record; an unknown key changes nothing."""
        old = self.entities.pop(key, None)
        if old is None:
            return
        for card in old.cards:
            del self._owners[card.key]
        self._identifiers[_identifier(old)].discard(key)
        for external in old.external_keys:
            self._linked[external].discard(key)
        self.revision += 1

    def touch(self, entity: Entity, now: int) -> Entity:
        """Stores `entity` as changed at `now` (or a tick later than before) and returns it."""
        old = self.entities.get(entity.key)
        changed = replace(entity, modified=now if old is None or old.modified != now else now + 1)
        self.put(changed)
        return changed

    def find(self, kind: Kind, key: str) -> Entity | None:
        entity = self.entities.get(key)
        return entity if entity is not None and entity.kind == kind else None

    def owner_of(self, card_key: str) -> tuple[Entity, BusinessCard] | None:
        """The record that a business card belongs to, and the card."""
        owner = self.entities.get(self._owners.get(card_key, ""))
        if owner is None:
            return None
        return owner, next(card for card in owner.cards if card.key == card_key)

    def identified(self, identifier: str) -> list[Entity]:
        """The records of this UserDefinedIdentifier, whatever its case (karbon.md 2.4)."""
        return [self.entities[key] for key in sorted(self._identifiers.get(identifier.casefold(), ()))]

    def linked(self, external_key: str) -> list[Entity]:
        """The records that an integration of Karbon's linked to this key of another system."""
        return [self.entities[key] for key in sorted(self._linked.get(external_key, ()))]

    def colleague(self, text: str) -> Colleague | None:
        return next((one for one in COLLEAGUES if text == one.key or text.casefold() == one.email), None)

    def _enter(self, entity: Entity) -> None:
        self.entities[entity.key] = entity
        for card in entity.cards:
            self._owners[card.key] = entity.key
        if identifier := _identifier(entity):
            self._identifiers[identifier].add(entity.key)
        for external in entity.external_keys:
            self._linked[external].add(entity.key)


def _identifier(entity: Entity) -> str:
    return entity.text.get("UserDefinedIdentifier", "").casefold()
