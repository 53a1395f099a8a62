"""Weights of LightGBM in its own text, which holds numbers and no code.

LightGBM itself is imported when it is first needed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from madang.errors import ModelError

if TYPE_CHECKING:
    from madang.models import Model


def from_lightgbm() -> Callable[[Model], Any]:
    """Return what turns the weights of a :class:`Model` into a ``lightgbm.Booster``.

    The weights are ``booster.model_to_string().encode()``. Predict with ``num_threads=1``: a row or
    a few are sooner done than handed to other threads.
    """

    def build(model: Model) -> Any:
        try:
            import lightgbm
        except (ImportError, OSError) as e:  # OSError: without libgomp
            raise ModelError(
                f"weights of LightGBM take lightgbm ({e}): pip install "
                "'./strategies-py[lightgbm]', and on Debian apt install libgomp1"
            ) from e
        # Its parser ends the process on text that is none: the first line says what it is.
        if not model.weights.startswith(b"tree\n"):
            raise ModelError(f"{model.path}: the weights are no text of LightGBM's")
        booster = lightgbm.Booster(model_str=model.weights.decode())
        if booster.num_feature() != len(model.features):
            raise ModelError(
                f"{model.path}: the trees take {booster.num_feature()} numbers, the manifest names "
                f"{len(model.features)} features"
            )
        return booster

    return build
