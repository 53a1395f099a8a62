"""The real host under watch: its lines with the moment each came, and its children."""

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scene import MADANG

TROUBLE = ("slow", "hung", "down", "circuit open", "probing", "quarantined")


@dataclass
class Line:
    """A line of ``madang run --json``."""

    came: float
    told: dict[str, Any]

    @property
    def text(self) -> str:
        """In words."""
        return str(self.told.get("text", ""))

    @property
    def source(self) -> str:
        """Whom it is about."""
        return str(self.told.get("source", ""))

    def state_of(self, name: str) -> str | None:
        """The state that it tells of a server; None if it tells none."""
        if self.told["event"] != "server" or self.source != name:
            return None
        rest = self.text.removeprefix(f"{name} ")
        words = (*TROUBLE, "connecting", "warming", "live", "draining", "stopped")
        return next((word for word in words if rest == word or rest.startswith(f"{word}:")), None)


class Host:
    """A run of ``madang`` over a folder, from its start to its end."""

    def __init__(self, folder: Path, *, fresh: bool = True, first: str | None = "other") -> None:
        """Start it; ``begun`` is set when the server ``first`` has answered, None: when any has."""
        command = [str(MADANG), "run", "--json", *(["--fresh"] if fresh else [])]
        self.process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self._first = first
        self.lines: list[Line] = []
        self.begun = threading.Event()
        self.begun_at = 0.0
        self.complaints = ""
        self._listeners = [
            threading.Thread(target=self._listen), threading.Thread(target=self._complain)
        ]  # fmt: skip
        for each in self._listeners:
            each.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            heard = Line(time.monotonic(), json.loads(line))
            if heard.told["event"] == "signal":
                if not self.begun.is_set() and self._first in (None, heard.source):
                    self.begun_at = heard.came
                    self.begun.set()
                continue  # thousands, and the tables hold them
            self.lines.append(heard)
        self.begun.set()

    def _complain(self) -> None:
        assert self.process.stderr is not None
        self.complaints = self.process.stderr.read()

    def child(self, name: str) -> int:
        """The process that serves under this name."""
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                parent = int((entry / "stat").read_text().rsplit(") ", 1)[1].split()[1])
                environment = (entry / "environ").read_bytes()
            except OSError:
                continue
            if parent == self.process.pid and f"/{name}.sock".encode() in environment:
                return int(entry.name)
        raise SystemExit(f"no server '{name}' runs under process {self.process.pid}")

    def signal(self, name: str, number: signal.Signals) -> float:
        """Signal a server, and tell when."""
        process = self.child(name)
        now = time.monotonic()
        os.kill(process, number)
        return now

    def wait_for(self, holds: Callable[[Line], bool], within: float) -> Line | None:
        """The first line for which ``holds`` is true; None if none came in time."""
        end = time.monotonic() + within
        while time.monotonic() < end:
            found = next((line for line in list(self.lines) if holds(line)), None)
            if found or self.process.poll() is not None:
                return found
            time.sleep(0.002)
        return None

    def join(self, within: float = 90) -> int:
        """Wait for its end."""
        try:
            code = self.process.wait(within)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise SystemExit(f"madang did not end within {within} s: {self.lines[-1:]}") from None
        for each in self._listeners:
            each.join()
        return code

    @property
    def summary(self) -> dict[str, Any]:
        """Of its last line."""
        for line in reversed(self.lines):
            if line.told["event"] == "finished":
                return dict(line.told["summary"])
        raise SystemExit(f"madang ended with {self.process.returncode}: {self.complaints[-2000:]}")
