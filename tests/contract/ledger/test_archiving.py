"""Archiving: the contact stays as it was, and there is no way back."""

from __future__ import annotations

from tests.records import ADDRESS
from xerosync_tui.domain.contact import Contact, Field, XeroStatus
from xerosync_tui.remotes.ports import Refused, Saved

from .subject import OverHttp, Subject

ACME = Contact("Acme Pty Ltd", "accounts@acme.example", "02 5550 1234", ADDRESS)


async def test_an_archived_contact_keeps_its_values(subject: Subject) -> None:
    """xero.md 2.5 archive, field omitted."""
    id, other = subject.made(ACME, "C-1"), subject.made(Contact("Other"))
    record = (await subject.port.read([id]))[id]
    outcome = await subject.port.archive(record, "r1")
    assert isinstance(outcome, Saved)
    assert (outcome.contact.contact, outcome.contact.status) == (ACME, XeroStatus.ARCHIVED)
    assert outcome.contact.updated > record.contact.updated
    assert subject.held() == {id: (ACME, XeroStatus.ARCHIVED), other: (Contact("Other"), XeroStatus.ACTIVE)}


async def test_what_a_person_edited_since_the_read_stays(subject: Subject) -> None:
    """xero.md 2.5 field omitted: only the status is sent."""
    id = subject.made(ACME)
    record = (await subject.port.read([id]))[id]
    subject.edited(id, phone="1")
    outcome = await subject.port.archive(record, "r1")
    assert isinstance(outcome, Saved) and outcome.contact.contact.phone == "1"


async def test_the_same_request_archives_once(subject: Subject) -> None:
    """xero.md 3 Idempotency-Key: restored in between, it stays so."""
    id = subject.made(ACME)
    record = (await subject.port.read([id]))[id]
    first = await subject.port.archive(record, "r1")
    subject.set_to(id, XeroStatus.ACTIVE)
    assert await subject.port.archive(record, "r1") == first
    assert subject.held()[id] == (ACME, XeroStatus.ACTIVE)


async def test_after_it_every_edit_is_refused(subject: Subject) -> None:
    """xero.md 2.5 edit or re-archive an archived contact."""
    id = subject.made(ACME)
    record = (await subject.port.read([id]))[id]
    await subject.port.archive(record, "r1")
    [outcome] = await subject.port.update([(record, {Field.PHONE: "1"})], "r2")
    assert isinstance(outcome, Refused) and "archived" in outcome.reason.casefold()
    assert subject.held()[id] == (ACME, XeroStatus.ARCHIVED)


async def test_what_is_archived_already_is_refused(xero: OverHttp) -> None:
    """xero.md 2.5 edit or re-archive an archived contact."""
    id = xero.made(ACME)
    record = (await xero.port.read([id]))[id]
    xero.set_to(id, XeroStatus.ARCHIVED)
    before = xero.bytes_of(id)
    outcome = await xero.port.archive(record, "r1")
    assert isinstance(outcome, Refused) and "archived" in outcome.reason.casefold()
    assert xero.bytes_of(id) == before


async def test_one_that_vanished_is_refused(xero: OverHttp) -> None:
    """xero.md 2.5 ContactID that does not exist."""
    id = xero.made(ACME)
    record = (await xero.port.read([id]))[id]
    xero.vanished(id)
    assert isinstance(await xero.port.archive(record, "r1"), Refused)
    assert xero.held() == {}
