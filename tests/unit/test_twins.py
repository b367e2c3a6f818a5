"""Whatever a key does, a command does: every action of the screens with its plain twin, or why it has none."""

from __future__ import annotations

import importlib
import pkgutil
import shlex
from collections.abc import Iterator

import pytest
from textual.binding import Binding
from textual.dom import DOMNode

import xerosync_tui.tui
from xerosync_tui.cli.parser import parse

TWINS = {  # the words after `xerosync`
    "issues.alike": "resolve 7 --match --like",
    "failed.edit": "edit KEY email=X",
    "failed.retry_all": "sync --full",
    "unsynced.archive": "resolve u5 --archive",
    "activity.entries": "history --entries",
    "activity.idle": "history --idle",
    "activity.journal": "history r12",
    "activity.undo": "undo r12",
    "apps.approve": "sync --approve DIGEST",
    "apps.disconnect": "disconnect",
    "apps.open": "connect",  # where nothing is connected; else it leads to what has a command of its own
    "apps.karbon": "connect karbon",
    "apps.filter": "settings filter=customers",
    "apps.settings": "settings",
    "apps.type": "settings contact_type=Client",
    "choices.preview": "sync --preview",
    "clients.contact": "contacts --search NAME --json",
    "clients.export": "clients --csv",
    "clients.history": "history CONTACT-ID",
    "clients.left_out": "left-out",
    "clients.undo": "undo",
    "clients.unsync": "unsync CONTACT-ID ANOTHER-ID",
    "consent.again": "reconnect",
    "consent.answer": "demo --plain",
    "consent.paste": "connect",
    "contact.create": "create-in-xero KEY",
    "contact.details": "history KEY",
    "contact.edit": "edit KEY name=X",
    "contact.undo": "undo 34",
    "contact.undo_too": "undo 34",
    "contact.unsync": "unsync KEY",
    "contacts.add": "add --person name=X",
    "contacts.delete": "delete KEY",
    "contacts.edit": "edit KEY phone=1",
    "contacts.guesses": "contacts --guesses",
    "contacts.kind": "edit KEY kind=person",
    "contacts.right": "edit KEY kind=person",
    "contacts.import": "import FILE.csv --preview",
    "contacts.open": "contacts --search NAME --json",
    "contacts.unlinked": "contacts --unlinked",
    "create.create": "create-in-xero KEY --anyway",
    "create.link": "resolve CONTACT-ID --match KEY",
    "create.rename": "create-in-xero KEY --name X",
    "delete.archive": "delete KEY --archive-in-xero",
    "delete.yes": "delete KEY",
    "edit.save": "edit KEY name=X email=a@b.example",
    "failed.retry": "resolve x3 --retry",
    "fields.karbon": "resolve f12 --take name=karbon",
    "fields.xero": "resolve f12 --take name=xero",
    "importing.columns": "import FILE.csv --map COLUMN=FIELD --preview",
    "importing.do": "import FILE.csv",
    "issues.another": "resolve 7 --match KEY",
    "issues.confirm": "resolve 7 --match",
    "issues.create": "resolve 7 --create",
    "issues.ignore": "resolve 7 --ignore",
    "issues.show_ignored": "issues --ignored",
    "journal.contact": "contacts --search NAME --json",
    "journal.details": "history 34",
    "journal.undo": "undo 34",
    "karbon.connect": "connect karbon",
    "karbon.go_on": "connect",
    "left_out.create": "resolve CONTACT-ID --create",
    "left_out.match": "resolve CONTACT-ID --match KEY",
    "list.filter": "clients --search TEXT",
    "main.activity": "history",
    "main.apps": "status",
    "main.clients": "clients",
    "main.contacts": "contacts",
    "main.issues": "issues",
    "main.preview": "sync --preview",
    "main.sync": "sync",
    "match.choose": "resolve 7 --match KEY",
    "preview.again": "sync --preview",
    "preview.fill": "settings fill_blanks=yes",
    "preview.kind": "sync --preview --kind CONTACT-ID=person",
    "preview.kind_too": "sync --preview --kind CONTACT-ID=person",
    "preview.row": "sync --preview --json",
    "preview.start": "sync --yes",
    "preview.sync": "sync",
    "preview.sync_too": "sync",
    "preview.veto": "sync --yes --veto CONTACT-ID --veto ANOTHER-ID",
    "rematch.karbon": "rematch CONTACT-ID KEY --take karbon",
    "rematch.xero": "resolve u5 --match --take xero",
    "settings.change": "settings interval=600",
    "tabs.details": "issues --json",
    "tabs.undo": "undo",
    "unsynced.create": "resolve u5 --create --in xero",
    "unsynced.rematch": "rematch CONTACT-ID KEY --take xero",
}
MOVES = "only moves the cursor or the view"
LEADS = "only leads to another list, which has a command of its own"
CLOSES = "only closes what is in front"
MARKS = "marks rows for a key that follows; a command names as many as it is given, or is called for each"
BROWSER = "opens a page in a browser, which a command does not; `clients --json` has the ids"
WITHOUT = {
    "address.close": CLOSES,
    "app.quit": "a command ends by itself",
    "app.suspend": "the shell does that with a command",
    "apps.stop": "ctrl+c or SIGTERM ends a command",
    "ask.close": CLOSES,
    "clients.in_karbon": BROWSER,
    "clients.in_xero": BROWSER,
    "clients.menu": "lists the keys of a row; --help lists the commands",
    "confirm.yes": "answers a question; commands ask none, the flag or the command itself is the answer",
    "consent.back": CLOSES,
    "consent.open": BROWSER,
    "contact.back": CLOSES,
    "contact.in_karbon": BROWSER,
    "contact.in_xero": BROWSER,
    "contacts.in_karbon": BROWSER,
    "contacts.menu": "lists the keys of a row; --help lists the commands",
    "create.back": CLOSES,
    "details.close": CLOSES,
    "dialog.close": CLOSES,
    "edit.back": CLOSES,
    "edit.next": MOVES,
    "edit.tab": MOVES,
    "edit.back_tab": MOVES,
    "edit.previous": MOVES,
    "fields.in_karbon": BROWSER,
    "fields.in_xero": BROWSER,
    "failed.in_xero": BROWSER,
    "filter.clear": MOVES,
    "filter.leave": MOVES,
    "importing.back": CLOSES,
    "issues.in_karbon": BROWSER,
    "issues.in_xero": BROWSER,
    "issues.next_candidate": MOVES,
    "issues.previous_candidate": MOVES,
    "journal.back": CLOSES,
    "karbon.back": CLOSES,
    "karbon.back_tab": MOVES,
    "karbon.next": MOVES,
    "karbon.previous": MOVES,
    "karbon.tab": MOVES,
    "keys.close": CLOSES,
    "keys.down": MOVES,
    "keys.page_down": MOVES,
    "keys.page_up": MOVES,
    "keys.up": MOVES,
    "left_out.in_xero": BROWSER,
    "link.select_by_hand": "a terminal selects what a command printed",
    "list.down": MOVES,
    "list.first": MOVES,
    "list.last": MOVES,
    "list.mark": MARKS,
    "list.mark_all": MARKS,
    "list.mark_down": MARKS,
    "list.mark_range": MARKS,
    "list.mark_up": MARKS,
    "list.page_down": MOVES,
    "list.page_up": MOVES,
    "list.sort": "only looks: the lines of a command are sorted by `sort`",
    "list.up": MOVES,
    "main.quit": "a command ends by itself",
    "match.back": CLOSES,
    "page.back": CLOSES,
    "page.keys": "says what keys do; --help says what commands do",
    "preview.back": CLOSES,
    "preview.veto_too": "says why there is no veto any more, and does nothing",
    "preview.next": LEADS,
    "preview.previous": LEADS,
    "preview.stop": "ctrl+c or SIGTERM ends a command",
    "settings.back": CLOSES,
    "tabs.next": LEADS,
    "tabs.previous": LEADS,
    "told.close": CLOSES,
    "unsynced.in_karbon": BROWSER,
    "unsynced.in_xero": BROWSER,
}


def actions() -> Iterator[str]:
    """The names of all bindings in the classes of the screens."""
    for module in pkgutil.walk_packages(xerosync_tui.tui.__path__, f"{xerosync_tui.tui.__name__}."):
        importlib.import_module(module.name)
    waiting: list[type] = [DOMNode]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith(xerosync_tui.tui.__name__):
            yield from (b.id for b in vars(kind).get("BINDINGS", ()) if isinstance(b, Binding) and b.id)


def test_every_action_has_a_twin_or_a_reason() -> None:
    listed = {**TWINS, **WITHOUT}
    found = set(actions())
    assert {"issues.confirm", "list.up", "app.quit"} <= found
    assert sorted(found - set(listed)) == [], "new actions: enter the command that does the same, or why there is none"
    assert sorted(set(listed) - found) == [], "these actions are gone"
    assert len(listed) == len(TWINS) + len(WITHOUT), "listed twice"


@pytest.mark.parametrize("words", sorted(set(TWINS.values())))
def test_the_command_is_understood(words: str) -> None:
    assert parse(shlex.split(words)).command != "start:screens"


def test_every_reason_says_something() -> None:
    assert all(reason.strip() for reason in WITHOUT.values())
