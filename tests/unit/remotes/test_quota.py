"""Turns: how many requests go, and when."""

from __future__ import annotations

import asyncio

from xerosync_tui.remotes.xero.quota import CONCURRENT, Quota, Turns


class World:
    """A clock that sleeping moves, and what was shown while waiting."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.shown: list[tuple[float, str]] = []
        self.turns = Turns(lambda: self.time, self.sleep, lambda left, why: self.shown.append((left, why)))

    async def sleep(self, seconds: float) -> None:
        self.time += seconds
        await asyncio.sleep(0)

    async def request(self, minute_left: int | None = None) -> None:
        async with self.turns:
            await asyncio.sleep(0)
            if minute_left is not None:
                self.turns.learn(headers(minute_left))


def headers(minute: int, day: int = 900) -> dict[str, str]:
    return {"X-MinLimit-Remaining": str(minute), "X-DayLimit-Remaining": str(day)}


async def in_flight(turns: Turns, wanted: int) -> int:
    """How many of ``wanted`` requests are let go while none comes back."""
    going = 0
    never = asyncio.Event()

    async def stay() -> None:
        nonlocal going
        async with turns:
            going += 1
            await never.wait()

    tasks = [asyncio.create_task(stay()) for _ in range(wanted)]
    for _ in range(20):
        await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return going


async def test_five_at_once() -> None:
    assert await in_flight(World().turns, 9) == CONCURRENT == 5


async def test_no_more_at_once_than_the_minute_still_holds() -> None:
    world = World()
    await world.request(minute_left=2)
    assert await in_flight(world.turns, 9) == 2


async def test_a_cancelled_request_gives_its_turn_back() -> None:
    world = World()
    await in_flight(world.turns, 9)
    assert await in_flight(world.turns, 9) == 5


async def test_an_empty_minute_is_waited_out_from_its_first_call() -> None:
    world = World()
    await world.request(minute_left=1)
    world.time += 45
    await world.request(minute_left=0)
    await world.request()
    assert world.time == 1061
    assert world.shown[0] == (16.0, "minute limit")
    assert world.shown[-1] == (0.0, "minute limit")


async def test_a_minute_later_nothing_is_known_any_more() -> None:
    world = World()
    await world.request(minute_left=0)
    world.time += 62
    await world.request()
    assert world.time == 1062


async def test_a_clock_set_back_makes_nobody_wait_for_hours() -> None:
    world = World()
    await world.request(minute_left=0)
    world.time -= 7200
    await world.request()
    assert world.time <= 1000 - 7200 + 61


async def test_answers_that_overtake_each_other_do_not_refill_the_minute() -> None:
    world = World()
    world.turns.learn(headers(3))
    world.turns.learn(headers(5))
    assert world.turns.quota.minute_left == 3
    world.turns.learn(headers(59))
    assert world.turns.quota.minute_left == 59


async def test_a_pause_holds_everybody_and_is_counted_down_once() -> None:
    world = World()
    world.turns.pause(2.5, "minute limit")
    world.turns.pause(1.0, "concurrent limit")
    await asyncio.gather(*(world.request() for _ in range(8)))
    assert world.time == 1002.5
    assert world.shown == [(left, "minute limit") for left in (2.5, 1.5, 0.5, 0.0)]


async def test_headers_that_say_nothing_change_nothing() -> None:
    world = World()
    world.turns.learn(headers(7, 8))
    world.turns.learn({"X-MinLimit-Remaining": "soon", "X-DayLimit-Remaining": "-1"})
    world.turns.learn({})
    assert world.turns.quota == Quota(7, 8)
