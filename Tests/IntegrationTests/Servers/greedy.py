"""Takes 400 MiB at the first tick, half of it in a child, and keeps them."""

import os
import signal

from madang import Result, Strategy, Tick, buy, serve

HALF = 200 << 20


class Greedy(Strategy):
    """One result for each tick, if it lives to say it."""

    inputs = ("ticks",)
    held = b""

    def on_tick(self, tick: Tick) -> Result:
        """Take it all, once."""
        if not self.held:
            if os.fork() == 0:
                self.held = b"\1" * HALF
                while True:
                    signal.pause()
            self.held = b"\1" * HALF
        return buy(confidence=0.5)


if __name__ == "__main__":
    serve(Greedy)
