"""Buys a candle that rose and sells one that fell, as far as it has heard to hold something."""

from madang import Candle, Fill, Result, Strategy, buy, sell, serve


class Holder(Strategy):
    """Depends on its fills: the host feeds it one step at a time, and keeps its snapshots."""

    inputs = ("candles:1m",)
    snapshot_every = 40

    def on_start(self) -> None:
        """Begin with nothing."""
        self.held: dict[str, bool] = {}
        self.fills = 0

    def save(self) -> dict[str, object]:
        """Return what results depend on."""
        return {"held": self.held, "fills": self.fills}

    def restore(self, state: dict[str, object]) -> None:
        """Go on with it."""
        self.held = dict(state["held"])
        self.fills = int(state["fills"])

    def on_fill(self, fill: Fill) -> None:
        """Keep whether the symbol is held, and count."""
        self.held[fill.symbol] = fill.held > 0
        self.fills += 1

    def on_candle(self, candle: Candle) -> Result | None:
        """Say how many fills were heard: a fill more or less is another result."""
        if candle.close > candle.open:
            return buy(confidence=0.4, reason=f"{self.fills} fills")
        if candle.close < candle.open and self.held.get(candle.symbol):
            return sell(confidence=0.9, reason=f"{self.fills} fills")
        return None


if __name__ == "__main__":
    serve(Holder)
