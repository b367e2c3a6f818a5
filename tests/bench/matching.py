"""Matching alone: N Xero against 1.02 N Karbon contacts, 70 % of them full matches."""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from peewee import SqliteDatabase

from tests.bench.measure import in_a_process, peak_mib
from xerosync_tui.domain import decide
from xerosync_tui.domain.connection import ImportFilter, Organisation
from xerosync_tui.domain.contact import Contact, KarbonContact, Kind, XeroContact
from xerosync_tui.store import connections, matching, mirror
from xerosync_tui.store.database import Store

_PAGE = 1000
_SYLLABLES = ("mar", "lo", "ben", "ta", "ri", "sol", "ken", "va", "du", "shi", "pel", "gro", "nan", "wex", "qui", "zo")


def contacts(size: int) -> Iterator[tuple[str, str, str, str]]:
    """(Xero name, Xero email, Karbon name, Karbon email) a row; an empty name: not on that side."""
    dice = random.Random(1)
    for n in range(size):
        name = "".join(dice.choices(_SYLLABLES, k=4)).title() + f" {n:x} Pty Ltd"
        email = f"accounts{n:x}@{dice.choice(_SYLLABLES)}{dice.choice(_SYLLABLES)}.example"
        lot = dice.random()
        if lot < 0.70:
            yield name, email, name.upper(), email
        elif lot < 0.76:
            yield name, email, name, f"other.{email}"
        elif lot < 0.82:
            yield name, email, f"Other {name}", email
        else:
            yield name, email, f"Elsewhere {n:x}", f"e{n:x}@elsewhere.example"


def fill(db: SqliteDatabase, connection: int, size: int) -> None:
    """Both mirrors, page by page."""
    rows = contacts(size)
    for start in range(0, size, _PAGE):
        page = [next(rows) for _ in range(min(_PAGE, size - start))]
        mirror.put_xero(
            db, connection, (XeroContact(f"x{start + n}", Contact(r[0], r[1])) for n, r in enumerate(page)), 1
        )
        mirror.put_karbon(
            db, connection,
            (KarbonContact(f"k{start + n}", Kind.ORGANIZATION, Contact(r[2], r[3])) for n, r in enumerate(page)),
        )  # fmt: skip


def match(db: SqliteDatabase, connection: int) -> Counter[str]:
    """Every standing judged; the plan's decision without its details."""
    counts: Counter[str] = Counter()
    place = 0
    while page := matching.standings(db, connection, ImportFilter.ALL, place, _PAGE):
        counts.update(decide.unlinked(standing).value for standing in page)
        place = page[-1].row
    return counts


def once(size: int) -> dict[str, object]:
    """First: keys, rows and the match, less the making up of the names. Again: the match alone, three times."""
    with tempfile.TemporaryDirectory() as home:
        store = Store.open(Path(home) / "bench.sqlite3")
        db = store._database

        def work() -> dict[str, object]:
            connection = connections.activate(db, Organisation("o", "Bench", "c"), "bench", 0).id
            begun = time.perf_counter()
            for _ in contacts(size):
                pass
            making_up = time.perf_counter() - begun
            begun = time.perf_counter()
            with db.atomic("IMMEDIATE"):
                fill(db, connection, size)
            counts = match(db, connection)
            first = time.perf_counter() - begun - making_up
            again = []
            for _ in range(3):
                begun = time.perf_counter()
                match(db, connection)
                again.append(time.perf_counter() - begun)
            return {"first": first, "again": sorted(again)[1], "peak": peak_mib(), "counts": dict(counts)}

        result = store._writer.submit(work).result()
        store.close()
        return result


def main() -> None:
    """Print the table."""
    print("matching alone, N x N (aim at 100,000: 2 s first, 0.6 s again, memory flat)")
    for size in (10_000, 100_000):
        runs = [in_a_process("tests.bench.matching", str(size)) for _ in range(3)]
        first, again, peak = (sorted(run[key] for run in runs)[1] for key in ("first", "again", "peak"))
        print(f"  {size:>7,}: first {first:.2f} s, again {again:.2f} s, peak {peak:.0f} MiB, {runs[0]['counts']}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(once(int(sys.argv[1]))))
    else:
        main()
