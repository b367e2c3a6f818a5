"""The practice's own contacts: the other side, as a CSV that a firm could export from its practice management."""

import csv
import io
from dataclasses import dataclass
from random import Random

from xerosync_tui.sandbox.identity import Identity

COLUMNS = (
    "Client Identifier",
    "Kind",
    "Name",
    "First Name",
    "Last Name",
    "Email",
    "Phone",
    "Address Line 1",
    "Address Line 2",
    "City",
    "State",
    "Postal Code",
    "Country",
    "Contact Type",
)
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


def practice_csv(seed: int, size: int) -> str:
    """The practice's contacts that go with the Xero contacts of `seed` and `size`, as CSV text with a header."""
    from xerosync_tui.sandbox.cast import cast  # the cast is made of cards

    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(card.row() for card in cast(seed, size).cards)
    return text.getvalue()
