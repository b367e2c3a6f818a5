"""Three ways, field by field: every row of the table in engine.md 2.3, and what must hold of any pair."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.records import ADDRESS, karbon, xero
from xerosync_tui.domain import decide
from xerosync_tui.domain.connection import BothChanged
from xerosync_tui.domain.contact import NO_ADDRESS, Address, Contact, Field, KarbonContact, Kind, Value, XeroStatus
from xerosync_tui.domain.decide import Fate
from xerosync_tui.domain.link import End, Linked, Rules
from xerosync_tui.domain.merge import Merge, merge
from xerosync_tui.domain.normalise import same_key, same_spelling
from xerosync_tui.domain.states import Side

ASK = Rules("AU")
KARBON_WINS, XERO_WINS = Rules("AU", BothChanged.KARBON), Rules("AU", BothChanged.XERO)
FILL = Rules("AU", fill_xero_blanks=True)

# Of each field: what it was, two edits that differ, and a spelling of the first edit that has the same key.
OLD: dict[Field, Value] = {
    Field.NAME: "Acme Pty Ltd",
    Field.EMAIL: "old@acme.example",
    Field.PHONE: "02 5550 1234",
    Field.ADDRESS: ADDRESS,
}
EDIT: dict[Field, Value] = {
    Field.NAME: "MacDonald",
    Field.EMAIL: "new@acme.example",
    Field.PHONE: "02 5550 9999",
    Field.ADDRESS: replace(ADDRESS, city="Perth"),
}
OTHER: dict[Field, Value] = {
    Field.NAME: "Beta Pty Ltd",
    Field.EMAIL: "other@acme.example",
    Field.PHONE: "02 5550 7777",
    Field.ADDRESS: replace(ADDRESS, line1="1 High St"),
}
LIKE_EDIT: dict[Field, Value] = {
    Field.NAME: "macdonald",
    Field.EMAIL: "New@Acme.example",
    Field.PHONE: "+61 (2) 5550-9999",
    Field.ADDRESS: replace(ADDRESS, city="PERTH", country="AU"),
}
EMPTY: dict[Field, Value] = {Field.NAME: "", Field.EMAIL: "", Field.PHONE: "", Field.ADDRESS: NO_ADDRESS}
# The same, spelled with what no eye sees: white space, zero width, Unicode forms.
UNSEEN: dict[Field, Value] = {
    Field.NAME: " Acme \u00a0Pty\u200b Ltd ",
    Field.EMAIL: "old@acme.example\u200b ",
    Field.PHONE: "02  5550\u00a01234",
    Field.ADDRESS: replace(ADDRESS, city=" Parramatta\n"),
}
CLEARABLE = [Field.EMAIL, Field.PHONE, Field.ADDRESS]


def both(
    x: Mapping[Field, Value],
    k: Mapping[Field, Value],
    x_base: Mapping[Field, Value] = OLD,
    k_base: Mapping[Field, Value] = OLD,
    unfilled: Iterable[Field] = (),
    half_renamed: bool = False,
) -> Linked:
    """A pair whose other fields are as they always were."""

    def contact(values: Mapping[Field, Value]) -> Contact:
        return Contact().with_values({**OLD, **values})

    ours, theirs = replace(xero("x1"), contact=contact(x)), replace(karbon("k1"), contact=contact(k))
    return Linked(1, ours, theirs, contact(x_base), contact(k_base), frozenset(unfilled), half_renamed)


def pair(field: Field, x: Value, k: Value, x_base: Value, k_base: Value) -> Linked:
    """A pair that differs in this field alone."""
    return both({field: x}, {field: k}, {field: x_base}, {field: k_base})


NOTHING = Merge()


# Neither side changed


@pytest.mark.parametrize("field", Field)
def test_neither_changed_nothing_is_done(field: Field) -> None:
    assert merge(pair(field, OLD[field], OLD[field], OLD[field], OLD[field]), ASK) == NOTHING
    assert not NOTHING


@pytest.mark.parametrize("rules", [ASK, KARBON_WINS, XERO_WINS, FILL])
@pytest.mark.parametrize("field", Field)
def test_neither_changed_nothing_is_done_even_where_the_halves_differ(field: Field, rules: Rules) -> None:
    """What a remote stores in its own way is agreed upon."""
    assert merge(pair(field, EDIT[field], OTHER[field], EDIT[field], OTHER[field]), rules) == NOTHING


@pytest.mark.parametrize("field", Field)
def test_what_no_eye_sees_is_no_change(field: Field) -> None:
    assert merge(pair(field, UNSEEN[field], OLD[field], OLD[field], UNSEEN[field]), ASK) == NOTHING


# One side changed


@pytest.mark.parametrize("edits", [EDIT, LIKE_EDIT], ids=["edit", "like"])
@pytest.mark.parametrize("field", Field)
def test_only_karbon_changed_goes_to_xero(field: Field, edits: dict[Field, Value]) -> None:
    """P5."""
    done = merge(pair(field, OLD[field], edits[field], OLD[field], OLD[field]), ASK)
    assert done == Merge(to_xero={field: edits[field]})


@pytest.mark.parametrize("edits", [EDIT, LIKE_EDIT], ids=["edit", "like"])
@pytest.mark.parametrize("field", Field)
def test_only_xero_changed_goes_to_karbon(field: Field, edits: dict[Field, Value]) -> None:
    """P5."""
    done = merge(pair(field, edits[field], OLD[field], OLD[field], OLD[field]), ASK)
    assert done == Merge(to_karbon={field: edits[field]})


@pytest.mark.parametrize("rules", [KARBON_WINS, XERO_WINS])
@pytest.mark.parametrize("field", Field)
def test_a_one_sided_edit_wins_whoever_is_preferred(field: Field, rules: Rules) -> None:
    assert merge(pair(field, OLD[field], EDIT[field], OLD[field], OLD[field]), rules).to_xero == {field: EDIT[field]}
    assert merge(pair(field, EDIT[field], OLD[field], OLD[field], OLD[field]), rules).to_karbon == {field: EDIT[field]}


@pytest.mark.parametrize("field", Field)
def test_an_edit_of_the_spelling_alone_crosses(field: Field) -> None:
    """``macdonald`` to ``MacDonald``: equal by key, and yet what a person wants to see."""
    done = merge(pair(field, EDIT[field], LIKE_EDIT[field], LIKE_EDIT[field], LIKE_EDIT[field]), ASK)
    assert done == Merge(to_karbon={field: EDIT[field]})
    done = merge(pair(field, LIKE_EDIT[field], EDIT[field], LIKE_EDIT[field], LIKE_EDIT[field]), ASK)
    assert done == Merge(to_xero={field: EDIT[field]})


@pytest.mark.parametrize("field", Field)
def test_each_side_is_compared_with_its_own_half(field: Field) -> None:
    """Xero stored it differently; Karbon's edit back to what Xero holds is agreement, any other crosses."""
    assert merge(pair(field, OLD[field], EDIT[field], OLD[field], OTHER[field]), ASK).to_xero == {field: EDIT[field]}
    assert merge(pair(field, OLD[field], OLD[field], OLD[field], OTHER[field]), ASK) == Merge(agreed=(field,))
    assert merge(pair(field, EDIT[field], OTHER[field], OLD[field], OTHER[field]), ASK).to_karbon == {
        field: EDIT[field]
    }


