"""A hook that holds everything up is named, with the line where it stood."""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from host import BACKTEST, LIVE, Connect, Direct, Stream, ticks

from madang import Outcome, Result, Strategy, Tick, Ticks, buy
from madang._engine import CALLING, SLOW
from madang._watching import Place, Watch


def compute() -> None:
    end = time.monotonic() + 3 * SLOW
    while time.monotonic() < end:
        pass


def wait() -> None:
    threading.Event().wait(3 * SLOW)  # as a call into a library that lets go of the lock


class Computes(Strategy):
    inputs = ("ticks",)

    def on_tick(self, tick: Tick) -> Outcome:
        compute()
        return buy()


class Waits(Strategy):
    inputs = ("ticks",)

    def on_ticks(self, ticks: Ticks) -> Outcome:
        wait()
        return None


class Awaits(Strategy):
    inputs = ("ticks",)

    async def on_tick(self, tick: Tick) -> Outcome:
        return await self.asked()

    async def asked(self) -> Result:
        await asyncio.sleep(3 * SLOW)
        return buy()


class Quick(Strategy):
    inputs = ("ticks",)

    def on_tick(self, tick: Tick) -> Outcome:
        return buy()


def lines(function: Any) -> set[int]:
    source, first = inspect.getsourcelines(function)
    return set(range(first, first + len(source)))


async def log(stream: Stream) -> str:
    while True:
        message = await stream.receive()
        if message.WhichOneof("message") == "log":
            return str(message.log.text)


@pytest.mark.parametrize(
    ("strategy", "hook", "where", "function"),
    [
        (Computes, "on_tick", compute, "compute"),
        (Waits, "on_ticks", wait, "wait"),
        (Awaits, "on_tick", Awaits.asked, "asked"),
    ],
)
async def test_the_host_hears_which_line_was_slow(
    local: Connect, strategy: type[Strategy], hook: str, where: Any, function: str
) -> None:
    async with local(strategy) as client:
        stream = client.run()
        await stream.ready(mode=LIVE)
        await stream.send(events=ticks(0, [1]))
        told = await log(stream)
        took, _, rest = told.removeprefix(f"{hook} took ").partition(" ms at event 1, seen at ")
        assert 3000 * SLOW <= int(took) + 1 < 20_000, told
        place, _, advice = rest.partition(f" in {function}: ")
        file, _, line = place.partition(":")
        assert file == "test_slow.py", told
        assert int(line) in lines(where), told
        assert advice == "results and health waited for it"


@pytest.fixture
def watch() -> Iterator[Watch]:
    watch = Watch(CALLING)
    yield watch
    watch.close()


async def test_as_fast_as_possible_nobody_waits(local: Connect) -> None:
    async with local(Computes) as client:
        stream = client.run()
        await stream.ready(mode=BACKTEST)
        await stream.send(events=ticks(0, [1]))
        assert (await stream.receive()).WhichOneof("message") == "results"


async def test_again_and_again_is_told_ever_more_rarely(watch: Watch) -> None:
    direct = await Direct(Waits).attach()
    direct.session._engine.watch = watch
    for at in range(5):
        await direct.send(events=ticks(at, [1]))
    told = direct.texts()
    assert [text.partition(" at ")[2].partition(",")[0] for text in told] == [
        "event 1", "event 2", "event 4",
    ]  # fmt: skip
    assert told[-1].endswith("; 4 times by now")


async def test_many_quick_ones_are_not_slow(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0

    def clock() -> float:  # each look is 30 ms later: a message takes long, no call of it does
        nonlocal now
        now += 0.03
        return now

    monkeypatch.setattr("madang._engine.monotonic", clock)
    direct = await Direct(Quick).attach()
    direct.session._engine.watch = watch
    await direct.send(events=ticks(0, range(1, 50)))
    assert direct.texts() == []
    assert len(direct.said) > 5  # watermarks on the way


class Stands:
    """Something watched that stands in one call."""

    def __init__(self) -> None:
        self.calls = 1
        self.awaited: Any = None
        self.places: Counter[Place] = Counter()


def test_nothing_is_noted_of_a_call_that_is_over() -> None:
    watch, watched = Watch(CALLING), Stands()
    watch.close()
    watch.enter(watched)
    coroutine = Awaits().asked()
    watched.awaited = coroutine
    watch._look()
    assert not watched.places  # it may have begun just now
    watch._look()
    assert [place[2] for place in watched.places] == ["asked"]
    watched.calls = 2
    watch._look()
    assert not watched.places
    watch.leave(watched)
    assert not watch._look()
    coroutine.close()
