"""What changed since a version, and single contacts: over the sandbox, with what only Karbon's lists have."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.remotes import karbon_account
from tests.unit.remotes.karbon_account import Account, card, many, phone
from xerosync_tui.domain.contact import Contact, Kind
from xerosync_tui.errors import RemoteRefused, RemoteUnreachable
from xerosync_tui.remotes.ports import Create, NotStored, Stored
from xerosync_tui.sandbox.karbon.entity import TICKS

server, store, account = karbon_account.server, karbon_account.store, karbon_account.account


async def test_one_bad_record_is_told_and_the_others_go_on(account: Account) -> None:
    """Its row is sound, and the record is not."""
    many(account, 2)
    account.person("p1", FirstName="Jane", LastName="Doe")
    account.serves("p1", FirstName=3)
    contacts, gone, bad = await account.told()
    assert (set(contacts), gone, bad) == ({"k0", "k1", "p1"}, [], [])
    found = await account.port.read(["k0", "p1", "k1"])
    assert ([contact.key for contact in found.contacts], found.gone) == (["k0", "k1"], ())
    assert [one.record for one in found.bad] == ["p1"]
    assert found.bad[0].reason.startswith("Karbon sent a contact that cannot be read: ")
    _, _, bad = await account.told(contacts["p1"].version)  # within the second that was reached
    assert [(one.record, one.name) for one in bad] == [("p1", "Jane Doe")]


async def test_when_karbon_goes_away_nothing_is_gone(account: Account) -> None:
    many(account, 3)
    account.fault("unavailable", "/v3/Organizations/k1", times=99)
    with pytest.raises(RemoteUnreachable):
        await account.port.read(["k0", "k1"])


@pytest.mark.parametrize("row_is_bad", [True, False])
async def test_what_cannot_be_read_is_no_reason_to_list_all_each_time(account: Account, row_is_bad: bool) -> None:
    """It is counted, and never known."""
    many(account, 150)
    account.serves("k149", **({"FullName": ["x"]} if row_is_bad else {"BusinessCards": 3}))
    account.port = account.directory(unreadable={"k149"})
    for _ in range(2):
        account.sent.clear()
        contacts, gone, _ = await account.told(account.newest())
        assert (contacts, gone) == ({}, [])
        assert len(account.lists_asked()) == 2


async def test_a_row_that_can_be_read_again_is_told(account: Account) -> None:
    many(account, 3)
    account.port = account.directory(unreadable={"k1"})
    version = account.newest()
    account.touched("k1", 5)
    account.sent.clear()
    contacts, gone, bad = await account.told(version)
    assert (set(contacts), gone, bad) == ({"k1"}, [], [])
    assert len(account.lists_asked()) == 2


async def test_an_increment_reads_until_known_ground(account: Account) -> None:
    many(account, 250)
    account.planned()
    version = account.newest()
    account.touched("k200", 5, FullName="New name")
    account.sent.clear()
    contacts, gone, bad = await account.told(version)
    assert {key: one.contact.name for key, one in contacts.items()} == {"k200": "New name"}
    assert (gone, bad) == ([], [])
    assert len([one for one in account.asked() if "/Organizations?" in one]) == 1
    assert len(account.records_asked()) <= 1  # the newest of before


async def test_a_later_change_within_the_same_second_is_told(account: Account) -> None:
    """karbon.md 2.3: lists tell seconds only."""
    account.organization("k1", "Before")
    at = account.tenant.entities["k1"].modified // TICKS * TICKS
    account.tenant.put(replace(account.tenant.entities["k1"], modified=at))
    account.planned()
    account.tenant.put(replace(account.tenant.entities["k1"], text={"FullName": "After"}, modified=at + 1))
    contacts, *_ = await account.told(at)
    assert contacts["k1"].contact.name == "After"


async def test_what_is_known_within_the_newest_second_is_read_until_it_is_no_news(account: Account) -> None:
    """What a list told of it is known by its second only: its own time is told once, and then nothing."""
    many(account, 2)
    contacts, *_ = await account.told()
    version = contacts["k0"].version
    assert version == account.newest() // TICKS * TICKS
    account.sent.clear()
    pages = [page async for page in account.port.changes(version)]
    [told] = [contact for page in pages for contact in page.contacts]
    assert (told.key, told.whole, told.version) == ("k0", True, account.newest())
    assert len(account.records_asked()) == 1
    assert [page async for page in account.port.changes(pages[-1].version)] == []


async def test_what_is_new_within_the_second_that_was_reached_is_told(account: Account) -> None:
    """Also where its time is earlier than the one that was reached."""
    account.organization("k1", "Acme")
    at = account.tenant.entities["k1"].modified // TICKS * TICKS
    account.tenant.put(replace(account.tenant.entities["k1"], modified=at + 7))
    account.planned()
    account.organization("k2", "Beta", card(PhoneNumbers=[phone("1")]))
    account.tenant.put(replace(account.tenant.entities["k2"], modified=at + 3))
    contacts, *_ = await account.told(at + 7)
    assert {key: contact.whole for key, contact in contacts.items()} == {"k2": False}
    contacts, *_ = await account.told(at + 7)
    assert {key: (contact.whole, contact.contact.phone) for key, contact in contacts.items()} == {"k2": (True, "1")}
    assert (await account.told(at + 7))[0] == {}


async def test_what_shows_late_with_an_earlier_time_is_told(account: Account) -> None:
    account.organization("k1", "Early bird")
    account.planned()
    version = account.tenant.entities["k1"].modified
    account.organization("k2", "Latecomer", second=-30)
    contacts, *_ = await account.told(version)
    assert set(contacts) == {"k2"}


async def test_pages_can_be_gone_on_from(account: Account) -> None:
    """Who stops behind any page has all up to its version."""
    many(account, 130)
    for n in range(40):  # and a second that many share, across the end of a page, the newest of them by key first
        account.organization(f"a{99 - n}", f"Same {n}", second=-1031)
    versions = {key: known.version for key, known in account.known().items()}
    pages = [page async for page in account.port.changes(0)]
    assert len(pages) == 2
    told: set[str] = set()
    for page in pages:
        told |= {contact.key for contact in page.contacts}
        assert {key for key, version in versions.items() if version // TICKS <= page.version // TICKS} == told
    assert len(told) == 170


async def test_a_deletion_shows_in_the_count(account: Account) -> None:
    many(account, 150)
    account.planned()
    version = account.newest()
    account.tenant.remove("k149")
    account.organization("new", "New", second=1)
    contacts, gone, _ = await account.told(version)
    assert (set(contacts), gone) == ({"new"}, ["k149"])


async def test_what_a_read_found_deleted_is_no_reason_to_list_all(account: Account) -> None:
    """It was told; a complete read tells it again."""
    many(account, 150)
    account.planned()
    version = account.newest()
    account.tenant.remove("k149")
    assert (await account.port.read(["k149"])).gone == ("k149",)
    account.sent.clear()
    assert await account.told(version) == ({}, [], [])
    assert len(account.lists_asked()) == 2
    assert (await account.told(0))[1] == ["k149"]


async def test_without_a_deletion_not_everything_is_listed(account: Account) -> None:
    many(account, 150)
    account.planned()
    account.sent.clear()
    assert await account.told(account.newest()) == ({}, [], [])
    assert len(account.lists_asked()) == 2


async def test_what_a_list_only_hides_is_not_gone(account: Account) -> None:
    """karbon.md 2.3: whether lists hold Private and Hidden records is unknown."""
    many(account, 3)
    account.planned()
    version = account.newest()
    account.tenant.put(replace(account.tenant.entities["k1"], level="Hidden"))
    account.switch(lists_show_restricted=False)
    assert (await account.told(version))[1] == []
    assert (await account.told(0))[1] == []


async def test_an_account_that_is_empty_all_at_once_plans_nothing(account: Account) -> None:
    """P11."""
    many(account, 2)
    account.planned()
    for key in ("k0", "k1"):
        account.tenant.remove(key)
    for since in (0, 1):
        with pytest.raises(RemoteRefused, match="no contacts at all although 2 are known"):
            await account.told(since)


async def test_a_card_edit_that_moves_no_time_is_told_by_a_read(account: Account) -> None:
    """karbon.md 2.3: whether it moves is unknown."""
    account.organization("k1", "Acme", card(EmailAddresses=["a@x.example"]))
    account.planned()
    entity = account.tenant.entities["k1"]
    account.tenant.put(replace(entity, cards=(card(EmailAddresses=["b@x.example"], PhoneNumbers=[phone("1")]),)))
    assert await account.told(account.newest()) == ({}, [], [])
    [found] = (await account.port.read(["k1"])).contacts
    assert found.contact == Contact("Acme", "b@x.example", "1")


async def test_what_was_edited_while_all_was_read_hides_no_stranger(account: Account) -> None:
    """To read all cards takes hours (karbon.md 2.2): what is read last may be newer than what was never listed."""
    account.organization("k1", "First", second=-9000)
    account.organization("k2", "Second", second=-8000)
    account.planned()

    def edit_meanwhile() -> None:
        account.touched("k2", -100, FullName="Second, edited")
        account.organization("k3", "Acme", second=-4000)

    told = [page async for page in account.port.changes(0)]
    account.when(lambda request: request.url.path.endswith("/k1"), edit_meanwhile)
    found = await account.port.read(["k1", "k2"])
    assert [contact.contact.name for contact in found.contacts] == ["First", "Second, edited"]
    [outcome] = await account.write(Create(Kind.ORGANIZATION, Contact("Acme")))
    assert outcome == NotStored("Acme was added or changed in Karbon meanwhile.", deferred=True)
    contacts, *_ = await account.told(told[-1].version)
    assert set(contacts) == {"k2", "k3"}


async def test_a_plan_rests_on_what_was_read(account: Account) -> None:
    """Edited behind the list, and read before the plan: nobody came in between."""
    account.organization("k1", "Before")
    assert (await account.told())[0]["k1"].contact.name == "Before"
    account.touched("k1", 5, FullName="Acme")
    [found] = (await account.port.read(["k1"])).contacts
    assert found.contact.name == "Acme"
    [outcome] = await account.write(Create(Kind.ORGANIZATION, Contact("Acme")))
    assert isinstance(outcome, Stored)
