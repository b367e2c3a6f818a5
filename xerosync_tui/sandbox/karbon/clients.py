"""The practice's contacts (cast.py) as Karbon keeps them: people and organizations with business cards."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from xerosync_tui.sandbox.card import Card
from xerosync_tui.sandbox.contact import Contact, fold
from xerosync_tui.sandbox.identity import Dice
from xerosync_tui.sandbox.karbon.entity import TICKS, BusinessCard, Entity
from xerosync_tui.sandbox.karbon.tenant import COLLEAGUES, Tenant, new_key
from xerosync_tui.sandbox.ledger import random_uuid

FIRST_MODIFIED = 1_706_745_600 * TICKS  # 2024-02-01
SPAN = 24_000 * 3600 * TICKS  # so that no generated record lies in the future, however many there are
SHARED_EXTERNAL_KEY = "1000001"
"""A client id of another system that two records carry: external keys are not unique (karbon.md 2.3)."""


def karbon_tenant(seed: int, cards: Sequence[Card], contacts: Iterable[Contact]) -> Tenant:
    """The practice's account: every card a record, some of them linked to `contacts` by Karbon's own integration."""
    clients = _Clients(seed, len(cards))
    entities = _linked([clients.entity(card) for card in cards], contacts)
    return Tenant(seed, _shared(entities))


class _Clients:
    """Makes records from the practice's cards, with rising LastModifiedDateTime."""

    def __init__(self, seed: int, count: int) -> None:
        self.random = Dice(f"karbon clients {seed}")
        self._step = max(1, min(2 * 3600 * TICKS, SPAN // max(1, count)))
        self._modified = FIRST_MODIFIED
        self._organizations: list[str] = []

    def entity(self, card: Card) -> Entity:
        made = self._person(card) if card.kind == "Person" else self._organization(card)
        return replace(made, text={**made.text, **self._common(card)})

    def _person(self, card: Card) -> Entity:
        first, last = card.first_name, card.last_name
        if card.name != f"{first} {last}":  # the practice spells the name its own way
            first, _, last = card.name.partition(" ")
        text = {name: value for name, value in (("FirstName", first), ("LastName", last)) if value}
        if self.random.random() < 0.1:
            text |= {"PreferredName": first[:3], "Salutation": self.random.choice(("Mr", "Ms", "Dr"))}
        cards = [self._card(card)]
        if self._organizations and self.random.random() < 0.15:
            cards.append(self._at_work(self.random.choice(self._organizations), card.email))
        return Entity(new_key(self.random), "Contact", self._stamp(), text, tuple(cards))

    def _organization(self, card: Card) -> Entity:
        key = new_key(self.random)
        self._organizations.append(key)
        return Entity(key, "Organization", self._stamp(), {"FullName": card.name}, (self._card(card),))

    def _common(self, card: Card) -> dict[str, str]:
        text = {"UserDefinedIdentifier": card.identifier, "ContactType": card.contact_type}
        if self.random.random() < 0.5:
            text["ClientOwner"] = self.random.choice(COLLEAGUES).email
        return text

    def _stamp(self) -> int:
        """A tenth share their second with the one before, as after an import."""
        moved = self._step if self.random.random() >= 0.1 else 1
        self._modified += 1 + int(self.random.random() * moved)
        return self._modified

    def _card(self, card: Card) -> BusinessCard:
        """The card of a record: the same facts as in the practice's CSV, for some a second email, phone or address."""
        lists = {
            "EmailAddresses": self._emails(card.email),
            "PhoneNumbers": self._phones(card.phone),
            "Addresses": self._addresses(card),
            "WebSites": ("www.harbour.example",) if self.random.random() < 0.1 else (),
        }
        return BusinessCard(new_key(self.random), lists={name: items for name, items in lists.items() if items})

    def _at_work(self, organization_key: str, email: str) -> BusinessCard:
        """A person's second card: their place in an organization, for some with an email of its own."""
        has_email = email and self.random.random() < 0.5
        lists = {"EmailAddresses": (f"work.{email}",)} if has_email else {}
        return BusinessCard(new_key(self.random), organization_key, {"RoleOrTitle": "Director"}, lists)

    def _emails(self, email: str) -> tuple[str, ...]:
        if not email:
            return ()
        return (email, f"second.{email}") if self.random.random() < 0.15 else (email,)

    def _phones(self, number: str) -> tuple[dict[str, str], ...]:
        phones = []
        if number:
            mobile = number.startswith(("04", "+614"))
            phones.append(self._phone(number[:20], "Mobile" if mobile else "Work"))
        if self.random.random() < 0.2:
            phones.append(self._phone("02 7010 0199", self.random.choice(("Fax", "Home", "Office", "Other"))))
        return tuple(phones)

    def _phone(self, number: str, label: str) -> dict[str, str]:
        return {"PhoneNumberKey": random_uuid(self.random), "Number": number, "CountryCode": "AU", "Label": label}

    def _addresses(self, card: Card) -> tuple[dict[str, str], ...]:
        lines = ", ".join(line for line in (card.line_1, card.line_2) if line)
        if not lines:
            return ()
        place = {"City": card.city, "StateProvinceCounty": card.state, "ZipCode": card.postal_code}
        labels = ("Physical", "Mailing") if self.random.random() < 0.2 else (self._label(),)
        return tuple(
            {
                "AddressKey": random_uuid(self.random),
                "AddressLines": lines,
                **place,
                "CountryCode": "AU",
                "Label": label,
            }
            for label in labels
        )

    def _label(self) -> str:
        return self.random.choice(("Mailing", "Mailing", "Physical", "Legal"))


def _linked(entities: list[Entity], contacts: Iterable[Contact]) -> list[Entity]:
    """`entities`, of which every third with a full match in Xero has its ContactID for an external key."""
    by_match = {_match(contact.name, contact.text.get("EmailAddress", "")): contact for contact in contacts}
    linked = []
    matches = 0
    for entity in entities:
        found = by_match.get(_match(entity.full_name, next(entity.emails(), "")))
        if found is not None:
            matches += 1
            if matches % 3 == 0:
                entity = replace(entity, external_keys=frozenset({found.contact_id}))
        linked.append(entity)
    return linked


def _match(name: str, email: str) -> tuple[str, str]:
    return fold(name), email.lower()


def _shared(entities: list[Entity]) -> list[Entity]:
    """`entities`, of which the last of either kind carry one key of another system together."""
    last = {entity.kind: entity.key for entity in entities}
    return [
        replace(entity, external_keys=entity.external_keys | {SHARED_EXTERNAL_KEY})
        if entity.key in last.values()
        else entity
        for entity in entities
    ]
