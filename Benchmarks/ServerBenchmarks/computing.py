"""A strategy server that computes at every tick: a rolling mean of each instrument.

``computing.py columns|each [--address ...]``: of runs of ticks in numpy, or tick by tick. At the
tick ``BENCH_TICKS`` it writes to ``BENCH_OUT`` how many ticks a second it was given since its first
message, by its own clock: so a host and a client without one are measured in the same way.
"""

import os
import sys
import time
from collections import deque
from pathlib import Path

import numpy as np
import numpy.typing as npt

from madang import Result, Strategy, Tick, Ticks, buy, serve

LENGTH = 20  # ticks in the mean
TICKS = int(os.environ["BENCH_TICKS"])
OUT = Path(os.environ["BENCH_OUT"])
FAR = 36 * 100_000_000  # a price so far above its mean is worth a word


class Rate:
    """Ticks a second, from behind the first call to the last tick."""

    def __init__(self) -> None:
        self.count = 0
        self.begun = 0.0
        self.before = 0
        self.results = 0

    def add(self, count: int) -> None:
        """Count ticks that were judged."""
        self.count += count
        if not self.begun:
            self.begun, self.before = time.perf_counter(), self.count
        elif self.count >= TICKS:
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


class Each(Strategy):
    """The mean by a running sum."""

    inputs = ("ticks",)

    def on_start(self) -> None:
        """Begin with nothing."""
        self.rate = Rate()
        self.windows: dict[str, deque[int]] = {}
        self.sums: dict[str, int] = {}

    def on_tick(self, tick: Tick) -> Result | None:
        """Judge it against the mean through it."""
        price = tick.price_units
        window = self.windows.setdefault(tick.symbol, deque())
        total = self.sums.get(tick.symbol, 0) + price
        window.append(price)
        if len(window) > LENGTH:
            total -= window.popleft()
        self.sums[tick.symbol] = total
        self.rate.add(1)
        if len(window) == LENGTH and price * LENGTH - total > FAR * LENGTH:
            self.rate.results += 1
            return buy(confidence=0.3)
        return None


if __name__ == "__main__":
    serve(Columns if sys.argv[1] == "columns" else Each, argv=sys.argv[2:])
