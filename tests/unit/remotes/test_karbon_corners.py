"""Corners of Karbon's lists and of a second: what was met there once, and mended."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.remotes import karbon_account
from tests.unit.remotes.karbon_account import Account, Notes, many
from xerosync_tui.domain.contact import Contact, Kind
from xerosync_tui.errors import XeroSyncError
from xerosync_tui.remotes.karbon.api import KarbonDirectory
from xerosync_tui.remotes.ports import Create, NotStored, Stored
from xerosync_tui.sandbox.karbon.entity import TICKS

server, store, account = karbon_account.server, karbon_account.store, karbon_account.account
ACME = Create(Kind.ORGANIZATION, Contact("Acme"))


async def test_nameless_rows(account: Account) -> None:
    account.organization("k1", "")
    contacts, _, bad = await account.told()
    assert (contacts, len(bad)) == ({}, 1)


async def test_unreadable_then_deleted(account: Account) -> None:
    many(account, 3)
    account.port = account.directory(unreadable={"k1"})
    account.tenant.remove("k1")
    for _ in range(2):
        account.sent.clear()
        await account.told(account.newest())
    assert len(account.lists_asked()) == 2


async def test_made_but_not_read(account: Account) -> None:
    account.before("POST", lambda: account.fault("unavailable", method="GET", times=3))
    for _ in range(2):
        [outcome] = await account.write(ACME)
        assert isinstance(outcome, Stored)


async def test_edited_again_within_its_second(account: Account) -> None:
    account.organization("k2", "Before")
    at = account.tenant.entities["k2"].modified // TICKS * TICKS
    account.tenant.put(replace(account.tenant.entities["k2"], modified=at + 3))
    await account.told()
    account.tenant.put(replace(account.tenant.entities["k2"], text={"FullName": "Acme"}, modified=at + 9))
    [outcome] = await account.write(ACME)
    assert isinstance(outcome, NotStored)


async def test_newcomers_after_failed_intents(account: Account) -> None:
    account.planned()
    account.organization("k2", "Newcomer")
    with pytest.raises(LookupError):
        await account.port.write([ACME], Notes(account, failing=True))
    await account.write(ACME)
    assert [contact.key for contact in account.kept[-1]] == ["k2"]


async def test_unknown_though_nothing_was_sent(account: Account) -> None:
    account.planned()
    account.fault("unauthorized_expired", method="POST")
    notes = Notes(account)
    with pytest.raises(XeroSyncError):
        await account.port.write([ACME], notes)
    [outcome] = notes.outcomes
    assert isinstance(outcome, NotStored) and not outcome.unknown


async def test_of_our_own_writes_only_those_of_the_newest_second_are_read_again(account: Account) -> None:
    account.organization("k1", "Old", second=-1000)
    account.planned()
    version = account.newest()
    for n in range(20):
        await account.write(Create(Kind.ORGANIZATION, Contact(f"N{n}")))
    account.port = KarbonDirectory(account.session, account.store, account.known(), version)
    account.sent.clear()
    await account.told(version)
    seconds = [entity.modified // TICKS for entity in account.tenant.entities.values()]
    assert len(account.records_asked()) == seconds.count(max(seconds))
