"""Reads what a client writes, and refuses what Karbon would not take (karbon.md 2.5, 2.7, 2.8)."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from xerosync_tui.sandbox.karbon.entity import (
    CARD_LISTS,
    CARD_TEXT,
    COMMON,
    LABELS,
    LEVELS,
    NAMES,
    PART_KEYS,
    PARTS,
    REQUIRED,
    Entity,
    Kind,
    key_name,
)
from xerosync_tui.sandbox.karbon.errors import bad_request, internal, missing, refusal
from xerosync_tui.sandbox.karbon.tenant import Tenant

Body = dict[str, Any]
STRUCTURES = ("RestrictionLevel", "EntityDescription", "AccountingDetail", "BusinessCards", "ClientTeam")
READ_ONLY = ("@odata.context", "@odata.type", "LastModifiedDateTime", "AvatarUrl", "ClientAccess", "Contacts")
CARD_KEYS = ("BusinessCardKey", "EntityType", "EntityKey", "IsPrimaryCard", "OrganizationKey")
LIST_TYPES: dict[str, type] = {"BusinessCards": list, "ClientTeam": list, "EntityDescription": dict}


def read_object(body: bytes, what: str) -> Body:
    """The posted object; Refusal (400, 4005) for none."""
    try:
        document = json.loads(body)
    except ValueError:
        raise missing(what) from None
    if not isinstance(document, dict) or not document:
        raise missing(what)
    return document


def check_record(tenant: Tenant, kind: Kind, body: Body) -> None:
    """Raises Refusal for a whole record, posted or put, that cannot be stored; a record that was read fits."""
    known = (*NAMES[kind], *COMMON, *STRUCTURES, *READ_ONLY, key_name(kind))
    _only(body, known)
    for name in REQUIRED[kind]:
        if body.get(name) is None or (not body[name] and not _may_be_empty(tenant, name)):
            raise missing(name)
    check_texts(body, (*NAMES[kind], *COMMON))
    for name, expected in {**LIST_TYPES, "AccountingDetail": dict}.items():
        if not isinstance(body.get(name), expected | None):
            raise bad_request(f"The property '{name}' has the wrong type.")
    check_texts(body.get("EntityDescription") or {}, ("Text",))
    _list_of(body, "ClientTeam", dict)
    for number in _list_of(body.get("AccountingDetail") or {}, "RegistrationNumbers", dict):
        check_texts(number, ("Type", "RegistrationNumber"))
        if not number.get("Type"):
            raise bad_request("A registration number must have a Type.")


def check_patch(kind: Kind, body: Body) -> None:
    """Raises Refusal for a property that cannot be patched (karbon.md 2.7)."""
    allowed = (*NAMES[kind], "RestrictionLevel")
    if not set(body) <= set(allowed):
        raise bad_request(f"Invalid property to update. Only {', '.join(allowed)} can be patched.")
    check_texts(body, NAMES[kind])


def check_level(tenant: Tenant, body: Body) -> None:
    """Raises Refusal for a RestrictionLevel that does not exist, or that the application may not set."""
    level = body.get("RestrictionLevel")
    if level is None:
        return
    if level not in LEVELS:
        raise bad_request(f"Invalid RestrictionLevel '{level}'.")
    if level != "Public" and not tenant.switches[f"include_{level.lower()}"]:
        message = f"This API application does not have permission to set RestrictionLevel to {level}."
        raise refusal(403, "4021", message)


def check_identifier(tenant: Tenant, kind: Kind, key: str | None, body: Body) -> None:
    """Raises Refusal (500, 5001) for the UserDefinedIdentifier of another record than the one of `key`."""
    identifier = body.get("UserDefinedIdentifier")
    if not identifier:
        return
    everywhere = tenant.switches["identifier_scope"] == "all"
    holders = [other for other in tenant.identified(identifier) if everywhere or other.kind == kind]
    if any(other.key != key for other in holders):
        raise internal("User defined identifier already in use")


def read_common(tenant: Tenant, body: Body) -> dict[str, str | None]:
    """Owner, manager, type and identifier as they are stored: a colleague by email, a type by its name."""
    common = {name: body[name] for name in COMMON if name in body}
    for name in ("ClientOwner", "ClientManager"):
        if common.get(name):
            colleague = tenant.colleague(common[name])
            if colleague is None:
                raise internal()
            common[name] = colleague.email
    if common.get("ContactType") and common["ContactType"] not in tenant.contact_types:
        _refuse_type(common["ContactType"], tenant.switches["unknown_contact_type"])
        common["ContactType"] = None
    return common


def check_card(tenant: Tenant, owner_kind: Kind, body: Any) -> None:
    """Raises Refusal for a business card that cannot be stored."""
    if not isinstance(body, dict):
        raise bad_request("A business card must be an object.")
    _only(body, (*CARD_KEYS, *CARD_TEXT, *CARD_LISTS, *PARTS, "@odata.context", "@odata.type"))
    if body.get("EntityType", owner_kind) != owner_kind:
        raise bad_request(f"Invalid EntityType '{body['EntityType']}': the business card belongs to the {owner_kind}.")
    check_texts(body, (*CARD_TEXT, "BusinessCardKey", "EntityKey", "OrganizationKey"))
    for name in CARD_LISTS:
        _list_of(body, name, str)
    for name, parts in PARTS.items():
        for item in _list_of(body, name, dict):
            _check_item(tenant.switches, name, parts, item)
    organization = body.get("OrganizationKey")
    if owner_kind == "Contact" and organization and tenant.find("Organization", organization) is None:
        raise bad_request(f"Invalid OrganizationKey '{organization}'.")


def check_emails(tenant: Tenant, owner: Entity | None, bodies: Iterable[Body]) -> None:
    """Raises Refusal for an email that another record than `owner` has, where the switch says that it must not."""
    if not tenant.switches["unique_emails"]:
        return
    wanted = {email.casefold() for body in bodies for email in body.get("EmailAddresses") or ()}
    for other in tenant.entities.values():
        if owner is not None and other.key == owner.key:
            continue
        if taken := wanted.intersection(email.casefold() for email in other.emails()):
            raise bad_request(f"Email address '{min(taken)}' is already in use.")


def check_texts(body: Mapping[str, Any], names: Iterable[str]) -> None:
    """Raises Refusal for a value that is no text."""
    for name in names:
        if not isinstance(body.get(name), str | None):
            raise bad_request(f"The property '{name}' must be a string.")


def _only(body: Body, known: Iterable[str]) -> None:
    if unknown := sorted(set(body) - set(known)):
        raise bad_request(f"Invalid property to update: '{unknown[0]}'.")


def _may_be_empty(tenant: Tenant, name: str) -> bool:
    return name == "LastName" and bool(tenant.switches["empty_last_name"])


def _refuse_type(name: str, answer: str) -> None:
    if answer == "refuse":
        raise bad_request(f"Invalid ContactType '{name}'.")
    if answer == "error":
        raise internal()


def _list_of(body: Body, name: str, expected: type) -> list[Any]:
    items = [] if body.get(name) is None else body[name]
    if not isinstance(items, list) or not all(isinstance(item, expected) for item in items):
        raise bad_request(f"The property '{name}' has the wrong type.")
    return items


def _check_item(switches: Mapping[str, Any], name: str, parts: Mapping[str, int | None], item: Body) -> None:
    _only(item, (*parts, PART_KEYS[name]))
    check_texts(item, (*parts, PART_KEYS[name]))
    for part, longest in parts.items():
        if longest is not None and len(item.get(part) or "") > longest:
            raise bad_request(f"The field {part} must be a string with a maximum length of {longest}.")
    if not switches["card_strict"]:
        return
    if item.get("Label") and item["Label"] not in LABELS[name]:
        raise bad_request(f"Invalid Label '{item['Label']}'.")
    code = item.get("CountryCode") or "AU"
    if not (len(code) == 2 and code.isascii() and code.isalpha() and code.isupper()):
        raise bad_request(f"Invalid CountryCode '{code}'.")
