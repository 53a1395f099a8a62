"""Says nothing, and ends its host with SIGKILL at its n-th candle: ``KILL_AT``, 0 for never."""

import os
import signal

from madang import Candle, Strategy, serve


class Killer(Strategy):
    """Asked tick by tick, it gives a run its length."""

    inputs = ("candles:1m", "ticks")

    def on_start(self) -> None:
        """Begin to count."""
        self.candles = 0

    def on_tick(self, _tick: object) -> None:
        """Hear it."""

    def on_candle(self, _candle: Candle) -> None:
        """Count, and strike."""
        self.candles += 1
        if self.candles == int(os.environ["KILL_AT"]):
            os.kill(os.getppid(), signal.SIGKILL)


if __name__ == "__main__":
    serve(Killer)
