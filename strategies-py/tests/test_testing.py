"""Replay, the look for accidents of batching."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from madang import (
    Action,
    Candle,
    Fill,
    Mode,
    Outcome,
    Quote,
    Result,
    Side,
    Strategy,
    Tick,
    Ticks,
    Timer,
    buy,
    sell,
)
from madang.testing import (
    START,
    HookFailed,
    Replay,
    candle,
    candles,
    check_cuts,
    fill,
    quote,
    tick,
    ticks,
    timer,
)
from madang.testing import replay as replay_events


class All(Strategy):
    inputs = ("ticks", "quotes", "candles:1m", "timers:10s")

    def on_start(self) -> None:
        self.seen: list[object] = []

    def on_tick(self, tick: Tick) -> Outcome:
        assert (tick.price, tick.quantity, tick.side) == (Decimal("70.5"), 2, Side.SELL)
        assert tick.time == START
        return buy(quantity=1)

    def on_quote(self, quote: Quote) -> Outcome:
        assert (quote.bid, quote.ask, quote.bid_quantity) == (Decimal(9), None, 3)
        return None

    def on_candle(self, candle: Candle) -> Outcome:
        assert (candle.open, candle.high, candle.low, candle.close) == (1, 4, 1, 3)
        assert candle.volume == 2**70
        assert (candle.interval, candle.open_time) == ("1m", START)
        assert candle.time == START + timedelta(minutes=1)
        return sell(fraction=1)

    def on_timer(self, timer: Timer) -> Outcome:
        assert timer.interval == "10s"
        return [buy("B"), buy("B"), buy("A")]

    def on_fill(self, fill: Fill) -> Outcome:
        assert (fill.side, fill.price, fill.held) == (Side.BUY, 70, -3)
        assert self.holding("A").quantity == -3
        assert self.holding("B").quantity == 0
        assert self.mode is Mode.PAPER
        assert self.symbols == ("A", "B")
        return None


def test_every_kind_arrives_as_it_was_made(replay: Callable[..., Replay]) -> None:
    events = [
        tick("A", "70.5", 2, side=Side.SELL),
        quote("A", 9, 0, bid_quantity=3, ask_quantity=0),
        candle("A", 3, open=1, high=4, volume=2**70),
        timer("10s"),
        fill("A", Side.BUY, 70, 1, held=-3, average_price=70),
        candle("B", 3, interval="5m"),  # not asked for
    ]
    run = replay(All, events, mode=Mode.PAPER)
    placed = [(each.position, each.symbol, each.index, each.action) for each in run.results]
    assert placed == [
        (1, "A", 0, Action.BUY),
        (3, "A", 0, Action.SELL),
        (4, "B", 0, Action.BUY),
        (4, "B", 1, Action.BUY),
        (4, "A", 0, Action.BUY),
    ]
    assert run.events == 5
    assert run.results[0].event is events[0]


async def test_replay_works_inside_a_loop(replay: Callable[..., Replay]) -> None:
    class Buys(Strategy):
        async def on_tick(self, tick: Tick) -> Outcome:
            return buy()

    assert len(replay(Buys, ticks("A", [1, 2])).results) == 2


def test_generators_may_be_hooks() -> None:
    class Yields(Strategy):
        def on_tick(self, tick: Tick) -> Iterator[Result | None]:
            yield buy()
            yield None
            yield sell()

    class AlsoAsync(Strategy):
        async def on_tick(self, tick: Tick) -> Any:
            yield buy()
            yield sell()

    for strategy in (Yields, AlsoAsync):
        run = replay_events(strategy, ticks("A", [1]))
        assert [each.action for each in run.results] == [Action.BUY, Action.SELL]


def test_a_failing_hook_fails_the_test() -> None:
    class Breaks(Strategy):
        def on_tick(self, tick: Tick) -> Outcome:
            raise ZeroDivisionError("no")

    with pytest.raises(HookFailed, match="at event 1: on_tick: ZeroDivisionError: no"):
        replay_events(Breaks, ticks("A", [1]))
    run = replay_events(Breaks, ticks("A", [1, 2]), keep_failures=True)
    assert [position for position, _ in run.failures] == [1, 2]


def test_a_failure_names_the_line_of_the_strategy() -> None:
    class Breaks(Strategy):
        def on_tick(self, tick: Tick) -> Outcome:
            return buy() if tick.price * 1.5 > 1 else None  # type: ignore[operator]

    with pytest.raises(HookFailed, match=r"float\(price\) \(test_testing.py:\d+\)$") as caught:
        replay_events(Breaks, ticks("A", [1]))
    assert isinstance(caught.value.__cause__, TypeError)
    assert caught.value.__cause__.__traceback__ is not None
    assert caught.value.__cause__.__traceback__.tb_frame.f_code.co_name == "on_tick"


def test_what_is_logged_from_info_on_reaches_the_host() -> None:
    class Talks(Strategy):
        def on_tick(self, tick: Tick) -> Outcome:
            self.log.debug("not this")
            self.log.info("at %s", tick.price)
            return None

    assert replay_events(Talks, [tick("A", 1), tick("A", 2)]).logs == ["at 1", "at 2"]


def test_an_accident_of_batching_is_found() -> None:
    class LastOfBatch(Strategy):
        def on_ticks(self, ticks: Ticks) -> Outcome:
            return buy(at=ticks.position[-1])

    with pytest.raises(AssertionError, match="depend on where messages end"):
        check_cuts(LastOfBatch, ticks("A", range(1, 600)))


def test_results_of_on_ticks_must_say_which_tick() -> None:
    class Careless(Strategy):
        def on_ticks(self, ticks: Ticks) -> Outcome:
            return buy()

    class Wrong(Strategy):
        def on_ticks(self, ticks: Ticks) -> Outcome:
            return buy(at=99)

    with pytest.raises(HookFailed, match=r"buy\(at=ticks\.position\[i\]\)"):
        replay_events(Careless, ticks("A", [1]))
    with pytest.raises(HookFailed, match="at=99 is not the position"):
        replay_events(Wrong, ticks("A", [1]))


def test_ticks_come_apart_by_symbol() -> None:
    class Apart(Strategy):
        def on_ticks(self, ticks: Ticks) -> Outcome:
            runs = {symbol: run.price.tolist() for symbol, run in ticks.by_symbol()}
            assert runs == {"A": [10**8, 3 * 10**8], "B": [2 * 10**8]}
            assert [each.symbol for each in ticks] == ["A", "B", "A"]
            assert ticks.of("B").position.tolist() == [2]
            assert (len(ticks.of("C")), ticks.price_of(2), ticks.symbol(1)) == (0, 3, "B")
            with pytest.raises(ValueError, match="read-only"):
                ticks.price[0] = 1
            return None

    replay_events(Apart, [tick("A", 1), tick("B", 2), tick("A", 3)])


def test_warm_up_feeds_history_without_results() -> None:
    class Mean(Strategy):
        inputs = ("candles:1m",)
        warm_up = 2

        def on_candle(self, candle: Candle) -> Outcome:
            return buy() if self.sma("A", 3).value else None

    history, live = candles("A", [1, 2, 3, 4]), candles("A", [5])
    run = replay_events(Mean, live, warm_up=history, mode=Mode.LIVE)
    assert [each.position for each in run.results] == [1]


def test_the_momentum_example_does_not_depend_on_batches() -> None:
    from test_oracles import example

    prices = [1000 + (i * 7919 % 101) - 50 + 30 * ((i // 150) % 2) for i in range(3000)]
    events = [tick("AB"[i % 2], price) for i, price in enumerate(prices)]
    run = check_cuts(example("momentum_ticks").Momentum, events, parameters={"length": 5})
    assert {each.action for each in run.results} == {Action.BUY, Action.SELL}


def test_columns_look_into_the_received_bytes() -> None:
    class Looks(Strategy):
        inputs = ("ticks",)

        def on_ticks(self, ticks: Ticks) -> Outcome:
            for column in (ticks.price, ticks.quantity, ticks[1:].price):
                assert not column.flags.owndata
                assert not column.flags.writeable
                base = column
                while isinstance(base, np.ndarray):
                    base = base.base  # type: ignore[assignment]
                assert isinstance(base, bytes)  # of the message; a copy would end at an array
            return None

    assert replay_events(Looks, ticks("A", range(1, 50)), cuts=16).failures == []


def test_a_replay_takes_no_more_results_than_a_host() -> None:
    class Floods(Strategy):
        inputs = ("ticks",)

        def on_tick(self, tick: Tick) -> Outcome:
            return [buy() for _ in range(65)]

    with pytest.raises(HookFailed, match="65 results for one event; the first 64 count"):
        replay_events(Floods, ticks("A", [1]))
    kept = replay_events(Floods, ticks("A", [1]), keep_failures=True)
    assert len(kept.results) == 64
    assert len(replay_events(Floods, ticks("A", [1]), results_per_event=65).results) == 65
    assert len(check_cuts(Floods, ticks("A", [1, 2]), results_per_event=65).results) == 130


def test_a_text_that_is_too_long_is_told_with_its_line() -> None:
    class Talks(Strategy):
        inputs = ("ticks",)

        def on_tick(self, tick: Tick) -> Outcome:
            return buy(message="x" * 1100)

    line = Talks.on_tick.__code__.co_firstlineno + 1
    words = rf"message has 1100 bytes; at most 1024 are taken \(test_testing.py:{line}\)"
    with pytest.raises(HookFailed, match=words):
        replay_events(Talks, ticks("A", [1]))
