"""Undo what the journal holds, from wherever it is shown: what comes back is said first, or why nothing can."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from xerosync_tui import words
from xerosync_tui.domain.decided import Decided, Stays
from xerosync_tui.domain.states import Action
from xerosync_tui.services import undo
from xerosync_tui.services.undo import Undoable
from xerosync_tui.tui import history_words, text
from xerosync_tui.tui.screens.base import Confirm, Told
from xerosync_tui.tui.screens.details import Details

if TYPE_CHECKING:
    from xerosync_tui.tui.app import XeroSyncApp

_MOST = 8  # entries that are named
NO_WAY_BACK = text.lines(  # of archiving in Xero
    "No new invoice can be made for an archived contact.",
    "There is no way back from here: only Xero's own web page restores it.",
)


def offer_in_words(app: XeroSyncApp) -> str:
    """What ``z`` will undo, read from the very decision that it will take; empty where there is none."""
    found = undo.look(app.program)
    it = found.offer
    if found.refused and app.offered != (it.decision if it else 0):
        one = found.refused[0]
        return f"{words.decided(one.kind, one.name, one.records)}. {text.sentence(one.reason)}"
    if it is None:
        return ""
    said = words.decided(it.kind, it.name, it.records)
    return f"z undoes: {said}{' (the rest)' if it.partly else ''}"


def way_back(app: XeroSyncApp, decided: Decided) -> str:
    """How to undo what was just decided, or why it cannot be."""
    found = undo.look(app.program)
    if found.offer and found.offer.decision == decided.id:
        return "z undoes it."
    refused = next((one for one in found.refused if one.decision == decided.id), None)
    return text.sentence(refused.reason) if refused else ""


def take_back_last(
    app: XeroSyncApp, done: Callable[[str, int], None], named: Callable[[], None] = lambda: None
) -> None:
    """Undo this person's last decision, as one.

    Where it cannot be undone, say why and name the one before, which the next ``z`` takes: then ``named`` is called.
    ``done`` is given what was done in words, and the match issue that is open again (0: none, or several).
    """

    async def work() -> undo.Last | Decided:
        found = await undo.last(app.program)
        known = found.offer is not None and app.offered == found.offer.decision
        if found.offer is None or (found.refused and not known) or _deletes_many(found.offer):
            return found
        return await undone(found.offer)

    async def undone(offer: undo.CanUndo) -> Decided:
        app.offered = 0
        return await undo.undo_decision(app.program, offer.decision)

    def ask(offer: undo.CanUndo) -> None:
        title = f"Undo? {words.decided(offer.kind, offer.name, offer.records)}"
        what = text.lines("Those that are as imported and not linked are deleted.", ("This can't be reversed.", "bold"))
        app.push_screen(
            Confirm(title, what, "Undo"), lambda yes: app.jobs.decide(lambda: undone(offer), told) if yes else None
        )

    def told(found: undo.Last | Decided) -> None:
        if isinstance(found, Decided):
            done(undone_in_words(found), found.issue)
            _show_stays(app, found.stays)
        elif found.offer and (not found.refused or app.offered == found.offer.decision):
            ask(found.offer)
        elif found.refused:
            one = found.refused[0]
            said = f"{words.decided(one.kind, one.name, one.records)}. {text.sentence(one.reason)}"
            app.offered = found.offer.decision if found.offer else 0
            app.say(f"{said} {offer_in_words(app)}", severity="warning")
            named()
        else:
            app.say("Nothing to undo. Activity (5) shows the full history.", severity="warning")

    app.jobs.decide(work, told)


def _deletes_many(offer: undo.CanUndo) -> bool:
    """An import: its undo deletes contacts, which one key must not do unasked."""
    return offer.kind is Action.ADD and offer.records > 1


def undone_in_words(decided: Decided) -> str:
    """What an undo did."""
    return words.all_undone(decided) + (f" {text.sentence(decided.later)}" if decided.later else "")


def _show_stays(app: XeroSyncApp, stays: Sequence[Stays]) -> None:
    if stays:
        app.push_screen(Details(f"{text.counted(len(stays), 'change stays', 'changes stay')}", _named(_pairs(stays))))


def take_back(app: XeroSyncApp, entry_id: int, done: Callable[[], None]) -> None:
    """Undo one entry, once what comes back was read; or say why it stays."""

    def planned(found: Sequence[Undoable]) -> None:
        one = found[0]
        title = f"{one.name}: {history_words.action(one.entry)}"
        if one.reason:
            app.push_screen(Told(title, "It can't be undone.", text.sentence(one.reason)))
        else:
            back = {f: (new, old) for f, (old, new) in one.entry.intent.changes.items()}
            rows = [*history_words.field_by_field(back)] or [text.safe("Nothing was written, so nothing comes back.")]
            if one.stays:
                rows.append(text.safe(f"But {one.stays}.", "bold"))
            app.push_screen(Confirm(title, text.lines(*_how(one), *rows), "Undo"), answered)

    def answered(yes: bool | None) -> None:
        if yes:
            app.jobs.decide(lambda: undo.undo(app.program, entry_id), told)

    def told(decided: Decided) -> None:
        app.say(undone_in_words(decided))
        done()

    app.jobs.decide(lambda: undo.plan(app.program, entry_id), planned)


def _how(one: Undoable) -> list[object]:
    action = one.entry.intent.action
    if action in (Action.LINK, Action.CREATE):
        made = " and the Karbon contact is deleted" if action is Action.CREATE else ""
        return [f"The link ends{made}; it waits for you again under Conflicts or Unsynced, as before."]
    if action is Action.CHOOSE:
        return ["The other side gets its own value back, and both wait for you again:"]
    if action is Action.UPDATE and one.entry.intent.by_hand:
        return ["Karbon gets the value from before; where it is synced, Xero gets it with the next sync:"]
    if action is Action.UPDATE:
        return ["Karbon gets the value from before, and Xero gets it too:"]
    if action is Action.ADD:
        return ["The Karbon contact is deleted:"]
    if action is Action.DELETE:
        return ["The Karbon contact is there again:"]
    return []


def take_back_run(app: XeroSyncApp, run: int, done: Callable[[], None]) -> None:
    """Undo all of a run that can be, once was read what cannot, and why."""

    async def plan() -> tuple[Sequence[Undoable], bool]:
        return await undo.plan_run(app.program, run), await undo.is_first_sync(app.program, run)

    def planned(answer: tuple[Sequence[Undoable], bool]) -> None:
        found, first = answer
        stays, title = [one for one in found if one.reason], f"Undo run {run}?"
        if len(stays) == len(found):
            app.push_screen(Told(title, "Nothing of it can be undone.", _reasons(stays)))
            return
        rows = _what_comes_back([one for one in found if not one.reason], first=first)
        if stays:
            rows += [f"{text.counted(len(stays), 'entry stays', 'entries stay')} as before:", *_named(_of(stays))]
        if partly := [one for one in found if one.stays and not one.reason]:
            rows += ["Of these some values stay:", *_named(_of(partly))]
        app.push_screen(Confirm(title, text.lines(*rows), "Undo what can be undone"), answered)

    def answered(yes: bool | None) -> None:
        if yes:
            app.jobs.decide(lambda: undo.undo_run(app.program, run), told)

    def told(decided: Decided) -> None:
        said = f"Run {run}: {text.counted(decided.undid, 'entry', 'entries')} undone"
        if decided.stays:
            whole = sum(not one.partly for one in decided.stays)
            title = f"{said}, {whole} not" if whole else f"{said}, but not all of it"
            app.push_screen(Details(title, _named(_pairs(decided.stays))))
        else:
            app.say(f"{said}.")
        done()

    app.jobs.decide(plan, planned)


def _what_comes_back(found: Sequence[Undoable], *, first: bool) -> list[object]:
    """By kind, what the undo of these does, and that it is final."""
    kinds = Counter(one.entry.intent.action for one in found)
    deleted = sum(1 for one in found if one.entry.intent.action is Action.CREATE and not one.stays)
    values = sum(1 for one in found if _brings_values(one))
    said = (
        (kinds[Action.LINK] + kinds[Action.CREATE] + kinds[Action.CREATE_IN_XERO], "link", "ends", "end"),
        (deleted, "Karbon contact", "is deleted", "are deleted"),
        (values, "contact", "gets the values from before", "get the values from before"),
        (kinds[Action.UNLINK], "link", "goes on again", "go on again"),
    )
    rows: list[object] = [f"{text.counted(n, one)} {does if n == 1 else do}." for n, one, does, do in said if n]
    if first:
        rows.append("Where no link is left, you are back at the preview of the first sync.")
    return [*rows, ("This can't be reversed.", "bold")]


def _brings_values(one: Undoable) -> bool:
    """Whether values from before come back; of a link that ends all the same, none do."""
    intent = one.entry.intent
    return bool(intent.before) and (intent.action is Action.UPDATE or (intent.action is Action.LINK and not one.stays))


def _of(found: Sequence[Undoable]) -> list[tuple[str, str]]:
    return [(one.name, one.reason or one.stays) for one in found]


def _pairs(stays: Sequence[Stays]) -> list[tuple[str, str]]:
    return [(one.name, one.reason) for one in stays]


def _named(stays: Sequence[tuple[str, str]]) -> list[object]:
    """Names and reasons, by reason alone where there are many."""
    plain = [(name, reason.removeprefix(f"{name}: ").removeprefix(f"{name} ")) for name, reason in stays]
    same = Counter(reason for _, reason in plain)
    if len(plain) > _MOST and len(same) <= _MOST:
        return [f"  {text.number(count)}: {reason}" for reason, count in same.most_common()]
    rows: list[object] = [f"  {name}: {reason}" for name, reason in plain[:_MOST]]
    return rows if len(plain) <= _MOST else [*rows, f"  … and {text.number(len(plain) - _MOST)} more"]


def _reasons(stays: Sequence[Undoable]) -> str:
    return "; ".join(sorted({one.reason for one in stays})[:3])
