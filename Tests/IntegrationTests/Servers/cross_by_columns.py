"""The MA cross of oracles/backtest over ticks, judged many at a time with numpy."""

import numpy as np

from madang import Strategy, Ticks, buy, sell, serve


class Cross(Strategy):
    """Compares whole sums of whole prices."""

    inputs = ("ticks",)
    fast: int = 20
    slow: int = 60

    def on_start(self):
        self.tails = {}

    def on_ticks(self, ticks: Ticks):
        results = []
        for symbol, run in ticks.by_symbol():
            tail = self.tails.get(symbol, np.empty(0, dtype=np.int64))
            # Whole won: sums of a day stay within 64 bits.
            prices = np.concatenate([tail, run.price // 100_000_000])
            self.tails[symbol] = prices[-self.slow :]
            sums = np.concatenate([[0], np.cumsum(prices)])
            if len(prices) < self.slow + 1:
                continue
            fast = sums[self.slow :] - sums[self.slow - self.fast : -self.fast]
            slow = sums[self.slow :] - sums[: -self.slow]
            gap = fast * self.slow - slow * self.fast
            up = (gap[1:] > 0) & (gap[:-1] <= 0)
            down = (gap[1:] < 0) & (gap[:-1] >= 0)
            first = len(prices) - len(run) - self.slow
            for i in np.flatnonzero(up | down):
                if i < first:
                    continue
                at = run.position[i - first]
                results.append(buy(at=at) if up[i] else sell(at=at))
        return results


if __name__ == "__main__":
    serve(Cross)
