"""A scikit-learn model with frozen weights, as a strategy over daily candles."""

from pathlib import Path
from typing import Annotated

import features
import numpy as np

from madang import Candle, Outcome, Range, Strategy, buy, sell, serve
from madang.models import Frozen, from_skops

HERE = Path(__file__).resolve().parent
# What the weights may be made of besides the types that skops has audited: trees, compiled code.
TRUSTED = ("sklearn.tree._tree.Tree",)


class Direction(Strategy):
    """Buys when the model finds a rise over five days likely, sells when it finds it unlikely."""

    name = "model"
    version = "1"
    buy_above: Annotated[float, Range(0.5, 1), "probability of a rise"] = 0.6
    sell_below: Annotated[float, Range(0, 0.5), "probability of a rise"] = 0.46
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
            names, words = loudest(row, shares)
            return buy(confidence=rise, reason=names, message=words)
        if rise <= self.sell_below:
            names, words = loudest(row, -shares)
            return sell(confidence=1 - rise, reason=names, message=words)
        return None

    def judge(self, row: features.Row) -> tuple[float, features.Row]:
        """Return the probability of a rise, and what each feature adds to its log-odds.

        A feature's share is what the log-odds lose when it alone is what it is on a typical day.
        """
        days = np.tile(row, (len(row) + 1, 1))
        np.fill_diagonal(days[1:], self.typical)
        odds = self.classifier.decision_function(days)
        return float(1 / (1 + np.exp(-odds[0]))), odds[0] - odds[1:]


def loudest(row: features.Row, shares: features.Row) -> tuple[list[str], str]:
    """Return the names of the two features with the largest positive shares, and a line on them."""
    best = [i for i in np.argsort(-shares, kind="stable")[:2] if shares[i] > 0]
    names = [features.NAMES[i] for i in best]
    return names, ", ".join(f"{features.NAMES[i]} {row[i]:+.3g}" for i in best)


if __name__ == "__main__":
    serve(Direction)
