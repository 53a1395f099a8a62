"""The cross of the day as a strategy server: its state is small, what made it is the day."""

from madang import Result, Strategy, Tick, buy, sell, serve


class Cross(Strategy):
    """A cross of two means of ticks, so short that one tick in ten orders."""

    fast: int = 2
    slow: int = 12
    version = "1"
    inputs = ("ticks",)

    def on_tick(self, tick: Tick) -> Result | None:
        """Say where the fast mean crosses the slow one."""
        fast, slow = self.sma(tick.symbol, self.fast), self.sma(tick.symbol, self.slow)
        if fast.crossed_above(slow):
            return buy()
        if fast.crossed_below(slow):
            return sell()
        return None


if __name__ == "__main__":
    serve(Cross)
