"""Outlives its host: it leaves the group, forgets the lifeline, and is deaf to SIGTERM at work."""

import os
import signal

from madang import Result, Strategy, Tick, buy, serve


class Stubborn(Strategy):
    """One result for each tick."""

    inputs = ("ticks",)

    def on_tick(self, tick: Tick) -> Result:
        """Buy, and hear nothing any more."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        return buy(confidence=0.5)


if __name__ == "__main__":
    os.environ.pop("MADANG_PARENT_FD", None)
    os.setsid()
    serve(Stubborn)
