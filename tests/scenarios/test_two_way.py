"""Edits of linked clients, field by field, on either side or on both (engine.md 2.3)."""

from __future__ import annotations

from typing import Any

import pytest

from xerosync_tui.domain.contact import NO_ADDRESS, Contact, Field
from xerosync_tui.domain.states import Side
from xerosync_tui.errors import NeedsPerson
from xerosync_tui.services import fields, overview

from .firm import Firm
from .linked import NEW_PHONE, OLD_PHONE, OTHER_PHONE, STREET, Client, came_to_rest, conflicts, linked, synced


@pytest.fixture
async def client(firm: Firm) -> Client:
    return (await linked(firm, "Acme"))[0]


async def test_our_own_write_is_no_edit_when_the_next_poll_brings_it(firm: Firm, client: Client) -> None:
    """P3."""
    await client.in_karbon(phone=NEW_PHONE)
    first = await firm.sync()
    assert (first.counts.changed_in_xero, await client.both(Field.PHONE)) == (1, (NEW_PHONE, NEW_PHONE))
    second = await firm.sync()
    assert second.counts.read == 1
    counts = second.counts
    assert (counts.changed_in_karbon, counts.changed_in_xero, counts.agreed) == (0, 0, 0)
    await came_to_rest(firm)


async def test_a_name_that_xero_mends_is_agreed_and_never_echoes(firm: Firm, client: Client) -> None:
    """P3, P5: each side is compared with its own half of the base."""
    firm.xero.control("switches", name_cleaned=True)
    await client.in_karbon(name="Acme  <Sydney>")
    await firm.sync()
    assert await client.both(Field.NAME) == ("Acme Sydney", "Acme  <Sydney>")
    await came_to_rest(firm)
    await client.in_karbon(name="Acme <Perth>")
    await firm.sync()
    assert await client.both(Field.NAME) == ("Acme Perth", "Acme <Perth>")
    client.in_xero(Name="Acme Hobart")
    await firm.sync()
    assert await client.both(Field.NAME) == ("Acme Hobart", "Acme Hobart")
    await came_to_rest(firm)


async def test_ten_alternating_polls_carry_each_edit_once(firm: Firm, client: Client) -> None:
    """P3, P5."""
    for number in range(10):
        phone = f"02 5550 40{number:02}"
        if number % 2:
            client.phone_in_xero(phone)
        else:
            await client.in_karbon(phone=phone)
        counts = (await firm.sync()).counts
        assert (counts.changed_in_karbon if number % 2 else counts.changed_in_xero) == 1
        assert await client.both(Field.PHONE) == (phone, phone)
    assert len(firm.written_to_xero()) == 5
    assert len([row for row in await firm.journal() if row[0] == "update"]) == 10
    await came_to_rest(firm)


async def test_different_fields_on_each_side_both_arrive(firm: Firm, client: Client) -> None:
    """P4, P5."""
    client.in_xero(EmailAddress="new@acme.example")
    await client.in_karbon(phone=NEW_PHONE)
    await firm.sync()
    assert await client.both(Field.EMAIL) == ("new@acme.example", "new@acme.example")
    assert await client.both(Field.PHONE) == (NEW_PHONE, NEW_PHONE)
    assert await conflicts(firm) == {}
    await came_to_rest(firm)


@pytest.mark.parametrize("side", [Side.XERO, Side.KARBON])
async def test_the_same_field_on_both_sides_waits_for_a_person_and_the_others_flow(
    firm: Firm, client: Client, side: Side
) -> None:
    """P4: nothing is written for it, on either side, until somebody chooses."""
    client.phone_in_xero(NEW_PHONE)
    client.in_xero(EmailAddress="new@acme.example")
    await client.in_karbon(phone=OTHER_PHONE, city="Perth")
    await firm.sync()
    assert await conflicts(firm) == {client.id: (Field.PHONE,)}
    assert await client.both(Field.PHONE) == (NEW_PHONE, OTHER_PHONE)
    assert await client.both(Field.EMAIL) == ("new@acme.example", "new@acme.example")
    assert [address.city for address in await client.both(Field.ADDRESS)] == ["Perth", "Perth"]
    await came_to_rest(firm)
    [conflict] = await fields.listed(firm.program)
    [values] = conflict.fields
    assert (values.xero_base, values.karbon_base, values.xero, values.karbon) == (
        OLD_PHONE, OLD_PHONE, NEW_PHONE, OTHER_PHONE,
    )  # fmt: skip

    await fields.take(firm.program, client.id, {Field.PHONE: side})
    chosen = NEW_PHONE if side is Side.XERO else OTHER_PHONE
    assert await client.both(Field.PHONE) == (chosen, chosen)
    assert await conflicts(firm) == {}
    await came_to_rest(firm)


