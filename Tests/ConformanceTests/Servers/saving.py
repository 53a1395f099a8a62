"""A strategy that asks for everything, has parameters of every type, and saves its state."""

from typing import Annotated, Literal

from madang import Candle, Range, Strategy, Tick, alert, buy, sell, serve


class Saving(Strategy):
    """Buys after a run of rises, sells after a run of falls, and counts candles and timers."""

    version = "1"
    length: Annotated[int, Range(1, 9), "rises in a row"] = 3
    share: Annotated[float, Range(0, 1), "confidence"] = 0.5
    loud: bool = False
    side: Literal["both", "buy", "sell"] = "both"
    inputs = ("ticks", "quotes", "candles:1m unfinished", "candles:1h", "timers:30s")
    warm_up = {"ticks": 40, "candles:1m": 20}
    snapshot_every = 50

    def on_start(self):
        self._last: dict[str, float] = {}
        self._run: dict[str, int] = {}
        self._bells = 0

    def on_tick(self, tick: Tick):
        price = float(tick.price)
        before = self._last.get(tick.symbol, price)
        self._last[tick.symbol] = price
        run = self._run.get(tick.symbol, 0)
        run = max(run, 0) + 1 if price > before else min(run, 0) - 1
        self._run[tick.symbol] = run
        if run == self.length and self.side != "sell":
            return buy(confidence=self.share, reason="up")
        if run == -self.length and self.side != "buy":
            return [sell(fraction=0.5, reason="down"), alert(f"{run} in a row")]

    def on_quote(self, quote):
        return None

    def on_candle(self, candle: Candle):
        if candle.interval == "1h":
            return alert(f"{candle.close} after {self._bells} bells", symbol=candle.symbol)

    def on_timer(self, timer):
        self._bells += 1

    def save(self):
        return {"last": self._last, "run": self._run, "bells": self._bells}

    def restore(self, state):
        self._last, self._run = state["last"], state["run"]
        self._bells = state["bells"]


if __name__ == "__main__":
    serve(Saving)
