"""Strategies that tell all they know, to the last bit, and events to try them with."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Any

import numpy as np

from madang import (
    Candle,
    Fill,
    Outcome,
    Quote,
    Result,
    Strategy,
    Tick,
    Ticks,
    Timer,
    alert,
    buy,
    sell,
)
from madang._encode import Event
from madang.instruments import Side
from madang.testing import candle, fill, quote, tick, timer

SYMBOLS = ("A", "B", "C")


def stream(seed: int, length: int, *kinds: str) -> list[Event]:
    """Events of every kind asked for, of three instruments, by chance."""
    source = random.Random(seed)
    price = dict.fromkeys(SYMBOLS, 100_000)
    found: list[Event] = []
    for _ in range(length):
        symbol = source.choice(SYMBOLS)
        price[symbol] = max(1, price[symbol] + source.choice([-300, -7, 0, 0, 7, 300]))
        now = Decimal(price[symbol]) / 1000
        match source.choice(kinds):
            case "tick":
                found.append(tick(symbol, now, source.randint(1, 99)))
            case "quote":
                found.append(quote(symbol, now, now + 1))
            case "candle":
                found.append(candle(symbol, now))
            case "hour":
                found.append(candle(symbol, now, interval="1h"))
            case "fill":
                held = source.randint(0, 9)
                found.append(fill(symbol, Side.BUY, now, 1, held=held, average_price=now / 3))
            case "timer":
                found.append(timer("10s"))
    return found


def text_of(*values: Any) -> str:
    """Every bit of some numbers: of a float in hex."""
    return " ".join(each.hex() if isinstance(each, float) else repr(each) for each in values)


def says(text: str, symbol: str | None = None) -> Result:
    """Say all of a text, however long: a message has its limit."""
    rest = [text[at : at + 1000] for at in range(1000, len(text), 1000)]
    return alert(text[:1000], symbol=symbol, reason=rest)


class Everything(Strategy):
    """Tells all that it can ask, of each event, to the last bit."""

    inputs = ("ticks", "quotes", "candles:1m", "candles:1h", "timers:10s")
    late: int = 40

    def on_start(self) -> None:
        self.seen = 0
        self.means = {each: self.sma(each, 5, on="ticks") for each in self.symbols}
        self.random = np.random.default_rng(7)
        self.window = np.zeros((3, 4), order="F")
        self.paid: dict[str, Decimal] = {}
        self.pairs: dict[tuple[str, int], int] = {}

    def save(self) -> dict[str, Any]:
        return {
            "seen": self.seen,
            "random": self.random.bit_generator.state,
            "window": self.window,
            "paid": self.paid,
            "pairs": self.pairs,
        }

    def restore(self, state: dict[str, Any]) -> None:
        self.seen, self.window = state["seen"], state["window"]
        self.random.bit_generator.state = state["random"]
        self.paid, self.pairs = state["paid"], state["pairs"]

    def told(self, symbol: str) -> str:
        self.seen += 1
        said: list[Any] = [self.seen, self.holding(symbol), self.symbols]
        self.window[self.seen % 3, self.seen % 4] = self.random.random()
        said.append(float(self.window.sum()))
        asked: list[Any] = [self.means[symbol]]
        for on in ("ticks", "candles:1m", "candles:1h"):
            asked += [self.ema(symbol, 3, on=on), self.rsi(symbol, 4, on=on)]
            if self.seen > self.late:  # only now: they begin with what is kept
                asked += [self.sma(symbol, 30, on=on), self.ema(symbol, 17, on=on)]
                asked += [self.rsi(symbol, on=on), self.history(symbol, 9, on=on)]
        for each in asked:
            said += [each.value, each.previous]
        said += [asked[0].crossed_above(asked[1]), self.sma(symbol, 2, on="ticks").value]
        said.append(list(self.history(symbol, 50, on="candles:1m")))
        return text_of(*said)

    def on_tick(self, tick: Tick) -> Outcome:
        key = tick.symbol, int(tick.price) % 5
        self.pairs[key] = self.pairs.get(key, 0) + 1
        return [buy(tags={"t": self.told(tick.symbol)[:1000]}), sell(reason=str(self.pairs[key]))]

    def on_quote(self, quote: Quote) -> Outcome:
        return says(self.told(quote.symbol))

    def on_candle(self, candle: Candle) -> Outcome:
        return says(self.told(candle.symbol))

    def on_fill(self, fill: Fill) -> Outcome:
        self.paid[fill.symbol] = self.paid.get(fill.symbol, Decimal(0)) + fill.price
        return says(self.told(fill.symbol) + str(self.paid))

    def on_timer(self, timer: Timer) -> Outcome:
        return says(self.told("B"), symbol="B")


class Awaits(Everything):
    """The same, and lets others run in between."""

    async def on_start(self) -> None:  # type: ignore[override]
        await asyncio.sleep(0)
        super().on_start()

    async def on_tick(self, tick: Tick) -> Outcome:  # type: ignore[override]
        await asyncio.sleep(0)
        return super().on_tick(tick)

    async def on_candle(self, candle: Candle) -> AsyncIterator[Result]:  # type: ignore[override]
        said = super().on_candle(candle)
        await asyncio.sleep(0)
        assert isinstance(said, Result)
        yield said


class Blocks(Strategy):
    """Judges runs of ticks by all that were before, with sums of numpy."""

    inputs = ("ticks", "candles:1m")

    def on_start(self) -> None:
        self.sums = np.zeros(len(self.symbols))
        self.last: dict[str, np.int64] = {}

    def save(self) -> dict[str, Any]:
        return {"sums": self.sums, "last": self.last}

    def restore(self, state: dict[str, Any]) -> None:
        self.sums, self.last = state["sums"], state["last"]

    def on_ticks(self, ticks: Ticks) -> Iterator[Result]:
        for row in range(len(ticks)):
            number, symbol = int(ticks.instrument[row]), ticks.symbol(row)
            self.sums[number] += ticks.price[row] / 3e8
            last, self.last[symbol] = self.last.get(symbol), ticks.price[row]
            what = text_of(float(self.sums[number]), type(last).__name__, last)
            yield alert(what, at=int(ticks.position[row]))

    def on_candle(self, candle: Candle) -> Outcome:
        return alert(text_of(self.ema(candle.symbol, 3).value, float(self.sums.sum())))


ALL = ("tick", "quote", "candle", "hour", "fill", "timer")
