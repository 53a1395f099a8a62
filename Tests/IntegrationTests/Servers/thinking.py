"""Answers a tick at once, and thinks for THINK seconds about each candle that closes."""

import os
import time

from madang import Candle, Result, Strategy, Tick, buy, sell, serve

THINK = float(os.environ.get("THINK", "1.4"))


class Thinking(Strategy):
    """One result for each event."""

    inputs = ("ticks", "candles:1m")

    def on_tick(self, tick: Tick) -> Result:
        """Buy."""
        return buy(confidence=0.5, message="tick")

    def on_candle(self, candle: Candle) -> Result:
        """Sell, when it has been thought about."""
        time.sleep(THINK)
        return sell(confidence=0.5, message="candle")


if __name__ == "__main__":
    serve(Thinking)
