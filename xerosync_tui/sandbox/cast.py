"""The cast: which clients both sides know, and how the two records disagree.

A scene is one situation (a full match, a conflict of one kind, an archived namesake ...) with the records that make
it up. Every kind of scene is played once before chance fills up to the size, so none depends on the seed.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from xerosync_tui.sandbox import names
from xerosync_tui.sandbox.card import Card, CardIndex
from xerosync_tui.sandbox.contact import Contact
from xerosync_tui.sandbox.identity import Dice, Identity, Registry
from xerosync_tui.sandbox.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Cast:
    """The generated contacts of one organisation and of the practice that keeps its books."""

    contacts: tuple[Contact, ...]
    cards: tuple[Card, ...]


class Stage:
    """Where scenes leave their records."""

    def __init__(self, seed: int) -> None:
        self.random = Dice(f"cast {seed}")
        self.registry = Registry(self.random)
        self.ledger = Ledger(self.random)
        self.index = CardIndex(self.random)
        self.contacts: list[Contact] = []
        self.cards: list[Card] = []

    def contact(self, who: Identity, *, phone: bool = True, address: bool = True, **changes: object) -> Contact:
        made = self.ledger.contact(who, phone=phone, address=address, **changes)
        self.contacts.append(made)
        return made

    def card(self, who: Identity, **changes: str) -> None:
        made = self.index.card(who)
        self.cards.append(replace(made, **changes) if changes else made)

    def emails_other(self, who: Identity) -> Identity:
        """`who` under another address of their own."""
        return replace(who, email=f"billing.{who.email}")


Scene = Callable[[Stage], None]


@lru_cache(maxsize=4)
def cast(seed: int, size: int) -> Cast:
    """`size` Xero contacts and the practice contacts that overlap them; the same for the same arguments."""
    stage = Stage(seed)
    for scene in OPENING:
        if len(stage.contacts) < size:
            scene(stage)
    scenes = tuple(scene for scene, weight in FILLING.items() for _ in range(weight))
    while len(stage.contacts) < size:
        stage.random.choice(scenes)(stage)
    return Cast(tuple(stage.contacts[:size]), tuple(stage.cards))


def full_match(stage: Stage) -> None:
    """The same name and email on both sides."""
    who = stage.registry.draw()
    stage.contact(who)
    stage.card(who)


def full_match_other_phone(stage: Stage) -> None:
    who = stage.registry.draw()
    stage.contact(who)
    stage.card(replace(who, phone=stage.random.choice(names.MOBILE)))


def full_match_other_address(stage: Stage) -> None:
    who = stage.registry.draw()
    stage.contact(who)
    stage.card(replace(who, street=f"PO Box {stage.random.randint(1, 9000)}"))


def full_match_other_spelling(stage: Stage) -> None:
    """Equal but for case, space, quotes or the case of the email: the practice types as it likes."""
    who = stage.registry.draw()
    stage.contact(who)
    spelled, email = stage.random.choice(SPELLINGS), stage.random.choice((who.email.upper(), who.email))
    stage.card(who, name=spelled(who.name), email=email)


def full_match_other_quotes(stage: Stage) -> None:
    last = stage.random.choice([name for name in names.LAST if "'" in name])
    who = stage.registry.named(f"{stage.registry.person().name} {last}'s {stage.random.choice(names.TRADES)}")
    stage.contact(who)
    stage.card(who, name=who.name.replace("'", "’"))


def full_match_phone_in_practice(stage: Stage) -> None:
    """Only the practice has the phone: nothing to overwrite, something to fill."""
    who = stage.registry.draw()
    stage.contact(who, phone=False)
    stage.card(who)


def full_match_address_in_xero(stage: Stage) -> None:
    who = stage.registry.draw()
    stage.contact(who)
    stage.card(who, line_1="", city="", state="", postal_code="", country="")


def same_name_other_email(stage: Stage) -> None:
    who = stage.registry.draw()
    stage.contact(who)
    stage.card(stage.emails_other(who))


def same_email_other_name(stage: Stage) -> None:
    who, other = stage.registry.company(), stage.registry.company()
    stage.contact(who)
    stage.card(replace(other, email=who.email))


def name_to_one_email_to_another(stage: Stage) -> None:
    who, other = stage.registry.company(), stage.registry.person()
    stage.contact(who)
    stage.card(stage.emails_other(who))
    stage.card(replace(other, email=who.email))


def several_candidates(stage: Stage) -> None:
    """The practice holds the same client twice."""
    who = stage.registry.draw()
    stage.contact(who)
    stage.card(who)
    stage.card(who)


def two_claims_one_card(stage: Stage) -> None:
    """Two Xero contacts share the mailbox of one practice contact of a third name."""
    first, second, third = (stage.registry.company() for _ in range(3))
    stage.contact(first)
    stage.contact(replace(second, email=first.email))
    stage.card(replace(third, email=first.email))


def two_david_smiths(stage: Stage) -> None:
    """Two of the practice's people carry the name of one Xero contact, whose email is neither's."""
    david = stage.registry.named("David Smith", "David", "Smith")
    stage.contact(replace(david, email="d.smith@example.com.au"))
    stage.card(replace(david, email="david@smith-plumbing.example"))
    stage.card(replace(david, email="dave.smith@example.com.au", city="Hobart", state="TAS", postcode="7000"))


def shared_mailbox(stage: Stage) -> None:
    """One accounts@ address for a group of nine companies with distinct names."""
    brand = stage.registry.company()
    mailbox = f"accounts@{brand.email.partition('@')[2]}"
    for trade in stage.random.sample(names.TRADES, 9):
        who = replace(stage.registry.named(f"{brand.name} {trade}"), email=mailbox)
        stage.contact(who)
        stage.card(who)


def near_match(stage: Stage) -> None:
    """Equal to a person's eye only: a suggestion, never a match."""
    who = stage.registry.company()
    stage.contact(who)
    near = who.name.replace("Pty Ltd", "P/L") if "Pty Ltd" in who.name else f"{who.name} (Trading)"
    stage.card(stage.emails_other(replace(who, name=near)))


