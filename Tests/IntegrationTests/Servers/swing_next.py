"""The second version: surer of D, it never sells B, and buys C more often."""

from madang import Result, Strategy, Tick, buy, sell, serve


class Swing(Strategy):
    """Judges each tick by its price alone."""

    version = "2.0"
    inputs = ("ticks",)

    def on_tick(self, tick: Tick) -> Result | None:
        """Buy at multiples of 7, sell at multiples of 11; C also at multiples of 13."""
        price = int(tick.price)
        if price % 7 == 0:
            return buy(confidence=0.6 if tick.symbol == "D" else 0.5)
        if price % 11 == 0 and tick.symbol != "B":
            return sell(confidence=0.5)
        if price % 13 == 0 and tick.symbol == "C":
            return buy(confidence=0.5)
        return None


if __name__ == "__main__":
    serve(Swing)
