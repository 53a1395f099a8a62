"""A trend follower over daily candles: the channel breakout, in Python."""

from typing import Annotated

from madang import Candle, Range, Strategy, buy, sell, serve


class Trend(Strategy):
    """Buys above the highest close of the last ``entry``, sells below the lowest of ``exit``."""

    entry: Annotated[int, Range(2, 500), "closes to look back for an entry"] = 55
    exit: Annotated[int, Range(2, 500), "closes to look back for an exit"] = 20
    inputs = ("candles:1d",)

    def on_candle(self, candle: Candle):
        """Compare the close with those before it."""
        *before, now = self.history(candle.symbol, max(self.entry, self.exit) + 1)
        if len(before) < self.entry:
            return None
        if now > max(before[-self.entry :]):
            return buy(confidence=0.6, reason=f"above the last {self.entry} closes")
        if now < min(before[-self.exit :]):
            return sell(confidence=0.8, reason=f"below the last {self.exit} closes")
        return None


if __name__ == "__main__":
    serve(Trend)
