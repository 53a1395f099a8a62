"""What the README shows runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from madang import Action, Strategy
from madang.testing import candles, replay

HERE = Path(__file__).resolve().parents[1]


def blocks() -> list[str]:
    text = (HERE / "README.md").read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def test_the_first_example_is_the_one_in_examples() -> None:
    assert blocks()[0] == (HERE.parent / "examples/ma_cross.py").read_text(encoding="utf-8")


def test_the_test_in_the_readme_passes() -> None:
    scope: dict[str, object] = {"__name__": "readme"}
    exec(compile(blocks()[0] + blocks()[-1], "README.md", "exec"), scope)
    test = scope["test_buys_on_the_way_up"]
    assert callable(test)
    test()


def test_the_band_in_the_readme_buys_what_fell_far() -> None:
    scope: dict[str, Any] = {"__name__": "readme"}
    exec(compile(blocks()[0] + blocks()[1], "README.md", "exec"), scope)
    members = {"on_candle": scope["on_candle"], "inputs": ("candles:1m",)}
    run = replay(type("Band", (Strategy,), members), candles("A", [10, 11] * 10 + [5, 10, 11]))
    assert [(each.action, each.position) for each in run.results] == [(Action.BUY, 21)]
