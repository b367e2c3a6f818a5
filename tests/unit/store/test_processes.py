"""Who is at work, and questions to the holder: answered once, in order, or taken back."""

from __future__ import annotations

from dataclasses import replace

import peewee
import pytest

from xerosync_tui.store import processes
from xerosync_tui.store.database import Store
from xerosync_tui.store.processes import AtWork, Question

MIA = AtWork(123, "mia", "a sync", 5, 5)
NOA = AtWork(456, "noa", "watch", 7, 8)


async def ask(store: Store, what: str, who: str = "mia") -> int:
    return await store.run(processes.ask, who, what, f'["{what}"]', 5)


async def waiting(store: Store) -> list[str]:
    return [question.what for question in await store.run(processes.waiting)]


async def test_nobody_is_at_work_at_first(store: Store) -> None:
    assert await store.run(processes.holder) is None
    await store.run(processes.leave)
    await store.run(processes.beat, 9)
    assert await store.run(processes.holder) is None


async def test_the_holder_is_told_as_it_said(store: Store) -> None:
    await store.run(processes.take, MIA)
    assert await store.read(processes.holder) == MIA


async def test_the_last_who_took_it_holds_it(store: Store) -> None:
    """One that died never left."""
    await store.run(processes.take, MIA)
    await store.run(processes.take, NOA)
    assert await store.run(processes.holder) == NOA
    assert await store.run(lambda db: db.execute_sql("SELECT count(*) FROM holder").fetchone()) == (1,)


async def test_a_beat_moves_the_beat_alone(store: Store) -> None:
    await store.run(processes.take, MIA)
    await store.run(processes.beat, 99)
    assert await store.run(processes.holder) == replace(MIA, beat=99)


async def test_who_leaves_holds_nothing(store: Store) -> None:
    await store.run(processes.take, MIA)
    await store.run(processes.leave)
    assert await store.run(processes.holder) is None


async def test_there_is_never_a_second_holder(store: Store) -> None:
    await store.run(processes.take, MIA)
    second = "INSERT INTO holder VALUES (2, 1, 'noa', 'watch', 1, 1)"
    with pytest.raises(peewee.IntegrityError):
        await store.run(lambda db: db.execute_sql(second))


async def test_questions_wait_in_the_order_they_were_asked(store: Store) -> None:
    numbers = [await ask(store, what) for what in ("b", "a", "c")]
    questions = await store.run(processes.waiting)
    assert [question.id for question in questions] == numbers
    assert questions[0] == Question(numbers[0], "mia", "b", '["b"]', "waiting", "")


async def test_an_answer_is_for_its_question_alone(store: Store) -> None:
    first, second = await ask(store, "first"), await ask(store, "second")
    assert await store.run(processes.answered, first) is None
    await store.run(processes.answer, first, "done", '{"said": "🙂"}')
    assert await store.run(processes.answered, first) == Question(
        first, "mia", "first", '["first"]', "done", '{"said": "🙂"}'
    )
    assert await store.run(processes.answered, second) is None
    assert await waiting(store) == ["second"]


@pytest.mark.parametrize("state", ["done", "refused"])
async def test_an_answer_of_either_kind_is_one(store: Store, state: str) -> None:
    number = await ask(store, "it")
    await store.run(processes.answer, number, state, "{}")
    answered = await store.run(processes.answered, number)
    assert answered and answered.state == state
    assert await waiting(store) == []


async def test_a_question_taken_back_is_asked_of_nobody(store: Store) -> None:
    first, _ = await ask(store, "first"), await ask(store, "second")
    assert await store.run(processes.withdraw, first) is None
    assert await waiting(store) == ["second"]
    await store.run(processes.answer, first, "done", "{}")  # the holder was at it already
    assert await store.run(processes.answered, first) is None


async def test_taken_back_too_late_its_answer_is_told(store: Store) -> None:
    """Whoever gave up waiting must not say that nothing was done."""
    number = await ask(store, "it")
    await store.run(processes.answer, number, "done", '"yes"')
    answered = await store.run(processes.withdraw, number)
    assert answered and (answered.state, answered.answer) == ("done", '"yes"')
    assert await store.run(processes.answered, number) is None


async def test_numbers_are_not_used_again_while_somebody_waits(store: Store) -> None:
    first, second = await ask(store, "first"), await ask(store, "second")
    await store.run(processes.withdraw, first)
    third = await ask(store, "third")
    assert len({first, second, third}) == 3
