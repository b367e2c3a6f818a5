"""Who is at work, and requests to the holder: carried out once, in order, or withdrawn."""

from __future__ import annotations

from dataclasses import replace

import peewee
import pytest

from xerosync_tui.domain.states import RequestState
from xerosync_tui.store import processes
from xerosync_tui.store.database import Store
from xerosync_tui.store.processes import AtWork, Request

MIA = AtWork(123, "mia", "a sync", 5, 5)
NOA = AtWork(456, "noa", "watch", 7, 8)


SILENCE = 1000  # ms


async def ask(store: Store, what: str, at: int = 5) -> int:
    return await store.run(processes.ask, "mia", "1001", what, f'["{what}"]', at)


async def take_up(store: Store, now: int = 6) -> int:
    """The holder takes up the next request; its number."""
    taken = await store.run(processes.take_up, now, SILENCE)
    assert taken
    return taken.id


async def waiting(store: Store) -> list[str]:
    """What waits, in its order; it is taken up."""
    found = []
    while taken := await store.run(processes.take_up, 6, SILENCE):
        found.append(taken.what)
    return found


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


async def test_requests_wait_in_the_order_they_were_asked(store: Store) -> None:
    assert not await store.read(processes.waiting)
    numbers = [await ask(store, what) for what in ("b", "a", "c")]
    assert await store.read(processes.waiting)
    first = await store.run(processes.by_id, numbers[0])
    assert first == Request(numbers[0], "mia", "1001", "b", '["b"]', RequestState.WAITING, "")
    assert [await take_up(store) for _ in numbers] == numbers
    assert not await store.read(processes.waiting)
    assert await store.run(processes.take_up, 6, SILENCE) is None


async def test_an_answer_is_for_its_request_alone(store: Store) -> None:
    first, second = await ask(store, "first"), await ask(store, "second")
    assert await take_up(store) == first
    taken = Request(first, "mia", "1001", "first", '["first"]', RequestState.TAKEN, "")
    assert await store.run(processes.by_id, first) == taken
    await store.run(processes.close, first, RequestState.DONE, '{"said": "🙂"}')
    done = replace(taken, state=RequestState.DONE, answer='{"said": "🙂"}')
    assert await store.run(processes.by_id, first) == done
    other = await store.run(processes.by_id, second)
    assert other and (other.state, other.answer) == (RequestState.WAITING, "")
    assert await waiting(store) == ["second"]


@pytest.mark.parametrize("state", [RequestState.DONE, RequestState.REFUSED])
async def test_an_answer_of_either_kind_is_one(store: Store, state: RequestState) -> None:
    number = await ask(store, "it")
    await take_up(store)
    await store.run(processes.close, number, state, "{}")
    answered = await store.run(processes.by_id, number)
    assert answered and answered.state is state
    assert await waiting(store) == []


async def test_a_withdrawn_request_is_asked_of_nobody(store: Store) -> None:
    first, _ = await ask(store, "first"), await ask(store, "second")
    assert await store.run(processes.withdraw, first) is None
    assert await waiting(store) == ["second"]
    await store.run(processes.close, first, RequestState.DONE, "{}")
    assert await store.run(processes.by_id, first) is None


async def test_withdrawn_too_late_it_is_told_how_it_stands(store: Store) -> None:
    """Whoever gave up waiting must not say that nothing was done."""
    number = await ask(store, "it")
    await take_up(store)
    under_way = await store.run(processes.withdraw, number)
    assert under_way and (under_way.state, under_way.answer) == (RequestState.TAKEN, "")
    await store.run(processes.keep, number, '"half"')
    await store.run(processes.close, number, RequestState.DONE, '"yes"')
    answered = await store.run(processes.withdraw, number)
    assert answered and (answered.state, answered.answer) == (RequestState.DONE, '"yes"')
    await store.run(processes.forget, number)
    assert await store.run(processes.by_id, number) is None


async def test_what_was_done_of_it_is_kept_on_the_way(store: Store) -> None:
    number = await ask(store, "it")
    await take_up(store)
    await store.run(processes.keep, number, '"half"')
    found = await store.run(processes.by_id, number)
    assert found and (found.state, found.answer) == (RequestState.TAKEN, '"half"')


async def test_a_request_lives_as_long_as_its_asker_shows_that_it_waits(store: Store) -> None:
    silent, alive = await ask(store, "silent"), await ask(store, "alive")
    now = 5 + SILENCE + 1
    await store.run(processes.renew, alive, now)
    assert await take_up(store, now) == alive
    assert await store.run(processes.by_id, silent) is None
    assert await store.run(processes.take_up, now + SILENCE + 1, SILENCE) is None
    taken = await store.run(processes.by_id, alive)  # once taken up it runs to its end
    assert taken and taken.state is RequestState.TAKEN


async def test_an_asker_is_not_silent_at_the_limit(store: Store) -> None:
    number = await ask(store, "it")
    assert await take_up(store, 5 + SILENCE) == number


async def test_outcomes_that_nobody_came_for_are_forgotten(store: Store) -> None:
    old, young, open_ = await ask(store, "old"), await ask(store, "young", 50), await ask(store, "open")
    for number in (old, young):
        assert await take_up(store) == number
        await store.run(processes.close, number, RequestState.DONE, "{}")
    await store.run(processes.forget_old, 20)
    found = [await store.run(processes.by_id, number) for number in (old, young, open_)]
    assert [one and one.state for one in found] == [None, RequestState.DONE, RequestState.WAITING]


async def test_numbers_are_not_used_again(store: Store) -> None:
    """A decision names the request that it carries out by its number."""
    first, second = await ask(store, "first"), await ask(store, "second")
    await store.run(processes.withdraw, second)
    third = await ask(store, "third")
    assert len({first, second, third}) == 3
    await store.run(processes.forget, first)
    await store.run(processes.forget, third)
    assert await ask(store, "fourth") > third
