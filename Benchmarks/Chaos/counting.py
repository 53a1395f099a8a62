"""One of fifty strategy servers: hears every tick, answers one in ten, and counts at the end.

``CHAOS_FOLDER`` names the folder in which ``heard`` then says how many ticks came, the sum of their
times, and how many were not later than the one before.
"""

import json
import os
from pathlib import Path

from marks import mark, side

from madang import Result, Strategy, Tick, buy, sell, serve

EVERY = 10  # so many ticks to a result, by the tick's own mark


class Counting(Strategy):
    """Counts, and claims something now and then."""

    name = "counting"
    version = "1"
    inputs = ("ticks",)

    def on_start(self) -> None:
        """Begin at nothing."""
        self.count = self.sum = self.again = self.last = 0

    def on_tick(self, tick: Tick) -> Result | None:
        """Count it."""
        time = tick.feed_time_ns
        self.count += 1
        self.sum += time
        self.again += time <= self.last
        self.last = time
        sure = mark(time, tick.price_units)
        if sure % EVERY:
            return None
        say = buy if side(time, tick.price_units) == "BUY" else sell
        return say(confidence=sure / 1e6, message=str(time))

    def on_stop(self) -> None:
        """Write down what was heard."""
        heard = {"count": self.count, "sum": self.sum, "again": self.again}
        Path(os.environ["CHAOS_FOLDER"], "heard").write_text(json.dumps(heard))


if __name__ == "__main__":
    serve(Counting)
