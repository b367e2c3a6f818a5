"""Two records side by side, field by field, and in words what confirming a match would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content

from xerosync_tui.domain.contact import Contact, Field, Value
from xerosync_tui.services.triage import CandidateView, IssueView
from xerosync_tui.tui import text
from xerosync_tui.tui.widgets.fitting import Fitted, Lines, wrapped
from xerosync_tui.tui.words import UNREAD

_DIFFERENT = "bold underline"
_ALIKE = 0.6  # of two words, from which on their letters are compared
_MOST = 3  # lines of one value
_INSET = 2  # where the values stand, behind their sign


class Sides(Horizontal):
    """Xero's record on the left, Karbon's on the right, a field of one beside the same field of the other."""

    def compose(self) -> ComposeResult:
        """The two boxes."""
        for name, title in (("xero-side", "Xero"), ("karbon-side", "Karbon")):
            box = Fitted(id=name, classes="side")
            box.border_title = title
            yield box

    def show(self, left: Lines, right: Lines, title: str = "Karbon") -> None:
        """Show these lines; ``title`` is Karbon's."""
        self.query_one("#xero-side", Fitted).show(left)
        karbon = self.query_one("#karbon-side", Fitted)
        if karbon.border_title != title:  # else the box would be drawn anew
            karbon.border_title = title
        karbon.show(right)


def issue_sides(view: IssueView, candidate: CandidateView | None) -> tuple[Lines, Lines]:
    """The records of a match issue. = equal, ≠ differs, + Xero fills it, - Karbon alone has it."""
    flags = [word for word, yes in (("customer", view.xero.is_customer), ("supplier", view.xero.is_supplier)) if yes]
    ours = [(", ".join(flags) or "no invoices yet", "dim")]
    if candidate is None:
        none = text.lines(("No candidate is left.", "bold"), "n creates a new contact,", "a finds another one.")
        return record_sides(view.xero.contact, None, {}, ours, [])[0], none.wrap
    karbon = candidate.karbon
    theirs: list[object] = [("taken by another Xero contact", "bold")] if candidate.taken else []
    if not karbon.whole:
        theirs.append((UNREAD, "bold"))
    theirs.append((f"{karbon.kind.value}, {karbon.contact_type or 'no type'}", "dim"))
    return record_sides(view.xero.contact, karbon.contact, candidate.changes, ours, theirs)


def record_sides(
    xero: Contact,
    karbon: Contact | None,
    changes: Mapping[Field, tuple[Value, Value]],
    ours: Sequence[object],
    theirs: Sequence[object],
) -> tuple[Lines, Lines]:
    """Both records; ``changes`` are Karbon's values that Xero's would replace; the rest stands below the fields."""

    def made(room: int) -> tuple[list[Content], list[Content]]:
        left: list[Content] = []
        right: list[Content] = []
        for field in Field:
            mine, other = str(xero.value(field)), str(karbon.value(field)) if karbon else ""
            sign = _sign(field, mine, other, changes) if karbon else "="
            equal = sign == "="  # however the two are spelled
            one = _value("", mine, mine if equal else other, room)
            two = _value(sign, other, other if equal else mine, room) if karbon else []
            height = max(len(one), len(two))
            left += [*one, *[Content("")] * (height - len(one))]
            right += [*two, *[Content("")] * (height - len(two))] if karbon else []
        for column, rows in ((left, ours), (right, theirs)):
            column += [line for row in rows for line in wrapped(text.line(row), room)]
        return left, right

    return lambda room: made(room)[0], lambda room: made(room)[1]


def _sign(field: Field, xero: str, karbon: str, changes: Mapping[Field, tuple[Value, Value]]) -> str:
    if field in changes:
        return "≠" if changes[field][0] else "+"
    if not xero and not karbon:
        return ""
    return "-" if karbon and not xero else "="


