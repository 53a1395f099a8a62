"""Helpers against their definitions, ties included, and asked for at odd moments."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction

import pytest

from madang import Candle, HistoryError, Outcome, Strategy, Tick, Ticks
from madang.history import KEPT, RSI, SMA, History, Indicator, Series
from madang.testing import HookFailed, candles, replay, ticks


def fed(prices: list[int], length: int = 1) -> Series:
    series = Series()
    series.want(length)
    for price in prices:
        series.push(price)
    return series


@pytest.mark.parametrize("seed", range(5))
def test_crosses_are_those_of_exact_arithmetic(seed: int) -> None:
    source = random.Random(seed)
    step = 10**10
    prices = [7000 * step]
    for _ in range(2000):
        prices.append(prices[-1] + source.choice([-1, 0, 0, 1]) * step)
    series = Series()
    series.want(22)
    fast, slow = SMA(series, 7), SMA(series, 21)
    series.indicators += [fast, slow]
    ties = crosses = 0

    def mean(i: int, n: int) -> Fraction | None:
        return Fraction(sum(prices[i - n + 1 : i + 1]), n) if i + 1 >= n else None

    for i, price in enumerate(prices):
        series.push(price)
        f, s = mean(i, 7), mean(i, 21)
        f0, s0 = mean(i - 1, 7), mean(i - 1, 21)
        known = None not in (f, s, f0, s0) and i > 0
        up = known and f > s and f0 <= s0  # type: ignore[operator]
        down = known and f < s and f0 >= s0  # type: ignore[operator]
        ties += known and f0 == s0
        crosses += up + down
        assert (fast.crossed_above(slow), fast.crossed_below(slow)) == (up, down), i
        assert (slow.crossed_below(fast), slow.crossed_above(fast)) == (
            known and s < f and s0 >= f0,  # type: ignore[operator]
            known and s > f and s0 <= f0,  # type: ignore[operator]
        )
    assert ties > 5
    assert crosses > 20


def test_a_level_is_compared_exactly() -> None:
    series = fed([3 * 10**7, 3 * 10**7])
    mean = SMA(series, 1)
    series.indicators.append(mean)
    series.push(3 * 10**7 + 1)
    assert mean.crossed_above(Decimal("0.3"))
    assert mean.crossed_above(0.3)
    assert not mean.crossed_above(Decimal("0.30000001"))


def test_nothing_is_claimed_before_there_is_a_value() -> None:
    series = Series()
    helpers: list[Indicator] = [SMA(series, 2), RSI(series, 2), History(series, 2)]
    for helper in helpers:
        assert helper.value is None
        assert helper.previous is None
        assert not helper.crossed_above(1)
        assert not helper.crossed_below(helper)


def test_flat_prices_have_strength_zero() -> None:
    assert RSI(fed([5] * 20), 14).value == 0.0


def test_history_is_a_sequence_of_decimals() -> None:
    series = fed([10**8, 250_000_000, 3 * 10**8])
    history = History(series, 2)
    assert list(history) == [Decimal("2.5"), Decimal(3)]
    assert (history[-1], len(history), history.full) == (Decimal(3), 2, True)
    assert history.units.tolist() == [250_000_000, 3 * 10**8]
    assert (history.value, history.previous) == (3.0, 2.5)
    assert list(history[:1]) == [Decimal("2.5")]
    assert not History(series, 5).full


def test_a_long_series_keeps_its_windows() -> None:
    prices = list(range(10 * KEPT))
    series = fed([])
    mean = SMA(series, 500)
    series.want(501)
    series.indicators.append(mean)
    for price in prices:
        series.push(price)
    assert mean.value == sum(prices[-500:]) / 500 / 10**8
    assert len(series.values) <= 2 * KEPT


def test_asked_for_late_means_the_same_as_from_the_first() -> None:
    closes = [random.Random(3).randint(1, 50) for _ in range(300)]
    values: dict[int, list[float | None]] = {}

    class Asks(Strategy):
        since: int = 0
        inputs = ("candles:1m",)

        def on_candle(self, candle: Candle) -> None:
            if candle.position > self.since:
                helpers = self.sma("A", 20), self.ema("A", 20), self.rsi("A", 14)
                values.setdefault(self.since, []).extend(each.value for each in helpers)

    for since in (0, 250):
        replay(Asks, candles("A", closes), parameters={"since": since})
    assert values[250] == values[0][-len(values[250]) :]
    assert None not in values[250]


def test_a_window_longer_than_what_is_kept_says_so() -> None:
    class Long(Strategy):
        inputs = ("ticks",)

        def on_tick(self, tick: Tick) -> None:
            if tick.position == 3 * KEPT:
                self.sma("A", 2 * KEPT)

    run = replay(Long, ticks("A", [1] * 3 * KEPT))
    assert "ask for it in on_start" in run.logs[0]


def test_helpers_may_be_asked_for_in_on_start() -> None:
    class Early(Strategy):
        inputs = ("candles:1m",)

        def on_start(self) -> None:
            self.mean = self.sma("A", 2)

        def on_candle(self, candle: Candle) -> Outcome:
            assert self.sma("A", 2) is self.mean
            assert (self.mean.value is None) == (candle.position == 1)
            return None

    replay(Early, candles("A", [1, 2, 3]))


class Two(Strategy):
    on: str = ""
    symbol: str = "A"
    length: int = 1
    inputs = ("candles:1m", "candles:1d")

    def on_candle(self, candle: Candle) -> None:
        self.sma(self.symbol, self.length, on=self.on or None)


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({}, "say which prices with on=...; there are candles:1m, candles:1d"),
        ({"on": "candles:5m"}, "on='candles:5m' is no price series"),
        ({"on": "candles:1m", "symbol": "B"}, "this session's instruments are A"),
        ({"on": "candles:1m", "length": 0}, "from 1 to 1,000,000, not 0"),
    ],
)
def test_what_has_no_answer_says_how_to_ask(parameters: dict[str, str], text: str) -> None:
    with pytest.raises(HookFailed) as caught:
        replay(Two, candles("A", [1]), parameters=parameters)
    assert text in str(caught.value)


def test_on_ticks_keeps_no_series_and_says_so() -> None:
    class Vector(Strategy):
        inputs = ("ticks",)

        def on_ticks(self, ticks: Ticks) -> None:
            self.sma("A", 3)

    with pytest.raises(HookFailed, match="on_ticks keeps no series"):
        replay(Vector, ticks("A", [1]))


def test_outside_a_session_helpers_say_so() -> None:
    with pytest.raises(HistoryError, match="replay"):
        Two().sma("A", 3)
