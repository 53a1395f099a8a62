"""``serve --reload``: watches the author's files, and keeps the newest that can be served at work.

The strategy runs in a worker, a process of its own, so that new code is new from the first import
on. When a file changes, the next worker loads it and says whether it could be served; only then is
the one before it told to stop, as a host's SIGTERM would: its sessions end in order, with a last
snapshot. The next one listens at the same address at once, and the host connects again and goes on.
What cannot be served never takes the place of what can.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import FrameType

_log = logging.getLogger("madang")
# A look at the files every so often; a change counts when nothing moved between two looks.
EVERY = 0.2
# Seconds until a worker that was told to end is killed: longer than any host grants a drain.
PATIENCE = 30
# What the worker is told by: descriptors that it inherits.
_READY, _GO, _LIFELINE = "MADANG_RELOAD_READY", "MADANG_RELOAD_GO", "MADANG_RELOAD_LIFELINE"
Stamp = dict[str, tuple[int, int, int]]


def announce(files: Iterable[Path], identity: Mapping[str, str]) -> None:
    """In a worker: say that the code can be served, and wait until it is its turn.

    Does nothing where no reloading process has started this one.

    Args:
        files: The author's files.
        identity: What a host at work holds a server to, by name.
    """
    if _READY not in os.environ:
        return
    ready, go = int(os.environ.pop(_READY)), int(os.environ.pop(_GO))
    with os.fdopen(ready, "w") as told:
        json.dump({"files": [str(each) for each in files], "identity": dict(identity)}, told)
    with os.fdopen(go) as turn:
        if not turn.read():  # the reloading process wants another one, or is gone
            sys.exit(0)


def lifeline() -> int | None:
    """In a worker: the pipe that ends with the reloading process."""
    text = os.environ.get(_LIFELINE)
    return None if text is None else int(text)


class Worker:
    """A process with one state of the code.

    Attributes:
        files: What it was loaded from.
        identity: What a host at work holds it to, by name.
    """

    def __init__(self, command: Sequence[str], lifeline: int) -> None:
        """Start to load."""
        told, ready = os.pipe()
        turn, go = os.pipe()
        names = {_READY: str(ready), _GO: str(turn), _LIFELINE: str(lifeline)}
        # Bytecode is told from its source by the second, and two changes may lie in one.
        names["PYTHONDONTWRITEBYTECODE"] = "1"
        self.files: list[str] = []
        self.identity: dict[str, str] = {}
        self._told, self._go = told, go
        # In a group of its own: Ctrl-C is for the reloading process, which tells the worker once.
        self.process = subprocess.Popen(  # noqa: S603
            command, env=os.environ | names, pass_fds=(ready, turn, lifeline), process_group=0
        )
        os.close(ready)
        os.close(turn)

    def loaded(self, wait: Callable[[int], bool]) -> bool:
        """Wait until it says what it is; False: it has ended, and said why, or was given up.

        Args:
            wait: Waits until a descriptor can be read; False: no longer.
        """
        with os.fdopen(self._told) as told:
            text = told.read() if wait(self._told) else ""
        if not text:
            self.end(signal.SIGKILL)
            return False
        try:
            about = json.loads(text)
        except ValueError:  # it ended while it said so
            self.end(signal.SIGKILL)
            return False
        self.files, self.identity = about["files"], about["identity"]
        return True

    def serve(self) -> None:
        """It is its turn; one that has ended meanwhile is found like any that ends at work."""
        with contextlib.suppress(BrokenPipeError):
            os.write(self._go, b"!")
        self._let_go()

    def end(self, number: signal.Signals | None = None) -> int:
        """End it: in order by SIGTERM, or because its turn never comes; return its code.

        One that is deaf to it, in a hook that holds the interpreter, is killed in the end.
        """
        self._let_go()
        if number is not None:
            self.process.send_signal(number)
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            _log.error("the server did not end in %d s, and is killed", PATIENCE)
            self.process.kill()
            return self.process.wait()

    def _let_go(self) -> None:
        if self._go >= 0:
            os.close(self._go)
            self._go = -1


class Reloading:
    """Keeps a worker at work, and takes the next when the code has changed."""

    def __init__(self, command: Sequence[str], file: Path, every: float = EVERY) -> None:
        """Prepare.

        Args:
            command: Starts a worker.
            file: The strategy's own, watched also while it cannot be loaded.
            every: Seconds between two looks at the files.
        """
        self._command = list(command)
        self._file = str(file.resolve())
        self._every = every
        self._watched: set[str] = {self._file}
        self._worker: Worker | None = None
        self._lifeline, self._held = os.pipe()  # held open: it ends with this process
        self._told, self._stop = os.pipe()  # a signal may come at any line: a pipe takes it

    def run(self, parent_fd: int | None = None) -> int:
        """Serve until told to stop; return the code to end with.

        Args:
            parent_fd: A pipe that ends with the process that started this one.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._signalled)
        if parent_fd is not None:
            threading.Thread(target=self._follow, args=(parent_fd,), daemon=True).start()
        seen = self._take(self._stamp())
        while not self._stops():
            now = self._stamp()
            if now != seen:
                seen = self._take(now)
            elif self._worker is not None and self._worker.process.poll() is not None:
                code = self._worker.end()
                _log.error("the server has ended with code %d; save a file to start it again", code)
                self._worker = None
        return 0 if self._worker is None else self._worker.end(signal.SIGTERM)

    def _take(self, seen: Stamp) -> Stamp:
        """Load the code as it is now; if it can be served, let it take the place of the last.

        Returns:
            What was loaded.
        """
        while not self._stops() and (now := self._stamp()) != seen:
            seen = now  # still being written
        if self._stops(0):
            return seen
        worker = Worker(self._command, self._lifeline)

        def wait(told: int) -> bool:
            while not select.select([told], [], [], 0)[0]:
                if self._stops(self._every, told) or self._stamp() != seen:
                    return False
            return True

        last = self._worker
        if not worker.loaded(wait):
            if self._stops(0) or self._stamp() != seen:
                return seen  # given up for what came meanwhile
            _log.error(
                "the code cannot be served as it is; %s",
                "what was there before it goes on" if last else "save a file to try again",
            )
            return seen
        before, self._watched = self._watched, {self._file, *worker.files}
        seen = seen | {name: each for name, each in self._stamp().items() if name not in before}
        seen = {name: each for name, each in seen.items() if name in self._watched}
        if last is not None:
            changed = [
                f"{name} was {last.identity.get(name)}, now {value}"
                for name, value in worker.identity.items()
                if last.identity.get(name) != value
            ]
            if changed:
                worker.end()
                _log.error(
                    "%s: a host at work refuses that, so what was there before goes on; stop this "
                    "program and start it again for a new run",
                    "; ".join(changed),
                )  # fmt: skip
                return seen
            _log.info("the code has changed, and takes over")
            last.end(signal.SIGTERM)
        self._worker = worker
        worker.serve()
        return seen

    def _stamp(self) -> Stamp:
        found: Stamp = {}
        for name in self._watched:
            try:
                about = os.stat(name)
            except OSError:  # an editor that replaces it; or it is gone, which is a change too
                continue
            found[name] = (about.st_mtime_ns, about.st_size, about.st_ino)
        return found

    def _stops(self, within: float | None = None, besides: int | None = None) -> bool:
        """Wait a moment; whether this process was told to stop.

        Args:
            within: Seconds; None: until the next look.
            besides: A descriptor that ends the waiting too.
        """
        watched = [self._told] if besides is None else [self._told, besides]
        readable, _, _ = select.select(watched, [], [], self._every if within is None else within)
        return self._told in readable

    def _signalled(self, _number: int, _frame: FrameType | None) -> None:
        os.write(self._stop, b"!")

    def _follow(self, fd: int) -> None:
        """End when the pipe of the process that started this one does."""
        try:
            while os.read(fd, 4096):
                pass
        except OSError:
            pass
        os.write(self._stop, b"!")
