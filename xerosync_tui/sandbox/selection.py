"""Finds the contacts that a query asks for."""

from collections.abc import Iterable

from xerosync_tui.sandbox.contact import Contact, fold
from xerosync_tui.sandbox.organisation import INDEXED, Organisation
from xerosync_tui.sandbox.query import Query

SEARCHED = ("Name", "FirstName", "LastName", "ContactNumber", "CompanyNumber", "EmailAddress")


def select(organisation: Organisation, query: Query, *, inclusive: bool) -> list[Contact]:
    """The contacts in order; ties go by ContactID, also when descending (xero.md 2.2)."""
    return [contact for contact in _ordered(organisation, query) if _passes(contact, query, inclusive)]


def _ordered(organisation: Organisation, query: Query) -> Iterable[Contact]:
    if query.ids is not None:
        organisation_has = organisation.contacts
        return _sorted([organisation_has[key] for key in query.ids if key in organisation_has], query)
    indexed = [clause for clause in query.where if clause[0] in INDEXED]
    if indexed:
        return _sorted(organisation.having(*indexed[0]), query)
    if query.order == "UpdatedDateUTC" and not query.descending:
        return organisation.by_update()
    return _sorted(list(organisation.contacts.values()), query)


def _sorted(contacts: list[Contact], query: Query) -> list[Contact]:
    contacts.sort(key=lambda contact: contact.contact_id)
    if query.order == "UpdatedDateUTC":
        contacts.sort(key=lambda contact: contact.updated_ms, reverse=query.descending)
    elif query.order != "ContactID":
        contacts.sort(key=lambda contact: _text(contact, query.order).casefold(), reverse=query.descending)
    elif query.descending:
        contacts.reverse()
    return contacts


def _text(contact: Contact, field: str) -> str:
    return contact.status if field == "ContactStatus" else contact.text.get(field, "")


def _passes(contact: Contact, query: Query, inclusive: bool) -> bool:
    if contact.status == "ARCHIVED" and not query.archived:
        return False
    if query.since is not None:
        second = contact.updated_ms // 1000
        if second < query.since or (second == query.since and not inclusive):
            return False
    if query.search and not any(query.search in contact.text.get(field, "").casefold() for field in SEARCHED):
        return False
    return all(fold(_text(contact, field)) == fold(value) for field, value in query.where)
