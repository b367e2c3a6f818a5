"""The questions that matching asks in SQL, against the same questions asked of plain lists in Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from peewee import SqliteDatabase

from tests.records import karbon, xero
from tests.stores import connect
from xerosync_tui.domain.connection import ImportFilter
from xerosync_tui.domain.contact import Contact, KarbonContact, XeroContact, XeroStatus
from xerosync_tui.domain.match import Candidate, Likeness, Standing
from xerosync_tui.domain.normalise import email_key, name_key
from xerosync_tui.store import links, matching, mirror
from xerosync_tui.store.database import Store

Keys = tuple[str | None, str | None]
_organisations = count()


@dataclass(frozen=True)
class World:
    """Both mirrors, the links by ContactID, and who has an issue (True: held)."""

    xeros: Sequence[XeroContact]
    karbons: Sequence[KarbonContact]
    gone: frozenset[str]
    links: dict[str, str]
    unsynced: frozenset[str]
    issues: dict[str, bool]
    filter: ImportFilter


def keys(contact: Contact) -> Keys:
    return name_key(contact.name), email_key(contact.email)


def shared(a: Contact, b: Contact) -> tuple[bool, bool]:
    """Whether two contacts share the name, and the email; a missing key equals nothing."""
    (name_a, email_a), (name_b, email_b) = keys(a), keys(b)
    return name_a is not None and name_a == name_b, email_a is not None and email_a == email_b


class Plain:
    """The matcher in Python: slow, and readable."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.open = [x for x in world.xeros if x.status is XeroStatus.ACTIVE and x.id not in world.links]
        self.alive = [k for k in world.karbons if k.key not in world.gone]

    def takes_part(self, x: XeroContact) -> bool:
        if self.world.filter is ImportFilter.CUSTOMERS:
            return x.is_customer
        return self.world.filter is ImportFilter.ALL or x.is_customer or x.is_supplier

    def is_linked(self, k: KarbonContact) -> bool:
        return k.key in self.world.links.values()

    def twins(self, contact: Contact) -> list[XeroContact]:
        return [x for x in self.open if all(shared(x.contact, contact))]

    def likeness(self, x: XeroContact) -> Likeness:
        pairs = [k for k in self.alive if all(shared(x.contact, k.contact))]
        if not pairs:
            some = any(any(shared(x.contact, k.contact)) for k in self.alive)
            return Likeness.ONE_KEY if some else Likeness.NONE
        if len(pairs) > 1 or self.is_linked(pairs[0]):
            return Likeness.UNCLEAR
        return Likeness.PAIR if self.twins(x.contact) == [x] else Likeness.PAIR_WITH_RIVALS

    def is_claimed(self, k: KarbonContact) -> bool:
        twins = self.twins(k.contact)
        if len(twins) != 1 or self.likeness(twins[0]) is not Likeness.PAIR:
            return False
        return self.takes_part(twins[0]) and not self.world.issues.get(twins[0].id, False)

    def candidates(self, x: XeroContact) -> list[Candidate]:
        found = []
        for k in self.alive:
            name, email = shared(x.contact, k.contact)
            if name or email:
                claimed = not (name and email) and self.is_claimed(k)
                found.append(Candidate(k.key, name, email, self.is_linked(k) or claimed))
        return found


def fill(db: SqliteDatabase, world: World) -> int:
    """The world in a connection of its own."""
    connection = connect(db, f"organisation {next(_organisations)}").id
    mirror.put_xero(db, connection, world.xeros, 1)
    mirror.put_karbon(db, connection, world.karbons)
    mirror.mark_gone(db, connection, world.gone)
    base = Contact("base")
    ended = [(x, k) for x, k in world.links.items() if x in world.unsynced]
    for x, k in ended:
        links.add(db, connection, [links.NewLink(x, k, "", base, base)], 1)
        links.end(db, connection, [(x, "deleted in Karbon")])
    standing = [links.NewLink(x, k, "", base, base) for x, k in world.links.items() if x not in world.unsynced]
    links.add(db, connection, standing, 1)
    for x, held in world.issues.items():
        sql = (
            "INSERT INTO issue (connection_id, xero_id, reason, state, held, opened_at) VALUES (?, ?, '', 'open', ?, 1)"
        )
        db.execute_sql(sql, (connection, x, held))
    return connection


names = st.sampled_from(["Ann", " ANN\u00a0", "Bob", "Cy", "\u200b"])
emails = st.sampled_from(["", "a@x.co", "A@X.CO", "b@x.co", "none"])
statuses = st.sampled_from([XeroStatus.ACTIVE] * 5 + [XeroStatus.ARCHIVED, XeroStatus.GDPRREQUEST])