async def test_a_value_that_is_not_as_it_was_seen_is_not_chosen_away(firm: Firm, client: Client) -> None:
    """P4: somebody typed another one while a person looked."""
    client.phone_in_xero(NEW_PHONE)
    await client.in_karbon(phone=OTHER_PHONE)
    await firm.sync()
    [conflict] = await fields.listed(firm.program)
    seen = fields.seen_in(conflict.xero, conflict.karbon, [Field.PHONE])
    await client.in_karbon(phone="02 5550 0000")
    with pytest.raises(NeedsPerson, match="has changed since you looked"):
        await fields.take(firm.program, client.id, {Field.PHONE: Side.XERO}, seen)
    assert await client.both(Field.PHONE) == (NEW_PHONE, "02 5550 0000")


async def test_a_conflict_that_both_sides_solve_by_themselves_goes(firm: Firm, client: Client) -> None:
    """P5."""
    client.phone_in_xero(NEW_PHONE)
    await client.in_karbon(phone=OTHER_PHONE)
    await firm.sync()
    await client.in_karbon(phone=NEW_PHONE)
    await firm.sync()
    assert await conflicts(firm) == {}
    await came_to_rest(firm)


async def test_the_same_edit_on_both_sides_is_agreement(firm: Firm, client: Client) -> None:
    """P5: nothing is written anywhere."""
    client.phone_in_xero(NEW_PHONE)
    await client.in_karbon(phone=NEW_PHONE)
    before = await firm.karbon()
    result = await firm.sync()
    assert result.counts.agreed == 1
    assert (await firm.karbon(), firm.written_to_xero(), await conflicts(firm)) == (before, [], {})
    await client.in_karbon(phone=OLD_PHONE)  # against the new base, this is an edit of one side
    await firm.sync()
    assert await client.both(Field.PHONE) == (OLD_PHONE, OLD_PHONE)


async def test_the_same_edit_in_two_spellings_is_no_conflict_and_xeros_spelling_stays(
    firm: Firm, client: Client
) -> None:
    """P20."""
    client.phone_in_xero("02 5550 2000")
    await client.in_karbon(phone="+61 2 5550 2000")
    await firm.sync()
    assert await conflicts(firm) == {}
    assert await client.both(Field.PHONE) == ("02 5550 2000", "02 5550 2000")
    assert firm.written_to_xero() == []
    await came_to_rest(firm)


async def test_another_spelling_of_white_space_is_no_edit(firm: Firm, client: Client) -> None:
    """P20."""
    client.in_xero(EmailAddress="acme@client.example\u200b", Name=" Acme ")
    await client.in_karbon(city="Parramatta ")
    before = await firm.karbon()
    await firm.sync()
    assert (await firm.karbon(), firm.written_to_xero()) == (before, [])


@pytest.mark.parametrize("side", [Side.XERO, Side.KARBON])
async def test_an_edit_of_the_case_alone_crosses(firm: Firm, client: Client, side: Side) -> None:
    """P5: macdonald to MacDonald is an edit."""
    if side is Side.XERO:
        client.in_xero(Name="ACME", EmailAddress="Acme@client.example")
    else:
        await client.in_karbon(name="ACME", email="Acme@client.example")
    await firm.sync()
    assert await client.both(Field.NAME) == ("ACME", "ACME")
    assert await client.both(Field.EMAIL) == ("Acme@client.example", "Acme@client.example")
    await came_to_rest(firm)


@pytest.mark.parametrize("side", [Side.XERO, Side.KARBON])
@pytest.mark.parametrize("country", ["New Zealand", ""])
async def test_an_edit_of_the_country_alone_crosses(firm: Firm, client: Client, side: Side, country: str) -> None:
    """P5, P8: the rest of the address stays."""
    if side is Side.XERO:
        client.address_in_xero(Country=country)
    else:
        await client.in_karbon(country=country)
    await firm.sync()
    for address in await client.both(Field.ADDRESS):
        assert (address.country, address.line1, address.postal_code) == (country, "12 Builder St", "2150")
    await came_to_rest(firm)