@pytest.mark.parametrize("field", CLEARABLE)
def test_clearing_is_an_edit_like_any_other(field: Field) -> None:
    empty = EMPTY[field]
    assert merge(pair(field, empty, OLD[field], OLD[field], OLD[field]), ASK) == Merge(to_karbon={field: empty})
    assert merge(pair(field, OLD[field], empty, OLD[field], OLD[field]), ASK) == Merge(to_xero={field: empty})
    assert merge(pair(field, EDIT[field], empty, empty, empty), ASK) == Merge(to_karbon={field: EDIT[field]})


def test_only_the_country_changed() -> None:
    moved = replace(ADDRESS, country="New Zealand")
    assert merge(both({}, {Field.ADDRESS: moved}), ASK) == Merge(to_xero={Field.ADDRESS: moved})


# Both sides changed


@pytest.mark.parametrize("rules", [ASK, KARBON_WINS, XERO_WINS])
@pytest.mark.parametrize("field", Field)
def test_the_same_edit_on_both_sides_is_agreement(field: Field, rules: Rules) -> None:
    """P5."""
    assert merge(pair(field, EDIT[field], EDIT[field], OLD[field], OTHER[field]), rules) == Merge(agreed=(field,))


@pytest.mark.parametrize("rules", [ASK, KARBON_WINS, XERO_WINS])
@pytest.mark.parametrize("field", Field)
def test_equal_by_key_xeros_spelling_goes_to_karbon(field: Field, rules: Rules) -> None:
    done = merge(pair(field, EDIT[field], LIKE_EDIT[field], OLD[field], OLD[field]), rules)
    assert done == Merge(to_karbon={field: EDIT[field]})