@st.composite
def worlds(draw: st.DrawFn) -> World:
    xeros = [
        xero(f"x{n}", draw(names), draw(emails), status=draw(statuses), is_customer=draw(st.booleans()),
             is_supplier=draw(st.booleans()))
        for n in range(draw(st.integers(1, 7)))
    ]  # fmt: skip
    karbons = [karbon(f"k{n}", draw(names), draw(emails)) for n in range(draw(st.integers(0, 6)))]
    ids, every_key = [x.id for x in xeros], [k.key for k in karbons]
    linked = draw(st.lists(st.sampled_from(ids), unique=True, max_size=3))
    partners = draw(st.permutations(every_key))
    pairs = dict(zip(linked, partners, strict=False))
    return World(
        draw(st.permutations(xeros)),
        draw(st.permutations(karbons)),
        draw(st.frozensets(st.sampled_from(every_key), max_size=1)) if every_key else frozenset(),
        pairs,
        draw(st.frozensets(st.sampled_from(linked), max_size=2)) if linked else frozenset(),
        draw(st.dictionaries(st.sampled_from(ids), st.booleans(), max_size=2)),
        draw(st.sampled_from(ImportFilter)),
    )


def all_standings(db: SqliteDatabase, connection: int, import_filter: ImportFilter, page: int) -> list[Standing]:
    found: list[Standing] = []
    while rows := matching.standings(db, connection, import_filter, found[-1].row if found else 0, page):
        assert len(rows) <= page
        found += rows
    return found


async def ask(store: Store, world: World) -> None:
    plain = Plain(world)

    def compare(db: SqliteDatabase) -> None:
        connection = fill(db, world)
        found = {}
        for standing in all_standings(db, connection, world.filter, page=2):
            x, pair = matching.contacts_with_pairs(db, [standing.row])[standing.row]
            found[x.id] = (bool(standing.takes_part), Likeness(standing.likeness), bool(standing.held))
            if found[x.id][1] is Likeness.PAIR:
                assert [pair] == [k for k in plain.alive if all(shared(x.contact, k.contact))]
        assert found == {
            x.id: (plain.takes_part(x), plain.likeness(x), world.issues.get(x.id, False)) for x in plain.open
        }
        for x in plain.open:
            candidates = matching.candidates(db, connection, x.id, world.filter)
            assert sorted(candidates) == sorted(plain.candidates(x))
            assert [c.taken for c in candidates] == sorted(c.taken for c in candidates)  # free ones first
            twins = plain.twins(x.contact)
            assert matching.rivals(db, connection, x.id) == min(len(twins), 2)

    await store.run(compare)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds())
async def test_sql_and_python_agree(store: Store, world: World) -> None:
    await ask(store, world)


async def test_an_ended_link_with_a_new_one_beside_it(store: Store) -> None:
    """A Karbon contact that was unsynced from one and linked to another is still one taken candidate."""
    world = World(
        [xero("x1", "Ann", "a@x.co"), xero("x2", "Bob"), xero("x3", "Ann")],
        [karbon("k1", "Ann", "a@x.co")],
        frozenset(), {"x2": "k1", "x3": "k1"}, frozenset({"x2"}), {}, ImportFilter.ALL,
    )  # fmt: skip
    await ask(store, world)


async def test_a_crowd_on_one_address_does_not_hide_the_namesake(store: Store, connection: int) -> None:
    crowd = [karbon(f"a{n:03}", f"Client {n}", "accounts@firm.example") for n in range(120)]

    def ask_for(db: SqliteDatabase, everybody: Sequence[KarbonContact]) -> list[Candidate]:
        number = connect(db, f"organisation {next(_organisations)}").id
        mirror.put_xero(db, number, [xero("x1", "Acme", "accounts@firm.example")], 1)
        mirror.put_karbon(db, number, everybody)
        return matching.candidates(db, number, "x1", ImportFilter.ALL)

    namesake = karbon("z", "Acme", "elsewhere@firm.example")
    found = await store.run(ask_for, [*crowd, namesake])

    assert "z" in [candidate.key for candidate in found]
    assert await store.run(ask_for, [namesake, *crowd[::-1]]) == found


async def test_another_organisations_contacts_are_no_candidates_and_no_rivals(store: Store, connection: int) -> None:
    def ask_for(db: SqliteDatabase) -> tuple[list[Standing], list[Candidate]]:
        other = connect(db, "o2").id
        for number in (connection, other):
            mirror.put_xero(db, number, [xero("x1", "Acme", "a@x.co")], 1)
        mirror.put_xero(db, other, [xero("x2", "Acme", "a@x.co")], 1)
        mirror.put_karbon(db, other, [karbon("k1", "Acme", "a@x.co")])
        return (
            matching.standings(db, connection, ImportFilter.ALL, 0, 10),
            matching.candidates(db, connection, "x1", ImportFilter.ALL),
        )

    [standing], candidates = await store.run(ask_for)
    assert (standing.likeness, candidates) == (Likeness.NONE, [])
