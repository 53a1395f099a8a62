"""A scikit-learn model with frozen weights, as a strategy over daily candles."""

from pathlib import Path
from typing import Annotated

import features
import numpy as np

from madang import Candle, Outcome, Range, Strategy, buy, sell, serve
from madang.models import Frozen, from_skops

HERE = Path(__file__).resolve().parent
# What the weights may be made of besides what skops has audited: the inside of gradient boosting.
TRUSTED = ("sklearn.tree._tree.Tree",)


class Direction(Strategy):
    """Buys when a rise within five days is likely by the model, sells when it is not."""

    name = "model"
    version = "1"
    buy_above: Annotated[float, Range(0.5, 1), "probability of a rise"] = 0.58
    sell_below: Annotated[float, Range(0, 0.5), "probability of a rise"] = 0.47
    inputs = ("candles:1d",)
    warm_up = features.WINDOW
    model = Frozen(HERE / "weights", build=from_skops(trusted=TRUSTED), features=features.NAMES)

    def on_start(self) -> None:
        """Take the classifier and the typical day out of the weights."""
        self.classifier = self.model.predictor["classifier"]
        self.typical = self.model.predictor["typical"]

    def on_candle(self, candle: Candle) -> Outcome:
        """Judge a closed day; silent on days that the model was trained on."""
        closes = self.history(candle.symbol, features.WINDOW)
        if not closes.full or self.model.has_seen(candle.open_time):
            return None
        row = features.row(closes.units)
        rise, shares = self.judge(row)
        if rise >= self.buy_above:
            return buy(confidence=rise, reason=reasons(row, shares, +1))
        if rise <= self.sell_below:
            return sell(confidence=1 - rise, reason=reasons(row, shares, -1))
        return None

    def judge(self, row: features.Row) -> tuple[float, features.Row]:
        """Return the probability of a rise, and what each feature adds to its log-odds.

        A feature's share is what the log-odds lose when it alone is what it is on a typical day.
        """
        days = np.tile(row, (len(row) + 1, 1))
        np.fill_diagonal(days[1:], self.typical)
        odds = self.classifier.decision_function(days)
        return float(1 / (1 + np.exp(-odds[0]))), odds[0] - odds[1:]


def reasons(row: features.Row, shares: features.Row, sign: int) -> list[str]:
    """Name the two features that speak loudest for the side taken, with their values."""
    loudest = np.argsort(-sign * shares, kind="stable")[:2]
    return [f"{features.NAMES[i]} {row[i]:+.3g}" for i in loudest if sign * shares[i] > 0]


if __name__ == "__main__":
    serve(Direction)
