"""``xerosync demo``: the screens over a Xero on this machine; ``--plain``: the first day, told as it happens.

Nothing is made up for it: real HTTP, real OAuth, the same services as every other command, a data folder
that is thrown away.
"""

from __future__ import annotations

import argparse
import asyncio
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xerosync_tui.cli import issues as queues
from xerosync_tui.cli import output, preview, sync
from xerosync_tui.cli.failures import is_foreseen
from xerosync_tui.cli.reports import way_back
from xerosync_tui.cli.running import with_program
from xerosync_tui.cli.sandbox import options_from
from xerosync_tui.cli.screens import show_screens
from xerosync_tui.domain.connection import Organisation
from xerosync_tui.domain.match import Reason, Verdict
from xerosync_tui.errors import MachineError, UsageError, XeroSyncError
from xerosync_tui.log import place
from xerosync_tui.program import Program
from xerosync_tui.sandbox import SandboxServer
from xerosync_tui.sandbox.karbon.credentials import ACCESS_KEY, TOKEN
from xerosync_tui.sandbox.options import SandboxInputError
from xerosync_tui.sandbox.practice import practice_csv
from xerosync_tui.services import connect, importing, karbon, overview, triage
from xerosync_tui.services import sync as runs
from xerosync_tui.settings import Settings, load_settings
from xerosync_tui.tui import terminal

_SHOWN = 12


def run(arguments: argparse.Namespace) -> int:
    """``xerosync demo``. What is unforeseen is said and not logged: nothing is kept."""
    try:
        return _run(arguments)
    except Exception as error:
        if is_foreseen(error):
            raise
        raise XeroSyncError(f"unexpected error: {type(error).__name__}", place(error)) from error


def _run(arguments: argparse.Namespace) -> int:
    if arguments.karbon and (arguments.karbon_csv or arguments.xero_csv):
        raise UsageError("--karbon has contacts of its own", "Leave out --karbon-csv and --xero-csv.")
    if not arguments.plain:
        terminal.require()
    with tempfile.TemporaryDirectory(prefix="xerosync-demo-") as home, _sandbox(arguments, Path(home)) as settings:
        karbon_file = None if arguments.karbon else _karbon_file(arguments, Path(home))
        if arguments.karbon:
            with_program(_connect_karbon, settings)
        if arguments.plain:
            return with_program(lambda program: _first_day(program, karbon_file), settings)
        if karbon_file is not None:
            with_program(lambda program: importing.import_file(program, karbon_file, {}), settings)
        return show_screens(settings, _visit_and_allow)


@contextmanager
def _sandbox(arguments: argparse.Namespace, home: Path) -> Iterator[Settings]:
    """A running sandbox, and the settings that lead to it."""
    port = _free_port()
    try:
        with SandboxServer(options_from(arguments, f"http://localhost:{port}/callback")) as server:
            environment = server.environment() | {"XEROSYNC_HOME": str(home), "XEROSYNC_REDIRECT_PORT": str(port)}
            for note in server.world.csv_notes:
                output.note(note)
            yield load_settings(environment)
    except SandboxInputError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        raise MachineError(f"Cannot start the sandbox: {error.strerror}", "Choose another --port.") from error


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _karbon_file(arguments: argparse.Namespace, home: Path) -> Path | None:
    """The practice's contacts; None for a firm's own Xero export alone, which the invented ones do not fit."""
    if arguments.karbon_csv:
        return Path(arguments.karbon_csv)
    if arguments.xero_csv:
        return None
    path = home / "practice.csv"
    path.write_text(practice_csv(arguments.seed, arguments.size), encoding="utf-8")
    return path


async def _first_day(program: Program, karbon_file: Path | None) -> int:
    if account := await overview.account_in_use(program):
        _heading("1  The firm's Karbon, by its API: xerosync connect karbon")
        output.say(f"Account {account.tenant_key}; contact types {', '.join(account.contact_types)}.")
    else:
        await _own_contacts(program, karbon_file)

    _heading("2  Connect Xero: OAuth 2.0 with PKCE, the sandbox's consent page answered for you")
    organisation = await _consent(program)
    await connect.choose(program, organisation, contact_type="Client")
    output.say(f"Connected to {organisation.name}. Tokens are encrypted; nothing was read or written yet.")

    _heading("3  The preview: xerosync sync --preview")
    result = await runs.preview(program)
    preview.print_counts(result.counts)
    full = result.counts.full_match
    await preview.print_rows(program, Verdict.FULL_MATCH, full, "Full matches: Xero's data replaces what is shown")

    _heading("4  The first sync: xerosync sync --yes")
    sync.print_result(await runs.sync(program, confirmed=True))

    _heading("5  The clients: xerosync clients")
    clients = await overview.clients(program)
    output.table(
        ("Name", "Billing email", "Type"),
        [(c.contact.name, c.contact.email, c.contact_type) for c in clients[:_SHOWN]],
    )
    output.say(f"... {len(clients)} in all")
    return await _triage(program)


async def _own_contacts(program: Program, karbon_file: Path | None) -> None:
    _heading("1  The firm's own contacts, from a CSV file")
    if karbon_file is None:
        output.say("None given, so everything will be new: add --karbon-csv FILE to see what would match.")
    else:
        brought = await importing.import_file(program, karbon_file, {})
        output.say(f"{brought.people} people and {brought.organizations} organizations are in the built-in directory.")


async def _connect_karbon(program: Program) -> None:
    """Karbon's API by the sandbox's keys, which are no secret."""
    await karbon.connect(program, TOKEN, ACCESS_KEY)


async def _consent(program: Program) -> Organisation:
    """Consent as a person would give it: the page is fetched as a browser would, the redirect comes back."""
    consent = await connect.begin(program)
    waiting = asyncio.ensure_future(connect.wait_for_redirect(program, consent))
    await _visit_and_allow(consent.url)
    return (await connect.finish(program, consent, await waiting))[0]


async def _visit_and_allow(url: str) -> None:
    """Give the sandbox the consent that ``url`` asks for, as a person in a browser would."""
    import httpx2

    async with httpx2.AsyncClient(follow_redirects=True) as browser:
        await browser.get(f"{url}&auto=1")


async def _triage(program: Program) -> int:
    _heading("6  What waits for a person: xerosync issues")
    issues = await triage.listed(program)
    for issue in issues[:6]:
        queues.print_issue(issue)
    output.say(f"... {len(issues)} in all")
    simple = [i for i in issues if i.reason is Reason.NAME_DIFFERS and len(i.candidates) == 1]
    if simple:
        _heading(f"7  Resolve one: xerosync resolve {simple[0].id} --match")
        for line in output.in_words(simple[0].candidates[0].changes):
            output.say(line)
        decided = await triage.confirm(program, str(simple[0].id))
        output.say(f"Matched. {await way_back(program, decided)}")
    output.say()
    output.say("The others: --match KEY to choose among candidates, --create for a new Karbon contact, --ignore.")
    output.say("On your own data: `xerosync connect`, or rehearse with `xerosync demo --plain --xero-csv FILE`.")
    return 0


def _heading(text: str) -> None:
    output.say()
    output.say(text)
    output.say("-" * len(text))
