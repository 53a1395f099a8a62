"""The models of examples/model that other libraries made: trained, verified, served alike."""

from __future__ import annotations

import importlib
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from host import Connect

from conftest import DATA, EXAMPLE
from madang import Action, Candle
from madang.models import load
from madang.testing import check_cuts, check_restore

pytestmark = pytest.mark.usefixtures("example_path")


@dataclass(frozen=True)
class Library:
    """An example: its files' stem, its class, what it names."""

    stem: str
    cls: str
    model: str
    weights: str
    distribution: str

    def __str__(self) -> str:
        return self.stem


LIBRARIES = [
    Library("lightgbm", "Trees", "trees", "weights-lightgbm/weights.txt", "lightgbm"),
    Library("onnx", "Network", "network", "weights-onnx/weights.onnx", "onnxruntime"),
]


@pytest.fixture(params=LIBRARIES, ids=str)
def library(request: pytest.FixtureRequest) -> Library:
    found: Library = request.param
    return found


@pytest.fixture
def strategy(library: Library) -> Any:
    return getattr(importlib.import_module(f"{library.stem}_model"), library.cls)


def rise(strategy: Any, library: Library, rows: Any) -> Any:
    predictor = strategy.model.predictor
    if library.stem == "onnx":
        return predictor(rows)[:, 1]
    return predictor.predict(rows, num_threads=1)


def test_training_again_gives_what_is_checked_in(
    strategy: Any, library: Library, daily: list[Candle], tmp_path: Path
) -> None:
    """Forecasts, not bytes: another processor may round otherwise in the last bit."""
    script = EXAMPLE / f"train_{library.stem}.py"
    done = subprocess.run(
        [sys.executable, script, "--data", DATA, "--out", tmp_path / "new"],
        capture_output=True, text=True, check=False, cwd=tmp_path, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "nothing to trade on" in done.stdout
    made, there = load(tmp_path / "new"), load(EXAMPLE / library.weights.partition("/")[0])
    for name in ("name", "version", "trained_from", "trained_until", "features", "libraries"):
        assert getattr(made, name) == getattr(there, name)
    assert (made.name, made.trained_until, made.seed) == (library.model, date(2008, 12, 31), 7)
    assert set(made.libraries) == {library.distribution, "numpy"}
    assert made.figures == pytest.approx(dict(there.figures), abs=1e-3)
    train = importlib.import_module("train")
    rows, _ = train.columns(train.examples_of(daily))
    frozen = strategy.model
    again = type(frozen)(tmp_path / "new", build=frozen._build, features=frozen._features)
    mine = rise(strategy, library, rows)
    theirs = rise(type("Again", (), {"model": again}), library, rows)
    assert np.abs(mine - theirs).max() < 1e-5
    assert 0 < mine.min() < mine.max() < 1


def test_it_speaks_of_later_days_alone_and_says_how_sure_it_is(
    strategy: Any, library: Library, daily: list[Candle]
) -> None:
    run = check_cuts(strategy, daily, sizes=(7, 256))
    days = [each.event.open_time.date() for each in run.results if isinstance(each.event, Candle)]
    assert date(2009, 1, 1) < min(days) < date(2009, 2, 1)
    assert {each.action for each in run.results} == {Action.BUY, Action.SELL}
    assert len(run.results) > 300
    train = importlib.import_module("train")
    trained = {(each.symbol, each.day): each.row for each in train.examples_of(daily)}
    told = 0
    for each, day in zip(run.results, days, strict=True):
        row = trained.get((each.symbol, day))
        if row is None:  # of the last days, which have no label
            continue
        told += 1
        up = float(rise(strategy, library, row.reshape(1, -1))[0])
        sure = up if each.action is Action.BUY else 1 - up
        assert each.result.confidence == pytest.approx(sure * 1e6, abs=1)
        above, below = strategy.buy_above, strategy.sell_below
        assert up >= above if each.action is Action.BUY else up <= below
        assert len(each.result.reasons) == 1
    assert told > 300


def test_a_new_process_goes_on_from_a_snapshot(strategy: Any, daily: list[Candle]) -> None:
    run = check_restore(strategy, daily[4800:6000], stops=10)
    assert len(run.results) > 10


async def test_the_host_hears_name_version_and_hash(
    local: Connect, strategy: Any, library: Library
) -> None:
    manifest = json.loads((EXAMPLE / library.weights).with_name("model.json").read_text())
    async with local(strategy) as client:
        told = (await client.describe()).model
        assert (told.name, told.version, told.hash) == (library.model, "1", manifest["sha256"])


@pytest.mark.parametrize("what", ["weights", "library", "features"])
def test_what_does_not_match_is_not_served(tmp_path: Path, library: Library, what: str) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "model")
    weights = tmp_path / "model" / library.weights
    manifest = weights.with_name("model.json")
    match what:
        case "weights":
            raw = bytearray(weights.read_bytes())
            raw[1000] ^= 1
            weights.write_bytes(raw)
            told = f"{weights} is not the file that was saved"
        case "library":
            wanted = json.loads(manifest.read_text())["libraries"][library.distribution]
            manifest.write_text(manifest.read_text().replace(wanted, "0.0.1"))
            told = f"{manifest} was trained with {library.distribution} 0.0.1, here is {wanted}"
        case _:
            path = tmp_path / "model/features.py"
            path.write_text(path.read_text().replace('"return_1d",', '"return_2d",'))
            told = f"{manifest}: the model takes return_1d, return_5d"
    program = tmp_path / f"model/{library.stem}_model.py"
    done = subprocess.run(
        [sys.executable, program, "--address", f"unix:{tmp_path}/s/a.sock"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 3
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"madang: {told}")
