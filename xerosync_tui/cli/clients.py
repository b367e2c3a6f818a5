"""What is done with a client beside triage: unsync, link again, make it in Xero."""

from __future__ import annotations

import argparse
import re
from typing import Any

from xerosync_tui.cli import output
from xerosync_tui.cli.running import with_program
from xerosync_tui.domain.display import counted
from xerosync_tui.domain.merge import Side
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
    """``xerosync unsync``: all of them, or none."""
    ended = with_program(lambda program: _unsync(program, arguments.ids))
    if arguments.json:
        output.as_json([{"decision": n, "name": name} for n, name in zip(ended.entries, ended.names, strict=True)])
        return 0
    for entry, name in zip(ended.entries, ended.names, strict=True):
        output.say(f"{name}: unsynced; both records stay. Take it back: xerosync undo {entry}")
    return 0


async def _unsync(program: Program, words: list[str]) -> clients.Ended:
    return await clients.unsync(program, list(dict.fromkeys([await contact_id(program, word) for word in words])))


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
    return report(made, f"linked with {key}. {way_back(made)}", as_json=as_json)


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
    if as_json:
        output.as_json({"decision": done.entry, "xero_id": xero_id})
    else:
        output.say(f"{done.name}: archived in Xero; only Xero's own web page brings it back")
    return 0


def way_back(made: clients.Linked) -> str:
    """How to take back a link."""
    return f"Take it back: xerosync undo {made.entry}"


def report(made: clients.Linked, did: str, *, as_json: bool) -> int:
    """Say what was linked, and what of it comes later."""
    if as_json:
        output.as_json(
            {
                "decision": made.entry,
                "name": made.name,
                "xero_id": made.xero_id,
                "karbon_key": made.karbon_key,
                "later": made.later,
            }
        )
        return 0
    if made.later:
        output.say(f"{made.name}: {made.later}.")
    output.say(f"{made.name}: {did}")
    return 0


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
    did = f"made in Xero as {made.xero_id}, which cannot delete it. Stop syncing it: xerosync unsync {made.xero_id}"
    return report(made, did, as_json=as_json)


async def _candidates(program: Program, arguments: argparse.Namespace) -> int:
    found = await clients.candidates_in_xero(program, arguments.key)
    if arguments.json:
        output.as_json([_document(one) for one in found])
        return 0
    for one in found:
        output.say(_in_words(one))
    output.note(f"{counted(len(found), 'Xero contact')} with the name or the billing email")
    return 0


def _in_words(one: clients.InXero) -> str:
    linked = "  is linked" if one.synced else "  was linked" if one.linked else ""
    taken = "  takes the name" if one.takes_name else ""
    return f"{one.xero.id}  {one.xero.contact.name} <{one.xero.contact.email or 'no email'}>{taken}{linked}"


def _document(one: clients.InXero) -> dict[str, Any]:
    return {
        "xero_id": one.xero.id,
        **output.fields(one.xero.contact),
        "same_name": one.same_name,
        "same_email": one.same_email,
        "takes_name": one.takes_name,
        "linked": one.linked,
    }
