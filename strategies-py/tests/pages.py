"""Pages that are sessions: files to write and commands to type, from the top to the end.

A block of Python or YAML whose first line is a comment with a file's name is that file. A block
marked ``console`` holds commands after ``$`` and what they print: compared line by line, where
``...`` in a line stands for anything in it, and a line of nothing else for any lines. A command
without output shown may print what it likes. All must end with code 0.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Step:
    """A file to write, or a command with what it prints."""

    line: int
    name: str
    text: str
    is_file: bool


def steps(page: str) -> Iterator[Step]:
    """Yield what a page asks its reader to do, in order."""
    for block in _BLOCK.finditer(page):
        line = page.count("\n", 0, block.start()) + 2
        language, text = block.groups()
        if language == "console":
            for command in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                name, _, shown = command.partition("\n")
                yield Step(line, name, shown, False)
        elif language:
            first = re.match(r"# ([\w.-]+\.\w+)\n", text)
            assert first, f"line {line}: a block of {language} must begin with its file's name"
            yield Step(line, first[1], text, True)


def pattern(shown: str) -> str:
    """Return what the whole output must match."""
    lines = []
    for line in shown.splitlines():
        if line == "...":
            lines.append(r"(?:.*\n)*")
        else:
            lines.append(re.escape(line.rstrip()).replace(re.escape("..."), ".*") + r" *\n")
    return "".join(lines)


def play(page: Path, folder: Path) -> int:
    """Do what a page asks for, in an empty folder; return the number of commands."""
    commands = 0
    binaries = next(
        (
            each
            for each in (ROOT / ".build/debug", ROOT / ".build/release")
            if (each / "madang").exists()
        ),
        ROOT / ".build/debug",
    )
    environment = {
        # An environment that a page makes comes first.
        "PATH": f".venv/bin:{Path(sys.executable).parent}:{binaries}:/usr/bin:/bin",
        # There pip finds what it would fetch in ours, and builds and installs the SDK alone.
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # which is how to say yes
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "HOME": str(folder),
        "MADANG": str(ROOT),
        "LC_ALL": "C.UTF-8",
        "COLUMNS": "120",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    environment |= {key: os.environ[key] for key in ("TMPDIR",) if key in os.environ}
    for step in steps(page.read_text(encoding="utf-8")):
        if step.is_file:
            (folder / step.name).write_text(step.text, encoding="utf-8")
            continue
        commands += 1
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", step.name], cwd=folder, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=120,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        for made in folder.glob(".venv/lib/*/site-packages"):
            (made / "ours.pth").write_text(sysconfig.get_path("purelib") + "\n")
        where = f"{page.name}:{step.line}: $ {step.name}"
        assert done.returncode == 0, f"{where}\nended with {done.returncode}:\n{done.stdout}"
        if step.text.strip():
            whole = re.fullmatch(pattern(step.text), done.stdout)
            assert whole, f"{where}\nshows\n{step.text}\nbut prints\n{done.stdout}"
    return commands
