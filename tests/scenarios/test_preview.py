"""The preview: it writes nothing, and the first sync does what it listed, after a word."""

from __future__ import annotations

import pytest

from xerosync_tui.domain.contact import Field
from xerosync_tui.domain.match import Verdict
from xerosync_tui.errors import NeedsPerson
from xerosync_tui.services import preview

from .firm import Firm

EMAIL = "accounts@acme.example"


async def test_a_preview_writes_nothing_on_either_side(firm: Firm) -> None:
    firm.in_xero("Acme", EMAIL, "02 5550 1234")
    firm.in_xero("New")
    firm.in_xero("Same", "one@acme.example")
    await firm.in_karbon("Acme", EMAIL)
    await firm.in_karbon("Same", "two@acme.example")
    xero = firm.xero_contacts()
    version = await firm.rows("SELECT value FROM counter WHERE name = 'directory_version'")
    karbon = await firm.karbon()

    for _ in range(2):
        await firm.preview()

    assert firm.written_to_xero() == []
    assert firm.xero_contacts() == xero
    assert await firm.rows("SELECT value FROM counter WHERE name = 'directory_version'") == version
    assert await firm.karbon() == karbon
    assert await firm.journal() == []
    assert (await firm.links(), await firm.issues()) == ({}, {})


async def test_the_first_sync_does_what_the_preview_listed(firm: Firm) -> None:
    x = firm.in_xero("Acme", EMAIL, "02 5550 1234")
    new = firm.in_xero("New")
    k = await firm.in_karbon("Acme", EMAIL, "02 5550 9999")
    await firm.preview()
    [match] = await preview.rows(firm.program, Verdict.FULL_MATCH)
    [made] = await preview.rows(firm.program, Verdict.NEW)
    await firm.sync()

    assert match.changes == {Field.PHONE: ("02 5550 9999", "02 5550 1234")}
    assert match.karbon
    assert (match.xero.id, match.karbon.key, made.xero.id) == (x, k, new)
    links, karbon = await firm.links(), await firm.karbon()
    assert links[x] == k
    assert karbon[k].contact.phone == "02 5550 1234"
    assert made.guess
    assert karbon[links[new]].kind is made.guess.kind


async def test_a_list_of_the_preview_may_be_cut(firm: Firm) -> None:
    for n in range(3):
        firm.in_xero(f"Client {n}")
    await firm.preview()
    every = [row.xero.contact.name for row in await preview.rows(firm.program, Verdict.NEW)]
    assert sorted(every) == ["Client 0", "Client 1", "Client 2"]
    for most in (2, 3, 9):
        assert [row.xero.contact.name for row in await preview.rows(firm.program, Verdict.NEW, most)] == every[:most]


async def test_nothing_happens_before_a_preview_and_a_word(firm: Firm) -> None:
    firm.in_xero("Acme")
    with pytest.raises(NeedsPerson, match="preview"):
        await firm.sync()
    await firm.preview()
    with pytest.raises(NeedsPerson, match="not confirmed"):
        await firm.sync(confirmed=False)
    assert (await firm.links(), await firm.journal()) == ({}, [])
