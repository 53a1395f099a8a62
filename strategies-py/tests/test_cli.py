"""``madang-py``: new, replay."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from madang.cli import main

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, list(arguments))
    return result.exit_code, result.output


def test_a_new_strategy_passes_its_own_test_and_replays(tmp_path: Path) -> None:
    file = tmp_path / "my_cross.py"
    code, text = run("new", str(file))
    assert code == 0, text
    assert "test_my_cross.py" in text
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout
    for check in (["mypy", "--strict"], ["ruff", "check", "--select", "E,F,W,I,B"]):
        done = subprocess.run(
            [sys.executable, "-m", *check, "my_cross.py", "test_my_cross.py"],
            capture_output=True, text=True, cwd=tmp_path, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
    assert run("new", str(file))[0] == 1
    bars = str(ROOT / "oracles/backtest/bars_5000.csv")
    code, text = run("replay", str(file), "--data", bars, "--check")
    assert code == 0, text
    assert "5,000 events" in text
    assert "the same results wherever messages end" in text


COUNTS = """
from madang import Strategy, buy


class Counts(Strategy):
    inputs = ("candles:1m",)

    def on_start(self):
        self.seen = 0

    def save(self):
        return {"seen": self.seen}

    def restore(self, state):
        self.seen = state["seen"]

    def on_candle(self, candle):
        self.seen += 1
        if self.seen % 7 == 0:
            return buy()
"""


def test_a_strategy_that_saves_is_restored_by_check(tmp_path: Path) -> None:
    bars = str(ROOT / "oracles/backtest/bars_5000.csv")
    file = tmp_path / "counts.py"
    file.write_text(COUNTS)
    code, text = run("replay", str(file), "--data", bars, "--check")
    assert code == 0, text
    assert "the same results when restored from a snapshot" in text
    file.write_text(COUNTS.replace('state["seen"]', "0"))
    code, text = run("replay", str(file), "--data", bars, "--check")
    assert code == 1, text
    assert "a strategy restored after event" in text
    assert "the same results when restored" not in run("replay", str(file), "--data", bars)[1]


def test_replay_prints_json_and_takes_parameters() -> None:
    bars = str(ROOT / "oracles/backtest/bars_5000.csv")
    example = str(ROOT / "examples/ma_cross.py")
    code, text = run("replay", example, "--data", bars, "--json", "--set", "fast=5")
    assert code == 0, text
    lines = [json.loads(line) for line in text.splitlines()]
    assert {line["action"] for line in lines} == {"buy", "sell"}
    assert lines[0].keys() >= {"position", "time", "symbol", "price", "confidence", "reasons"}


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (
            ["--set", "fats=5"],
            3,
            "there is no parameter 'fats' (did you mean 'fast'?); there are: fast, slow",
        ),
        (["--set", "fast=x"], 3, "parameter 'fast' cannot be 'x': it must be a whole number"),
        (["--set", "fast"], 2, "is not NAME=VALUE"),
        (["--interval", "1d"], 1, "holds candles of 1d, the strategy asks for candles:1m"),
        (["--columns", "time=nope"], 1, "no column 'nope'; there are ts, symbol"),
        (["--strategy", "Other"], 3, "which strategy? It defines Cross"),
    ],
)
def test_replay_says_what_is_wrong(arguments: list[str], code: int, told: str) -> None:
    bars = str(ROOT / "oracles/backtest/bars_5000.csv")
    got, text = run("replay", str(ROOT / "examples/ma_cross.py"), "--data", bars, *arguments)
    assert got == code
    assert told in " ".join(text.split())


def test_a_hook_that_always_fails_is_told_in_one_line(tmp_path: Path) -> None:
    strategy = tmp_path / "breaks.py"
    strategy.write_text(
        "from madang import Strategy\n\n\nclass Breaks(Strategy):\n"
        "    def on_tick(self, tick):\n        return nothing\n"
    )
    rows = "".join(f"{second},A,1\n" for second in range(600))
    (tmp_path / "day.csv").write_text("time,symbol,price\n" + rows)
    code, output = run("replay", str(strategy), "--data", str(tmp_path / "day.csv"))
    assert code == 1
    line = "failed at event 1, 600 times: on_tick: NameError: name 'nothing' is not defined"
    assert f"{line} (breaks.py:6)\n" in output
    assert output.count("failed at event") == 1
