"""Records as Karbon serves them: list rows, single records, business cards (karbon.md 2.5)."""

from collections.abc import Mapping
from typing import Any

from xerosync_tui.sandbox.karbon.entity import (
    CARD_LISTS,
    CARD_TEXT,
    COMMON,
    NAMES,
    PARTS,
    REQUIRED,
    BusinessCard,
    Entity,
    key_name,
    to_seven_decimals,
    to_the_second,
)

Body = dict[str, Any]
Switches = Mapping[str, Any]
REQUIRED_NAMES = frozenset(name for names in REQUIRED.values() for name in names)


def row(entity: Entity, switches: Switches) -> Body:
    """A list row: no cards, one email, one phone, time to the second."""
    card = _primary(entity)
    body: Body = {
        "@odata.type": f"#KarbonService.{entity.kind}SummaryDTO",
        key_name(entity.kind): entity.key,
        "FullName": entity.full_name,
    }
    if entity.kind == "Contact":
        names = ("PreferredName", "Salutation", "ClientOwner", "ClientManager")
        body |= _texts({name: entity.text.get(name) for name in names}, switches)
        body |= _texts({"Address": _one_line(card), "RoleOrTitle": card.text.get("RoleOrTitle")}, switches)
    else:
        body |= _texts({"Website": next(iter(card.lists.get("WebSites", ())), None)}, switches)
    shown = {name: row_text(entity, name, switches) for name in ("EmailAddress", "PhoneNumber", "ContactType")}
    body |= _texts({**shown, "UserDefinedIdentifier": entity.text.get("UserDefinedIdentifier")}, switches)
    return body | {"LastModifiedDateTime": to_the_second(entity.modified)} | dict(entity.raw)


def row_text(entity: Entity, name: str, switches: Switches) -> str:
    """What a list row shows under a name that can be filtered by; "" where there is nothing."""
    if name == "FullName":
        return entity.full_name
    place = 0 if switches["row_shows"] == "first" else -1
    if name == "EmailAddress":
        emails = _primary(entity).emails
        return str(emails[place]) if emails else ""
    if name == "PhoneNumber":
        phones = _primary(entity).lists.get("PhoneNumbers", ())
        return str(phones[place].get("Number") or "") if phones else ""
    return entity.text.get(name, "")


def single(entity: Entity, base: str, switches: Switches) -> Body:
    """A record read by its key, without what is expanded; time to seven decimals, and no FullName for a person."""
    texts = {name: entity.text.get(name) for name in (*NAMES[entity.kind], *COMMON)}
    body: Body = {
        "@odata.context": f"{base}/v3/$metadata#{entity.kind}s/KarbonService.{entity.kind}DTO/$entity",
        "@odata.type": f"#KarbonService.{entity.kind}DTO",
        key_name(entity.kind): entity.key,
        **_texts(texts, switches),
        "RestrictionLevel": entity.level,
        "LastModifiedDateTime": to_seven_decimals(entity.modified),
        "EntityDescription": _texts({"Text": entity.description}, switches),
        "AccountingDetail": _accounting(entity),
    }
    if entity.kind == "Contact":
        body["AvatarUrl"] = None
    return body | dict(entity.raw)


def cards(entity: Entity, switches: Switches) -> list[Body]:
    return [card(entity, one, switches) for one in entity.cards]


def card(owner: Entity, one: BusinessCard, switches: Switches) -> Body:
    """A business card; lists are always there."""
    return {
        "BusinessCardKey": one.key,
        "EntityType": owner.kind,
        "EntityKey": owner.key,
        "IsPrimaryCard": one is owner.cards[0],
        **{name: list(one.lists.get(name, ())) for name in CARD_LISTS},
        "OrganizationKey": one.organization_key,
        **_texts({name: one.text.get(name) for name in CARD_TEXT}, switches),
        **{name: [dict(item) for item in one.lists.get(name, ())] for name in PARTS},
    }


def _texts(texts: Mapping[str, str | None], switches: Switches) -> Body:
    """`texts`, the unset ones as the switch says; a required name is always a string."""
    style = switches["unset_text"]
    body: Body = {}
    for name, text in texts.items():
        if text:
            body[name] = text
        elif name in REQUIRED_NAMES:
            body[name] = ""
        elif style != "missing" or name == "UserDefinedIdentifier":  # which every single record must have
            body[name] = None if style == "null" else ""
    return body


def _primary(entity: Entity) -> BusinessCard:
    return entity.cards[0] if entity.cards else BusinessCard("")


def _one_line(one: BusinessCard) -> str | None:
    """The Address of a person's row: one string."""
    addresses = one.lists.get("Addresses", ())
    if not addresses:
        return None
    parts = (addresses[0].get("AddressLines"), addresses[0].get("City"))
    return ", ".join(part for part in parts if part)


def _accounting(entity: Entity) -> Body:
    of_contact = entity.kind == "Contact"
    return {
        "ContactPermaKey": entity.key if of_contact else None,
        "OrganizationPermaKey": None if of_contact else entity.key,
        **entity.accounting,
        "RegistrationNumbers": [dict(item) for item in entity.accounting.get("RegistrationNumbers", ())],
        "Notes": [dict(item) for item in entity.accounting.get("Notes", ())],
    }