def _value(sign: str, mine: str, other: str, room: int) -> list[Content]:
    """A value behind its sign, what ``other`` does not have marked in it."""
    value = marked(mine, other) if mine else text.safe("-", "dim")
    found = wrapped(value, room - _INSET, _MOST)
    heads = [text.safe(f"{sign:{_INSET}}", "bold"), *[Content(" " * _INSET)] * (len(found) - 1)]
    return [Content.assemble(head, line) for head, line in zip(heads, found, strict=True)]


def marked(mine: str, theirs: str) -> Content:
    """``mine`` with what ``theirs`` does not have in that place marked: words, and of words much alike their parts."""
    ours, others = mine.split(" "), theirs.split(" ")
    words: list[Content] = []
    for same, (i, j), (k, m) in _opcodes([w.casefold() for w in ours], [w.casefold() for w in others]):
        paired = others[k:m] if j - i == m - k else []
        for place, word in enumerate(ours[i:j]):
            words.append(text.safe(word) if same else _marked_word(word, paired[place] if paired else ""))
    return Content(" ").join(words)


def _marked_word(mine: str, theirs: str) -> Content:
    """Only the letters that differ, where the two are much alike; else the whole word."""
    one, other = mine.casefold(), theirs.casefold()
    alike = SequenceMatcher(None, one, other, autojunk=False).ratio() >= _ALIKE
    if not alike or len(one) != len(mine):  # folded it has other places
        return text.safe(mine, _DIFFERENT)
    steps = _opcodes(one, other)
    gap = all(same or i == j for same, (i, j), _ in steps)  # theirs has more letters: nothing of ours to mark
    return (
        text.safe(mine, _DIFFERENT)
        if gap
        else text.line(*((mine[i:j], "" if same else _DIFFERENT) for same, (i, j), _ in steps if i < j))
    )


def _opcodes(mine: Sequence[str], theirs: Sequence[str]) -> list[tuple[bool, tuple[int, int], tuple[int, int]]]:
    """Stretches of ``mine`` beside those of ``theirs``, and whether they are the same."""
    found = SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes()
    return [(tag == "equal", (i, j), (k, m)) for tag, i, j, k, m in found]


def what_changes(view: IssueView, candidate: CandidateView | None) -> list[object]:
    """The reason, and exactly what Confirm would overwrite and fill; a row as ``text.lines`` takes it."""
    rows: list[object] = [(view.reason.sentence, "bold")]
    if candidate is None:
        return [*rows, "Confirm needs a Karbon contact: a finds one."]
    if candidate.taken:
        return [*rows, "This Karbon contact belongs to another Xero contact: n creates a new one, a finds another."]
    if not candidate.karbon.whole:
        return [
            *rows,
            "Karbon's list told of it, not yet its card: c reads that, and shows what Karbon would lose.",
        ]
    lost = {f: (old, new) for f, (old, new) in candidate.changes.items() if old}
    filled = [(f, new) for f, (old, new) in candidate.changes.items() if not old]
    if not candidate.changes:
        rows.append("Confirm would change nothing, on either side.")
    if lost:
        rows.append("Confirm would overwrite in Karbon, not in Xero:")
        rows += _overwritten(lost)
    if filled:
        into = "and fill: " if lost else "Confirm would fill in Karbon, not in Xero: "
        rows.append(into + "; ".join(f"{_short(f)} {new}" for f, new in filled))
    return rows


def losses(candidate: CandidateView) -> list[Content]:
    """A line for each value of Karbon's that Confirm would overwrite or fill."""
    lost = {f: (old, new) for f, (old, new) in candidate.changes.items() if old}
    filled = [text.line(f"  {_short(f)} - ▸ ", new) for f, (old, new) in candidate.changes.items() if not old]
    return [*_overwritten(lost), *filled]


def _overwritten(lost: Mapping[Field, tuple[Value, Value]]) -> list[Content]:
    return [
        text.line(f"  {_short(f)} ", (str(old), "strike"), " ▸ ", (str(new), "bold")) for f, (old, new) in lost.items()
    ]


def _short(field: Field) -> str:
    return field.label.rpartition(" ")[2]
