"""What is done with a client beside triage: unsync, link again, make it in Xero."""

from __future__ import annotations

import argparse
import re
from typing import Any

from xerosync_tui.cli import output
from xerosync_tui.cli.reports import report, way_back
from xerosync_tui.cli.running import with_program
from xerosync_tui.domain.display import counted
from xerosync_tui.domain.states import Side
from xerosync_tui.errors import NeedsPerson, UsageError
from xerosync_tui.program import Program
from xerosync_tui.services import clients, contacts

_CONTACT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def as_contact_id(word: str) -> str:
    """The ContactID as Xero spells it; "" where the word is none."""
    return word.lower() if _CONTACT_ID.fullmatch(word.lower()) else ""


async def contact_id(program: Program, word: str) -> str:
    """The ContactID that a person means by it, or by a Karbon key. Raises UsageError for a key without a link."""
    if found := as_contact_id(word):
        return found
    view = await contacts.one(program, word)
    if view.link is None:
        raise UsageError(f"{view.record.contact.name} is linked with no Xero contact", "See `xerosync clients`.")
    return view.link.xero.id


# Unsync


def unsync(arguments: argparse.Namespace) -> int:
    """``xerosync unsync``: all of them as one decision, or none."""
    return with_program(lambda program: _unsync(program, arguments))


async def _unsync(program: Program, arguments: argparse.Namespace) -> int:
    wanted = list(dict.fromkeys([await contact_id(program, word) for word in arguments.ids]))
    ended = await clients.unsync(program, wanted)
    if arguments.json:
        output.as_json([{"decision": f"d{ended.id}", "name": name} for name in ended.names])
        return 0
    for name in ended.names:
        output.say(f"{name}: unsynced; both records stay.")
    output.say(await way_back(program, ended))
    return 0


# Link again


def rematch(arguments: argparse.Namespace) -> int:
    """``xerosync rematch``."""
    return with_program(lambda program: _rematch(program, arguments))


async def _rematch(program: Program, arguments: argparse.Namespace) -> int:
    xero_id, take = await contact_id(program, arguments.id), Side(arguments.take)
    return await link_again(program, xero_id, arguments.key, take, preview=arguments.preview, as_json=arguments.json)


async def link_again(
    program: Program, xero_id: str, key: str, take: Side, *, preview: bool = False, as_json: bool = False
) -> int:
    """Say what linking the two again changes, and unless it is a preview do it."""
    plan = await clients.plan_rematch(program, xero_id, key, take)
    if as_json and preview:
        output.as_json({"in_karbon": output.changes(plan.in_karbon), "in_xero": output.changes(plan.in_xero)})
    elif not as_json:
        _print_plan(plan)
    if preview:
        return 0
    made = await clients.rematch(program, xero_id, key, take, seen=plan.digest)
    return await report(program, made, f"linked with {key}", as_json=as_json)


def _print_plan(plan: clients.Rematch) -> None:
    for where, changes in (("Karbon", plan.in_karbon), ("Xero", plan.in_xero)):
        for f, (old, new) in changes.items():
            if old:
                output.say(f"{where} loses {f.label}: {old}  (becomes {new})")
            else:
                output.say(f"{where} gains {f.label}: {new}")
    if not plan.in_karbon and not plan.in_xero:
        output.say("Nothing changes on either side.")


async def archive(program: Program, xero_id: str, *, as_json: bool) -> int:
    """Archive an unsynced client in Xero."""
    done = await clients.archive_in_xero(program, xero_id)
    return await report(program, done, "archived in Xero", as_json=as_json)


# Make it in Xero


def create_in_xero(arguments: argparse.Namespace) -> int:
    """``xerosync create-in-xero``."""
    return with_program(lambda program: _create_in_xero(program, arguments))


async def _create_in_xero(program: Program, arguments: argparse.Namespace) -> int:
    if arguments.candidates:
        return await _candidates(program, arguments)
    key, name, anyway = arguments.key, arguments.name, arguments.anyway
    return await make_in_xero(program, key, name=name, anyway=anyway, as_json=arguments.json)


async def make_in_xero(
    program: Program, key: str, *, name: str = "", anyway: bool = False, as_json: bool = False
) -> int:
    """Make it, unless Xero may have it already: then the candidates are shown, and NeedsPerson is raised."""
    try:
        made = await clients.create_in_xero(program, key, name=name, anyway=anyway)
    except NeedsPerson:
        for one in await clients.candidates_in_xero(program, key):
            output.note(_in_words(one))
        raise
    did = f"created in Xero as {made.xero_id}. Stop syncing it: xerosync unsync {made.xero_id}"
    return await report(program, made, did, as_json=as_json)


async def _candidates(program: Program, arguments: argparse.Namespace) -> int:
    found = await clients.candidates_in_xero(program, arguments.key)
    if arguments.json:
        output.as_json([_document(one) for one in found])
        return 0
    for one in found:
        output.say(_in_words(one))
    output.note(f"{counted(len(found), 'Xero contact')} with the name or the billing email")
    return 0


def _in_words(one: clients.Namesake) -> str:
    linked = "  is linked" if one.synced else "  was linked" if one.linked else ""
    taken = "  takes the name" if one.takes_name else ""
    return f"{one.xero.id}  {one.xero.contact.name} <{one.xero.contact.email or 'no email'}>{taken}{linked}"


def _document(one: clients.Namesake) -> dict[str, Any]:
    return {
        "xero_id": one.xero.id,
        **output.fields(one.xero.contact),
        "same_name": one.same_name,
        "same_email": one.same_email,
        "takes_name": one.takes_name,
        "linked": one.linked,
    }