@pytest.mark.parametrize("field", CLEARABLE)
def test_cleared_on_both_sides_is_agreement(field: Field) -> None:
    empty = EMPTY[field]
    assert merge(pair(field, empty, empty, OLD[field], OLD[field]), ASK) == Merge(agreed=(field,))


@pytest.mark.parametrize("field", Field)
def test_changed_differently_a_person_decides(field: Field) -> None:
    done = merge(pair(field, EDIT[field], OTHER[field], OLD[field], OLD[field]), ASK)
    assert done == Merge(conflicts=(field,))
    assert done


@pytest.mark.parametrize("field", CLEARABLE)
def test_cleared_here_and_changed_there_a_person_decides(field: Field) -> None:
    for x, k in ((EMPTY[field], EDIT[field]), (EDIT[field], EMPTY[field])):
        assert merge(pair(field, x, k, OLD[field], OLD[field]), ASK) == Merge(conflicts=(field,))


@pytest.mark.parametrize("field", Field)
def test_changed_differently_the_setting_may_decide(field: Field) -> None:
    linked = pair(field, EDIT[field], OTHER[field], OLD[field], OLD[field])
    assert merge(linked, XERO_WINS) == Merge(to_karbon={field: EDIT[field]})
    assert merge(linked, KARBON_WINS) == Merge(to_xero={field: OTHER[field]})


@pytest.mark.parametrize("rules", [ASK, KARBON_WINS, XERO_WINS])
@pytest.mark.parametrize("field", Field)
def test_what_a_person_took_stands_above_the_setting(field: Field, rules: Rules) -> None:
    linked = pair(field, EDIT[field], OTHER[field], OLD[field], OLD[field])
    assert merge(linked, rules, {field: Side.XERO}) == Merge(to_karbon={field: EDIT[field]})
    assert merge(linked, rules, {field: Side.KARBON}) == Merge(to_xero={field: OTHER[field]})


@pytest.mark.parametrize("field", Field)
def test_what_a_person_took_says_nothing_of_a_field_without_a_conflict(field: Field) -> None:
    linked = pair(field, EDIT[field], OLD[field], OLD[field], OLD[field])
    assert merge(linked, ASK, {field: Side.KARBON}) == Merge(to_karbon={field: EDIT[field]})


def test_one_field_in_conflict_does_not_hold_the_others() -> None:
    linked = both(
        {Field.EMAIL: EDIT[Field.EMAIL], Field.NAME: EDIT[Field.NAME], Field.ADDRESS: EDIT[Field.ADDRESS]},
        {Field.EMAIL: OTHER[Field.EMAIL], Field.PHONE: EDIT[Field.PHONE], Field.ADDRESS: EDIT[Field.ADDRESS]},
    )
    assert merge(linked, ASK) == Merge(
        {Field.NAME: EDIT[Field.NAME]}, {Field.PHONE: EDIT[Field.PHONE]}, (Field.ADDRESS,), (Field.EMAIL,)
    )


