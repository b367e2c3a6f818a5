"""The generated contacts: every situation is there, whatever the seed."""

from collections import Counter, defaultdict

import pytest

from xerosync_tui.sandbox.card import Card
from xerosync_tui.sandbox.cast import Cast, cast
from xerosync_tui.sandbox.contact import Contact

SEEDS = (0, 1, 2, 77)


@pytest.fixture(params=SEEDS)
def played(request: pytest.FixtureRequest) -> Cast:
    return cast(request.param, 250)


def key(text: str) -> str:
    """A rough key: enough to see which situation two records are in."""
    return " ".join(text.replace("’", "'").split()).casefold()


def email(contact: Contact) -> str:
    return key(contact.text.get("EmailAddress", ""))


def active(played: Cast) -> list[Contact]:
    return [contact for contact in played.contacts if contact.status == "ACTIVE"]


def cards_by(played: Cast, field: str) -> dict[str, list[Card]]:
    found: dict[str, list[Card]] = defaultdict(list)
    for card in played.cards:
        found[key(getattr(card, field))].append(card)
    return found


def test_the_same_seed_gives_the_same_contacts_and_another_gives_others() -> None:
    cast.cache_clear()
    first = cast(5, 120)
    cast.cache_clear()
    assert cast(5, 120) == first
    assert cast(6, 120) != first


@pytest.mark.parametrize("size", [0, 1, 7, 60, 250, 3000])
def test_the_size_is_the_number_of_xero_contacts(size: int) -> None:
    assert len(cast(1, size).contacts) == size


def test_the_usual_world_overlaps_as_a_firm_does(played: Cast) -> None:
    pairs = {(key(card.name), key(card.email)) for card in played.cards}
    names, emails = cards_by(played, "name"), cards_by(played, "email")
    kinds = Counter(
        "full"
        if (key(contact.name), email(contact)) in pairs
        else "conflict"
        if key(contact.name) in names or email(contact) in emails
        else "none"
        for contact in active(played)
    )
    assert 170 <= len(played.cards) <= 230
    assert 90 <= kinds["full"] <= 140
    assert 15 <= kinds["conflict"] <= 50
    assert 60 <= kinds["none"] <= 110


def test_active_names_and_ids_are_unique(played: Cast) -> None:
    assert len({contact.name.casefold() for contact in active(played)}) == len(active(played))
    assert len({contact.contact_id for contact in played.contacts}) == len(played.contacts)
    assert len({card.identifier for card in played.cards}) == len(played.cards)


def test_every_kind_of_conflict_is_there(played: Cast) -> None:
    names, emails = cards_by(played, "name"), cards_by(played, "email")
    kinds = set()
    for contact in active(played):
        by_name, by_email = names[key(contact.name)], emails[email(contact)] if email(contact) else []
        both = [card for card in by_name if card in by_email]
        if by_name and not by_email:
            kinds.add("name only")
        if by_email and not by_name:
            kinds.add("email only")
        if by_name and by_email and not both:
            kinds.add("name to one, email to another")
        if len(both) > 1:
            kinds.add("several candidates")
    assert kinds == {"name only", "email only", "name to one, email to another", "several candidates"}


def test_two_david_smiths_face_one(played: Cast) -> None:
    davids = cards_by(played, "name")["david smith"]
    (contact,) = [one for one in active(played) if one.name == "David Smith"]
    assert len({card.email for card in davids}) == 2
    assert email(contact) not in {card.email for card in davids}


def test_nine_companies_share_a_mailbox_on_both_sides(played: Cast) -> None:
    shared = {text: names for text, names in _names_by_email(played).items() if len(names) == 9}
    (mailbox,) = shared
    assert mailbox.startswith("accounts@")
    assert {card.name for card in played.cards if card.email == mailbox} == shared[mailbox]


def _names_by_email(played: Cast) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for contact in active(played):
        if email(contact):
            found[email(contact)].add(contact.name)
    return found


def test_states_and_flags_are_mixed(played: Cast) -> None:
    assert {contact.status for contact in played.contacts} == {"ACTIVE", "ARCHIVED", "GDPRREQUEST"}
    flags = {(contact.is_customer, contact.is_supplier) for contact in active(played)}
    assert flags == {(True, False), (False, True), (True, True), (False, False)}
    survivors = {contact.merged_to for contact in played.contacts if contact.merged_to}
    assert survivors and survivors <= {contact.contact_id for contact in active(played)}
    assert {card.kind for card in played.cards} == {"Person", "Organization"}


def test_an_archived_name_is_carried_by_an_active_contact_too(played: Cast) -> None:
    archived = {contact.name for contact in played.contacts if contact.status == "ARCHIVED"}
    assert archived & {contact.name for contact in active(played)}


def test_phones_are_spelled_in_several_ways_and_some_only_in_the_practice(played: Cast) -> None:
    phones = [contact.phones["DEFAULT"] for contact in active(played) if "DEFAULT" in contact.phones]
    assert {frozenset(phone) for phone in phones} == {
        frozenset({"PhoneNumber"}),
        frozenset({"PhoneNumber", "PhoneAreaCode"}),
        frozenset({"PhoneNumber", "PhoneAreaCode", "PhoneCountryCode"}),
    }
    without = {contact.name for contact in active(played) if "DEFAULT" not in contact.phones}
    assert any(card.phone for card in played.cards if card.name in without)


def test_odd_names_are_there(played: Cast) -> None:
    names = "|".join(contact.name for contact in played.contacts)
    for part in ("'", "&", "Te Rūnanga", "Nguyễn", "悉尼", "شركة", "🍳", "[/]", "\n", "\x1b[31m", "Pty Ltd"):
        assert part in names
    assert max(len(contact.name) for contact in played.contacts) == 255


def test_everything_is_fictitious(played: Cast) -> None:
    emails = [email(contact) for contact in played.contacts] + [key(card.email) for card in played.cards]
    assert all(text.endswith((".example", "@example.com.au")) for text in emails if text)
    digits = ["".join(filter(str.isdigit, card.phone)) for card in played.cards]
    for number in digits:
        national = number.removeprefix("61").removeprefix("0")
        assert national.startswith("49157") or national[1:5] in ("5550", "7010")


def test_unset_parts_are_missing_on_some_and_empty_on_others(played: Cast) -> None:
    assert {contact.writes_empty for contact in played.contacts} == {True, False}


def test_some_contacts_share_an_instant_so_that_the_id_breaks_the_tie(played: Cast) -> None:
    assert len({contact.updated_ms for contact in played.contacts}) < len(played.contacts)