def only_in_xero(stage: Stage) -> None:
    stage.contact(stage.registry.draw())


def only_in_xero_without_email(stage: Stage) -> None:
    """A supplier that came in with a bank feed: a name and little else."""
    stage.contact(replace(stage.registry.company(), email=""), phone=False, address=False)


def only_in_practice(stage: Stage) -> None:
    stage.card(stage.registry.draw())


def archived(stage: Stage) -> None:
    """The practice still has the client; Xero has put it away."""
    who = stage.registry.draw()
    stage.contact(who, status="ARCHIVED")
    stage.card(who)


def archived_namesake(stage: Stage) -> None:
    """An archived contact's name is free again, so an active one carries it too (xero.md 2.5)."""
    who = stage.registry.draw()
    stage.contact(stage.emails_other(who), status="ARCHIVED")
    stage.contact(who)
    stage.card(who)


def merged(stage: Stage) -> None:
    """A user merged two contacts: the loser is archived and points to the survivor (xero.md 2.4)."""
    survivor = stage.contact(stage.registry.company())
    loser = stage.registry.company()
    stage.contact(loser, status="ARCHIVED", merged_to=survivor.contact_id)
    stage.card(loser)


def erasure_request(stage: Stage) -> None:
    who = stage.registry.person()
    stage.contact(who, status="GDPRREQUEST")
    stage.card(who)


def odd_names(stage: Stage) -> None:
    """Half of them on both sides, half in Xero alone."""
    for number, name in enumerate(names.ODD):
        who = stage.registry.named(name)
        stage.contact(who)
        if number % 2 == 0:
            stage.card(who)


def flags(stage: Stage) -> None:
    """Customer, supplier, both, neither."""
    for customer, supplier in ((True, False), (False, True), (True, True), (False, False)):
        stage.contact(stage.registry.company(), is_customer=customer, is_supplier=supplier)


def _spaced(name: str) -> str:
    return name.replace(" ", "  ", 1)


def _no_break(name: str) -> str:
    return name.replace(" ", "\u00a0", 1)


def _trailing(name: str) -> str:
    return f"{name} "


SPELLINGS: tuple[Callable[[str], str], ...] = (str.upper, str.lower, _spaced, _no_break, _trailing)

FILLING: dict[Scene, int] = {
    full_match: 22,
    full_match_other_phone: 10,
    full_match_other_address: 8,
    full_match_other_spelling: 6,
    full_match_phone_in_practice: 6,
    full_match_address_in_xero: 3,
    same_name_other_email: 7,
    same_email_other_name: 5,
    name_to_one_email_to_another: 1,
    several_candidates: 1,
    near_match: 2,
    only_in_xero: 28,
    only_in_xero_without_email: 8,
    only_in_practice: 15,
    archived: 3,
    archived_namesake: 1,
    merged: 1,
}
"""What fills up to the size, with its weight."""

OPENING: tuple[Scene, ...] = (
    *FILLING,
    full_match_other_quotes,
    two_claims_one_card,
    two_david_smiths,
    flags,
    erasure_request,
    odd_names,
    shared_mailbox,
)
"""Every scene once: what a world of any ordinary size contains by construction."""
