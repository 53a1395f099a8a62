"""The model of examples/model: what it learned from, what it sees live, what it says when."""

from __future__ import annotations

import importlib
import json
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from host import Connect

from conftest import DATA, EXAMPLE
from madang import Action, Candle, Outcome
from madang.models import Frozen, Model, load
from madang.testing import check_cuts, replay

pytestmark = pytest.mark.usefixtures("example_path")


@pytest.fixture
def train() -> Any:
    return importlib.import_module("train")


@pytest.fixture
def example() -> Any:
    return importlib.import_module("model")


@pytest.fixture(scope="module")
def examples(daily: list[Candle]) -> Any:
    return importlib.import_module("train").examples_of(daily)


def with_close(candle: Candle, units: int) -> Candle:
    return Candle(
        candle.instrument, candle.position, candle.interval_ns, candle.open_time_ns,
        candle.close_time_ns, candle.entry_time_ns, units, units, units, units,
        candle.volume_units,
    )  # fmt: skip


def watched(example: Any, rows: dict[tuple[str, date], np.ndarray[Any, Any]]) -> Any:
    """Return the strategy, which notes down what it feeds the model with."""

    class Watched(example.Direction):  # type: ignore[misc]
        def on_candle(self, candle: Candle) -> Outcome:
            self.now = candle
            result: Outcome = super().on_candle(candle)
            return result

        def judge(self, row: Any) -> Any:
            rows[self.now.symbol, self.now.open_time.date()] = row
            return super().judge(row)

    return Watched


def test_features_are_the_same_live_and_in_training_at_every_candle(
    example: Any, examples: Any, daily: list[Candle], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Frozen, "has_seen", lambda *_: False)  # speak of every day
    rows: dict[tuple[str, date], Any] = {}
    replay(watched(example, rows), daily)
    trained = {(each.symbol, each.day): each.row for each in examples}
    assert len(trained) == 9932
    assert len(rows) == len(trained) + 2 * 5  # the last days have no label yet
    for key, row in trained.items():
        assert row.tolist() == rows[key].tolist(), key


def test_a_session_that_begins_with_a_warm_up_sees_the_same(
    example: Any, examples: Any, daily: list[Candle]
) -> None:
    rows: dict[tuple[str, date], Any] = {}
    strategy = watched(example, rows)
    history, live = daily[:6000], daily[6000:]
    replay(strategy, live, warm_up=history[-2 * example.Direction.warm_up :])
    trained = {(each.symbol, each.day): each.row for each in examples}
    first = (live[0].symbol, live[0].open_time.date())
    assert first in rows  # from the first live candle on
    for key in rows.keys() & trained.keys():
        assert trained[key].tolist() == rows[key].tolist(), key


def test_features_do_not_look_ahead(train: Any, daily: list[Candle]) -> None:
    """Whatever happens after a day changes nothing up to it."""
    few = daily[:600]
    cut = 400
    changed = few[:cut] + [with_close(each, each.close_units * 3) for each in few[cut:]]
    last = few[cut - 1].open_time.date()
    before = {(e.symbol, e.day): e.row.tolist() for e in train.examples_of(few) if e.day <= last}
    after = {(e.symbol, e.day): e.row.tolist() for e in train.examples_of(changed) if e.day <= last}
    assert len(before) > 200
    assert before == after


