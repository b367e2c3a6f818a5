"""The verdict on a contact, and the reason when it has to wait: decision tables (engine.md 2.2)."""

from __future__ import annotations

from itertools import product

import pytest

from xerosync_tui.domain import decide
from xerosync_tui.domain.match import Candidate, Likeness, Reason, Standing, Verdict, reason_of

NAMESAKE = Candidate("n", same_name=True, same_email=False, taken=False)
SAME_EMAIL = Candidate("e", same_name=False, same_email=True, taken=False)
PAIR = Candidate("p", same_name=True, same_email=True, taken=False)


def taken(candidate: Candidate) -> Candidate:
    return candidate._replace(key=f"taken {candidate.key}", taken=True)


def another(candidate: Candidate) -> Candidate:
    return candidate._replace(key=f"another {candidate.key}")


@pytest.mark.parametrize(
    ("likeness", "verdict"),
    [
        (Likeness.NONE, Verdict.NEW),
        (Likeness.ONE_KEY, Verdict.CONFLICT),
        (Likeness.PAIR, Verdict.FULL_MATCH),
        (Likeness.PAIR_WITH_RIVALS, Verdict.CONFLICT),
        (Likeness.UNCLEAR, Verdict.CONFLICT),
    ],
)
def test_the_verdict_on_a_contact_that_takes_part(likeness: Likeness, verdict: Verdict) -> None:
    assert decide.unlinked(Standing(1, "x1", takes_part=True, likeness=likeness, held=False)) is verdict


@pytest.mark.parametrize("likeness", Likeness)
def test_a_held_contact_is_never_linked_or_made_by_itself(likeness: Likeness) -> None:
    assert decide.unlinked(Standing(1, "x1", takes_part=True, likeness=likeness, held=True)) is Verdict.CONFLICT


@pytest.mark.parametrize(("likeness", "held"), list(product(Likeness, (False, True))))
def test_what_the_filter_leaves_out_stays_out(likeness: Likeness, held: bool) -> None:
    assert decide.unlinked(Standing(1, "x1", takes_part=False, likeness=likeness, held=held)) is Verdict.LEFT_OUT


def test_a_likeness_nobody_knows_waits_for_a_person() -> None:
    assert decide.unlinked(Standing(1, "x1", takes_part=True, likeness=99, held=False)) is Verdict.CONFLICT


@pytest.mark.parametrize(
    ("candidates", "rivals", "held", "reason"),
    [
        ([NAMESAKE], 0, False, Reason.EMAIL_DIFFERS),
        ([SAME_EMAIL], 0, False, Reason.NAME_DIFFERS),
        ([NAMESAKE, SAME_EMAIL], 0, False, Reason.CROSSED),
        ([NAMESAKE, another(NAMESAKE)], 0, False, Reason.SEVERAL),
        ([SAME_EMAIL, another(SAME_EMAIL)], 0, False, Reason.SEVERAL),
        ([NAMESAKE, another(NAMESAKE), SAME_EMAIL], 0, False, Reason.SEVERAL),
        ([PAIR, another(PAIR)], 1, False, Reason.SEVERAL),
        ([PAIR], 2, False, Reason.RIVALS),
        ([PAIR, NAMESAKE], 2, False, Reason.RIVALS),
        ([PAIR], 2, True, Reason.RIVALS),
        ([taken(PAIR)], 1, False, Reason.TAKEN),
        ([taken(NAMESAKE), taken(SAME_EMAIL)], 1, False, Reason.TAKEN),
        ([taken(PAIR), NAMESAKE], 1, False, Reason.EMAIL_DIFFERS),
        ([PAIR, taken(PAIR)], 1, False, Reason.SEVERAL),
        ([PAIR], 1, True, Reason.HELD),
        ([PAIR, NAMESAKE], 1, True, Reason.HELD),
        ([], 0, True, Reason.HELD),
        ([NAMESAKE], 0, True, Reason.EMAIL_DIFFERS),
    ],
)
def test_the_reason_of_a_conflict(candidates: list[Candidate], rivals: int, held: bool, reason: Reason) -> None:
    assert reason_of(candidates, rivals, held=held) is reason
    assert reason_of(candidates[::-1], rivals, held=held) is reason


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_sentence(reason: Reason) -> None:
    assert reason.sentence.endswith(".")
