"""Names that mean harm, on every screen: the raw bytes hold nothing that a terminal would obey."""

from __future__ import annotations

import os
import re
import sqlite3
import sys
import time
from pathlib import Path

import pytest
from peewee import SqliteDatabase

from tests.terminal.screen import Terminal
from xerosync_tui.domain.connection import Organisation
from xerosync_tui.domain.contact import Address, Contact, Field, KarbonContact, Kind, XeroContact
from xerosync_tui.domain.counts import Counts
from xerosync_tui.domain.directory import DirectoryRecord
from xerosync_tui.domain.match import Reason
from xerosync_tui.domain.states import Action, FailedSide, RunKind, RunState, Side
from xerosync_tui.store import changes, connections, directory, issues, journal, links, mirror, runs
from xerosync_tui.store.database import Store

HOSTILE = {
    "markup": "Smith [/] Co [bold]x[/bold]",
    "clear": "Clear \x1b[2J Ltd",
    "c1": "C1 \x9b2J Ltd",
    "bidi": "Bidi \u202egnp.exe Ltd",
    "clipboard": "Clip \x1b]52;c;RVZJTA==\x1b\\ Ltd",
    "bell": "Bell \x1b]0;title\x07 Ltd",
    "lines": "Two\nLines\rLtd",
    "wide": "漢字 Holdings 株式会社",
    "long": "L" * 300,
}


@pytest.fixture
async def environment(tmp_path: Path) -> dict[str, str]:
    """A home folder in which every text is hostile."""
    home = tmp_path / "home"
    home.mkdir()
    store = Store.open(home / "xerosync.sqlite3")

    def fill(db: SqliteDatabase) -> None:
        identity = connections.directory_identity(db)
        organisation = Organisation("o", HOSTILE["clipboard"], "c", "!x", "AU")
        connection = connections.activate(db, organisation, identity, 0).id
        connections.change(db, connection, started_at=1, previewed_at=1)
        directory.add_type(db, HOSTILE["clear"])
        people = []
        for n, name in enumerate(HOSTILE.values()):
            contact = Contact(name, f"{name}@x.example", name, Address(line1=name, city=name))
            people.append(contact)
            record = DirectoryRecord(f"k{n}", Kind.ORGANIZATION, contact, contact_type=HOSTILE["clear"],
                                     kind_reason=name, client_identifier=name, other_phones=(name,))  # fmt: skip
            directory.add(db, [record])
        mirror.put_xero(db, connection, [XeroContact(f"x{n}", c) for n, c in enumerate(people)], 1)
        karbon = [KarbonContact(f"k{n}", Kind.ORGANIZATION, c, HOSTILE["clear"]) for n, c in enumerate(people)]
        mirror.put_karbon(db, connection, karbon)
        half = [links.NewLink(f"x{n}", f"k{n}", HOSTILE["bell"], c, c) for n, c in enumerate(people) if n % 2]
        links.add(db, connection, half, 1)
        links.end(db, connection, [("x7", HOSTILE["markup"])])
        changes.put_conflicts(db, connection, {"x1": tuple(Field), "x3": tuple(Field), "x5": tuple(Field)}, 1)
        now = int(time.time() * 1000)  # so that no run is due
        run = runs.begin(db, connection, RunKind.FULL, HOSTILE["bidi"], HOSTILE["c1"], now)
        runs.finish(db, run, RunState.FAILED, now, requests=1, counts=Counts(), error=HOSTILE["clipboard"])
        values = {f: c.value(f) for c in people for f in Field}
        done = journal.Intent(Action.UPDATE, "x5", "k5", values, values, HOSTILE["bell"], Side.XERO)
        place = journal.Place(connection, identity)
        author = journal.Author(place, HOSTILE["clipboard"], HOSTILE["c1"], run)
        journal.intend(db, author, 1, [done])
        for n in range(0, len(people), 2):
            issues.hold(db, connection, f"x{n}", Reason.HELD, 1)
        runs.put_failed(db, connection, FailedSide.READ_XERO, [("r", HOSTILE["clipboard"], HOSTILE["clear"])], 1)

    await store.run(fill)
    store.close()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XEROSYNC")}
    return {**kept, "TERM": "xterm-256color", "LANG": "C.UTF-8", "XEROSYNC_HOME": str(home), "SSH_TTY": "/dev/pts/9"}


# Key, then what must come on the screen, or after ``!`` go away from it.
WALK = """
d Leave it|esc !Leave it|2 Billing email|. Open in Xero|esc !╭─|enter ContactID|e Postcode|esc ContactID
o sent to your terminal|esc !sent to|esc Billing email
3 Conflicts|a Match |down Match |esc Conflicts|enter Close|esc !Close
tab last agreed|down last agreed|down last agreed|enter Close|esc !Close|tab Left alone|enter Close|esc !Close
m as before|esc !as before|tab r reads it|enter Close|esc !Close
5 All entries|enter answer lost|enter Close|esc !Close|esc All entries
4 Kind|D Leave it|esc !Leave it|e Postcode|esc Kind|u Only|u All
1 Needs you|t Interval|enter no type|esc !Prospect|esc Needs you|down Needs|enter last agreed
1 Needs you|ctrl+p part of a client|esc !part of a client
"""


def test_hostile_names_harm_nothing(environment: dict[str, str]) -> None:
    with Terminal([sys.executable, "-m", "xerosync_tui"], environment) as terminal:
        terminal.until("match issues")
        for step in WALK.replace("\n", "|").strip("|").split("|"):
            key, wanted = step.split(" ", 1)
            terminal.press(key)
            if wanted.startswith("!"):
                terminal.until_gone(wanted[1:])
            else:
                terminal.until(wanted.strip())
        terminal.press("ctrl+c")
        assert terminal.ended() == 0
    raw = terminal.raw
    assert "Smith [/] Co" in raw.decode() and "漢字" in raw.decode()  # they were drawn, as they are
    assert b"\x1b]52;c;RVZJTA" not in raw and b"\x1b]0;title" not in raw
    assert b"\x1b[2J Ltd" not in raw and b"\xc2\x9b" not in raw and "\u202e".encode() not in raw
    assert b"\x07" not in re.sub(rb"\x1b\](52;c|22);[A-Za-z0-9+/=]*\x07", b"", raw)  # but for our clipboard and pointer


def test_the_database_held_what_the_screens_left_out(environment: dict[str, str]) -> None:
    """The test above proves something only while the store keeps the names as they are."""
    with sqlite3.connect(Path(environment["XEROSYNC_HOME"]) / "xerosync.sqlite3") as database:
        names = {row[0] for row in database.execute("SELECT name FROM xero_contact")}
    assert set(HOSTILE.values()) <= names
