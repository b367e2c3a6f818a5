"""A contact of the practice as its own system keeps it: the same facts as in Xero, spelled its own way."""

from dataclasses import dataclass
from random import Random

from xerosync_tui.sandbox.identity import Identity

CONTACT_TYPES = ("Client", "Client", "Client", "Client", "Client-VIP", "Prospect", "Supplier")


@dataclass(frozen=True, slots=True)
class Card:
    """One practice contact; the fields are the CSV's columns in order."""

    identifier: str
    kind: str
    name: str
    first_name: str
    last_name: str
    email: str
    phone: str
    line_1: str
    line_2: str
    city: str
    state: str
    postal_code: str
    country: str
    contact_type: str

    def row(self) -> tuple[str, ...]:
        return tuple(getattr(self, name) for name in self.__slots__)


class CardIndex:
    """Makes the practice's cards from identities, with rising client identifiers."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self._count = 0

    def card(self, who: Identity) -> Card:
        """`who` as the practice knows them: the same facts, spelled its own way."""
        self._count += 1
        return Card(
            identifier=f"C{self._count:05}",
            kind="Person" if who.is_person else "Organization",
            name=who.name,
            first_name=who.first,
            last_name=who.last,
            email=who.email,
            phone=self._spelled(who.phone),
            line_1=who.street,
            line_2="",
            city=who.city,
            state=who.state,
            postal_code=who.postcode,
            country=self.random.choice(("Australia", "Australia", "AU")),
            contact_type=self.random.choice(CONTACT_TYPES),
        )

    def _spelled(self, digits: str) -> str:
        style = self.random.random()
        if not digits or style < 0.2:
            return digits
        if style < 0.4:
            return f"+61{digits[1:]}"
        if digits.startswith("04"):
            return f"{digits[:4]} {digits[4:7]} {digits[7:]}"
        return f"({digits[:2]}) {digits[2:6]} {digits[6:]}"
