"""Momentum over ticks, judged many at a time with numpy."""

from typing import Annotated

import numpy as np

from madang import Range, Strategy, Ticks, buy, sell, serve


class Momentum(Strategy):
    """Buys when the price has risen by ``threshold`` over ``length`` ticks, sells when it fell."""

    length: Annotated[int, Range(1, 10_000), "ticks to look back"] = 50
    threshold: Annotated[float, Range(0, 1), "0.001 is 0.1 %"] = 0.001
    inputs = ("ticks",)

    def on_start(self) -> None:
        """Keep the last prices of each symbol: runs of ticks end anywhere."""
        self.tails: dict[str, np.ndarray] = {}

    def save(self) -> dict[str, dict[str, np.ndarray]]:
        """Keep them for a new process, which then goes on where this one stood."""
        return {"tails": self.tails}

    def restore(self, state: dict[str, dict[str, np.ndarray]]) -> None:
        """Take them up again, behind on_start."""
        self.tails = state["tails"]

    def on_ticks(self, ticks: Ticks):
        """Compare every tick with the one ``length`` earlier."""
        results = []
        for symbol, run in ticks.by_symbol():
            tail = self.tails.get(symbol, np.empty(0, dtype=np.int64))
            prices = np.concatenate([tail, run.price])
            self.tails[symbol] = prices[-self.length - 1 :]
            # state[i] belongs to prices[length + i]: above the threshold, below it, or between.
            change = prices[self.length :] / prices[: -self.length] - 1.0
            state = (change > self.threshold).astype(np.int8) - (change < -self.threshold)
            turned = np.flatnonzero(state[1:] != state[:-1]) + 1
            first = len(prices) - len(run) - self.length  # where this run begins in state
            for i in turned[turned >= first]:
                at = run.position[i - first]
                if state[i] > 0:
                    results.append(buy(at=at, confidence=0.6, reason="momentum up"))
                elif state[i] < 0:
                    results.append(sell(at=at, confidence=0.6, reason="momentum down"))
        return results


if __name__ == "__main__":
    serve(Momentum)
