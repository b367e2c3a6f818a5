"""Suggestions: 1,000 contacts as another system has them, against 100,000 contacts.

Recall at 1 and 5 by kind of corruption, time of the queries and of the index, and how often a strong or a weak
suggestion is the true one: where there is a true one, and where there is none.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from peewee import SqliteDatabase

from tests.bench.corrupted import Made, People, Query, queries, strangers
from xerosync_tui.domain.connection import Organisation
from xerosync_tui.domain.contact import Contact, KarbonContact, Kind
from xerosync_tui.domain.states import Side
from xerosync_tui.domain.suggest import STRONG
from xerosync_tui.store import connections, mirror, suggesting
from xerosync_tui.store.database import Store
from xerosync_tui.store.suggesting import Suggested

SIZE, QUERIES, SEED = 100_000, 1_000, 7
_EDITED = 100

Asked = list[tuple[Query, list[Suggested]]]


def main() -> None:
    """Make both up, index, ask, print."""
    people = People(SEED)
    population = people.population(SIZE)
    asked, alone = queries(people, population, QUERIES), strangers(people, population, QUERIES)
    print(f"suggestions: {QUERIES:,} queries against {SIZE:,} contacts, seed {SEED}")
    print("(aims: recall at 1 .975, at 5 .993, under 2 s for 1,000 queries)")
    with tempfile.TemporaryDirectory() as home:
        store = Store.open(Path(home) / "bench.sqlite3")
        store._writer.submit(_measured, store._database, population, asked, alone).result()
        store.close()


def _measured(db: SqliteDatabase, population: Sequence[Made], asked: Sequence[Query], alone: Sequence[Made]) -> None:
    connection = connections.activate(db, Organisation("o", "Bench", "c"), "bench", 0).id
    put = [
        KarbonContact(f"k{n}", Kind.ORGANIZATION if m.firm else Kind.PERSON, Contact(m.name, m.email), version=n + 1)
        for n, m in enumerate(population)
    ]
    with db.atomic("IMMEDIATE"):
        mirror.put_karbon(db, connection, put)
    _print_index(db, connection, put)
    found: Asked = []
    begun, cpu = time.perf_counter(), time.process_time()
    for query in asked:
        found.append((query, suggesting.suggested(db, connection, Side.KARBON, Contact(query.name, query.email))))
    wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
    print(f"  {len(asked):,} queries {wall:.2f} s ({cpu:.2f} s of a processor)")
    strangers_found = [suggesting.suggested(db, connection, Side.KARBON, Contact(m.name, m.email)) for m in alone]
    _print_recall(found)
    _print_precision(found, strangers_found)


def _print_index(db: SqliteDatabase, connection: int, put: Sequence[KarbonContact]) -> None:
    def catch_up() -> float:
        begun = time.process_time()  # a shared machine has its own hours
        while True:
            with db.atomic("IMMEDIATE"):
                if suggesting.catch_up(db, connection, Side.KARBON):
                    return time.process_time() - begun

    whole, nothing = catch_up(), catch_up()
    edited = [
        KarbonContact(k.key, k.kind, Contact(f"{k.contact.name} X", k.contact.email), version=k.version + SIZE)
        for k in put[::997][:_EDITED]
    ]
    mirror.put_karbon(db, connection, edited)
    some = catch_up()
    back = [KarbonContact(k.key, k.kind, k.contact, version=k.version + 2 * SIZE) for k in put[::997][:_EDITED]]
    mirror.put_karbon(db, connection, back)
    catch_up()
    print(f"  index of all {whole:.2f} s, of {_EDITED} edited {some:.2f} s, of none {nothing:.3f} s (of a processor)")


def _print_recall(found: Asked) -> None:
    groups: dict[str, list[int | None]] = defaultdict(list)
    for query, suggested in found:
        place = next((n for n, one in enumerate(suggested) if one.row == query.true + 1), None)
        for group in ("all", query.kind, f"  {query.email_is}"):
            groups[group].append(place)
    for group, places in sorted(groups.items(), key=lambda pair: (pair[0] != "all", pair[0])):
        first, fifth = (sum(p is not None and p < n for p in places) / len(places) for n in (1, 5))
        print(f"  {group:18} recall at 1 {first:.3f}, at 5 {fifth:.3f}  ({len(places)})")


def _print_precision(found: Asked, alone: Sequence[Sequence[Suggested]]) -> None:
    marks: dict[str, Callable[[float], bool]] = {"strong": lambda s: s >= STRONG, "weak": lambda s: s < STRONG}
    for mark, is_so in marks.items():
        first = [(q, s[0]) for q, s in found if s and is_so(s[0].score)]
        right = sum(one.row == query.true + 1 for query, one in first)
        none = sum(bool(s) and is_so(s[0].score) for s in alone)
        print(
            f"  {mark:6} first suggestion: {len(first):4} of {len(found):,} that have a pair, {right / len(first):.3f} "
            f"of them right; {none:4} of {len(alone):,} that have none ({none / len(alone):.1%})"
        )


if __name__ == "__main__":
    sys.exit(main())
