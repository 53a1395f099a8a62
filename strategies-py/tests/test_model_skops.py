"""Weights in the skops format: the same bytes, no code, and words for what is refused."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelling import saved
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from madang import ModelError
from madang.models import from_skops, load, to_skops


def fitted() -> Any:
    source = np.random.default_rng(3)
    rows = source.normal(size=(200, 2))
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, rows[:, 0] > 0.1)


def test_an_estimator_survives_to_the_last_bit(tmp_path: Path) -> None:
    before = fitted()
    saved(tmp_path, to_skops({"estimator": before, "means": np.array([0.1, 1 / 3])}))
    after = from_skops()(load(tmp_path))
    rows = np.random.default_rng(4).normal(size=(100, 2))
    assert np.array_equal(
        before.predict_proba(rows), after["estimator"].predict_proba(rows), equal_nan=True
    )
    assert after["means"].tolist() == [0.1, 1 / 3]


def test_the_same_model_gives_the_same_bytes_in_any_process() -> None:
    program = (
        "import hashlib, test_model_skops\n"
        "print(hashlib.sha256(test_model_skops.to_skops(test_model_skops.fitted())).hexdigest())"
    )
    here = hashlib.sha256(to_skops(fitted())).hexdigest()
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True, text=True, check=True, cwd=Path(__file__).parent,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )  # fmt: skip
        assert done.stdout.strip() == here


def test_equal_arrays_are_kept_once_and_read_apart(tmp_path: Path) -> None:
    value = [np.arange(1000.0), np.arange(1000.0), np.arange(999.0)]
    raw = to_skops(value)
    with zipfile.ZipFile(BytesIO(raw)) as archive:
        assert archive.namelist() == ["0001.npy", "0002.npy", "schema.json"]
    saved(tmp_path, raw)
    one, two, _ = from_skops()(load(tmp_path))
    one[0] = 7
    assert two[0] == 0


class Stranger:
    """No type that anybody should trust."""

    def __init__(self) -> None:
        self.made = 1


def test_types_that_are_not_trusted_are_named_and_not_made(tmp_path: Path) -> None:
    saved(tmp_path, to_skops({"it": Stranger()}))
    with pytest.raises(
        ModelError, match=r"not trusted: test_model_skops\.Stranger\. Trust only what"
    ):
        from_skops()(load(tmp_path))
    with pytest.raises(ModelError, match="not trusted"):
        from_skops(trusted=["test_model_skops.Other"])(load(tmp_path))
    made = from_skops(trusted=["test_model_skops.Stranger"])(load(tmp_path))["it"]
    assert isinstance(made, Stranger)


@pytest.mark.parametrize("damage", ["text", "cut", "array", "schema"])
def test_damaged_weights_are_refused_in_words(tmp_path: Path, damage: str) -> None:
    raw = to_skops(fitted())
    with zipfile.ZipFile(BytesIO(raw)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    match damage:
        case "text":
            raw = b"not a zip"
        case "cut":
            raw = raw[: len(raw) // 2]
        case "array":
            del parts["0001.npy"]
        case "schema":
            parts["schema.json"] = b"{}"
    if damage in ("array", "schema"):
        target = BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            for name, contents in parts.items():
                archive.writestr(name, contents)
        raw = target.getvalue()
    saved(tmp_path, raw)
    with pytest.raises(ModelError, match=r"weights\.txt: the weights are no skops file"):
        from_skops()(load(tmp_path))


def test_what_skops_cannot_write_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(ModelError, match="skops cannot write this: RecursionError"):
        to_skops(endless)


def test_without_skops_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "skops.io", None)
    with pytest.raises(ModelError, match=r"pip install './strategies-py\[sklearn\]'"):
        to_skops(1)
