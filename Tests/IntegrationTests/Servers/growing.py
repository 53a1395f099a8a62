"""Says of every candle whether it is final, and where the mean of the final ones stands."""

from madang import Candle, Result, Strategy, buy, serve


class Growing(Strategy):
    """One result for each candle, the one that grows included."""

    inputs = ("candles:1m unfinished",)

    def on_candle(self, candle: Candle) -> Result:
        """Buy; the reasons say what was heard."""
        mean = self.sma(candle.symbol, 2).value
        state = "final" if candle.final else "grows"
        return buy(confidence=0.5, reason=f"{state} {candle.close} {mean}")


if __name__ == "__main__":
    serve(Growing)
