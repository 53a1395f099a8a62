"""Networks in the ONNX format: a graph of known operations, which holds no code.

ONNX Runtime is imported when it is first needed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from madang.errors import ModelError

if TYPE_CHECKING:
    from madang.models import Model

_TYPES: dict[str, Any] = {"tensor(float)": np.float32, "tensor(double)": np.float64}


class Network:
    """An ONNX model at work: ``network(rows)`` gives its output for rows of features.

    Attributes:
        session: The ``onnxruntime.InferenceSession``, for what a call does not offer.
        outputs: The names of all outputs.
    """

    def __init__(self, session: Any, output: str) -> None:
        """Take a session with one input of rows."""
        self.session = session
        self.outputs = tuple(each.name for each in session.get_outputs())
        (given,) = session.get_inputs()
        self._input, self._type = given.name, _TYPES[given.type]
        self._wanted = [output]

    def __call__(self, rows: npt.ArrayLike) -> npt.NDArray[Any]:
        """Return the output for rows of features, or for one row alone."""
        given = np.asarray(rows, dtype=self._type)
        alone = given.ndim == 1
        found = self.session.run(self._wanted, {self._input: given[np.newaxis] if alone else given})
        out: npt.NDArray[Any] = found[0]
        return out[0] if alone else out


def from_onnx(*, output: str = "") -> Callable[[Model], Network]:
    """Return what turns the weights of a :class:`Model` into a :class:`Network`.

    It computes on the processor, in one thread and one order: the same numbers, the same result.

    Args:
        output: The name of the output to return; by default the last one, which is where
            classifiers have their probabilities.
    """

    def build(model: Model) -> Network:
        try:
            import onnxruntime
        except ImportError as e:
            raise ModelError(
                "weights in the ONNX format take onnxruntime: pip install './strategies-py[onnx]'"
            ) from e
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.use_deterministic_compute = True
        options.log_severity_level = 3
        try:
            session = onnxruntime.InferenceSession(
                model.weights, options, providers=["CPUExecutionProvider"]
            )
        except Exception as e:  # its errors have no common class of their own
            raise ModelError(f"{model.path}: ONNX Runtime cannot read the weights: {e}") from e
        _check(session, model)
        names = [each.name for each in session.get_outputs()]
        if output and output not in names:
            raise ModelError(
                f"{model.path}: there is no output {output!r}; there are: {', '.join(names)}"
            )
        return Network(session, output or names[-1])

    return build


def _check(session: Any, model: Model) -> None:
    """Refuse a graph that does not take rows of the manifest's features."""
    inputs = session.get_inputs()
    if len(inputs) != 1 or inputs[0].type not in _TYPES or len(inputs[0].shape) != 2:
        shown = ", ".join(f"{each.name}: {each.type} {each.shape}" for each in inputs)
        raise ModelError(
            f"{model.path}: one input of rows of floats is wanted, the graph takes {shown}; hand "
            "model.weights to onnxruntime in a build function of your own"
        )
    width = inputs[0].shape[1]
    if isinstance(width, int) and width != len(model.features):
        raise ModelError(
            f"{model.path}: the graph takes {width} numbers, the manifest names "
            f"{len(model.features)} features"
        )
    for each in session.get_outputs():
        if not each.type.startswith("tensor("):
            raise ModelError(
                f"{model.path}: output {each.name} is a {each.type}; convert the model without it "
                "(skl2onnx: options={'zipmap': False})"
            )
