"""A PyTorch network with frozen weights, as a strategy over daily candles.

Train it first, python examples/model/train_torch.py: its weights are not checked in, for they are
tied to the version of PyTorch that made them, and that is not part of the project's environment.
"""

import io
from pathlib import Path
from typing import Annotated

import features
import torch

from madang import Candle, Outcome, Range, Strategy, buy, sell, serve
from madang.models import Frozen, Model

HERE = Path(__file__).resolve().parent


class Scaler(torch.nn.Module):
    """Brings features to one scale, which is part of the weights."""

    def __init__(self) -> None:
        """Expect the scale of the training."""
        super().__init__()
        self.register_buffer("mean", torch.zeros(len(features.NAMES)))
        self.register_buffer("deviation", torch.ones(len(features.NAMES)))

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Scale rows."""
        return (rows - self.mean) / self.deviation


def network() -> torch.nn.Sequential:
    """Return the network without its numbers."""
    width = len(features.NAMES)
    return torch.nn.Sequential(
        Scaler(), torch.nn.Linear(width, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1)
    )


def build(model: Model) -> torch.nn.Sequential:
    """Return the network with the verified numbers; nothing in the file is run."""
    torch.set_num_threads(1)
    made = network()
    made.load_state_dict(torch.load(io.BytesIO(model.weights), weights_only=True))
    return made.eval()


class Net(Strategy):
    """Buys when the network finds a rise over five days likely, sells when it does not."""

    version = "1"
    buy_above: Annotated[float, Range(0.5, 1), "probability of a rise"] = 0.56
    sell_below: Annotated[float, Range(0, 0.5), "probability of a rise"] = 0.48
    inputs = ("candles:1d",)
    warm_up = features.WINDOW
    model = Frozen(HERE / "weights-torch", build=build, features=features.NAMES)

    def on_candle(self, candle: Candle) -> Outcome:
        """Judge a closed day; silent on days that the model was trained on."""
        closes = self.history(candle.symbol, features.WINDOW)
        if not closes.full or self.model.has_seen(candle.open_time):
            return None
        row = torch.tensor(features.row(closes.units), dtype=torch.float32)
        with torch.inference_mode():
            rise = self.model.predictor(row).sigmoid().item()
        if rise >= self.buy_above:
            return buy(confidence=rise, reason="rise likely")
        if rise <= self.sell_below:
            return sell(confidence=1 - rise, reason="rise unlikely")
        return None


if __name__ == "__main__":
    serve(Net)
