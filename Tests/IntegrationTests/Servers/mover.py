"""Says of each tick where it stands to the mean of the last six: a history that is off is another word."""

import os

from madang import Result, Strategy, Tick, buy, sell, serve


class Mover(Strategy):
    """Judges each symbol by its own last ticks, and wants them of one that joins."""

    inputs = ("ticks",)
    warm_up = 6
    snapshot_every = int(os.environ.get("MOVER_SNAPSHOTS", "0"))

    def on_tick(self, tick: Tick) -> Result | None:
        """Buy at or above the mean, sell below it."""
        mean = self.sma(tick.symbol, 6)
        if mean.value is None:
            return None
        if tick.price >= mean.value:
            return buy(confidence=0.5, reason=f"mean {mean.value}")
        return sell(confidence=0.5, reason=f"mean {mean.value}")


if __name__ == "__main__":
    serve(Mover)
