"""Take back what the journal holds, from wherever it is shown: what comes back is said first, or why nothing can."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from xerosync_tui.engine import undo
from xerosync_tui.engine.undo import Undoable, Undone
from xerosync_tui.errors import UsageError
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


def take_back_last(app: XeroSyncApp, done: Callable[[str, int], None]) -> None:
    """Take back this person's last decision, with all that were made by the same key.

    ``done`` is given that in words, and the match issue that is open again (0: none, or several).
    """

    async def work() -> Undone | list[Undoable] | None:
        try:
            last = await undo.last(app.program)
        except UsageError:
            return None
        together = next((entries for entries in app.together if last in entries), ())
        return await (undo.undo_all(app.program, together) if len(together) > 1 else undo.undo(app.program))

    def told(found: Undone | list[Undoable] | None) -> None:
        if found is None:
            app.say("No decision is left to take back; Activity (5) has all that was done.", severity="warning")
            return
        if isinstance(found, Undone):
            done(found.sentence, found.issue)
            return
        stays = [one for one in found if one.reason]
        if stays:
            app.push_screen(Details(f"{text.counted(len(stays), 'decision stays', 'decisions stay')}", _named(stays)))
        done(f"{text.counted(len(found) - len(stays), 'decision')} taken back.", 0)

    app.jobs.decide(work, told)


def take_back(app: XeroSyncApp, entry_id: int, done: Callable[[], None]) -> None:
    """Take back one entry, once what comes back was read; or say why it stays."""

    def planned(one: Undoable) -> None:
        title = f"{one.name}: {history_words.action(one.entry)}"
        if one.reason:
            app.push_screen(Told(title, "This stays as it is.", f"{one.reason}."))
        else:
            back = {f: (new, old) for f, (old, new) in history_words.changes(one.entry).items()}
            rows = [*history_words.field_by_field(back)] or [text.safe("Nothing was written, so nothing comes back.")]
            if one.stays:
                rows.append(text.safe(f"But {one.stays}.", "bold"))
            app.push_screen(Confirm(title, text.lines(*_how(one), *rows), "Take it back"), answered)

    def answered(yes: bool | None) -> None:
        if yes:
            app.jobs.decide(lambda: undo.undo(app.program, entry_id), told)

    def told(undone: Undone) -> None:
        app.say(undone.sentence)
        done()

    app.jobs.decide(lambda: undo.plan_undo(app.program, entry_id), planned)


def _how(one: Undoable) -> list[object]:
    if one.entry.intent.action in ("link", "create"):
        made = " and the Karbon contact is deleted" if one.entry.intent.action == "create" else ""
        return [f"The link ends{made}; it waits for you again under Conflicts or Unsynced, as before."]
    if one.entry.intent.action == "choose":
        return ["The other side gets its own value back, and both wait for you again:"]
    if one.entry.intent.action == "update":
        return ["Both sides get the value from before:"]
    return []


def take_back_run(app: XeroSyncApp, run: int, done: Callable[[], None]) -> None:
    """Take back all of a run that can be, once was read what cannot, and why."""

    def planned(found: Sequence[Undoable]) -> None:
        stays, title = [one for one in found if one.reason], f"Take back run {run}?"
        if len(stays) == len(found):
            app.push_screen(Told(title, "Nothing of it can be taken back.", _reasons(stays)))
            return
        rows = _what_comes_back([one for one in found if not one.reason])
        if stays:
            rows += [f"{text.counted(len(stays), 'entry stays', 'entries stay')} as they are:", *_named(stays)]
        if partly := [one for one in found if one.stays and not one.reason]:
            rows += ["Of these some values stay:", *_named(partly)]
        app.push_screen(Confirm(title, text.lines(*rows), "Take back what can be"), answered)

    def answered(yes: bool | None) -> None:
        if yes:
            app.jobs.decide(lambda: undo.undo_run(app.program, run), told)

    def told(found: Sequence[Undoable]) -> None:
        stays = [one for one in found if one.reason]
        words = f"Run {run}: {text.counted(len(found) - len(stays), 'entry', 'entries')} taken back"
        if stays or any(one.stays for one in found):
            title = f"{words}, {len(stays)} not" if stays else f"{words}, but not all of it"
            app.push_screen(Details(title, _named([one for one in found if one.reason or one.stays])))
        else:
            app.say(f"{words}.")
        done()

    app.jobs.decide(lambda: undo.plan_undo_run(app.program, run), planned)


def _what_comes_back(found: Sequence[Undoable]) -> list[object]:
    """By kind, what the undo of these does, and that it is final."""
    kinds = Counter(one.entry.intent.action for one in found)
    values = sum(1 for one in found if one.entry.intent.action in ("link", "update") and one.entry.intent.before)
    said = (
        (kinds["link"] + kinds["create"] + kinds["create in Xero"], "link", "ends", "end"),
        (kinds["create"], "Karbon contact", "is deleted", "are deleted"),
        (values, "contact", "gets the values from before", "get the values from before"),
        (kinds["unlink"], "link", "goes on again", "go on again"),
    )
    rows: list[object] = [f"{text.counted(n, one)} {does if n == 1 else do}." for n, one, does, do in said if n]
    return [*rows, ("Taking it back cannot itself be taken back.", "bold")]


def _named(stays: Sequence[Undoable]) -> list[object]:
    same = Counter(_apart_from_its_name(one) for one in stays)
    if len(stays) > _MOST and len(same) <= _MOST:
        return [f"  {text.number(count)}: {reason}" for reason, count in same.most_common()]
    rows: list[object] = [f"  {one.name}: {_apart_from_its_name(one)}" for one in stays[:_MOST]]
    return rows if len(stays) <= _MOST else [*rows, f"  … and {text.number(len(stays) - _MOST)} more"]


def _apart_from_its_name(one: Undoable) -> str:
    reason = one.reason or one.stays
    return reason.removeprefix(f"{one.name}: ").removeprefix(f"{one.name} ")


def _reasons(stays: Sequence[Undoable]) -> str:
    return "; ".join(sorted({one.reason for one in stays})[:3])
