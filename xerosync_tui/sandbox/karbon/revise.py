"""What a write makes of a record (karbon.md 2.7). The bodies have been checked."""

from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any

from xerosync_tui.sandbox.karbon.bodies import Body
from xerosync_tui.sandbox.karbon.entity import (
    CARD_LISTS,
    CARD_TEXT,
    COMMON,
    NAMES,
    PART_KEYS,
    PARTS,
    BusinessCard,
    Entity,
)
from xerosync_tui.sandbox.karbon.tenant import new_key
from xerosync_tui.sandbox.ledger import random_uuid


def overlaid(entity: Entity, texts: Mapping[str, str | None], body: Body, *, clear: bool) -> Entity:
    """`entity` with `texts` and the structures of `body` over it; what neither names is cleared or kept.

    RestrictionLevel is kept in any case, and business cards are not touched here.
    """
    names = (*NAMES[entity.kind], *COMMON)
    before = {} if clear else {name: entity.text[name] for name in names if name in entity.text}
    text = {name: value for name, value in {**before, **texts}.items() if value}
    description = entity.description
    if clear or "EntityDescription" in body:
        description = (body.get("EntityDescription") or {}).get("Text") or ""
    accounting = entity.accounting
    if clear or "AccountingDetail" in body:
        accounting = _accounting(entity.accounting, body.get("AccountingDetail") or {})
    team = entity.team
    if clear or "ClientTeam" in body:
        team = tuple(body.get("ClientTeam") or ())
    level = body.get("RestrictionLevel") or entity.level
    return replace(entity, text=text, description=description, accounting=accounting, team=team, level=level)


def card_of(random: Random, key: str, body: Body, *, of_organization: bool) -> BusinessCard:
    """The business card that `body` describes in full: what it leaves out is empty."""
    lists: dict[str, tuple[Any, ...]] = {name: tuple(body.get(name) or ()) for name in CARD_LISTS}
    for name in PARTS:
        lists[name] = tuple(_item(random, name, item) for item in body.get(name) or ())
    return BusinessCard(
        key=key,
        organization_key=None if of_organization else body.get("OrganizationKey") or None,
        text={name: body[name] for name in CARD_TEXT if body.get(name)},
        lists={name: items for name, items in lists.items() if items},
    )


def cards_of(random: Random, entity: Entity, bodies: list[Body], *, remove: bool) -> tuple[BusinessCard, ...]:
    """The cards of `entity` after a write that carries `bodies`.

    A card is known by its three keys. One that is not carried with all of them is removed or kept, and what was
    carried without is a new card.
    """
    of_organization = entity.kind == "Organization"
    known = {card.key for card in entity.cards}
    carried, new = {}, []
    for body in bodies:
        key = body.get("BusinessCardKey")
        if key in known and body.get("EntityType") and body.get("EntityKey") == entity.key:
            carried[key] = card_of(random, key, body, of_organization=of_organization)
        else:
            new.append(card_of(random, new_key(random), body, of_organization=of_organization))
    old = [carried.get(card.key, card) for card in entity.cards if card.key in carried or not remove]
    return (*old, *new)


def _item(random: Random, name: str, item: Body) -> Body:
    """A phone number or address with its key; one without gets one, as one that was just typed."""
    return {
        PART_KEYS[name]: item.get(PART_KEYS[name]) or random_uuid(random),
        **{part: item.get(part) for part in PARTS[name]},
    }


def _accounting(before: Mapping[str, Any], wanted: Body) -> Body:
    """Registration numbers are upserted by Type, and a blank one is deleted; the rest is replaced."""
    numbers = {one["Type"]: one for one in before.get("RegistrationNumbers", ())}
    for one in wanted.get("RegistrationNumbers") or ():
        if (one.get("RegistrationNumber") or "").strip():
            numbers[one["Type"]] = one
        else:
            numbers.pop(one["Type"], None)
    return {**wanted, "RegistrationNumbers": list(numbers.values())}
