"""Making a contact at most once: by its marker, and never over somebody else's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.records import ADDRESS
from xerosync_tui.domain.contact import NO_CONTACT, Contact, XeroStatus
from xerosync_tui.remotes.http import ConnectionLost
from xerosync_tui.remotes.ports import Refused, Saved

from .subject import Subject

ACME = Contact("Acme Pty Ltd", "accounts@acme.example", "02 5550 1234", ADDRESS)
MARKER = "XS0123456789ABCDEF01234567"


@pytest.mark.parametrize("contact", [ACME, Contact("Acme"), Contact("Acme", address=ADDRESS)])
async def test_a_new_contact_is_as_it_was_sent_and_carries_its_marker(subject: Subject, contact: Contact) -> None:
    """xero.md 2.1 PUT /Contacts, 2.4 ContactNumber, Phone, POBOX."""
    made = await subject.port.create(contact, MARKER, "r1")
    assert isinstance(made, Saved)
    assert (made.contact.contact, made.contact.contact_number) == (contact, MARKER)
    assert subject.held() == {made.contact.id: (contact, XeroStatus.ACTIVE)}
    found = await subject.port.read([made.contact.id])
    assert found[made.contact.id].contact == made.contact


@pytest.mark.parametrize("name", [ACME.name, ACME.name.upper()])
async def test_a_name_that_is_taken_is_refused_and_its_holder_untouched(subject: Subject, name: str) -> None:
    """xero.md 2.1 PUT /Contacts (POST might update it), 3 duplicate name."""
    subject.made(ACME, "C-1")
    before = subject.held()
    outcome = await subject.port.create(Contact(name, "other@x.example"), MARKER, "r1")
    assert isinstance(outcome, Refused) and "already assigned to another contact" in outcome.reason
    assert subject.held() == before
    assert await subject.port.marked(MARKER) is None


async def test_the_name_of_an_archived_contact_is_free(subject: Subject) -> None:
    """xero.md 2.5 reuse the name of an archived contact."""
    gone = subject.made(ACME)
    subject.set_to(gone, XeroStatus.ARCHIVED)
    made = await subject.port.create(ACME, MARKER, "r1")
    assert isinstance(made, Saved) and made.contact.id != gone
    assert subject.held()[gone] == (ACME, XeroStatus.ARCHIVED)


@pytest.mark.parametrize("archived", [False, True])
async def test_a_marker_that_is_carried_already_is_refused(subject: Subject, archived: bool) -> None:
    """xero.md 2.4 ContactNumber (collision is an error on PUT): Xero itself keeps a second one out."""
    holder = subject.made(Contact("Holder"), MARKER)
    if archived:
        subject.set_to(holder, XeroStatus.ARCHIVED)
    before = subject.held()
    assert isinstance(await subject.port.create(ACME, MARKER, "r1"), Refused)
    assert subject.held() == before


async def test_the_same_request_makes_one_contact(subject: Subject) -> None:
    """xero.md 3 Idempotency-Key."""
    first = await subject.port.create(ACME, MARKER, "r1")
    assert await subject.port.create(ACME, MARKER, "r1") == first
    assert len(subject.held()) == 1


async def test_a_lost_answer_is_found_by_its_request_or_by_its_marker(subject: Subject) -> None:
    """xero.md 3 Idempotency-Key, 2.1 GET /Contacts/{ContactNumber}: promise P7."""
    subject.loses_answers()
    with pytest.raises(ConnectionLost):
        await subject.port.create(ACME, MARKER, "r1")
    again = await subject.port.create(ACME, MARKER, "r1")
    assert isinstance(again, Saved)
    assert subject.held() == {again.contact.id: (ACME, XeroStatus.ACTIVE)}
    found = await subject.port.marked(MARKER)
    assert found and found.id == again.contact.id


async def test_what_is_stored_differently_comes_back_as_stored(subject: Subject) -> None:
    """xero.md 2.4 Name (what Xero does with < and > is unknown)."""
    subject.tidies_names()
    made = await subject.port.create(replace(ACME, name="Acme <Holding>"), MARKER, "r1")
    assert isinstance(made, Saved) and made.contact.contact.name == "Acme Holding"


async def test_a_marked_contact_is_found_whatever_became_of_it(subject: Subject) -> None:
    """xero.md 2.1 GET /Contacts/{ContactNumber}, 2.2 includeArchived (a single GET knows no filter)."""
    subject.made(Contact("Other"), "C-1")
    id = subject.made(ACME, MARKER)
    subject.edited(id, name="Renamed")
    subject.set_to(id, XeroStatus.ARCHIVED)
    found = await subject.port.marked(MARKER)
    assert found and (found.id, found.contact.name, found.status) == (id, "Renamed", XeroStatus.ARCHIVED)


async def test_a_marker_that_nobody_carries_is_no_error(subject: Subject) -> None:
    """xero.md 2.6 404, 3 404."""
    subject.made(ACME, "C-1")
    subject.made(replace(ACME, name="No number"))
    assert await subject.port.marked(MARKER) is None


async def test_a_refused_creation_can_be_asked_for_anew(subject: Subject) -> None:
    """xero.md 3 Idempotency-Key (errors are cached): another request, the same marker."""
    holder = subject.made(ACME)
    assert isinstance(await subject.port.create(ACME, MARKER, "r1"), Refused)
    subject.edited(holder, name="Out of the way")
    assert isinstance(await subject.port.create(ACME, MARKER, "r1"), Refused)
    made = await subject.port.create(ACME, MARKER, "r2")
    assert isinstance(made, Saved) and made.contact.contact == ACME
    assert NO_CONTACT not in [contact for contact, _ in subject.held().values()]
