"""The account behind Karbon's API as its people see it, and what goes wrong on the way there."""

from __future__ import annotations

from collections import Counter
from typing import Any

from xerosync_tui.domain.contact import Kind
from xerosync_tui.sandbox.karbon.entity import Entity

from .firm import Firm
from .karbons import ENTITY, ITSELF

V3 = "/v3/"


def lose(firm: Firm, kind: str, method: str, path: str = V3, **more: Any) -> None:
    """Requests of that kind to Karbon go wrong, as often as all tries of one are made unless told otherwise."""
    firm.xero.fault(kind, path, method=method, **{"times": 3, **more})


def card_reads(firm: Firm) -> list[str]:
    """The keys of the contacts that were read one by one, in order."""
    paths = [e["path"].split("/") for e in firm.asked_of_karbon() if e["method"] == "GET"]
    return [path[3] for path in paths if len(path) == 4 and path[3] != ITSELF.key]


def called(firm: Firm, name: str) -> list[Entity]:
    """Karbon's contacts of that name."""
    return [entity for entity in firm.xero.tenant.entities.values() if entity.full_name == name]


def names(firm: Firm) -> Counter[str]:
    """Karbon's contacts by name."""
    return Counter(entity.full_name for key, entity in firm.xero.tenant.entities.items() if key != ITSELF.key)


async def in_karbon_with(firm: Firm, kind: Kind, record: dict[str, Any]) -> str:
    """A contact with whatever Karbon can hold; its key."""
    return str(firm.xero.control("karbon-edit", op="create", kind=ENTITY[kind], record=record)["key"])


def linked_by_karbon_itself(firm: Firm, key: str, xero_id: str) -> None:
    """Karbon's own Xero sync links the two (karbon.md 2.3, ExternalKey)."""
    firm.xero.control("karbon-edit", op="link", key=key, external_key=xero_id)
