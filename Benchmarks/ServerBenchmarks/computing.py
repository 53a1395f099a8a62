"""A strategy server that computes at every event: a rolling mean of each instrument.

``computing.py columns|each|candles [--address ...]``: of runs of ticks in numpy, tick by tick, or
candle by candle. At the event ``BENCH_EVENTS`` it writes to ``BENCH_OUT`` how many events a second
it was given since its first message, by its own clock: so a host and a client without one are
measured in the same way.
"""

import os
import sys
import time
from collections import deque
from pathlib import Path

import numpy as np
import numpy.typing as npt

from madang import Candle, Result, Strategy, Tick, Ticks, buy, serve

LENGTH = 20  # events in the mean
EVENTS = int(os.environ["BENCH_EVENTS"])
OUT = Path(os.environ["BENCH_OUT"])
FAR = 36 * 100_000_000  # a price so far above its mean is worth a word


class Rate:
    """Events a second, from behind the first call to the last event."""

    def __init__(self) -> None:
        self.count = 0
        self.begun = 0.0
        self.before = 0
        self.results = 0

    def add(self, count: int) -> None:
        """Count events that were judged."""
        self.count += count
        if not self.begun:
            self.begun, self.before = time.perf_counter(), self.count
        elif self.count >= EVENTS:
            rate = (self.count - self.before) / (time.perf_counter() - self.begun)
            unfinished = OUT.with_suffix(".part")
            unfinished.write_text(f'{{"rate": {rate}, "results": {self.results}}}')
            unfinished.rename(OUT)


class Columns(Strategy):
    """The mean by cumulated sums; the ticks of the last window are carried over."""

    inputs = ("ticks",)

    def on_start(self) -> None:
        """Begin with nothing."""
        self.rate = Rate()
        self.tails: dict[int, npt.NDArray[np.int64]] = {}

    def on_ticks(self, ticks: Ticks) -> list[Result]:
        """Judge every tick against the mean of those through it."""
        said = []
        for number in range(4):
            rows = np.flatnonzero(ticks.instrument == number)
            tail = self.tails.get(number, np.zeros(0, np.int64))
            prices = np.concatenate((tail, ticks.price[rows]))
            self.tails[number] = prices[1 - LENGTH :]
            if len(prices) < LENGTH:
                continue
            sums = np.cumsum(prices)
            windows = sums[LENGTH - 1 :].copy()
            windows[1:] -= sums[:-LENGTH]
            judged = prices[LENGTH - 1 :]
            skipped = len(rows) - len(judged)
            for at in np.flatnonzero(judged * LENGTH - windows > FAR * LENGTH).tolist():
                said.append(buy(confidence=0.3, at=ticks.position[rows[at + skipped]]))
        self.rate.results += len(said)
        self.rate.add(len(ticks))
        return said


class Single(Strategy):
    """The mean by a running sum."""

    def on_start(self) -> None:
        """Begin with nothing."""
        self.rate = Rate()
        self.windows: dict[str, deque[int]] = {}
        self.sums: dict[str, int] = {}

    def judge(self, symbol: str, price: int) -> Result | None:
        """Judge it against the mean through it."""
        window = self.windows.setdefault(symbol, deque())
        total = self.sums.get(symbol, 0) + price
        window.append(price)
        if len(window) > LENGTH:
            total -= window.popleft()
        self.sums[symbol] = total
        self.rate.add(1)
        if len(window) == LENGTH and price * LENGTH - total > FAR * LENGTH:
            self.rate.results += 1
            return buy(confidence=0.3)
        return None


class Each(Single):
    """Tick by tick."""

    inputs = ("ticks",)

    def on_tick(self, tick: Tick) -> Result | None:
        """Judge a price."""
        return self.judge(tick.symbol, tick.price_units)


class Candles(Single):
    """Candle by candle."""

    inputs = ("candles:1s",)

    def on_candle(self, candle: Candle) -> Result | None:
        """Judge a close."""
        return self.judge(candle.symbol, candle.close_units)


if __name__ == "__main__":
    forms = {"columns": Columns, "each": Each, "candles": Candles}
    serve(forms[sys.argv[1]], argv=sys.argv[2:])
