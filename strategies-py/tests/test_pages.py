"""Who types a page from its top gets what it shows."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from pages import ROOT, pattern, play, steps

PAGES = {
    "../README.md": 6, "TUTORIAL.md": 22, "MODELS.md": 14, "STRATEGIES.md": 14, "OPERATIONS.md": 37,
    "BACKTESTS.md": 7, "ONNX.md": 15,
}  # fmt: skip
NEEDED = (".madang/demo/daily.csv.gz", ".build/debug/madang")


@pytest.mark.parametrize(("name", "commands"), PAGES.items())
def test_a_page_is_what_it_shows(tmp_path: Path, name: str, commands: int) -> None:
    missing = [each for each in NEEDED if not (ROOT / each).exists()]
    if missing:
        words = f"missing: {', '.join(missing)}; make test has them made"
        if os.environ.get("CI"):
            pytest.fail(words)
        pytest.skip(words)
    assert play(ROOT / "docs" / name, tmp_path) >= commands


def test_output_is_compared_to_the_end() -> None:
    assert re.fullmatch(pattern("a ... c\n...\nend\n"), "a b c\nx\ny\nend\n")
    assert re.fullmatch(pattern("a\n...\n"), "a\n")
    assert not re.fullmatch(pattern("a\n"), "a\nb\n")
    assert not re.fullmatch(pattern("a ... c\n"), "a b d\n")


def test_a_block_without_a_name_is_refused() -> None:
    with pytest.raises(AssertionError, match="line 2: a block of python"):
        list(steps("```python\nx = 1\n```\n"))
    (step,) = steps("text\n```yaml\n# a.yaml\nx: 1\n```\n")
    assert (step.name, step.text, step.is_file) == ("a.yaml", "# a.yaml\nx: 1\n", True)
