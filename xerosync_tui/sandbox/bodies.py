"""Reads what a client posts: JSON or XML, a list of contacts or one bare contact (xero.md 2.1)."""

import re
import xml.etree.ElementTree as ET
from typing import Any

import msgspec

from xerosync_tui.sandbox.contact import TEXT_LENGTHS

LARGEST_BODY = 3_500_000
_LISTS = ("Phones", "Addresses", "ContactPersons")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

Element = dict[str, Any]


class BodyError(Exception):
    """Raised when a body is not a list of contacts; the text is the message for the client."""


def is_uuid(text: str) -> bool:
    return _UUID.fullmatch(text) is not None


def read_elements(body: bytes, content_type: str) -> list[Element]:
    """The posted contacts, each with the types that Xero's fields have; raises BodyError."""
    if len(body) > LARGEST_BODY:
        raise BodyError("The request body is larger than 3.5 MB")
    is_xml = "xml" in content_type or ("json" not in content_type and body.lstrip().startswith(b"<"))
    elements = _from_xml(body) if is_xml else _from_json(body)
    for element in elements:
        _check_types(element)
    return elements


def _from_json(body: bytes) -> list[Element]:
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BodyError(f"JSON for post data was invalid,{error}") from None
    if not isinstance(document, dict):
        raise BodyError("JSON for post data was invalid,an object was expected")
    elements = document.get("Contacts", [document])
    if not isinstance(elements, list) or not elements or not all(isinstance(item, dict) for item in elements):
        raise BodyError("JSON for post data was invalid,Contacts must be a list of objects")
    return elements


def _from_xml(body: bytes) -> list[Element]:
    try:
        root = ET.fromstring(body)
    except (ET.ParseError, ValueError) as error:
        raise BodyError(f"XML for post data was invalid,{error}") from None
    nodes = [root] if root.tag == "Contact" else root.findall("Contact")
    if not nodes:
        raise BodyError("XML for post data was invalid,a Contacts element was expected")
    return [_xml_element(node) for node in nodes]


def _xml_element(node: ET.Element) -> Element:
    element: Element = {}
    for child in node:
        if child.tag in _LISTS:
            element[child.tag] = [_xml_element(item) for item in child]
        elif child.tag == "IncludeInEmails":
            element[child.tag] = (child.text or "").strip().lower() == "true"
        else:
            element[child.tag] = child.text or ""
    return element


def _check_types(element: Element) -> None:
    for name in (*TEXT_LENGTHS, "ContactID", "ContactStatus"):
        if not isinstance(element.get(name), str | None):
            raise BodyError(f"JSON for post data was invalid,{name} must be a string")
    if (contact_id := element.get("ContactID")) and not is_uuid(contact_id):
        raise BodyError("JSON for post data was invalid,ContactID must be a GUID")
    for name in _LISTS:
        items = element.get(name)
        if items is None:
            continue
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise BodyError(f"JSON for post data was invalid,{name} must be a list of objects")
        for item in items:
            _check_parts(name, item)


def _check_parts(name: str, item: Element) -> None:
    for part, value in item.items():
        expected = bool if part == "IncludeInEmails" else list if part == "ValidationErrors" else str
        if value is not None and not isinstance(value, expected):
            raise BodyError(f"JSON for post data was invalid,{name}.{part} must be a {expected.__name__}")
