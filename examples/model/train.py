"""Train the model of model.py: the same data and versions give the same weights, to the byte.

    python examples/model/train.py --data .madang/demo/daily.csv.gz

train_lightgbm.py, train_onnx.py and train_torch.py do the same with other libraries: what a day is,
what is early and late, and what is measured, they have from here.

It trains on the days up to --until and measures on the days after them, which it does not touch
before. Look-ahead is kept out in two places: a row's features are computed from closes up to its
own (features.py), and its label, whether the close five days later is higher, must lie in the
training period too. Expect no wonder from the figures: these are two stock indices.
"""

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import features
import numpy as np
import numpy.typing as npt
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import brier_score_loss, roc_auc_score

from madang import Candle, models
from madang.data import read_csv

HERE = Path(__file__).resolve().parent
SEED = 7
UNTIL = date(2008, 12, 31)
Predict = Callable[[npt.NDArray[np.float64]], npt.NDArray[np.floating]]
"""From rows of features to the probability of a rise."""


@dataclass(frozen=True, slots=True)
class Example:
    """A day to learn from, or to be measured on."""

    symbol: str
    day: date
    known_on: date
    """When its label is known."""
    row: features.Row
    rises: bool


def candles_of(path: Path) -> list[Candle]:
    """Read daily candles in the order of the file."""
    rows = read_csv(path, interval_ns=86_400 * 10**9, time_zone="America/New_York")
    return [each for each in rows if isinstance(each, Candle)]


def examples_of(candles: Iterable[Candle]) -> list[Example]:
    """Return an example for each candle that has a whole window before it and a label after it."""
    series: dict[str, list[Candle]] = defaultdict(list)
    for candle in candles:
        series[candle.symbol].append(candle)
    found = []
    for symbol, own in series.items():
        closes = np.array([each.close_units for each in own], dtype=np.int64)
        for i in range(features.WINDOW - 1, len(own) - features.HORIZON):
            later = i + features.HORIZON
            found.append(
                Example(
                    symbol=symbol,
                    day=own[i].open_time.date(),
                    known_on=own[later].open_time.date(),
                    row=features.row(closes[i - features.WINDOW + 1 : i + 1]),
                    rises=bool(closes[later] > closes[i]),
                )
            )
    return found


def split(examples: Iterable[Example], until: date) -> tuple[list[Example], list[Example]]:
    """Divide: known by the end of ``until``, and begun after it; what straddles it is left out."""
    examples = list(examples)
    early = [each for each in examples if each.known_on <= until]
    late = [each for each in examples if each.day > until]
    return early, late


def columns(examples: Iterable[Example]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Return features and labels."""
    examples = list(examples)
    return np.array([each.row for each in examples]), np.array([each.rises for each in examples])


def fit(examples: Iterable[Example]) -> dict[str, Any]:
    """Return what model.py predicts with: the classifier, and a typical day to compare with."""
    rows, rises = columns(examples)
    classifier = GradientBoostingClassifier(
        n_estimators=60, max_depth=2, learning_rate=0.05, subsample=0.5, random_state=SEED
    )
    classifier.fit(rows, rises)
    return {"classifier": classifier, "typical": np.median(rows, axis=0)}


def measure(predict: Predict, examples: Iterable[Example]) -> dict[str, float]:
    """Return how good it is, beside what needs no model: to say "rises" every day."""
    rows, rises = columns(examples)
    rise = predict(rows)
    return {
        "forecasts": len(rises),
        "accuracy": round(float(((rise > 0.5) == rises).mean()), 4),
        "accuracy_always_rises": round(float(rises.mean()), 4),
        "auc": round(float(roc_auc_score(rises, rise)), 4),
        "brier": round(float(brier_score_loss(rises, rise)), 4),
    }


def run(
    learn: Callable[[list[Example]], tuple[bytes, Predict]],
    *,
    name: str,
    folder: str,
    file: str,
    libraries: Sequence[str],
) -> None:
    """Train, say honestly what came out, and write the model directory.

    Args:
        learn: Makes weights, and what predicts with them, of the early days.
        name: Of the model.
        folder: Where it goes, beside this file.
        file: Of the weights.
        libraries: What the forecasts depend on.
    """
    parser = argparse.ArgumentParser(description="Train the demonstration's model.")
    parser.add_argument("--data", type=Path, default=Path(".madang/demo/daily.csv.gz"))
    parser.add_argument("--until", type=date.fromisoformat, default=UNTIL, help="last day of data")
    parser.add_argument("--version", default="1", help="of the model; raise it for other weights")
    parser.add_argument("--out", type=Path, default=HERE / folder, help="the model directory")
    given = parser.parse_args()

    candles = candles_of(given.data)
    early, late = split(examples_of(candles), given.until)
    if not early or not late:
        parser.error(f"{given.data} has no days on both sides of {given.until}")
    weights, predict = learn(early)
    inside, outside = measure(predict, early), measure(predict, late)
    figures = {f"in_sample_{figure}": value for figure, value in inside.items()}
    figures |= {f"out_of_sample_{figure}": value for figure, value in outside.items()}
    saved = models.save(
        given.out,
        name=name,
        version=given.version,
        weights=weights,
        file=file,
        trained=(candles[0].open_time.date(), given.until),
        features=features.NAMES,
        libraries=libraries,
        seed=SEED,
        figures=figures,
    )
    periods = [
        f"{min(days)} to {max(days)}" for days in ({e.day for e in early}, {e.day for e in late})
    ]
    print(f"{'':24}{'in sample':>26}{'out of sample':>26}")
    print(f"{'':24}{periods[0]:>26}{periods[1]:>26}")
    for figure, value in inside.items():
        print(f"{figure.replace('_', ' '):24}{value:>26}{outside[figure]:>26}")
    print(
        "\nOut of sample is what counts. AUC 0.5 is a coin; an accuracy below 'always rises' is\n"
        "worse than no model. This one shows how a model is served; it is nothing to trade on."
    )
    print(
        f"\n{saved.name}@{saved.version}@{saved.hash}\n{saved.path}, {len(saved.weights):,} bytes"
    )


def learn(examples: Iterable[Example]) -> tuple[bytes, Predict]:
    """Return the weights of a classifier of scikit-learn, and what predicts with them."""
    made = fit(examples)
    return models.to_skops(made), lambda rows: made["classifier"].predict_proba(rows)[:, 1]


if __name__ == "__main__":
    run(
        learn,
        name="gbm",
        folder="weights",
        file="weights.skops",
        libraries=("numpy", "scikit-learn"),
    )