# A contact has a name


@pytest.mark.parametrize("blank", ["", " ", "\u200b"])
def test_an_emptied_name_goes_nowhere(blank: str) -> None:
    assert merge(both({Field.NAME: blank}, {}), ASK) == Merge(emptied=(Field.NAME,))
    assert merge(both({}, {Field.NAME: blank}), ASK) == Merge(emptied=(Field.NAME,))


@pytest.mark.parametrize(("rules", "x", "k"), [(XERO_WINS, " ", "Beta"), (KARBON_WINS, "Beta", " ")])
def test_an_emptied_name_goes_nowhere_though_its_side_is_preferred(rules: Rules, x: str, k: str) -> None:
    linked = both({Field.NAME: x}, {Field.NAME: k})
    assert merge(linked, rules) == Merge(emptied=(Field.NAME,))
    assert merge(linked, ASK) == Merge(conflicts=(Field.NAME,))
    side = Side.XERO if rules is XERO_WINS else Side.KARBON
    assert merge(linked, ASK, {Field.NAME: side}) == Merge(emptied=(Field.NAME,))


def test_an_emptied_name_does_not_hold_the_other_fields() -> None:
    done = merge(both({Field.NAME: ""}, {Field.PHONE: EDIT[Field.PHONE]}), ASK)
    assert done == Merge(to_xero={Field.PHONE: EDIT[Field.PHONE]}, emptied=(Field.NAME,))


# Only Karbon had a value when the two were linked


@pytest.mark.parametrize("field", CLEARABLE)
def test_what_only_karbon_had_goes_over_when_that_is_switched_on(field: Field) -> None:
    linked = both(
        {field: EMPTY[field]}, {field: EDIT[field]}, {field: EMPTY[field]}, {field: EDIT[field]}, unfilled=[field]
    )
    assert merge(linked, ASK) == NOTHING
    assert merge(linked, FILL) == Merge(to_xero={field: EDIT[field]})
    assert merge(replace(linked, unfilled=frozenset()), FILL) == NOTHING


@pytest.mark.parametrize("field", CLEARABLE)
@pytest.mark.parametrize("rules", [ASK, FILL])
def test_what_only_karbon_had_is_an_edit_once_a_side_changes(field: Field, rules: Rules) -> None:
    empty = EMPTY[field]

    def linked(x: Value, k: Value) -> Linked:
        return both({field: x}, {field: k}, {field: empty}, {field: EDIT[field]}, unfilled=[field])

    assert merge(linked(empty, OTHER[field]), rules) == Merge(to_xero={field: OTHER[field]})
    assert merge(linked(OTHER[field], EDIT[field]), rules) == Merge(to_karbon={field: OTHER[field]})
    assert merge(linked(empty, empty), rules) == Merge(agreed=(field,))


# A temporary name (engine.md 2.4)


def test_a_temporary_name_never_stays() -> None:
    def named(x: str, k: str, rules: Rules = ASK) -> Merge:
        return merge(both({Field.NAME: x}, {Field.NAME: k}, half_renamed=True), rules)

    old, new = str(OLD[Field.NAME]), str(EDIT[Field.NAME])
    assert named(old, old) == Merge(to_xero={Field.NAME: old})
    assert named(old, new) == Merge(to_xero={Field.NAME: new})
    assert named(old, " ") == Merge(to_xero={Field.NAME: old}, emptied=(Field.NAME,))
    assert named(new, str(OTHER[Field.NAME])) == Merge(to_xero={Field.NAME: new}, conflicts=(Field.NAME,))


# What a brake and an approval look at


@pytest.mark.parametrize("field", CLEARABLE)
def test_only_what_replaces_a_value_overwrites(field: Field) -> None:
    filled, empty = EDIT[field], EMPTY[field]
    for x, k, expected in ((filled, OLD[field], True), (filled, empty, False), (empty, OLD[field], True)):
        there, back = pair(field, x, k, OTHER[field], k), pair(field, k, x, k, OTHER[field])
        assert merge(there, ASK).to_karbon == {field: x} and merge(there, ASK).overwrites(there) is expected
        assert merge(back, ASK).to_xero == {field: x} and merge(back, ASK).overwrites(back) is expected
    conflict = pair(field, filled, OTHER[field], OLD[field], OLD[field])
    assert not merge(conflict, ASK).overwrites(conflict)


