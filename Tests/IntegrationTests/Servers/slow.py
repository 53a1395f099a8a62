"""Says something about every tick, and takes 20 ms for each, or PAUSE seconds."""

import os
import time

from madang import Result, Strategy, Tick, buy, serve

PAUSE = float(os.environ.get("PAUSE", "0.02"))


class Slow(Strategy):
    """One result for each tick that it hears."""

    inputs = ("ticks",)

    def on_tick(self, tick: Tick) -> Result:
        """Buy; the reason names the tick."""
        time.sleep(PAUSE)
        return buy(confidence=0.5, reason=f"at {tick.price}")


if __name__ == "__main__":
    serve(Slow)
