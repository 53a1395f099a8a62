"""Bids far below the market at every tick: its orders rest until somebody takes them back."""

from madang import Result, Strategy, Tick, buy, serve


class Resting(Strategy):
    """One result for each tick that it hears."""

    inputs = ("ticks",)

    def on_tick(self, tick: Tick) -> Result:
        """Bid a tenth of the price."""
        return buy(quantity=1, limit=float(tick.price) / 10, confidence=0.9, reason="far below")


if __name__ == "__main__":
    serve(Resting)
