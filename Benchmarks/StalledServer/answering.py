"""Answers each tick of one symbol, so that the time it takes is measured at every one."""

from madang import Result, Strategy, Tick, buy, sell, serve


class Answering(Strategy):
    """Buys above the mean of the last hundred prices, sells below it."""

    inputs = ("ticks",)

    def on_start(self) -> None:
        """Keep one mean for each symbol."""
        self.means: dict[str, float] = {}

    def on_tick(self, tick: Tick) -> Result:
        """One result for each tick."""
        price = float(tick.price)
        mean = self.means.get(tick.symbol, price)
        self.means[tick.symbol] = mean + (price - mean) / 100
        return buy(confidence=0.3) if price > mean else sell(confidence=0.3)


if __name__ == "__main__":
    serve(Answering)
