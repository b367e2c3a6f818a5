"""``xerosync issues``: the four queues of what waits for a person. ``resolve`` takes the ids that are printed here."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from xerosync_tui import words
from xerosync_tui.cli import output
from xerosync_tui.cli.running import with_program
from xerosync_tui.domain.contact import Value
from xerosync_tui.domain.display import counted
from xerosync_tui.domain.suggest import Resemblance
from xerosync_tui.program import Program
from xerosync_tui.services import clients, fields, overview, suggestions, triage
from xerosync_tui.services.clients import UnsyncedClient


def issues(arguments: argparse.Namespace) -> int:
    """``xerosync issues``."""
    if arguments.tab == "conflicts":
        _conflicts(arguments)
    elif arguments.tab == "fields":
        _fields(as_json=arguments.json)
    elif arguments.tab == "unsynced":
        _unsynced(as_json=arguments.json)
    else:
        _failed(as_json=arguments.json)
    return 0


def _conflicts(arguments: argparse.Namespace) -> None:
    found, offered = with_program(lambda program: _conflicts_and_offers(program, ignored=arguments.ignored))
    if arguments.json:
        pairs = zip(found, offered, strict=True)
        output.as_json([{**_issue_document(issue), "suggestions": _offers(offers)} for issue, offers in pairs])
        return
    for issue, offers in zip(found, offered, strict=True):
        print_issue(issue)
        _print_offers(offers)
    output.note(counted(len(found), "match issue"))


async def _conflicts_and_offers(
    program: Program, *, ignored: bool
) -> tuple[list[triage.IssueView], list[list[suggestions.Offer]]]:
    """The issues, and for each who else it may be: without its own candidates."""
    found = await triage.listed(program, ignored=ignored)
    offered = await suggestions.likely(program, [issue.xero.contact for issue in found])
    own = [{candidate.karbon.key for candidate in issue.candidates} for issue in found]
    return found, [[o for o in some if o.karbon.key not in keys] for some, keys in zip(offered, own, strict=True)]


def _offers(offers: Sequence[suggestions.Offer]) -> list[dict[str, Any]]:
    return [
        {"key": o.karbon.key, "kind": o.karbon.kind.value, **output.fields(o.karbon.contact), **_likeness(o.likeness)}
        for o in offers
    ]


def _likeness(likeness: Resemblance | None) -> dict[str, Any]:
    if likeness is None:
        return {}
    return {"score": round(likeness.score, 3), "mark": likeness.mark, "why": list(likeness.reasons)}


def _print_offers(offers: Sequence[suggestions.Offer]) -> None:
    for o in offers:
        karbon = o.karbon.contact
        output.say(f"    or {o.karbon.key}  {karbon.name} <{karbon.email or 'no email'}>  {o.likeness}")


def _issue_document(issue: triage.IssueView) -> dict[str, Any]:
    return {
        "id": issue.id,
        "reason": issue.reason.value,
        "ignored": issue.ignored,
        "xero": {"id": issue.xero.id, **output.fields(issue.xero.contact)},
        "candidates": [
            {
                "key": c.karbon.key,
                "kind": c.karbon.kind.value,
                **output.fields(c.karbon.contact),
                "same_name": c.same_name,
                "same_email": c.same_email,
                "offered": not c.taken,
                **_likeness(c.likeness),
                "would_change": output.changes(c.changes),
            }
            for c in issue.candidates
        ],
    }


def print_issue(issue: triage.IssueView) -> None:
    """An issue as text: who, why, and each candidate."""
    mark = " (ignored)" if issue.ignored else ""
    output.say(f"{issue.id}  {issue.xero.contact.name} <{issue.xero.contact.email or 'no email'}>{mark}")
    output.say(f"    {issue.reason.sentence}")
    for c in issue.candidates:
        taken = "  belongs to another Xero contact" if c.taken else ""
        karbon = c.karbon.contact
        output.say(f"    {c.karbon.key}  {karbon.name} <{karbon.email or 'no email'}>  {c.likeness}{taken}")


def _fields(*, as_json: bool) -> None:
    found = with_program(fields.listed)
    if as_json:
        output.as_json([_conflict_document(conflict) for conflict in found])
        return
    for conflict in found:
        output.say(f"f{conflict.id}  {conflict.xero.contact.name}  {conflict.xero.id}")
        for one in conflict.fields:
            for name, value in _values(one).items():
                output.say(f"    {one.field.value:8} {name:12} {value or '-'}")
    output.note(
        f"{counted(len(found), 'contact')} with field conflicts; choose: xerosync resolve ID --take FIELD=xero|karbon"
    )


def _values(one: fields.Values) -> dict[str, Value]:
    """The last agreed value (two, where the sides store it differently), and what each side holds now."""
    if one.xero_base == one.karbon_base:
        return {"agreed": one.karbon_base, "in Xero": one.xero, "in Karbon": one.karbon}
    return {
        "was in Xero": one.xero_base,
        "in Xero": one.xero,
        "was in Karbon": one.karbon_base,
        "in Karbon": one.karbon,
    }


def _conflict_document(conflict: fields.Conflict) -> dict[str, Any]:
    return {
        "id": f"f{conflict.id}",
        "name": conflict.xero.contact.name,
        "xero_id": conflict.xero.id,
        "karbon_key": conflict.karbon.key,
        "fields": {
            one.field.value: {
                "xero_base": output.value_of(one.xero_base),
                "karbon_base": output.value_of(one.karbon_base),
                "xero": output.value_of(one.xero),
                "karbon": output.value_of(one.karbon),
            }
            for one in conflict.fields
        },
    }


def _unsynced(*, as_json: bool) -> None:
    found, offered = with_program(_unsynced_and_offers)
    if as_json:
        output.as_json(
            [
                {
                    "id": f"u{u.id}", "why": u.why, "karbon_key": u.karbon_key, "xero_id": u.xero.id,
                    **output.fields(u.xero.contact), "merged_to": u.survivor.id if u.survivor else u.xero.merged_to,
                    "suggestions": _offers(offers),
                }
                for u, offers in zip(found, offered, strict=True)
            ]
        )  # fmt: skip
        return
    for u, offers in zip(found, offered, strict=True):
        output.say(f"u{u.id}  {u.xero.contact.name}  {u.xero.id}")
        output.say(f"    {u.why}; was linked with {u.karbon_key}")
        if u.survivor:
            output.say(f"    merged into {u.survivor.contact.name}  {u.survivor.id}")
        _print_offers(offers)
    output.note(
        f"{counted(len(found), 'unsynced client')}; link one again: xerosync resolve ID --match --take xero|karbon"
    )


async def _unsynced_and_offers(program: Program) -> tuple[list[UnsyncedClient], list[list[suggestions.Offer]]]:
    """The links that ended, and for each who it may be, without the contact it was linked with."""
    found = await clients.unsynced(program)
    living = [(u.survivor or u.xero).contact for u in found]
    offered = await suggestions.likely(program, living, ended=True)
    return found, [[o for o in some if o.karbon.key != u.karbon_key] for u, some in zip(found, offered, strict=True)]


def _failed(*, as_json: bool) -> None:
    found = with_program(overview.failures)
    if as_json:
        output.as_json(
            [
                {
                    "id": f"x{f.id}",
                    "side": f.side,
                    "record": f.record,
                    "name": f.name,
                    "reason": f.reason,
                    "at": output.moment(f.at),
                }
                for f in found
            ]
        )
        return
    for f in found:
        output.say(f"x{f.id}  {f.name or f.record} ({words.failed(f.side).doing}): {f.reason}")
    output.note(
        f"{counted(len(found), 'failed record')}; try one again: xerosync resolve ID --retry, all: xerosync sync --full"
    )
