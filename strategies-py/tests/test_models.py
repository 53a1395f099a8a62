"""Model directories: what is verified, what is refused and in which words."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from host import Connect
from modelling import FEATURES, PERIOD, edit, saved

from madang import Candle, ModelError, Outcome, Strategy, buy, models
from madang._describe import description
from madang._generated.strategy.v1 import describe_pb2
from madang.definition import define
from madang.models import Frozen, load
from madang.testing import candles, replay


def test_what_is_saved_is_what_is_loaded(tmp_path: Path) -> None:
    made = saved(tmp_path / "deep" / "model")
    assert made == load(tmp_path / "deep" / "model")
    assert made.hash == hashlib.sha256(b"1 2 3").hexdigest()
    assert (made.name, made.version, made.weights, made.seed) == ("line", "3", b"1 2 3", 5)
    assert (made.trained_from, made.trained_until) == PERIOD
    assert made.features == FEATURES
    assert made.libraries == {"numpy": np.__version__}
    assert made.figures == {"accuracy": 0.5}
    assert sorted(each.name for each in made.path.parent.iterdir()) == ["model.json", "weights.txt"]
    assert b"1 2 3" not in repr(made).encode()


def test_saving_twice_writes_the_same_bytes(tmp_path: Path) -> None:
    saved(tmp_path / "one")
    saved(tmp_path / "two")
    one, two = (tmp_path / name / "model.json" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


def test_a_model_has_seen_the_days_of_its_training_and_before(tmp_path: Path) -> None:
    made = saved(tmp_path)
    assert made.has_seen(date(2004, 5, 6))
    assert made.has_seen(date(1990, 1, 1))
    assert made.has_seen(datetime(2004, 5, 6, 23, 59, tzinfo=UTC))
    assert not made.has_seen(datetime(2004, 5, 7, tzinfo=UTC))


def test_changed_weights_are_refused_with_both_hashes(tmp_path: Path) -> None:
    made = saved(tmp_path)
    made.path.write_bytes(b"1 2 4")
    with pytest.raises(ModelError) as caught:
        load(tmp_path)
    told = str(caught.value)
    assert str(made.path) in told
    assert made.hash in told
    assert hashlib.sha256(b"1 2 4").hexdigest() in told
    assert "under a new version" in told


def test_missing_files_are_named(tmp_path: Path) -> None:
    made = saved(tmp_path)
    made.path.unlink()
    with pytest.raises(
        ModelError, match=r"weights\.txt is missing, the weights that .*model\.json"
    ):
        load(tmp_path)
    (tmp_path / "model.json").unlink()
    with pytest.raises(ModelError, match=r"model\.json is missing: a model directory has"):
        load(tmp_path)
    (tmp_path / "model.json").mkdir()
    with pytest.raises(ModelError, match=r"model\.json cannot be read: Is a directory"):
        load(tmp_path)


def test_another_version_of_a_library_is_refused(tmp_path: Path) -> None:
    saved(tmp_path)
    edit(tmp_path, lambda it: it["libraries"].update(numpy="1.0.0"))
    with pytest.raises(ModelError) as caught:
        load(tmp_path)
    told = str(caught.value)
    assert f"trained with numpy 1.0.0, here is {np.__version__}" in told
    assert "pip install 'numpy==1.0.0'" in told


def test_a_library_that_is_not_there_is_named(tmp_path: Path) -> None:
    saved(tmp_path)
    edit(tmp_path, lambda it: it["libraries"].update({"no-such-library": "2.1"}))
    with pytest.raises(
        ModelError, match=r"no-such-library 2\.1: 'no-such-library' is not installed"
    ):
        load(tmp_path)
    with pytest.raises(ModelError, match=r"^'no-such-library' is not installed"):
        saved(tmp_path, libraries=["no-such-library"])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"sha265": "x"}, "'sha265' is not a key of a manifest; did you mean 'sha256'?"),
        ({"qqq": 1}, "'qqq' is not a key of a manifest; there are: format, name"),
        ({"format": 2}, "format is 2, this SDK reads 1"),
        ({"format": True}, "format is True, this SDK reads 1"),
        ({"name": ""}, 'name is "", not letters'),
        ({"name": "a@b"}, 'name is "a@b", not letters'),
        ({"version": 3}, "version is 3, not letters"),
        ({"version": "v" * 65}, "not letters, digits, _ . + - up to 64"),
        ({"weights": "../weights.txt"}, "not the name of a file beside model.json"),
        ({"weights": "/etc/passwd"}, "not the name of a file beside model.json"),
        ({"weights": ".."}, "not the name of a file beside model.json"),
        ({"sha256": "AB" * 32}, "not 64 lower-case hex digits"),
        ({"trained": {"from": "2001-01-01"}}, "not a period"),
        ({"trained": {"from": "2001-01-01", "until": "2001-13-01"}}, "not a period"),
        ({"trained": {"from": "2002-01-01", "until": "2001-01-01"}}, "ends before it begins"),
        ({"trained": {"from": 1, "until": 2}}, "not a period"),
        ({"features": []}, "not a list of names"),
        ({"features": ["a", "a"]}, "each once"),
        ({"features": "ab"}, "not a list of names"),
        ({"libraries": {"numpy": 2}}, "not versions by name"),
        ({"seed": 1.5}, "seed is 1.5, not a whole number"),
        ({"seed": True}, "seed is true, not a whole number"),
        ({"figures": {"a": "b"}}, "not numbers by name"),
    ],
)
def test_a_manifest_that_is_wrong_says_where(
    tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    saved(tmp_path)
    edit(tmp_path, lambda it: it.update(change))
    with pytest.raises(ModelError) as caught:
        load(tmp_path)
    assert str(caught.value).startswith(str(tmp_path / "model.json"))
    assert told in str(caught.value)


@pytest.mark.parametrize("key", ["format", "name", "sha256", "trained", "libraries", "seed"])
def test_a_key_that_is_missing_is_named(tmp_path: Path, key: str) -> None:
    saved(tmp_path)
    edit(tmp_path, lambda it: it.pop(key))
    with pytest.raises(ModelError, match=f"'{key}' missing"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("[]", "is not an object"),
        ('{"a": 1, "a": 2}', "'a' is there twice"),
        ('{"seed": NaN}', "NaN is not a number"),
        ("[" * 100_000, "is not JSON"),
        ("\x00" * 1_000_001, "so it is no manifest"),
    ],
)
def test_what_is_no_manifest_is_refused(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "model.json").write_text(text)
    with pytest.raises(ModelError) as caught:
        load(tmp_path)
    assert told in str(caught.value)


def test_what_could_not_be_loaded_is_not_saved(tmp_path: Path) -> None:
    wrongs: list[dict[str, Any]] = [
        {"name": "a b"},
        {"features": []},
        {"figures": {"a": float("nan")}},
    ]
    for wrong in wrongs:
        with pytest.raises(ModelError, match="the manifest of"):
            saved(tmp_path / "model", **wrong)
    assert not (tmp_path / "model").exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match="cannot be written"):
        saved(tmp_path / "file")


# In a strategy.


def strategy_of(model: Frozen[Any]) -> type[Strategy]:
    def on_candle(self: Strategy, candle: Candle) -> Outcome:
        return buy(confidence=0.7) if model.predictor else None

    body = {"inputs": ("candles:1m",), "model": model, "on_candle": on_candle}
    return type("Judge", (Strategy,), body)


def test_describe_tells_name_version_and_hash(tmp_path: Path) -> None:
    made = saved(tmp_path)
    strategy = strategy_of(Frozen(tmp_path, build=lambda model: model.weights))
    told = description(define(strategy), describe_pb2.DescribeRequest(), "id").model
    assert (told.name, told.version, told.hash) == ("line", "3", made.hash)


async def test_a_host_hears_of_the_model(tmp_path: Path, local: Connect) -> None:
    made = saved(tmp_path / "model")
    strategy = strategy_of(Frozen(tmp_path / "model", build=lambda model: model.weights))
    async with local(strategy) as client:
        told = await client.describe()
        assert (told.model.name, told.model.version, told.model.hash) == ("line", "3", made.hash)


def test_a_strategy_without_a_model_tells_none() -> None:
    class Plain(Strategy):
        inputs = ("candles:1m",)

        def on_start(self) -> None:
            self.model = "its own"  # type: ignore[assignment,misc]

    told = description(define(Plain), describe_pb2.DescribeRequest(), "id").model
    assert (told.name, told.version, told.hash) == ("", "", "")
    assert replay(Plain, candles("A", [1, 2])).events == 2


def test_a_directory_is_read_once_and_built_once(tmp_path: Path) -> None:
    made = saved(tmp_path)
    built: list[bytes] = []

    def build(model: models.Model) -> int:
        built.append(model.weights)
        return len(built)

    strategy = strategy_of(Frozen(tmp_path, build=build))
    assert len(replay(strategy, candles("A", [1, 2])).results) == 2
    made.path.write_bytes(b"changed while it serves")
    assert len(replay(strategy, candles("A", [1, 2])).results) == 2
    assert built == [b"1 2 3"]


def test_naming_a_directory_reads_nothing(tmp_path: Path) -> None:
    frozen = Frozen(tmp_path / "nowhere", build=lambda model: model)
    with pytest.raises(ModelError, match=r"nowhere/model\.json is missing"):
        define(strategy_of(frozen))


def test_features_of_the_code_and_of_the_model_must_agree(tmp_path: Path) -> None:
    saved(tmp_path)
    for names in (["b", "a"], ["a"], ["a", "b", "c"]):
        frozen = Frozen(tmp_path, build=lambda model: model, features=names)
        with pytest.raises(ModelError) as caught:
            define(strategy_of(frozen))
        assert f"takes a, b; the strategy computes {', '.join(names)}." in str(caught.value)
    Frozen(tmp_path, build=lambda model: model, features=["a", "b"]).prepare()


def test_weights_that_cannot_be_built_are_named(tmp_path: Path) -> None:
    saved(tmp_path)
    frozen = Frozen(tmp_path, build=lambda model: int(model.weights))
    with pytest.raises(ModelError, match=r"weights\.txt: the weights cannot be built: ValueError"):
        define(strategy_of(frozen))


SERVED = """
from pathlib import Path
from madang import Strategy, serve
from madang.models import Frozen

class Judge(Strategy):
    inputs = ("candles:1d",)
    model = Frozen(Path(__file__).parent / "model", build=lambda model: model.weights)

    def on_candle(self, candle): ...

serve(Judge)
"""


def test_a_server_with_changed_weights_does_not_start(tmp_path: Path) -> None:
    made = saved(tmp_path / "model")
    made.path.write_bytes(b"other")
    program = tmp_path / "judge.py"
    program.write_text(SERVED)
    done = subprocess.run(
        [sys.executable, program, "--address", f"unix:{tmp_path}/s/a.sock"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 3
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"madang: {made.path} is not the file that was saved")


def test_the_sdk_itself_imports_no_library_of_models() -> None:
    names = {"skops", "sklearn", "scipy", "lightgbm", "onnxruntime"}
    program = f"import sys, madang.models; print({names} & sys.modules.keys())"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"


def test_a_directory_may_move(tmp_path: Path) -> None:
    made = saved(tmp_path / "one")
    shutil.move(tmp_path / "one", tmp_path / "two")
    assert load(tmp_path / "two").hash == made.hash
