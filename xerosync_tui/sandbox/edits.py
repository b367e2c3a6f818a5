"""Edits as a user makes them in the web app, where the API's rules do not hold (restore, merge, delete ...)."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from xerosync_tui.sandbox.contact import Contact
from xerosync_tui.sandbox.organisation import Organisation
from xerosync_tui.sandbox.revise import overlaid
from xerosync_tui.sandbox.world import World

Wanted = dict[str, Any]


class EditError(Exception):
    """Raised for an edit of a contact or organisation that does not exist."""


def edit(world: World, wanted: Wanted) -> dict[str, Any]:
    """Does the edit in the main organisation or in `tenant`; returns the ContactID.

    UpdatedDateUTC moves to the sandbox's now, or to `updated` (ISO) for what is only seen late.
    """
    organisation = world.organisations.get(wanted["tenant"]) if "tenant" in wanted else world.main()
    if organisation is None:
        raise EditError(f"no organisation {wanted['tenant']!r}")
    now_ms = _milliseconds(wanted["updated"]) if "updated" in wanted else world.clock.now_ms()
    changed = _EDITS[wanted["op"]](organisation, wanted, now_ms)
    return {"ContactID": changed}


def _create(organisation: Organisation, wanted: Wanted, now_ms: int) -> str:
    blank = Contact(str(uuid.uuid4()), 0, {})
    return organisation.touch(_flagged(overlaid(blank, wanted["contact"]), wanted["contact"]), now_ms).contact_id


def _update(organisation: Organisation, wanted: Wanted, now_ms: int) -> str:
    contact = _found(organisation, wanted["id"])
    return organisation.touch(_flagged(overlaid(contact, wanted["contact"]), wanted["contact"]), now_ms).contact_id


def _rename(organisation: Organisation, wanted: Wanted, now_ms: int) -> str:
    contact = _found(organisation, wanted["id"])
    return organisation.touch(overlaid(contact, {"Name": wanted["name"]}), now_ms).contact_id


def _set_status(status: str) -> Callable[[Organisation, Wanted, int], str]:
    def apply(organisation: Organisation, wanted: Wanted, now_ms: int) -> str:
        contact = replace(_found(organisation, wanted["id"]), status=status, merged_to=None)
        return organisation.touch(contact, now_ms).contact_id

    return apply


def _delete(organisation: Organisation, wanted: Wanted, now_ms: int) -> str:
    contact = _found(organisation, wanted["id"])
    organisation.remove(contact.contact_id)
    return contact.contact_id


def _merge(organisation: Organisation, wanted: Wanted, now_ms: int) -> str:
    """The loser is archived and points to the survivor (xero.md 2.1)."""
    survivor = _found(organisation, wanted["survivor"])
    loser = replace(_found(organisation, wanted["loser"]), status="ARCHIVED", merged_to=survivor.contact_id)
    return organisation.touch(loser, now_ms).contact_id


def _set_flag(flag: str) -> Callable[[Organisation, Wanted, int], str]:
    def apply(organisation: Organisation, wanted: Wanted, now_ms: int) -> str:
        contact = _found(organisation, wanted["id"])
        changes: dict[str, Any] = {flag: bool(wanted.get("value", True))}
        organisation.put(replace(contact, **changes))  # UpdatedDateUTC does not move (xero.md 2.3)
        return contact.contact_id

    return apply


def _raw(organisation: Organisation, wanted: Wanted, now_ms: int) -> str:
    """Covers what is served; UpdatedDateUTC stays, as for balances (xero.md 2.3)."""
    contact = _found(organisation, wanted["id"])
    organisation.put(replace(contact, raw={**contact.raw, **wanted["patch"]}))
    return contact.contact_id


def _found(organisation: Organisation, contact_id: str) -> Contact:
    try:
        return organisation.contacts[contact_id.lower()]
    except KeyError:
        raise EditError(f"no contact {contact_id!r}") from None


def _flagged(contact: Contact, wanted: Wanted) -> Contact:
    customer = bool(wanted.get("IsCustomer", contact.is_customer))
    return replace(contact, is_customer=customer, is_supplier=bool(wanted.get("IsSupplier", contact.is_supplier)))


def _milliseconds(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


_EDITS: dict[str, Callable[[Organisation, Wanted, int], str]] = {
    "create": _create,
    "update": _update,
    "rename": _rename,
    "archive": _set_status("ARCHIVED"),
    "restore": _set_status("ACTIVE"),
    "gdpr": _set_status("GDPRREQUEST"),
    "delete": _delete,
    "merge": _merge,
    "customer": _set_flag("is_customer"),
    "supplier": _set_flag("is_supplier"),
    "raw": _raw,
}
