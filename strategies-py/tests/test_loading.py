"""A strategy's file that cannot be run."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from madang.cli import main


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("class A:\n    def f(self)\n", "broken.py:2: expected ':'"),
        ("import nothing_like_it\n", "broken.py:1: ModuleNotFoundError: No module named"),
        ("x = 1\ny = x / 0\n", "broken.py:2: ZeroDivisionError: division by zero"),
    ],
)
def test_it_is_told_in_one_line(tmp_path: Path, text: str, told: str) -> None:
    strategy, data = tmp_path / "broken.py", tmp_path / "day.csv"
    strategy.write_text(text)
    data.write_text("time,symbol,price\n1,A,1\n")
    done = CliRunner().invoke(main, ["replay", str(strategy), "--data", str(data)])
    assert done.exit_code == 3
    assert told in done.output.replace("\n", "")
    assert "Traceback" not in done.output