CLEARED: dict[Field, tuple[dict[str, Any], dict[str, str]]] = {
    Field.EMAIL: ({"EmailAddress": ""}, {"email": ""}),
    Field.PHONE: ({"Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": ""}]}, {"phone": ""}),
    Field.ADDRESS: (
        {"Addresses": [{"AddressType": "POBOX", **dict.fromkeys([*STREET, "Country"], "")}]},
        dict.fromkeys(["line1", "city", "region", "postal_code", "country"], ""),
    ),
}


@pytest.mark.parametrize("side", [Side.XERO, Side.KARBON])
async def test_a_field_that_was_cleared_is_cleared_on_the_other_side(firm: Firm, client: Client, side: Side) -> None:
    """P5: clearing is an edit like any other."""
    for in_xero, in_karbon in CLEARED.values():
        if side is Side.XERO:
            client.in_xero(**in_xero)
        else:
            await client.in_karbon(**in_karbon)
    await firm.sync()
    assert synced(client.xero()) == (await client.karbon()).contact == Contact("Acme", "", "", NO_ADDRESS)
    await came_to_rest(firm)


@pytest.mark.parametrize("field", CLEARED)
async def test_cleared_here_and_changed_there_is_a_conflict(firm: Firm, client: Client, field: Field) -> None:
    """P4: an empty value is a value; it neither wins nor loses by itself."""
    client.in_xero(**CLEARED[field][0])
    changed = {Field.EMAIL: {"email": "new@acme.example"}, Field.PHONE: {"phone": NEW_PHONE}}
    await client.in_karbon(**changed.get(field, {"city": "Perth"}))
    before = await client.both(field)
    await firm.sync()
    assert await conflicts(firm) == {client.id: (field,)}
    assert await client.both(field) == before
    await fields.take(firm.program, client.id, {field: Side.XERO})
    assert not any(await client.both(field))
    await came_to_rest(firm)


async def test_renamed_on_both_sides_is_a_conflict_and_ids_hold_the_link(firm: Firm, client: Client) -> None:
    """P2, P4."""
    client.in_xero(Name="Bravo")
    await client.in_karbon(name="Charlie")
    await firm.sync()
    assert await conflicts(firm) == {client.id: (Field.NAME,)}
    assert await firm.links() == {client.id: client.key}
    await fields.take(firm.program, client.id, {Field.NAME: Side.KARBON})
    assert await client.both(Field.NAME) == ("Charlie", "Charlie")


@pytest.mark.parametrize("chosen", ["xero", "karbon"])
async def test_both_changed_goes_to_whom_the_setting_names(firm: Firm, client: Client, chosen: str) -> None:
    """P4: what was replaced is in the journal."""
    await overview.change_settings(firm.program, {"both_changed": chosen})
    client.phone_in_xero(NEW_PHONE)
    client.in_xero(Name="Bravo")
    await client.in_karbon(phone=OTHER_PHONE, name="Charlie")
    await firm.sync()
    phone, name = (NEW_PHONE, "Bravo") if chosen == "xero" else (OTHER_PHONE, "Charlie")
    assert await client.both(Field.PHONE) == (phone, phone)
    assert await client.both(Field.NAME) == (name, name)
    assert await conflicts(firm) == {}
    [(before,)] = await firm.rows("SELECT before FROM journal WHERE action = 'update' AND run_id IS NOT NULL")
    lost = (OTHER_PHONE, "Charlie") if chosen == "xero" else (NEW_PHONE, "Bravo")
    assert all(text in before for text in lost)
    await came_to_rest(firm)


@pytest.mark.parametrize("chosen", ["yes", "no"])
async def test_what_only_karbon_had_at_first_goes_over_when_the_switch_is_on(firm: Firm, chosen: str) -> None:
    """P12: the first sync writes nothing to Xero, whatever the switch; afterwards the switch decides."""
    xero_id = firm.in_xero("Acme", "acme@client.example")
    key = await firm.in_karbon("Acme", "acme@client.example", OLD_PHONE)
    await overview.change_settings(firm.program, {"fill_blanks": chosen})
    await firm.first_sync()
    client = Client(firm, xero_id, key)
    assert (firm.written_to_xero(), await client.both(Field.PHONE)) == ([], ("", OLD_PHONE))
    await firm.sync(full=True)
    assert await client.both(Field.PHONE) == (OLD_PHONE if chosen == "yes" else "", OLD_PHONE)
    await came_to_rest(firm)
    await client.in_karbon(phone=NEW_PHONE)  # an edit of a person goes over in any case
    await firm.sync()
    assert await client.both(Field.PHONE) == (NEW_PHONE, NEW_PHONE)
