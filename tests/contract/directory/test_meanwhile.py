"""Somebody else comes in after the plan: what might be the same contact is left to the next run (promise P13)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from xerosync_tui.domain.contact import Contact, Field, Kind
from xerosync_tui.domain.directory import DirectoryRecord
from xerosync_tui.remotes.ports import Create, Delete, NotStored, Outcome, Stored, Update

from .subject import Subject, written

ACME = Contact("Acme Pty Ltd", "accounts@acme.example")
LIKE_ACME = [
    ("ACME  Pty Ltd", "other@acme.example", True, False),
    ("Another", "Accounts@ACME.example", False, True),
    ("Acme Pty Ltd", "accounts@acme.example", True, True),
    ("Another", "another@x.example", False, False),
    ("Another", "", False, False),
]
create = Create(Kind.ORGANIZATION, ACME, {"contact_type": "Client"})
update = Update("k1", ACME, {Field.PHONE: "02 5550 1234"})


def organization(key: str, name: str, email: str = "") -> DirectoryRecord:
    return DirectoryRecord(key, Kind.ORGANIZATION, Contact(name, email))


def is_left(outcome: Outcome, name: str) -> bool:
    """Whether it waits for the next run because of the contact of that name."""
    if isinstance(outcome, Stored):
        return False
    assert outcome == NotStored(f"{name} was added or changed in Karbon meanwhile.", deferred=True)
    return True


@pytest.mark.parametrize(("name", "email", "same_name", "same_email"), LIKE_ACME)
@pytest.mark.parametrize("how", ["added", "changed"])
async def test_what_resembles_it_came_in_between(
    subject: Subject, how: str, name: str, email: str, same_name: bool, same_email: bool
) -> None:
    """A new contact gives way to one shared key, a full match only to another full match."""
    await subject.typed(organization("k1", "Acme Pty Ltd", "accounts@acme.example"))
    if how == "changed":
        await subject.typed(organization("k2", "Before", "before@x.example"))
    await subject.planned()
    if how == "changed":
        await subject.edited("k2", {"name": name, "email": email})
    else:
        await subject.typed(organization("k2", name, email))

    made, changed = await written(subject, create, update)
    assert (is_left(made, name), is_left(changed, name)) == (same_name or same_email, same_name and same_email)


@pytest.mark.parametrize("how", ["added", "changed"])
async def test_what_a_person_asks_for_gives_way_to_nobody(subject: Subject, how: str) -> None:
    await subject.typed(organization("k1", "Acme Pty Ltd", "accounts@acme.example"))
    if how == "changed":
        await subject.typed(organization("k2", "Before", "before@x.example"))
    await subject.planned()
    if how == "changed":
        await subject.edited("k2", {"name": ACME.name, "email": ACME.email})
    else:
        await subject.typed(organization("k2", ACME.name, ACME.email))
    outcomes = await written(subject, replace(create, by_hand=True), replace(update, by_hand=True))
    assert all(isinstance(outcome, Stored) for outcome in outcomes)


async def test_two_without_an_email_do_not_share_it(subject: Subject) -> None:
    await subject.planned()
    await subject.typed(organization("k2", "Another"))
    [made] = await written(subject, Create(Kind.ORGANIZATION, Contact("Acme")))
    assert isinstance(made, Stored)


async def test_what_was_there_when_it_was_planned_does_not_count(subject: Subject) -> None:
    await subject.typed(organization("k2", "Acme Pty Ltd"))
    await subject.planned()
    [made] = await written(subject, create)
    assert isinstance(made, Stored)


async def test_what_was_read_since_does_not_count(subject: Subject) -> None:
    await subject.planned()
    await subject.typed(organization("k2", "Acme Pty Ltd"))
    assert [page async for page in subject.port.changes(0)]  # another plan rests on this
    [made] = await written(subject, create)
    assert isinstance(made, Stored)


async def test_what_this_run_made_itself_does_not_count(subject: Subject) -> None:
    """Namesakes in Xero are namesakes in Karbon, in one batch or in two."""
    await subject.planned()
    outcomes = [*await written(subject, create, create), *await written(subject, create)]
    assert all(isinstance(outcome, Stored) for outcome in outcomes)


async def test_what_this_run_changed_itself_does_not_count(subject: Subject) -> None:
    await subject.typed(organization("k1", "Before", "accounts@acme.example"))
    await subject.planned()
    await written(subject, Update("k1", Contact("Before", "accounts@acme.example"), {Field.NAME: "Acme Pty Ltd"}))
    [made] = await written(subject, create)
    assert isinstance(made, Stored)


@pytest.mark.parametrize("first", [update, Update("k1", ACME, {})])
async def test_between_two_batches(subject: Subject, first: Update) -> None:
    """Also when the first batch had nothing to write."""
    await subject.typed(organization("k1", "Acme Pty Ltd", "accounts@acme.example"))
    await subject.planned()
    await written(subject, first)
    await subject.typed(organization("k2", "Newcomer"))
    newcomer = Create(Kind.ORGANIZATION, Contact("Newcomer"))
    for _ in range(2):  # and it is remembered
        [made] = await written(subject, newcomer)
        assert is_left(made, "Newcomer")


async def test_what_this_run_made_and_others_changed_counts(subject: Subject) -> None:
    await subject.planned()
    [made] = await written(subject, Create(Kind.ORGANIZATION, Contact("Before")))
    assert isinstance(made, Stored)
    await subject.edited(made.contact.key, {"name": "Acme Pty Ltd"})
    [made] = await written(subject, create)
    assert is_left(made, "Acme Pty Ltd")


async def test_what_an_interrupted_run_made_does_not_count(subject: Subject) -> None:
    await subject.planned()
    [made] = await written(subject, create)
    assert isinstance(made, Stored)
    await subject.typed(organization("k2", "Newcomer"))
    await subject.interrupted(made.contact.version)
    again, newcomer = await written(subject, create, Create(Kind.ORGANIZATION, Contact("Newcomer")))
    assert isinstance(again, Stored)
    assert is_left(newcomer, "Newcomer")


async def test_what_is_deleted_in_between_is_no_trouble(subject: Subject) -> None:
    await subject.typed(organization("k2", "Acme Pty Ltd"))
    await subject.planned()
    await subject.edited("k2", {"email": "accounts@acme.example"})
    await subject.deleted("k2")
    [made] = await written(subject, create)
    assert isinstance(made, Stored)


async def test_a_contact_may_be_deleted_whoever_came(subject: Subject) -> None:
    await subject.typed(organization("k1", "Acme Pty Ltd", "accounts@acme.example"))
    await subject.planned()
    await subject.typed(organization("k2", "Acme Pty Ltd", "accounts@acme.example"))
    record = await subject.held("k1")
    assert record
    [gone] = await written(subject, Delete("k1", ACME, record.version))
    assert isinstance(gone, Stored)
