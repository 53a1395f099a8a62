"""The same as swing.py, until its 700th tick: then it gets the signal that its environment names."""

import os

from madang import Result, Tick, serve
from swing import Swing as Sound


class Swing(Sound):
    """Judges as the other does, for as long as it can."""

    seen = 0

    def on_tick(self, tick: Tick) -> Result | None:
        """Judge, or be lost in the middle of a message."""
        self.seen += 1
        if self.seen == 700:
            os.kill(os.getpid(), int(os.environ["SWING_LOSS"]))
        return super().on_tick(tick)


if __name__ == "__main__":
    serve(Swing)
