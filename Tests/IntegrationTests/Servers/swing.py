"""The first version of a strategy: it buys and sells by what divides a price."""

from madang import Result, Strategy, Tick, buy, sell, serve


class Swing(Strategy):
    """Judges each tick by its price alone."""

    version = "1.0"
    inputs = ("ticks",)

    def on_tick(self, tick: Tick) -> Result | None:
        """Buy at multiples of 7, sell at multiples of 11."""
        price = int(tick.price)
        if price % 7 == 0:
            return buy(confidence=0.5)
        if price % 11 == 0:
            return sell(confidence=0.5)
        return None


if __name__ == "__main__":
    serve(Swing)
