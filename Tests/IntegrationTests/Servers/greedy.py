"""Takes 400 MiB at the first tick, half of it in a program that it starts, and keeps them."""

import subprocess
import sys

from madang import Result, Strategy, Tick, buy, serve

HALF = 200 << 20
WORKER = f"held = b'x' * {HALF}; import signal; signal.pause()"


class Greedy(Strategy):
    """One result for each tick, if it lives to say it."""

    inputs = ("ticks",)
    held = b""

    def on_tick(self, tick: Tick) -> Result:
        """Take it all, once."""
        if not self.held:
            subprocess.Popen([sys.executable, "-c", WORKER])
            self.held = b"x" * HALF
        return buy(confidence=0.5)


if __name__ == "__main__":
    serve(Greedy)
