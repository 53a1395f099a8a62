"""One start of ``madang`` with a fault before it: how it ended, and what it had said."""

import ctypes
import mmap
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE = 5.0  # s: that a start may take beyond its usual time
HANGS = 60.0  # s: where the usual time is not known yet


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens at which call: see ``faults.c``."""

    how: str = "none"
    at: int = 0


@dataclass(slots=True, kw_only=True)
class Outcome:
    """How a start ended."""

    code: int
    """As Python has it: negative for a signal."""
    lines: list[str]
    errors: str
    seconds: float
    is_hung: bool
    """It did not end within its time and was killed by us."""
    calls: int
    writes: int
    struck: int
    """The number of the call that the fault met; 0 where the run had ended before it."""
    what: str
    """That call: its name, the file below the folder, the bytes."""

    @property
    def is_killed(self) -> bool:
        """Whether the fault killed it."""
        return self.struck > 0 and self.code == -signal.SIGKILL and not self.is_hung


class State(ctypes.Structure):
    """As ``struct state`` of ``faults.c``."""

    _fields_ = [
        ("calls", ctypes.c_ulong),
        ("writes", ctypes.c_ulong),
        ("struck", ctypes.c_ulong),
        ("process", ctypes.c_ulong),
        ("what", ctypes.c_char * 480),
    ]


@dataclass(slots=True)
class Program:
    """The program under test, and the library that is preloaded into it."""

    madang: Path
    faults: Path
    environment: dict[str, str] = field(default_factory=dict)
    limit: float = HANGS

    def start(
        self,
        folder: Path,
        *words: str,
        fault: Fault | None = None,
        on_line: Callable[[int, str], None] | None = None,
        trace: Path | None = None,
    ) -> Outcome:
        """Run ``madang`` to its end; ``on_line`` is told of each line as it comes, from 0."""
        environment = {**os.environ, "NO_COLOR": "1", **self.environment}
        with tempfile.NamedTemporaryFile(prefix="fault-", dir=folder.parent) as file:
            if fault:
                file.write(bytes(ctypes.sizeof(State)))
                file.flush()
                environment |= {
                    "LD_PRELOAD": str(self.faults),
                    "FAULT_UNDER": str(folder.resolve() / ".madang"),
                    "FAULT_STATE": file.name,
                    "FAULT_HOW": fault.how,
                    "FAULT_AT": str(fault.at),
                }
                if trace:
                    environment["FAULT_TRACE"] = str(trace)
            code, lines, errors, seconds, hung = self._run(folder, words, environment, on_line)
            state = State()
            if fault:
                with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as seen:
                    state = State.from_buffer_copy(seen)
        return Outcome(
            code=code,
            lines=lines,
            errors=errors,
            seconds=seconds,
            is_hung=hung,
            calls=state.calls,
            writes=state.writes,
            struck=state.struck,
            what=state.what.decode(errors="replace"),
        )

    def _run(
        self,
        folder: Path,
        words: tuple[str, ...],
        environment: dict[str, str],
        on_line: Callable[[int, str], None] | None,
    ) -> tuple[int, list[str], str, float, bool]:
        begun = time.monotonic()
        with subprocess.Popen(
            [str(self.madang), *words],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        ) as process:
            hung = threading.Event()

            def give_up() -> None:
                hung.set()
                process.kill()

            timer = threading.Timer(self.limit, give_up)
            timer.start()
            said: list[str] = []
            reading = threading.Thread(
                target=lambda: said.append(process.stderr.read() if process.stderr else "")
            )
            reading.start()
            lines: list[str] = []
            for line in process.stdout or ():
                # A line that a crash cut short was not told to anybody.
                if line.endswith("\n"):
                    lines.append(line.rstrip("\n"))
                    if on_line:
                        on_line(len(lines) - 1, lines[-1])
            code = process.wait()
            timer.cancel()
            reading.join()
        return code, lines, "".join(said), time.monotonic() - begun, hung.is_set()
