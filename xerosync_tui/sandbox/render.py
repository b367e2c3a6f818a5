"""How a stored contact looks on the wire: JSON and XML, lists and write replies (xero.md 2.2 and 2.6)."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import msgspec

from xerosync_tui.sandbox.contact import ADDRESS_TYPES, PHONE_LENGTHS, PHONE_TYPES, Contact, Slots

PROVIDER = "XeroSync sandbox"
READ_PHONES = ("DDI", "DEFAULT", "FAX", "MOBILE")
WRITE_ADDRESSES = ADDRESS_TYPES
ALWAYS_LISTED = ("AddressLine1", "City", "Region", "PostalCode", "Country")
SUMMARY_DROPS = frozenset(
    (
        "Addresses",
        "Balances",
        "ContactGroups",
        "ContactPersons",
        "IsCustomer",
        "IsSupplier",
        "SalesDefaultLineAmountType",
        "PurchasesDefaultLineAmountType",
        "SalesTrackingCategories",
        "PurchasesTrackingCategories",
    )
)


def listed(contact: Contact) -> dict[str, Any]:
    """A contact in an unpaged list: the fewer fields (xero.md 2.2)."""
    head = {"ContactID": contact.contact_id}
    text = {key: value for key, value in contact.text.items() if value and key != "Website"}
    if contact.writes_empty:
        text = {"BankAccountDetails": "", "TaxNumber": "", **text}
    swapped = contact.contact_id[1] in "02468ace"
    return {
        **head,
        **text,
        "ContactStatus": contact.status,
        "Addresses": _slots(contact, "AddressType", ADDRESS_TYPES[::-1] if swapped else ADDRESS_TYPES),
        "Phones": _slots(contact, "PhoneType", READ_PHONES),
        "UpdatedDateUTC": msdate(contact.updated_ms, "+0000"),
        "IsSupplier": contact.is_supplier,
        "IsCustomer": contact.is_customer,
        "HasValidationErrors": False,
        **contact.raw,
    }


def detailed(contact: Contact) -> dict[str, Any]:
    """A contact in a paged list or read by itself: all fields."""
    return {**listed(contact), **_details(contact), "HasAttachments": False, **contact.raw}


def summarised(contact: Contact) -> dict[str, Any]:
    """A contact with summaryOnly: without the heavy fields (xero.md 2.2)."""
    return {key: value for key, value in detailed(contact).items() if key not in SUMMARY_DROPS}


def written(contact: Contact) -> dict[str, Any]:
    """A contact in a write reply: slots in another order, no HasAttachments (xero.md 2.6)."""
    slots = {
        "Addresses": _slots(contact, "AddressType", WRITE_ADDRESSES),
        "Phones": _slots(contact, "PhoneType", PHONE_TYPES),
    }
    return {**listed(contact), **_details(contact), **slots}


def refused(element: Mapping[str, Any], contact_id: str, errors: Iterable[str]) -> dict[str, Any]:
    """A refused element: the echo of what was sent, never what is stored (xero.md 2.6)."""
    return {
        "Addresses": [],
        "Phones": [],
        "ContactGroups": [],
        "ContactPersons": [],
        **element,
        "ContactID": contact_id,
        "HasValidationErrors": True,
        "ValidationErrors": [{"Message": message} for message in errors],
    }


def msdate(milliseconds: int, zone: str = "") -> str:
    return f"/Date({milliseconds}{zone})/"


def envelope(now_ms: int, name: str, elements: list[Any], pagination: dict[str, int] | None = None) -> dict[str, Any]:
    """The answer around a list: Id, Status, ProviderName, DateTimeUTC, and `pagination` only when paged."""
    head: dict[str, Any] = {
        "Id": str(uuid.uuid4()),
        "Status": "OK",
        "ProviderName": PROVIDER,
        "DateTimeUTC": msdate(now_ms),
    }
    if pagination is not None:
        head["pagination"] = pagination
    return {**head, name: elements}


def json_bytes(body: Any) -> bytes:
    return msgspec.json.encode(body)


def xml_bytes(body: dict[str, Any]) -> bytes:
    """The JSON envelope as Xero's XML: <Response>...<Contacts><Contact>...; ISO dates, status attribute."""
    return f"<Response>{_children(body)}</Response>".encode()


def xml_exception(body: dict[str, Any]) -> bytes:
    """An ApiException document (xero.md 3)."""
    elements = "".join(
        f'<DataContractBase xsi:type="Contact">{_children(item)}</DataContractBase>'
        for item in body.get("Elements", [])
    )
    head = _children({key: value for key, value in body.items() if key != "Elements"})
    space = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    wrapped = f"<Elements>{elements}</Elements>" if elements else ""
    return f"<ApiException {space}>{head}{wrapped}</ApiException>".encode()


_SINGULAR = {
    "Addresses": "Address",
    "SalesTrackingCategories": "SalesTrackingCategory",
    "PurchasesTrackingCategories": "PurchasesTrackingCategory",
}


def _children(body: Mapping[str, Any]) -> str:
    return "".join(_xml(key, value) for key, value in body.items() if value is not None)


def _xml(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        status = value.get("StatusAttributeString")
        attribute = f" status={quoteattr(status)}" if isinstance(status, str) else ""
        inner = _children({key: item for key, item in value.items() if key != "StatusAttributeString"})
        return f"<{name}{attribute}>{inner}</{name}>"
    if isinstance(value, list | tuple):
        item_name = _SINGULAR.get(name, name.removesuffix("s"))
        return f"<{name}>{''.join(_xml(item_name, item) for item in value)}</{name}>"
    if isinstance(value, bool):
        return f"<{name}>{str(value).lower()}</{name}>"
    return f"<{name}>{escape(_xml_text(str(value)))}</{name}>"


def _xml_text(text: str) -> str:
    """ISO for Xero's dates; characters that XML 1.0 cannot hold are left out."""
    if text.startswith("/Date("):
        milliseconds = int(text[6:].split("+")[0].rstrip(")/"))
        return datetime.fromtimestamp(milliseconds / 1000, UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")
    return "".join(char for char in text if char >= " " or char in "\t\n\r")


def _details(contact: Contact) -> dict[str, Any]:
    details: dict[str, Any] = {
        "ContactGroups": [],
        "ContactPersons": [dict(person) for person in contact.persons],
        "SalesDefaultLineAmountType": "INCLUSIVE",
        "PurchasesDefaultLineAmountType": "INCLUSIVE",
        "SalesTrackingCategories": [],
        "PurchasesTrackingCategories": [],
    }
    if contact.text.get("Website"):
        details["Website"] = contact.text["Website"]
    if contact.merged_to is not None:
        details["MergedToContactID"] = contact.merged_to
    if contact.is_customer or contact.is_supplier:
        owed = {"Outstanding": int(contact.contact_id[:3], 16) / 4, "Overdue": 0.0}
        details["Balances"] = {"AccountsReceivable": owed, "AccountsPayable": {"Outstanding": 0.0, "Overdue": 0.0}}
    return details


def _slots(contact: Contact, key: str, kinds: Iterable[str]) -> list[dict[str, str]]:
    """All slots of a contact; unset parts empty on some contacts, missing on others."""
    stored: Slots = contact.phones if key == "PhoneType" else contact.addresses
    blank: Mapping[str, str] = {}
    if contact.writes_empty:
        blank = dict.fromkeys(PHONE_LENGTHS if key == "PhoneType" else ALWAYS_LISTED, "")
    return [
        {key: kind, **blank, **{part: text for part, text in stored.get(kind, {}).items() if text}} for kind in kinds
    ]
