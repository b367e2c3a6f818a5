"""The words of every command. Importing this imports argparse and nothing heavy."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, NoReturn

from xerosync_tui import __version__
from xerosync_tui.cli import streams
from xerosync_tui.domain.display import clean

Command = Callable[[argparse.Namespace], int]
_FILES = frozenset({"file", "xero_csv", "karbon_csv"})  # whose names may be any bytes
_LARGEST = 2**63 - 1  # SQLite's
_LONGEST_SEARCH = 1000
_SIDES = ("xero", "karbon")
_APP = "karbon: its API instead of the built-in directory; keys by XEROSYNC_KARBON_TOKEN and _ACCESS_KEY, or asked"
_EXIT_CODES = """\
exit codes: 0 done · 1 unexpected error · 2 wrong usage, or no usable terminal · 3 needs a person ·
4 not connected or consent expired · 5 remote refused or unreachable · 6 another XeroSync holds the lock ·
7 quota used up · 8 this machine (config, database, disk, rights) · 130 interrupted ·
129, 143 the screens were ended by SIGHUP or SIGTERM"""


def load(name: str) -> Command:
    """The function behind ``module:function`` in this package."""
    module, function = name.split(":")
    command: Command = getattr(import_module(f"xerosync_tui.cli.{module}"), function)
    return command


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The words understood; ``command`` is what ``load`` takes. Exits with 2 and one line for wrong ones."""
    parser = build_parser()
    arguments = parser.parse_args(argv)
    for name, value in vars(arguments).items():
        for word in value if isinstance(value, list) else [value]:
            if isinstance(word, str) and name not in _FILES and not _is_unicode(word):
                parser.error(f"{word!r} is not text in this machine's encoding (LC_ALL)")
    return arguments


def _is_unicode(word: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in word)


