"""What the model sees of a day: one function, for training and for live alike.

Everything is computed from closes up to and including the day, all of them closed. Most numbers
are divided by the volatility of the day, so that 1999 and 2018 speak one language.
"""

import numpy as np
import numpy.typing as npt

WINDOW = 61
"""Closes that ``row`` takes."""
HORIZON = 5
"""Days ahead that the model speaks of: is the close then above the close now?"""
NAMES = (
    "return_1d",
    "return_5d",
    "return_20d",
    "volatility_20d",
    "volatility_5d_to_20d",
    "distance_to_mean_20d",
    "distance_to_mean_60d",
)
Row = npt.NDArray[np.float64]


def row(closes: npt.NDArray[np.int64]) -> Row:
    """Return the features of the last of ``closes``.

    Args:
        closes: The last ``WINDOW`` closes at 10⁻⁸, oldest first; not fewer, not more, so that
            nothing can depend on where a history begins.
    """
    if len(closes) != WINDOW:
        raise ValueError(f"{len(closes)} closes, {WINDOW} are needed")
    logs = np.log(closes / 1e8)
    returns = np.diff(logs)
    volatility = max(float(returns[-20:].std()), 1e-6)  # a price that stands still
    now = logs[-1]
    return np.array(
        [
            returns[-1] / volatility,
            (now - logs[-6]) / volatility,
            (now - logs[-21]) / volatility,
            volatility,
            returns[-5:].std() / volatility,
            (now - logs[-20:].mean()) / volatility,
            (now - logs[-60:].mean()) / volatility,
        ]
    )
