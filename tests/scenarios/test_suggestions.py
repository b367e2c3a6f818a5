"""Who it may be, over the whole program: candidates ranked, suggestions true to Karbon, and nothing linked by them."""

from __future__ import annotations

from xerosync_tui.domain.contact import Contact
from xerosync_tui.domain.duplicates import Alike
from xerosync_tui.services import contacts, duplicates, suggestions

from .firm import Firm


async def keys(firm: Firm, name: str, email: str = "") -> list[str]:
    await suggestions.prepare(firm.program)
    [found] = await suggestions.likely(firm.program, [Contact(name, email)])
    return [offer.karbon.key for offer in found]


async def test_candidates_come_with_the_likeliest_first_and_why(firm: Firm) -> None:
    xero_id = firm.in_xero("Bob Smith", "office@smith.example")
    await firm.in_karbon("Alan Jones", "office@smith.example")
    right = await firm.in_karbon("Robert Smith", "office@smith.example")
    await firm.first_sync()
    view = (await firm.issues())[xero_id]
    assert view.candidates[0].karbon.key == right
    assert view.candidates[0].likeness.reasons == ("same email", "Robert for Bob")
    assert view.candidates[0].likeness.strong and not view.candidates[1].likeness.strong


async def test_the_strongest_suggestion_is_never_linked_by_itself(firm: Firm) -> None:
    firm.in_xero("Acme Pty Ltd", "info@acme.example")
    key = await firm.in_karbon("Acme Pty. Ltd.", "accounts@acme.example")
    assert await keys(firm, "Acme Pty Ltd", "info@acme.example") == [key]
    await firm.first_sync()
    links = await firm.links()
    assert key not in links.values() and len(links) == 1  # made new: neither key is equal


async def test_what_is_added_edited_and_deleted_in_karbon_is_so_at_the_next_look(firm: Firm) -> None:
    await firm.first_sync()
    assert await keys(firm, "J. Smith") == []
    key = await firm.in_karbon("John Smith")
    assert await keys(firm, "J. Smith") == [key]
    await contacts.edit(firm.program, key, {"name": "Alan Jones"})
    assert await keys(firm, "J. Smith") == []
    assert await keys(firm, "A. Jones") == [key]
    await contacts.delete(firm.program, key)
    assert await keys(firm, "A. Jones") == []


async def test_a_sync_pays_nothing_for_the_index(firm: Firm) -> None:
    firm.in_xero("Acme Pty Ltd")
    await firm.in_karbon("Zenith")
    await firm.first_sync()
    assert await firm.rows("SELECT count(*) FROM suggest_contact") == [(0,)]


async def test_duplicates_on_both_sides_before_the_first_sync(firm: Firm) -> None:
    firm.in_xero("Acme Pty Ltd", "info@acme.example")
    firm.in_xero("Acme Pty Ltd -1", "")
    firm.in_xero("Zenith Ltd", "accounts@shared.example")
    firm.in_xero("Other Ltd", "accounts@shared.example")
    await firm.in_karbon("Twin", "a@twin.example")
    await firm.in_karbon("TWIN", "b@twin.example")
    await firm.in_karbon("Muller Pty Ltd")
    await firm.in_karbon("Müller")
    before = await duplicates.found(firm.program)
    assert not before.xero_read and before.xero.contacts == 0 and before.karbon.contacts == 4
    await firm.preview()
    found = await duplicates.found(firm.program)
    assert found.xero_read
    assert [(g.kind, {r.name for r in g.records}) for g in found.xero.groups] == [
        (Alike.TAIL, {"Acme Pty Ltd", "Acme Pty Ltd -1"}),
        (Alike.EMAIL, {"Zenith Ltd", "Other Ltd"}),
    ]
    assert [(g.kind, {r.name for r in g.records}, g.why) for g in found.karbon.groups] == [
        (Alike.NAME, {"Twin", "TWIN"}, "the same name"),
        (Alike.SPELLING, {"Muller Pty Ltd", "Müller"}, "Pty Ltd dropped"),
    ]
    assert found.karbon.groups[0].kind.advice
