"""Train the network of onnx_model.py, as train.py does, and write it in the ONNX format.

    python examples/model/train_onnx.py --data .madang/demo/daily.csv.gz

The network is scikit-learn's and skl2onnx converts it. Whatever else writes ONNX will do as well:
the strategy that serves it needs ONNX Runtime alone.
"""

import numpy as np
import onnxruntime
from skl2onnx import to_onnx
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from train import SEED, Example, Predict, columns, run


def learn(examples: list[Example]) -> tuple[bytes, Predict]:
    """Return the network as bytes, and what predicts with these very bytes."""
    rows, rises = columns(examples)
    network = make_pipeline(
        StandardScaler(),  # in the graph too, with what it has learned
        MLPClassifier((8,), alpha=1.0, max_iter=500, random_state=SEED),
    )
    network.fit(rows, rises)
    graph = to_onnx(network, rows[:1].astype(np.float32), options={"zipmap": False})
    weights: bytes = graph.SerializeToString(deterministic=True)
    session = onnxruntime.InferenceSession(weights, providers=["CPUExecutionProvider"])

    def predict(rows: np.ndarray) -> np.ndarray:
        found: np.ndarray = session.run(None, {"X": rows.astype(np.float32)})[1][:, 1]
        return found

    return weights, predict


if __name__ == "__main__":
    run(
        learn,
        name="network",
        folder="weights-onnx",
        file="weights.onnx",
        libraries=("numpy", "onnxruntime"),
    )