def test_a_digest_changes_with_what_would_be_written_and_nothing_else() -> None:
    one, other = both(EDIT, {}), both({}, EDIT)

    def of(linked: Linked, to_karbon: Mapping[Field, Value], to_xero: Mapping[Field, Value] | None = None) -> str:
        return Merge(to_karbon, to_xero or {}).digest(linked)

    assert of(one, EDIT) == of(other, dict(reversed(EDIT.items())))
    different = [
        of(one, {}),
        of(one, EDIT),
        of(one, {}, EDIT),
        of(one, {**EDIT, Field.PHONE: "1"}),
        of(one, {**EDIT, Field.ADDRESS: NO_ADDRESS}),
        *(of(one, {f: v for f, v in EDIT.items() if f is not left}) for left in Field),
        of(replace(one, karbon=KarbonContact("k2", Kind.PERSON, Contact())), EDIT),
        of(replace(one, xero=xero("x2")), EDIT),
    ]
    assert len(set(different)) == len(different)


# The end of a link


@pytest.mark.parametrize(
    ("status", "merged_to", "end"),
    [
        (XeroStatus.ACTIVE, "", None),
        (XeroStatus.ACTIVE, "x2", None),
        (XeroStatus.ARCHIVED, "", End.ARCHIVED),
        (XeroStatus.ARCHIVED, "x2", End.MERGED),
        (XeroStatus.GDPRREQUEST, "", End.ERASURE),
        (XeroStatus.GONE, "", End.NOT_IN_XERO),
    ],
)
def test_why_a_link_ends(status: XeroStatus, merged_to: str, end: End | None) -> None:
    contact = xero("x1", status=status, merged_to=merged_to)
    assert decide.ends(contact) is end
    assert decide.ends(contact, gone=True) is End.DELETED


# What holds of any pair


@pytest.mark.parametrize("field", Field)
def test_what_no_eye_sees_is_no_edit_also_where_the_halves_of_the_base_differ(field: Field) -> None:
    """P20: each side is spelled as its own half, and nothing is written over the other one."""
    assert merge(pair(field, UNSEEN[field], OTHER[field], OLD[field], OTHER[field]), ASK) == NOTHING
    assert merge(pair(field, OTHER[field], UNSEEN[field], OTHER[field], OLD[field]), ASK) == NOTHING


POOLS: dict[Field, list[Value]] = {f: [OLD[f], EDIT[f], OTHER[f], LIKE_EDIT[f], EMPTY[f], UNSEEN[f]] for f in Field}
SOME_CONTACT = st.builds(Contact, *(st.sampled_from(POOLS[f]) for f in Field))
RULES = st.builds(Rules, st.just("AU"), st.sampled_from(BothChanged), st.booleans())
TAKEN = st.dictionaries(st.sampled_from(Field), st.sampled_from(Side))


@st.composite
def some_pair(draw: Callable[[st.SearchStrategy[Contact]], Contact]) -> Linked:
    """Any four contacts; ``unfilled`` is every field that only Karbon's base has."""
    x, k, x_base, k_base = (draw(SOME_CONTACT) for _ in range(4))
    unfilled = frozenset(f for f in CLEARABLE if not x_base.value(f) and k_base.value(f))
    return Linked(1, replace(xero("x1"), contact=x), replace(karbon("k1"), contact=k), x_base, k_base, unfilled)


