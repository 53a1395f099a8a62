"""The MA cross of oracles/backtest, candle by candle."""

from madang import Candle, Strategy, buy, sell, serve


class Cross(Strategy):
    """Compares whole sums: means kept by rounding give other trades on a price ladder."""

    inputs = ("candles:1m",)
    fast: int = 20
    slow: int = 60

    def on_start(self):
        self.closes = {}
        self.before = {}

    def on_candle(self, candle: Candle):
        closes = self.closes.setdefault(candle.symbol, [])
        closes.append(candle.close)
        del closes[: -self.slow]
        if len(closes) < self.slow:
            return None
        now = sum(closes[-self.fast :]) * self.slow - sum(closes) * self.fast
        before = self.before.get(candle.symbol)
        self.before[candle.symbol] = now
        if before is None:
            return None
        if now > 0 >= before:
            return buy(reason="up")
        if now < 0 <= before:
            return sell(reason="down")
        return None


if __name__ == "__main__":
    serve(Cross)
