"""Train the trees of lightgbm_model.py, as train.py does, with LightGBM.

python examples/model/train_lightgbm.py --data .madang/demo/daily.csv.gz
"""

import lightgbm
import numpy as np
from train import SEED, Example, Predict, columns, run

SETTINGS = {
    "objective": "binary",
    "num_leaves": 4,
    "learning_rate": 0.03,
    "min_data_in_leaf": 100,
    "bagging_fraction": 0.5,
    "bagging_freq": 1,
    "seed": SEED,
    # Sums of floating-point numbers come out alike in one order only.
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}


def learn(examples: list[Example]) -> tuple[bytes, Predict]:
    """Return the trees as LightGBM's text, and what predicts with them."""
    rows, rises = columns(examples)
    booster = lightgbm.train(SETTINGS, lightgbm.Dataset(rows, rises), num_boost_round=60)
    return booster.model_to_string().encode(), lambda rows: np.asarray(booster.predict(rows))


if __name__ == "__main__":
    run(
        learn,
        name="trees",
        folder="weights-lightgbm",
        file="weights.txt",
        libraries=("lightgbm", "numpy"),
    )