class _Parser(argparse.ArgumentParser):
    """Tells wrong usage in one line, without obeying what the words hold."""

    def error(self, message: str) -> NoReturn:
        streams.tell(f"{self.prog}: {clean(message).rstrip('.')}. See `{self.prog} --help`.")
        raise SystemExit(2)


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands; ``arguments.command`` is what ``load`` takes."""
    parser = _Parser(
        prog="xerosync",
        description="Keeps the contacts of Xero and Karbon the same.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"xerosync {__version__}")
    parser.set_defaults(command="screens:screens")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for add in (_sandbox, _connection, _sync, _lists, _decisions, _directory, _machine):
        add(_Adder(commands))
    return parser


class _Adder:
    """Adds commands that all look alike."""

    def __init__(self, commands: Any) -> None:
        self._commands = commands

    def __call__(self, name: str, target: str, about: str, *, json: bool = False) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = self._commands.add_parser(
            name, help=about, description=about, epilog=_EXIT_CODES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip
        parser.set_defaults(command=target)
        if json:
            _json(parser)
        return parser


def _json(parser: Any) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")


def _world(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--size", type=_number(1, 100_000), default=250, help="how many Xero contacts (default 250)")
    parser.add_argument("--seed", type=_number(0, _LARGEST), default=1, help="the same seed gives the same world")
    parser.add_argument("--port", type=_number(0, 65535), default=0, help="loopback port (default: any free one)")
    parser.add_argument("--xero-csv", metavar="FILE", help="take the contacts from Xero's own contact export")


def _sandbox(add: _Adder) -> None:
    demo = add("demo", "demo:run", "the screens over a Xero on this machine; nothing else needed")
    demo.add_argument("--plain", action="store_true", help="narrate it as text, without the screens")
    demo.add_argument("--karbon-csv", metavar="FILE", help="take the Karbon contacts from this CSV")
    demo.add_argument("--karbon", action="store_true", help="the Karbon side by its API, in place of the built-in one")
    _world(demo)
    sandbox = add("sandbox", "sandbox:sandbox", "a Xero and a Karbon on this machine: prints URLs as JSON, then serves")
    _world(sandbox)
    sandbox.add_argument("--karbon", action="store_true", help="a Karbon beside it, with the practice's contacts")


def _connection(add: _Adder) -> None:
    for name, about in (
        ("connect", "connect a Xero organisation by its consent page"),
        ("reconnect", "give consent again; the same organisation keeps its links"),
    ):
        connect = add(name, f"connection:{name}", about)
        if name == "connect":
            connect.add_argument("app", nargs="?", choices=_SIDES, default="xero", help=_APP)
        connect.add_argument("--organisation", metavar="NAME", help="which one, when you consent to several")
        if name == "connect":
            connect.add_argument("--filter", choices=("all", "customers", "customers-suppliers"))
            connect.add_argument("--contact-type", metavar="NAME", help="what new Karbon contacts become")
    gone = add(
        "disconnect", "connection:disconnect", "end the connection and forget its tokens; links and history stay"
    )
    gone.add_argument("app", nargs="?", choices=_SIDES, default="xero", help="karbon: the built-in directory again")
    settings = add("settings", "connection:settings", "show or change what was chosen", json=True)
    settings.add_argument("changes", nargs="*", metavar="KEY=VALUE")
    types = add("types", "connection:types", "contact types of the Karbon side", json=True)
    types.add_argument("action", nargs="?", choices=("add", "rename", "remove"))
    types.add_argument("names", nargs="*", metavar="NAME", help="rename takes two: old and new")
    add("status", "status:status", "connection, counts, last and next run, who is at work", json=True)


def _sync(add: _Adder) -> None:
    sync = add("sync", "sync:run", "one run; the first one needs a preview, then --yes", json=True)
    sync.add_argument("--preview", action="store_true", help="say what would happen; writes nothing to either side")
    sync.add_argument("--yes", action="store_true", help="start the first sync: do what the preview showed")
    sync.add_argument(
        "--veto", action="append", default=[], metavar="XERO_ID", help="leave this full match to a person"
    )
    sync.add_argument(
        "--kind", action="append", default=[], metavar="XERO_ID=KIND",
        help="what this contact becomes in Karbon: person or organization; kept, and needed once",
    )  # fmt: skip
    sync.add_argument("--full", action="store_true", help="read everything again, not only what changed")
    sync.add_argument("--approve", default="", metavar="DIGEST", help="do what a brake stopped; it named the digest")
    sync.add_argument("--fail-on-issues", action="store_true", help="exit 3 when match issues or field conflicts wait")
    watch = add("watch", "watch:watch", "sync by itself until stopped; for a service manager")
    watch.add_argument("--interval", type=_number(30, 86_400), metavar="SECONDS", help="instead of the setting")


def _lists(add: _Adder) -> None:
    for name, about in (
        ("clients", "the synced clients"),
        ("left-out", "Xero contacts outside the import filter"),
        ("contacts", "Karbon contacts"),
    ):
        listing = add(name, f"listing:{name.replace('-', '_')}", about)
        listing.add_argument("--search", type=_search, default="", metavar="TEXT", help="part of the name or email")
        form = listing.add_mutually_exclusive_group()
        _json(form)
        if name != "left-out":
            form.add_argument("--csv", action="store_true", help="as CSV on standard output")
        if name == "contacts":
            listing.add_argument("--unlinked", action="store_true", help="only those that are not synced")
            listing.add_argument("--guesses", action="store_true", help="only those whose kind is an unreviewed guess")
    issues = add("issues", "issues:issues", "what waits for a person", json=True)
    issues.add_argument("--tab", choices=("conflicts", "fields", "unsynced", "failed"), default="conflicts")
    issues.add_argument("--ignored", action="store_true", help="ignored conflicts too")
    add("duplicates", "duplicates:duplicates", "likely duplicates within Xero and within Karbon", json=True)


def _decisions(add: _Adder) -> None:
    resolve = add("resolve", "decisions:resolve", "decide one of what `issues` lists", json=True)
    resolve.add_argument("id", metavar="ID", help="as `issues` names it: 7, f12, u5, x3; or a ContactID left out")
    choice = resolve.add_mutually_exclusive_group()
    choice.add_argument(
        "--match", nargs="?", const=True, metavar="KEY",
        help="match with this Karbon contact (default: the only candidate, or the one it was linked with); "
        "Xero's data overwrites Karbon's, for an unsynced client that of --take",
    )  # fmt: skip
    choice.add_argument("--create", action="store_true", help="make a new contact, in Karbon unless --in xero")
    choice.add_argument("--ignore", action="store_true", help="leave it; listed under --ignored")
    choice.add_argument("--archive", action="store_true", help="archive an unsynced client in Xero, for good")
    choice.add_argument("--retry", action="store_true", help="try a failed record again")
    resolve.add_argument(
        "--take", nargs="+", action="extend", default=[], metavar="FIELD=SIDE",
        help="whose value stands in a field conflict: name=xero email=karbon; with --match only xero or karbon",
    )  # fmt: skip
    resolve.add_argument("--in", dest="side", choices=_SIDES, help="with --create, for an unsynced client")
    resolve.add_argument(
        "--like", action="store_true", help="with --match: all issues with its reason and one candidate"
    )
    resolve.add_argument("--preview", action="store_true", help="with --match: only say what would be lost")
    _past(add)
    _clients(add)


def _past(add: _Adder) -> None:
    history = add(
        "history", "history:history", "what was done: runs, or what the journal has about one thing", json=True
    )
    history.add_argument(
        "id", nargs="?", metavar="ID", help="a run (r12), decision (d12), entry (34), ContactID or Karbon key"
    )
    history.add_argument("--entries", action="store_true", help="without ID: all entries of the journal, not the runs")
    history.add_argument("--idle", action="store_true", help="without ID: also the runs that did nothing")
    history.add_argument("--limit", type=_number(1, 100_000), default=20, metavar="N", help="at most so many (20)")
    undo = add(
        "undo", "history:undo", "undo your last decision, the decision or entry named, or a whole run", json=True
    )
    undo.add_argument(
        "id",
        nargs="?",
        type=_what_to_undo,
        metavar="ID",
        help="a decision (d12), an entry (34) or a run (r12) of history",
    )
    undo.add_argument("--preview", action="store_true", help="only say what of it can be undone")


def _clients(add: _Adder) -> None:
    unsync = add("unsync", "clients:unsync", "stop syncing clients, both ways; both records stay", json=True)
    unsync.add_argument("ids", nargs="+", metavar="ID", help="a ContactID or a Karbon key")
    rematch = add("rematch", "clients:rematch", "link an unsynced client again", json=True)
    rematch.add_argument("id", metavar="ID", help="its ContactID, or the Karbon key it was linked with")
    rematch.add_argument("key", metavar="KEY", help="the Karbon contact to link it with")
    rematch.add_argument("--take", required=True, choices=_SIDES, help="whose data wins where the two differ")
    rematch.add_argument("--preview", action="store_true", help="only say what would be lost")
    create = add(
        "create-in-xero", "clients:create_in_xero", "make a Karbon contact in Xero and link the two", json=True
    )
    create.add_argument("key", metavar="KEY")
    create.add_argument("--name", default="", metavar="NAME", help="under another name; Xero's are unique")
    create.add_argument("--anyway", action="store_true", help="although Xero contacts share the billing email")
    create.add_argument("--candidates", action="store_true", help="only list the Xero contacts it may be")


def _directory(add: _Adder) -> None:
    brought = add("import", "directory:bring_in", "people and organizations from a CSV file", json=True)
    brought.add_argument("file", metavar="FILE")
    brought.add_argument("--map", action="append", default=[], metavar="COLUMN=FIELD", help="what a column holds")
    brought.add_argument("--preview", action="store_true", help="say what would happen; imports nothing")
    brought.add_argument("--skip-bad", action="store_true", help="leave out rows that cannot be read (exit 3)")
    added = add("add", "directory:add", "a new Karbon contact", json=True)
    kind = added.add_mutually_exclusive_group(required=True)
    kind.add_argument("--person", action="store_const", dest="kind", const="person")
    kind.add_argument("--organization", action="store_const", dest="kind", const="organization")
    added.add_argument("changes", nargs="+", metavar="FIELD=VALUE")
    edit = add("edit", "directory:edit", "change a Karbon contact", json=True)
    edit.add_argument("key", metavar="KEY")
    edit.add_argument("changes", nargs="+", metavar="FIELD=VALUE")
    delete = add("delete", "directory:delete", "delete a Karbon contact; its Xero contact stays", json=True)
    delete.add_argument("key", metavar="KEY")
    delete.add_argument(
        "--archive-in-xero", action="store_true", help="archive its Xero contact; only Xero's web page undoes that"
    )


def _machine(add: _Adder) -> None:
    classify = add("classify", "classify:run", "person or organization: the guess, how sure it is, and why", json=True)
    classify.add_argument("names", nargs="+", metavar="NAME", help="names, or one text file with a name a line")
    add("doctor", "machine:doctor", "check the set-up and say what to do", json=True)
    backup = add("backup", "machine:backup", "a consistent copy of the database, without secrets")
    backup.add_argument("file", metavar="FILE", help="must not exist yet")


def _number(low: int, high: int) -> Callable[[str], int]:
    def convert(text: str) -> int:
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else -1
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(f"a whole number from {low} to {high}, not {text[:40]!r}")
        return number

    return convert


def _what_to_undo(text: str) -> str:
    _number(1, _LARGEST)(text[1:] if text[:1] in ("d", "r") else text)
    return text


def _search(text: str) -> str:
    if len(text) > _LONGEST_SEARCH:
        raise argparse.ArgumentTypeError(f"at most {_LONGEST_SEARCH} characters")
    return text
