"""What Xero refuses in a contact: lengths, email, phones, addresses, persons (xero.md 2.4 and 2.5)."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from xerosync_tui.sandbox.bodies import Element
from xerosync_tui.sandbox.contact import (
    ADDRESS_LENGTHS,
    ADDRESS_TYPES,
    PHONE_LENGTHS,
    PHONE_TYPES,
    STATUSES,
    TEXT_LENGTHS,
)

EMAIL_MESSAGE = "Email address must be valid."
ARCHIVED_MESSAGE = (
    "The specified contact details matched an archived contact. "
    "Archived contacts cannot currently be edited via the API."
)
NAMELESS_MESSAGE = "Contact name cannot be empty."
MOST_PERSONS = 5

_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?")
_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+")
_COUNTRY = re.compile(r"[A-Za-z ]*")
_UNTIDY = re.compile(r"[<>]|^\s|\s$|\s\s")

Switches = Mapping[str, Any]


def taken_message(name: str) -> str:
    """The recorded refusal of a duplicate name (xero.md 3)."""
    return (
        f"The contact name {name} is already assigned to another contact. "
        "The contact name must be unique across all active contacts."
    )


def errors_of(element: Element, switches: Switches) -> list[str]:
    """Everything wrong with an element by itself. Phones and addresses at fault also get their own ValidationErrors."""
    return [
        *_text_errors(element, switches),
        *_slot_errors(element, "Phones", "PhoneType", PHONE_TYPES, PHONE_LENGTHS),
        *_slot_errors(element, "Addresses", "AddressType", ADDRESS_TYPES, ADDRESS_LENGTHS),
        *_person_errors(element, switches),
    ]


def tidy_name(name: str) -> str:
    """A name as a Xero that mends names stores it (switch name_cleaned)."""
    return " ".join(re.sub(r"[<>]", "", name).split())


def _text_errors(element: Element, switches: Switches) -> Iterator[str]:
    for field, stated in TEXT_LENGTHS.items():
        longest = switches["unstated_max"] if stated is None else stated
        if longest is not None and len(element.get(field) or "") > longest:
            yield f"{field} must not be more than {longest} characters long."
    if email := element.get("EmailAddress"):
        yield from _email_errors(email, switches)
    if switches["name_strict"] and _UNTIDY.search(element.get("Name") or ""):
        yield "The contact name contains invalid characters or spaces."
    if (status := element.get("ContactStatus")) and status not in STATUSES:
        yield f"ContactStatus {status} is not valid."
    if (kind := element.get("TaxNumberType")) and kind not in ("SSN", "EIN", "ITIN", "ATIN"):
        yield f"TaxNumberType {kind} is not valid."


def _email_errors(email: str, switches: Switches) -> Iterator[str]:
    local, _, domain = email.rpartition("@")
    labels = domain.split(".")
    fits = _LOCAL.fullmatch(local) and len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels)
    if fits and switches["email_strict"]:
        fits = not (local.startswith(".") or local.endswith(".") or ".." in local or "+" in local)
    if not fits:
        yield EMAIL_MESSAGE


def _slot_errors(
    element: Element, name: str, key: str, kinds: tuple[str, ...], lengths: Mapping[str, int]
) -> Iterator[str]:
    for slot in element.get(name) or []:
        messages = []
        if slot.get(key) not in kinds:
            messages.append(f"The {key} {slot.get(key)} is not valid for a contact.")
        messages += [
            f"{part} must not be more than {longest} characters long."
            for part, longest in lengths.items()
            if len(slot.get(part) or "") > longest
        ]
        if not _COUNTRY.fullmatch(slot.get("Country") or ""):
            messages.append("Country must hold letters only.")
        slot["ValidationErrors"] = [{"Message": message} for message in messages]
        yield from messages


def _person_errors(element: Element, switches: Switches) -> Iterator[str]:
    persons = element.get("ContactPersons") or []
    if len(persons) > MOST_PERSONS:
        yield f"A contact can have at most {MOST_PERSONS} contact persons."
    longest = switches["unstated_max"]
    for person in persons:
        if person.get("EmailAddress"):
            yield from _email_errors(person["EmailAddress"], switches)
        for part in ("FirstName", "LastName", "EmailAddress"):
            if longest is not None and len(person.get(part) or "") > longest:
                yield f"{part} of a contact person must not be more than {longest} characters long."
