"""A strategy whose every answer hangs on all prices before: one lost or heard twice changes all.

It keeps that in a snapshot every few events, so that crashes meet its making.
"""

import time
from typing import Any

from madang import Result, Strategy, Tick, buy, sell, serve


class Swinging(Strategy):
    """Buys and sells by a sum over whatever it has heard."""

    version = "1.0"
    inputs = ("ticks",)
    snapshot_every = 6

    def on_start(self) -> None:
        """Begin with nothing heard."""
        self.heard = 0
        self.sum = 1

    def save(self) -> dict[str, Any]:
        """Keep what was heard."""
        return {"heard": self.heard, "sum": self.sum}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self.heard = state["heard"]
        self.sum = state["sum"]

    def on_tick(self, tick: Tick) -> Result | None:
        """Add the price, and judge by the rest of a division, in a time that makes a run of it."""
        time.sleep(0.005)
        self.heard += 1
        self.sum = (self.sum * 31 + int(tick.price)) % 1_009
        if self.sum % 4 == 0:
            return buy(reason=f"{self.sum} behind {self.heard}")
        if self.sum % 4 == 1:
            return sell(reason=f"{self.sum} behind {self.heard}")
        return None


if __name__ == "__main__":
    serve(Swinging)
