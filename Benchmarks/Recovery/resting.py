"""Rests one buy in each symbol, far below the market: what is open at the broker all day."""

from madang import Result, Strategy, Tick, buy, serve


class Resting(Strategy):
    """Says what it wants at a symbol's first tick, and nothing behind it."""

    version = "1"
    inputs = ("ticks",)

    def on_start(self) -> None:
        """Begin with nothing said."""
        self.said: set[str] = set()

    def on_tick(self, tick: Tick) -> Result | None:
        """Buy at a price that never comes."""
        if tick.symbol in self.said:
            return None
        self.said.add(tick.symbol)
        return buy(limit=100)


if __name__ == "__main__":
    serve(Resting)
