"""A network in the ONNX format with frozen weights, as a strategy over daily candles."""

from pathlib import Path
from typing import Annotated

import features

from madang import Candle, Outcome, Range, Strategy, buy, sell, serve
from madang.models import Frozen, from_onnx

HERE = Path(__file__).resolve().parent


class Network(Strategy):
    """Buys when the network finds a rise over five days likely, sells when it does not."""

    version = "1"
    buy_above: Annotated[float, Range(0.5, 1), "probability of a rise"] = 0.56
    sell_below: Annotated[float, Range(0, 0.5), "probability of a rise"] = 0.48
    inputs = ("candles:1d",)
    warm_up = features.WINDOW
    model = Frozen(HERE / "weights-onnx", build=from_onnx(), features=features.NAMES)

    def on_candle(self, candle: Candle) -> Outcome:
        """Judge a closed day; silent on days that the model was trained on."""
        closes = self.history(candle.symbol, features.WINDOW)
        if not closes.full or self.model.has_seen(candle.open_time):
            return None
        _, rise = self.model.predictor(features.row(closes.units))
        if rise >= self.buy_above:
            return buy(confidence=float(rise), reason="rise likely")
        if rise <= self.sell_below:
            return sell(confidence=float(1 - rise), reason="rise unlikely")
        return None


if __name__ == "__main__":
    serve(Network)