def test_training_knows_nothing_after_its_last_day(
    train: Any, examples: Any, daily: list[Candle]
) -> None:
    until = train.UNTIL
    early, late = train.split(examples, until)
    assert max(each.known_on for each in early) <= until < min(each.day for each in late)
    straddling = len(examples) - len(early) - len(late)
    assert straddling == 2 * 5  # five days before the end have labels after it
    changed = [
        with_close(each, each.close_units // 2) if each.open_time.date() > until else each
        for each in daily
    ]
    again, _ = train.split(train.examples_of(changed), until)
    one, other = train.columns(early), train.columns(again)
    assert np.array_equal(one[0], other[0])
    assert np.array_equal(one[1], other[1])


def test_training_again_gives_the_same_forecasts(train: Any, example: Any, examples: Any) -> None:
    """Forecasts, not bytes: another processor may round a logarithm otherwise in its last bit."""
    early, _ = train.split(examples, train.UNTIL)
    again = train.fit(early)
    frozen = example.Direction.model.predictor
    rows, _ = train.columns(examples)
    difference = np.abs(
        again["classifier"].predict_proba(rows) - frozen["classifier"].predict_proba(rows)
    )
    assert difference.max() < 1e-6
    assert np.abs(again["typical"] - frozen["typical"]).max() < 1e-9


def test_the_command_writes_the_directory_that_is_checked_in(
    daily: list[Candle], tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, EXAMPLE / "train.py", "--data", DATA, "--out", tmp_path / "new"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    made, there = load(tmp_path / "new"), load(EXAMPLE / "weights")
    for name in ("name", "version", "trained_from", "trained_until", "features", "libraries"):
        assert getattr(made, name) == getattr(there, name)
    assert made.seed == there.seed == 7
    assert made.figures.keys() == there.figures.keys()
    for name, value in there.figures.items():
        assert made.figures[name] == pytest.approx(value, abs=1e-3), name
    assert "nothing to trade on" in done.stdout
    assert f"{there.figures['out_of_sample_auc']:.4f}"[:4] in done.stdout


def test_it_is_silent_on_the_days_it_was_trained_on(example: Any, daily: list[Candle]) -> None:
    run = check_cuts(example.Direction, daily, sizes=(7, 256))
    first = min(
        each.event.open_time.date() for each in run.results if isinstance(each.event, Candle)
    )
    assert date(2009, 1, 1) < first < date(2009, 2, 1)
    assert {each.action for each in run.results} == {Action.BUY, Action.SELL}
    assert len(run.results) > 300


def test_it_says_how_sure_it_is_and_why(example: Any, examples: Any, daily: list[Candle]) -> None:
    run = replay(example.Direction, daily)
    trained = {(each.symbol, each.day): each.row for each in examples}
    classifier = example.Direction.model.predictor["classifier"]
    told = 0
    for each in run.results:
        assert isinstance(each.event, Candle)
        row = trained.get((each.symbol, each.event.open_time.date()))
        if row is None:
            continue
        told += 1
        rise = classifier.predict_proba(row.reshape(1, -1))[0, 1]
        sure = rise if each.action is Action.BUY else 1 - rise
        assert each.result.confidence == pytest.approx(sure * 1e6, abs=1)
        assert (rise >= 0.6) if each.action is Action.BUY else (rise <= 0.46)
        assert 1 <= len(each.result.reasons) <= 2
        for name in each.result.reasons:
            value = row[example.features.NAMES.index(name)]
            assert f"{name} {value:+.3g}" in each.result.message
    assert told > 300


def test_reasons_name_what_moves_the_forecast(example: Any) -> None:
    """The first reason is the feature whose return to a typical day moves the odds most."""
    strategy = example.Direction()
    strategy.on_start()
    typical = strategy.typical
    rise, shares = strategy.judge(typical)
    assert shares.tolist() == [0.0] * len(typical)
    assert example.loudest(typical, shares) == ([], "")
    row = typical.copy()
    row[1] = -4.0
    _, shares = strategy.judge(row)
    assert shares[1] != 0
    assert np.count_nonzero(shares) == 1
    side = shares if shares[1] > 0 else -shares
    assert example.loudest(row, side) == (["return_5d"], "return_5d -4")
    assert 0 < rise < 1


def test_features_of_a_price_that_stands_still_are_finite(example: Any) -> None:
    closes = np.full(example.features.WINDOW, 100 * 10**8)
    assert np.isfinite(example.features.row(closes)).all()
    with pytest.raises(ValueError, match="60 closes, 61 are needed"):
        example.features.row(closes[1:])


async def test_the_host_hears_name_version_and_hash(local: Connect, example: Any) -> None:
    manifest = json.loads((EXAMPLE / "weights/model.json").read_text())
    async with local(example.Direction) as client:
        told = await client.describe()
        model = told.model
        assert (model.name, model.version, model.hash) == ("gbm", "1", manifest["sha256"])
        assert told.name == "model"
        assert [each.warm_up for each in told.inputs] == [example.features.WINDOW]


@pytest.mark.parametrize("what", ["weights", "library", "features"])
def test_what_does_not_match_is_not_served(tmp_path: Path, what: str) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "model")
    weights = tmp_path / "model/weights/weights.skops"
    manifest = tmp_path / "model/weights/model.json"
    match what:
        case "weights":
            raw = bytearray(weights.read_bytes())
            raw[1000] ^= 1
            weights.write_bytes(raw)
            told = f"{weights} is not the file that was saved"
        case "library":
            contents = json.loads(manifest.read_text())
            wanted = contents["libraries"]["scikit-learn"]
            manifest.write_text(manifest.read_text().replace(wanted, "1.0.2"))
            told = f"{manifest} was trained with scikit-learn 1.0.2, here is {wanted}"
        case _:
            path = tmp_path / "model/features.py"
            path.write_text(path.read_text().replace('"return_1d",', '"return_2d",'))
            told = f"{manifest}: the model takes return_1d, return_5d"
    done = subprocess.run(
        [sys.executable, tmp_path / "model/model.py", "--address", f"unix:{tmp_path}/s/a.sock"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 3
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"madang: {told}")


def test_the_checked_in_weights_are_small(example: Any) -> None:
    verified: Model = example.Direction.model.verified
    assert len(verified.weights) < 100_000
