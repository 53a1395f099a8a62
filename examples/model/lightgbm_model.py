"""A LightGBM model with frozen weights, as a strategy over daily candles."""

from pathlib import Path
from typing import Annotated

import features

from madang import Candle, Outcome, Range, Strategy, buy, sell, serve
from madang.models import Frozen, from_lightgbm

HERE = Path(__file__).resolve().parent


class Trees(Strategy):
    """Buys when the trees find a rise over five days likely, sells when they find it unlikely."""

    version = "1"
    buy_above: Annotated[float, Range(0.5, 1), "probability of a rise"] = 0.58
    sell_below: Annotated[float, Range(0, 0.5), "probability of a rise"] = 0.46
    inputs = ("candles:1d",)
    warm_up = features.WINDOW
    model = Frozen(HERE / "weights-lightgbm", build=from_lightgbm(), features=features.NAMES)

    def on_candle(self, candle: Candle) -> Outcome:
        """Judge a closed day; silent on days that the model was trained on."""
        closes = self.history(candle.symbol, features.WINDOW)
        if not closes.full or self.model.has_seen(candle.open_time):
            return None
        row = features.row(closes.units)[None]
        rise = self.model.predictor.predict(row, num_threads=1)[0]
        if self.sell_below < rise < self.buy_above:
            return None
        # What each feature adds to the log-odds; the last number is what all days have in common.
        shares = self.model.predictor.predict(row, pred_contrib=True, num_threads=1)[0, :-1]
        if rise >= self.buy_above:
            return buy(confidence=rise, reason=features.NAMES[shares.argmax()])
        return sell(confidence=1 - rise, reason=features.NAMES[shares.argmin()])


if __name__ == "__main__":
    serve(Trees)
