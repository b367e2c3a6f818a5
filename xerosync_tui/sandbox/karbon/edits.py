"""Edits as a user makes them in Karbon's web app, where the API's rules do not hold; and what the state shows."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from xerosync_tui.sandbox.edits import EditError
from xerosync_tui.sandbox.karbon import render
from xerosync_tui.sandbox.karbon.entity import COMMON, LEVELS, NAMES, TICKS, BusinessCard, Entity, Kind
from xerosync_tui.sandbox.karbon.revise import card_of, cards_of, overlaid
from xerosync_tui.sandbox.karbon.tenant import Tenant, new_key
from xerosync_tui.sandbox.world import World

Wanted = dict[str, Any]
_LOOK_UP = re.compile(r"^(\w+ /v3/\w+/\w+ByUserDefinedIdentifier)\(.*", re.DOTALL)
_RECORD = re.compile(r"^(\w+ /v3/\w+)/(?!Get\w+ByUserDefinedIdentifier$)[^/]+$")
_KINDS: dict[str, Kind] = {"Contact": "Contact", "Organization": "Organization"}


def edit(world: World, wanted: Wanted) -> dict[str, Any]:
    """Does the edit; returns the key of the record and those of its business cards.

    LastModifiedDateTime moves to the sandbox's now, or to `modified` (ISO) for what is only seen late.
    """
    tenant = _tenant(world)
    now = _ticks(wanted["modified"]) if "modified" in wanted else int(world.clock.now() * TICKS)
    entity = _EDITS[wanted["op"]](tenant, wanted, now)
    return {"key": entity.key, "cards": [card.key for card in entity.cards]}


def view(world: World, with_records: bool) -> dict[str, Any]:
    """Karbon's part of the state: the switches, and every record with what the API never shows; {} without Karbon."""
    tenant = world.karbon
    if tenant is None:
        return {}
    shown: dict[str, Any] = {"tenantKey": tenant.key, "switches": tenant.switches}
    if with_records:
        shown["records"] = [_stored(tenant, entity) for entity in tenant.entities.values()]
    return {"karbon": shown}


def counted(requests: Mapping[str, int]) -> dict[str, int]:
    """`requests` by kind, with the keys in Karbon's paths taken together as {key}."""
    counts: Counter[str] = Counter()
    for name, number in requests.items():
        counts[_RECORD.sub(r"\1/{key}", _LOOK_UP.sub(r"\1", name))] += number
    return dict(counts)


def _create(tenant: Tenant, wanted: Wanted, now: int) -> Entity:
    blank = Entity(new_key(tenant.random), _KINDS[wanted["kind"]], now, {})
    return tenant.touch(_edited(tenant, blank, wanted["record"]), now)


def _update(tenant: Tenant, wanted: Wanted, now: int) -> Entity:
    return tenant.touch(_edited(tenant, _found(tenant, wanted), wanted["record"]), now)


def _delete(tenant: Tenant, wanted: Wanted, now: int) -> Entity:
    """For good; an organization's people stay (karbon.md 1.13)."""
    entity = _found(tenant, wanted)
    tenant.remove(entity.key)
    for person in list(tenant.entities.values()):
        if any(card.organization_key == entity.key for card in person.cards):
            tenant.put(replace(person, cards=tuple(_without(card, entity.key) for card in person.cards)))
    return entity


def _without(card: BusinessCard, organization_key: str) -> BusinessCard:
    return replace(card, organization_key=None) if card.organization_key == organization_key else card


def _card(tenant: Tenant, wanted: Wanted, now: int) -> Entity:
    """Changes one business card and nothing else; the switch says whether that moves LastModifiedDateTime."""
    found = tenant.owner_of(wanted["key"])
    if found is None:
        raise EditError(f"no business card {wanted['key']!r}")
    owner, card = found
    body = {**render.card(owner, card, tenant.switches), **wanted["card"]}
    new = card_of(tenant.random, card.key, body, of_organization=owner.kind == "Organization")
    changed = replace(owner, cards=tuple(new if one is card else one for one in owner.cards))
    if tenant.switches["card_moves_modified"]:
        return tenant.touch(changed, now)
    tenant.put(changed)
    return changed


def _link(tenant: Tenant, wanted: Wanted, now: int) -> Entity:
    """What Karbon's own integration does when it links a record to another system's."""
    entity = _found(tenant, wanted)
    linked = replace(entity, external_keys=entity.external_keys | {wanted["external_key"]})
    tenant.put(linked)
    return linked


def _unlink(tenant: Tenant, wanted: Wanted, now: int) -> Entity:
    """An unsync in Karbon; whether the ExternalKey still answers is a switch."""
    entity = _found(tenant, wanted)
    if tenant.switches["external_key_survives_unsync"]:
        return entity
    unlinked = replace(entity, external_keys=entity.external_keys - {wanted["external_key"]})
    tenant.put(unlinked)
    return unlinked


def _raw(tenant: Tenant, wanted: Wanted, now: int) -> Entity:
    """Covers what is served of the record itself; LastModifiedDateTime stays."""
    entity = _found(tenant, wanted)
    covered = replace(entity, raw={**entity.raw, **wanted["patch"]})
    tenant.put(covered)
    return covered


def _edited(tenant: Tenant, entity: Entity, record: dict[str, Any]) -> Entity:
    """`entity` with what `record` names over it. Raises ValueError for a name that no record has."""
    names = (*NAMES[entity.kind], *COMMON)
    structures = ("RestrictionLevel", "EntityDescription", "AccountingDetail", "BusinessCards", "ClientTeam")
    if unknown := set(record) - {*names, *structures}:
        raise ValueError(f"a {entity.kind} has no {sorted(unknown)}")
    if record.get("RestrictionLevel", "Public") not in LEVELS:
        raise ValueError(f"no RestrictionLevel {record['RestrictionLevel']!r}")
    texts = {name: record[name] for name in names if name in record}
    edited = overlaid(entity, texts, record, clear=False)
    if "BusinessCards" not in record:
        return edited
    return replace(edited, cards=cards_of(tenant.random, entity, record["BusinessCards"], remove=True))


def _stored(tenant: Tenant, entity: Entity) -> dict[str, Any]:
    return {
        **render.single(entity, "", tenant.switches),
        "FullName": entity.full_name,
        "BusinessCards": render.cards(entity, tenant.switches),
        "ClientTeam": [dict(member) for member in entity.team],
        "ExternalKeys": sorted(entity.external_keys),
    }


def _found(tenant: Tenant, wanted: Wanted) -> Entity:
    try:
        return tenant.entities[wanted["key"]]
    except KeyError:
        raise EditError(f"no record {wanted['key']!r}") from None


def _tenant(world: World) -> Tenant:
    if world.karbon is None:
        raise EditError("this sandbox was started without Karbon")
    return world.karbon


def _ticks(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * TICKS)


_EDITS: dict[str, Callable[[Tenant, Wanted, int], Entity]] = {
    "create": _create,
    "update": _update,
    "delete": _delete,
    "card": _card,
    "link": _link,
    "unlink": _unlink,
    "raw": _raw,
}
