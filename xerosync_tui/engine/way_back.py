"""How a journal entry is undone, or why it cannot be (engine.md 2.9).

One function says it. What is offered asks it, and so does what is done, so that nothing is offered that is then
refused. A link that is undone ends, Karbon has its values from before, the issue is open again. A change that is undone
is an edit of Karbon that goes over to Xero like any other; so both sides have the old value, also when Xero is out of
reach just now.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from peewee import SqliteDatabase

from xerosync_tui.domain import decide
from xerosync_tui.domain.contact import NO_CONTACT, Field, Kind, Value
from xerosync_tui.domain.directory import EMPTY_OTHERS, FOLLOWS, DirectoryRecord
from xerosync_tui.domain.link import Linked
from xerosync_tui.domain.merge import Merge
from xerosync_tui.domain.normalise import same_spelling
from xerosync_tui.domain.states import Action, EntryState, LinkState, Side
from xerosync_tui.engine.changes.base import Change, filled
from xerosync_tui.engine.changes.karbon import Add, Edit, Remove, ToKarbon
from xerosync_tui.engine.changes.reversals import EndLink, PutBack, Reopen, Resume, WaitAgain
from xerosync_tui.engine.changes.types import ChangeTypes
from xerosync_tui.engine.changes.xero import ToXero
from xerosync_tui.engine.work import Work
from xerosync_tui.errors import NeedsPerson
from xerosync_tui.hints import Do, Hint
from xerosync_tui.remotes.ports import Delete, Update, Write
from xerosync_tui.store import changes, connections, decisions, directory, issues, journal, links, mirror
from xerosync_tui.store.journal import Entry, Intent

_NO_WAY_BACK = {
    Action.CREATE_IN_XERO: "Xero has no way to delete a contact; archive it there, or unsync it",
    Action.ARCHIVE: "only Xero's own web page restores an archived contact",
    Action.UNDO: "it is itself an undo; decide or edit again instead",
    Action.REOPEN: "it is itself an undo; decide again instead",
    Action.TYPE: "the contact type is not synced; edit it back instead",
    Action.SWAP: "it is one step of a change of names; undo the change itself",
}
_CANNOT_DELETE = "Karbon's API cannot delete a contact"


@dataclass(frozen=True, slots=True)
class Way:
    """How an entry is undone: the changes that do it, in their order.

    ``stays``: which of its values cannot be undone even then. ``travels``: Xero gets the old values at once; those of a
    hand edit go with the next sync, as the edit does.
    """

    changes: tuple[Change, ...]
    stays: str = ""
    travels: bool = False


def way_back(db: SqliteDatabase, work: Work, entry: Entry, *, held: bool = True) -> Way:
    """How an entry is undone as things stand; ``held``: a contact without its link waits for a person.

    Raises NeedsPerson where it cannot be, with the reason.
    """
    action = entry.intent.action
    if entry.state is not EntryState.DONE:
        raise NeedsPerson("It is no longer done")
    if entry.intent.undoes and action not in (Action.UPDATE,):
        raise NeedsPerson(f"It cannot be undone: {_NO_WAY_BACK[Action.UNDO]}")
    if action in _NO_WAY_BACK:
        raise NeedsPerson(f"It cannot be undone: {_NO_WAY_BACK[action]}")
    if action in (Action.LINK, Action.CREATE):
        return _end_link(db, work, entry, held=held)
    if action is Action.UNLINK:
        return _resume(db, work, entry)
    if action is Action.IGNORE:
        return _reopen(db, work, entry)
    if action is Action.CHOOSE:
        return _choose_again(db, work, entry)
    if action is Action.ADD:
        return _remove(db, work, entry)
    if action is Action.DELETE:
        return Way((Add(_record_of(entry), "restored", entry.id),))
    if action is Action.TYPES:
        return _types_back(db, work, entry)
    return _edit_back(db, work, entry) if entry.intent.by_hand else _put_back(db, work, entry)


def name_of(db: SqliteDatabase, work: Work, entry: Entry) -> str:
    """Whom an entry is about: as Xero calls it now, else as Karbon does, else as the entry has it."""
    it = entry.intent
    if work.joined and it.xero_id and (xero := mirror.xero_contact(db, work.joined.id, it.xero_id)):
        return xero.contact.name
    held = mirror.karbon_contact(db, work.joined.id, it.karbon_key) if work.joined else None
    if held is None and it.by_hand and not work.over_api:
        record = directory.get(db, it.karbon_key)
        held = record.as_karbon() if record else None
    if held:
        return held.contact.name
    written = it.after.get(Field.NAME) or it.before.get(Field.NAME)
    return str(written or it.others_after.get("name") or it.xero_id or it.karbon_key)


# Links


def _end_link(db: SqliteDatabase, work: Work, entry: Entry, *, held: bool) -> Way:
    """What the link brought to Xero is taken back first, the last first."""
    back = []
    pair = changes.linked(db, work.connection.id, entry.intent.xero_id)
    for part in decisions.brought_by(db, work.place, entry):
        if pair is None or part.intent.side is not Side.XERO:
            continue
        for field, value in part.intent.after.items():
            if not same_spelling(field, pair.xero.contact.value(field), value):
                raise NeedsPerson(
                    f"{pair.xero.contact.name}: {field.label} changed in Xero since, so the link stays",
                    "Unsync it instead.",
                )
        back.append(ToXero(pair, part.intent.before, "", undoes=part.id))
    reverse = _reverse(db, work, entry)
    return Way((*back, EndLink(entry, name_of(db, work, entry), reverse, held)))


def _reverse(db: SqliteDatabase, work: Work, entry: Entry) -> Write:
    """The write that brings back what was, if Karbon still holds what the link wrote."""
    intent, connection = entry.intent, work.connection.id
    held = mirror.karbon_contact(db, connection, intent.karbon_key)
    if held is None:
        raise NeedsPerson("The Karbon contact is no longer there, so there is nothing to bring back")
    if not is_linked_by(db, work, entry):
        raise NeedsPerson(f"{held.contact.name} is not linked by it any more")
    changed = [f.label for f, value in intent.after.items() if held.contact.value(f) != value]
    made_here = intent.action is Action.CREATE
    if changed or (made_here and held.version != entry.version):
        raise NeedsPerson(
            f"{held.contact.name} was edited in Karbon since ({', '.join(changed) or 'other fields'}), "
            "so it stays as it is",
            Hint(Do.EDIT),
        )
    if not made_here:
        return Update(held.key, held.contact, intent.before)
    if work.over_api:
        raise NeedsPerson("Karbon's API cannot delete what was made", "Unsync the client, or delete it in Karbon.")
    if links.is_used_elsewhere(db, connection, held.key):
        raise NeedsPerson(f"{held.contact.name} is linked in another connection too, so it is not deleted")
    return Delete(held.key, held.contact, held.version)


def is_linked_by(db: SqliteDatabase, work: Work, entry: Entry) -> bool:
    """Whether the link that an entry made is the one there is now."""
    pair = changes.pair(db, work.connection.id, entry.intent.xero_id)
    same = pair is not None and pair.linked is not None and pair.karbon_key == entry.intent.karbon_key
    return same and not journal.decided_after(db, work.connection.id, entry)


def _resume(db: SqliteDatabase, work: Work, entry: Entry) -> Way:
    was, connection = entry.intent, work.connection.id
    pair = changes.pair(db, connection, was.xero_id)
    if pair is None or pair.synced or pair.karbon_key != was.karbon_key:
        raise NeedsPerson("It was linked again since, so there is nothing to resume")
    name = pair.xero.contact.name
    if reason := decide.ends(pair.xero, gone=pair.gone):
        raise NeedsPerson(f"{name} is {reason}, so it cannot be synced")
    other = links.of_karbon(db, connection, was.karbon_key)
    if other and other.state is LinkState.SYNCED:
        raise NeedsPerson("Its Karbon contact is linked with another Xero contact now")
    return Way((Resume(entry, name, work.program.settings.user),))


def _reopen(db: SqliteDatabase, work: Work, entry: Entry) -> Way:
    if not issues.is_ignored(db, work.connection.id, entry.intent.xero_id):
        raise NeedsPerson("Its match issue is no longer ignored: it was decided, or is none any more")
    return Way((Reopen(entry, name_of(db, work, entry)),))


# Values


def _put_back(db: SqliteDatabase, work: Work, entry: Entry) -> Way:
    intent = entry.intent
    if decisions.brought_with(db, work.place, entry):
        raise NeedsPerson(f"It is part of the decision d{entry.decision}, and is undone with it")
    pair = changes.linked(db, work.connection.id, intent.xero_id)
    if pair is None or pair.karbon.key != intent.karbon_key:
        raise NeedsPerson("The two are not linked any more, so nothing is brought back")
    later = journal.written_after(db, work.connection.id, entry)
    old: dict[Field, Value] = {}
    changed = []
    for one, value in intent.before.items():
        sides_now = (pair.xero.contact, pair.xero_base), (pair.karbon.contact, pair.karbon_base)
        touched = any(not same_spelling(one, now.value(one), base.value(one)) for now, base in sides_now)
        if one in later or touched:
            changed.append(one.label)
        else:
            old[one] = value
    if not old:
        raise _changed_since(pair.karbon.contact.name, changed)
    return Way((PutBack(entry, pair, old),), _stay(changed), travels=True)


def _changed_since(name: str, changed: Iterable[str]) -> NeedsPerson:
    return NeedsPerson(f"{name}: {', '.join(changed)} changed since, so it stays as it is", Hint(Do.EDIT))


def _stay(changed: Sequence[str]) -> str:
    return f"{', '.join(changed)} changed since, so it stays" if changed else ""


def _choose_again(db: SqliteDatabase, work: Work, entry: Entry) -> Way:
    """The side that lost has its value again, unless it still has it."""
    intent = entry.intent
    pair = changes.linked(db, work.connection.id, intent.xero_id)
    if pair is None or pair.karbon.key != intent.karbon_key:
        raise NeedsPerson("The two are not linked any more, so nothing is brought back")
    base = {field: (intent.xero_base[field], intent.karbon_base[field]) for field in intent.after}
    lost = _lost_by_choice(pair, intent)
    wait = WaitAgain(entry, pair.xero.contact.name, base)
    if not lost:
        return Way((wait,))
    wrote = (part.id for part in decisions.brought_by(db, work.place, entry) if part.intent.side is intent.side)
    undoes = next(wrote, entry.id)  # a later run may have carried it over
    if intent.side is Side.KARBON:
        return Way((ToKarbon(pair, Merge(lost), "", base, undoes), wait))
    return Way((ToXero(pair, lost, "", base, undoes), wait))


def _lost_by_choice(pair: Linked, intent: Intent) -> dict[Field, Value]:
    xero, karbon = pair.xero.contact, pair.karbon.contact
    loser, winner = (karbon, xero) if intent.side is Side.KARBON else (xero, karbon)
    lost = {}
    for field, stands in intent.after.items():
        taken = same_spelling(field, loser.value(field), stands)
        kept = same_spelling(field, loser.value(field), intent.before[field])
        if not same_spelling(field, winner.value(field), stands) or not (taken or kept):
            raise _changed_since(karbon.name, [field.label])
        if not kept:
            lost[field] = intent.before[field]
    return lost


# The built-in directory by hand


def _record_of(entry: Entry) -> DirectoryRecord:
    """The contact as it was before it was deleted."""
    it = entry.intent
    blank = DirectoryRecord(it.karbon_key, Kind.ORGANIZATION, NO_CONTACT.with_values(dict(it.before)))
    return blank.with_others(it.others_before)


def _held(db: SqliteDatabase, work: Work, entry: Entry) -> DirectoryRecord:
    if work.over_api:
        held = mirror.karbon_contact(db, work.connection.id, entry.intent.karbon_key)
        if held:
            return DirectoryRecord(held.key, held.kind, held.contact, contact_type=held.contact_type)
    elif record := directory.get(db, entry.intent.karbon_key):
        return record
    raise NeedsPerson("The Karbon contact is no longer there, so there is nothing to bring back")


def _remove(db: SqliteDatabase, work: Work, entry: Entry) -> Way:
    if work.over_api:
        raise NeedsPerson(f"It cannot be undone: {_CANNOT_DELETE}; delete it in Karbon")
    record, added = _held(db, work, entry), entry.intent
    if (filled(record.contact), record.others()) != (added.after, added.others_after):
        raise NeedsPerson(f"{record.contact.name} was edited since, so it stays as it is")
    if links.is_used(db, record.key):
        raise NeedsPerson(f"{record.contact.name} is or was linked with a Xero contact, so it stays")
    return Way((Remove(record, "", entry.id),))


def _edit_back(db: SqliteDatabase, work: Work, entry: Entry) -> Way:
    """What still is as the edit left it goes back, as an edit."""
    intent, now = entry.intent, _held(db, work, entry)
    others_now = {**EMPTY_OTHERS, **now.others()}
    changed = [f.label for f, value in intent.after.items() if not same_spelling(f, now.contact.value(f), value)]
    values = {f: value for f, value in intent.before.items() if f.label not in changed}
    others = {}
    for name, value in intent.others_after.items():
        if others_now[name] == value:
            others[name] = intent.others_before[name]
        elif name not in FOLLOWS:
            changed.append(name.replace("_", " "))
    if not values and not {*others} - FOLLOWS:
        raise _changed_since(now.contact.name, changed or ["it"])
    before = replace(now, contact=now.contact.with_values(values)).with_others(others)
    exactly = not work.over_api
    return Way((Edit(now, before, "", entry.id, exactly),), _stay(changed))


def _types_back(db: SqliteDatabase, work: Work, entry: Entry) -> Way:
    """A type that was added goes again, unless contacts carry it that do not go with the same decision."""
    was, became = (str(side.get("name", "")) for side in (entry.intent.others_before, entry.intent.others_after))
    known = directory.types(db)
    if (became and became not in known) or (was and was in known):
        raise NeedsPerson("The contact types were changed since, so they stay as they are")
    if not was:
        together = decisions.standing(db, work.place, entry.decision) if entry.decision else []
        added = {one.intent.karbon_key: one for one in together if one.intent.action is Action.ADD}
        stay = (key for key in directory.of_type(db, became) if key not in added or _stays(db, work, added[key]))
        if next(stay, None) or connections.count_of_type(db, became):
            raise NeedsPerson(f"Contacts are {became} by now, so the contact type stays")
    return Way((ChangeTypes(became, was, entry.id),))


def _stays(db: SqliteDatabase, work: Work, added: Entry) -> bool:
    try:
        _remove(db, work, added)
    except NeedsPerson:
        return True
    return False
