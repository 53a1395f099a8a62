"""Buys days that fell and sells days that rose, and counts the fills it heard of."""

from madang import Candle, Fill, Result, Strategy, buy, sell, serve


class Filler(Strategy):
    """Depends on its fills: the host feeds it one step at a time."""

    inputs = ("candles:1d",)

    def on_start(self) -> None:
        """Begin with nothing."""
        self.fills = 0

    def on_fill(self, fill: Fill) -> None:
        """Count."""
        self.fills += 1

    def on_candle(self, candle: Candle) -> Result | None:
        """Say how many fills were heard: a fill more or less is another result."""
        if candle.close * 100 < candle.open * 97:
            return buy(confidence=0.9, reason=f"{self.fills} fills")
        if candle.close * 100 > candle.open * 103:
            return sell(confidence=0.9, reason=f"{self.fills} fills")
        return None


if __name__ == "__main__":
    serve(Filler)
