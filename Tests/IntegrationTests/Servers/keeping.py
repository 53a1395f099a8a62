"""Says of each tick what the last five prices of its symbol were: what it missed is in what it says.

While the file ``HOLD`` is there it answers nothing. Where ``BREAK`` is, the process ends at the next
tick, and takes the file with it.
"""

import asyncio
import os
from collections import defaultdict, deque

from madang import Result, Strategy, Tick, buy, serve

HOLD = os.environ.get("HOLD", "")
BREAK = os.environ.get("BREAK", "")


class Keeping(Strategy):
    """One result for each tick; its state is in no snapshot."""

    inputs = ("ticks",)
    warm_up = 5

    def on_start(self) -> None:
        """Begin with nothing."""
        self.last: dict[str, deque[str]] = defaultdict(lambda: deque(maxlen=5))

    async def on_tick(self, tick: Tick) -> Result:
        """Buy, with the prices for a reason."""
        while HOLD and os.path.exists(HOLD):
            await asyncio.sleep(0.01)
        if BREAK and os.path.exists(BREAK):
            os.remove(BREAK)
            os._exit(1)
        self.last[tick.symbol].append(str(tick.price))
        return buy(confidence=0.5, message=" ".join(self.last[tick.symbol]))


if __name__ == "__main__":
    serve(Keeping)
