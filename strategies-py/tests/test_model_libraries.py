"""Weights of LightGBM and in the ONNX format: what is built of them, and what is refused."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import onnx
import pytest
from modelling import saved
from onnx import TensorProto, helper

from madang import ModelError
from madang.models import Network, from_lightgbm, from_onnx, load

ROWS = np.random.default_rng(3).normal(size=(400, 2))


def trees(width: int = 2) -> bytes:
    rows = np.random.default_rng(3).normal(size=(400, width))
    settings = {"objective": "binary", "verbosity": -1, "num_threads": 1}
    booster = lightgbm.train(settings, lightgbm.Dataset(rows, rows[:, 0] > 0.1), 5)
    return booster.model_to_string().encode()


def graph(
    *, width: int | str = 2, kind: int = TensorProto.FLOAT, inputs: int = 1, weights: Any = None
) -> bytes:
    """A graph of two outputs: ``doubled``, and behind it ``halved``."""
    given = [
        helper.make_tensor_value_info(f"x{number or ''}", kind, ["n", width])
        for number in range(inputs)
    ]
    outputs = [
        helper.make_tensor_value_info(name, kind, ["n", width]) for name in ("doubled", "halved")
    ]
    two = helper.make_tensor("two", kind, [1], [2.0])
    nodes = [
        helper.make_node("Mul", ["x", "two"], ["doubled"]),
        helper.make_node("Div", ["x", "two"], ["halved"]),
    ]
    made = helper.make_graph(nodes, "g", given, outputs, [two])
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def network(folder: Path, weights: bytes, **options: Any) -> Network:
    saved(folder, weights)
    return from_onnx(**options)(load(folder))


def test_trees_survive_to_the_last_bit(tmp_path: Path) -> None:
    text = trees()
    saved(tmp_path, text)
    booster = from_lightgbm()(load(tmp_path))
    before = lightgbm.Booster(model_str=text.decode())
    mine, theirs = booster.predict(ROWS, num_threads=1), before.predict(ROWS)
    assert np.asarray(mine).tolist() == np.asarray(theirs).tolist()


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        (b"not trees", r"weights\.txt: the weights are no text of LightGBM's"),
        (trees(3), "the trees take 3 numbers, the manifest names 2 features"),
    ],
    ids=["text", "width"],
)
def test_what_are_no_such_trees_is_refused(tmp_path: Path, weights: bytes, told: str) -> None:
    saved(tmp_path, weights)
    with pytest.raises(ModelError, match=told):
        from_lightgbm()(load(tmp_path))


def test_a_graph_takes_a_row_or_many(tmp_path: Path) -> None:
    run = network(tmp_path, graph())
    assert run.outputs == ("doubled", "halved")
    assert run([3.0, 5.0]).tolist() == [1.5, 2.5]
    assert run(np.array([[3, 5], [1, 2]])).tolist() == [[1.5, 2.5], [0.5, 1.0]]
    assert run([3.0, 5.0]).dtype == np.float32


def test_an_output_may_be_named(tmp_path: Path) -> None:
    assert network(tmp_path, graph(), output="doubled")([3.0, 5.0]).tolist() == [6.0, 10.0]
    with pytest.raises(ModelError, match="there is no output 'x'; there are: doubled, halved"):
        network(tmp_path, graph(), output="x")


def test_a_graph_of_doubles_is_fed_doubles(tmp_path: Path) -> None:
    run = network(tmp_path, graph(kind=TensorProto.DOUBLE))
    assert run([1 / 3, 1]).tolist() == [1 / 6, 0.5]


def test_a_graph_of_any_width_is_taken(tmp_path: Path) -> None:
    assert network(tmp_path, graph(width="w"))([1.0, 2.0]).tolist() == [0.5, 1.0]


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        (b"not a graph", r"weights\.txt: ONNX Runtime cannot read the weights: .+"),
        (graph()[:-20], r"weights\.txt: ONNX Runtime cannot read the weights: .+"),
        (graph(width=3), "the graph takes 3 numbers, the manifest names 2 features"),
        (graph(inputs=2), r"one input of rows of floats is wanted, the graph takes x: .*, x1: "),
        (graph(kind=TensorProto.FLOAT16), r"one input of rows .* x: tensor\(float16\)"),
    ],
    ids=["text", "cut", "width", "two", "halves"],
)
def test_what_is_no_such_graph_is_refused(tmp_path: Path, weights: bytes, told: str) -> None:
    with pytest.raises(ModelError, match=told):
        network(tmp_path, weights)


def test_a_classifier_with_a_table_of_names_is_refused_with_what_to_do(tmp_path: Path) -> None:
    from skl2onnx import to_onnx
    from sklearn.linear_model import LogisticRegression

    rows = ROWS.astype(np.float32)
    fitted = LogisticRegression().fit(rows, rows[:, 0] > 0.1)
    table = to_onnx(fitted, rows[:1]).SerializeToString()
    with pytest.raises(ModelError, match=r"is a seq\(map.*skl2onnx: options={'zipmap': False}"):
        network(tmp_path, table)
    plain = to_onnx(fitted, rows[:1], options={"zipmap": False}).SerializeToString()
    run = network(tmp_path, plain)
    assert np.abs(run(rows) - fitted.predict_proba(rows)).max() < 1e-6


@pytest.mark.parametrize(("build", "extra"), [(from_lightgbm, "lightgbm"), (from_onnx, "onnx")])
def test_without_the_library_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, build: Any, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    saved(tmp_path)
    with pytest.raises(ModelError, match=rf"pip install\s+'./strategies-py\[{extra}\]'"):
        build()(load(tmp_path))
