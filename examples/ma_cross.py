from madang import Candle, Strategy, buy, sell, serve


class Cross(Strategy):
    """Buys when the fast mean crosses above the slow one."""

    fast: int = 20
    slow: int = 60
    inputs = ("candles:1m",)

    def on_candle(self, candle: Candle):
        fast, slow = self.sma(candle.symbol, self.fast), self.sma(candle.symbol, self.slow)
        if fast.crossed_above(slow):
            return buy(confidence=0.7, reason="fast over slow")
        if fast.crossed_below(slow):
            return sell(reason="fast under slow")


if __name__ == "__main__":
    serve(Cross)