def acknowledged(linked: Linked, done: Merge, only: Iterable[Field] = Field, cut: int = 255) -> Linked:
    """The pair after these fields were written and acknowledged; Xero keeps ``cut`` characters of a text."""
    fields = [f for f in only if f in done.to_karbon or f in done.to_xero or f in done.agreed]
    x, k = linked.xero.contact, linked.karbon.contact
    k = k.with_values({f: done.to_karbon[f] for f in fields if f in done.to_karbon})
    sent = {f: done.to_xero[f] for f in fields if f in done.to_xero}
    x = x.with_values({f: v if isinstance(v, Address) else v[:cut] for f, v in sent.items()})
    return replace(
        linked,
        xero=replace(linked.xero, contact=x),
        karbon=replace(linked.karbon, contact=k),
        xero_base=linked.xero_base.with_values({f: x.value(f) for f in fields}),
        karbon_base=linked.karbon_base.with_values({f: k.value(f) for f in fields}),
        unfilled=linked.unfilled - set(fields),
    )


@given(some_pair(), RULES, st.integers(1, 12))
def test_once_it_is_applied_there_is_nothing_to_write_any_more(linked: Linked, rules: Rules, cut: int) -> None:
    """P3, also where Xero stores something else than was sent: only what waits for a person is left."""
    done = merge(linked, rules)
    after = acknowledged(linked, done, cut=cut)
    assert merge(after, rules) == Merge(conflicts=done.conflicts, emptied=done.emptied)


@given(some_pair(), TAKEN)
def test_once_all_is_taken_only_a_name_that_is_none_is_left(linked: Linked, taken: dict[Field, Side]) -> None:
    done = merge(linked, ASK, {**dict.fromkeys(Field, Side.XERO), **taken})
    assert not done.conflicts
    left = merge(acknowledged(linked, done), ASK)
    assert not (left.to_karbon or left.to_xero or left.agreed)
    assert {*left.conflicts, *left.emptied} == set(done.emptied)


@given(some_pair(), RULES, st.permutations(list(Field)))
def test_the_order_in_which_fields_are_applied_does_not_matter(
    linked: Linked, rules: Rules, order: list[Field]
) -> None:
    """Killed between any two of them, the next run comes to the same end."""
    step_by_step = linked
    for field in order:
        step_by_step = acknowledged(step_by_step, merge(step_by_step, rules), [field])
    assert step_by_step == acknowledged(linked, merge(linked, rules))


@given(some_pair(), RULES)
def test_equal_by_spelling_never_writes(linked: Linked, rules: Rules) -> None:
    """P20."""
    done = merge(linked, rules)
    for field in (*done.to_karbon, *done.to_xero):
        assert not same_spelling(field, linked.xero.contact.value(field), linked.karbon.contact.value(field))


@given(some_pair())
def test_equal_by_key_never_conflicts(linked: Linked) -> None:
    """P20."""
    for field in merge(linked, ASK).conflicts:
        assert not same_key(field, linked.xero.contact.value(field), linked.karbon.contact.value(field), "AU")


@given(some_pair(), RULES)
def test_no_edit_is_written_over_unless_the_setting_says_so(linked: Linked, rules: Rules) -> None:
    """P4: what a side changed since the base is not what is replaced, unless both mean the same."""
    done = merge(linked, rules)
    for written, side, base in (
        (done.to_karbon, linked.karbon.contact, linked.karbon_base),
        (done.to_xero, linked.xero.contact, linked.xero_base),
    ):
        for field, value in written.items():
            if same_spelling(field, side.value(field), base.value(field)):
                continue
            assert same_key(field, side.value(field), value, "AU") or rules.both_changed is not BothChanged.ASK


@given(some_pair(), RULES)
def test_a_name_is_never_emptied(linked: Linked, rules: Rules) -> None:
    done = merge(linked, rules)
    for written in (done.to_karbon, done.to_xero):
        assert str(written.get(Field.NAME, "x")).strip()


@given(some_pair(), RULES)
def test_every_field_has_one_fate(linked: Linked, rules: Rules) -> None:
    done = merge(linked, rules)
    fates = [*done.to_karbon, *done.to_xero, *done.agreed, *done.conflicts, *done.emptied]
    assert len(fates) == len(set(fates))
    assert set(Field) - set(fates) == {f for f in Field if decide.field(linked, f, rules) is Fate.NOTHING}
