"""Where a hook stands while it holds everything up: looked at from another thread."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Protocol

# Code that is not the author's: this package, and what is installed.
_OTHERS = tuple(f"{each}/" for each in (Path(__file__).parent, sys.prefix, sys.base_prefix))
# A look every so many seconds: a hook that blocks for 0.1 s is seen once at least.
EVERY = 0.05
# Looks in a row at nothing before the thread waits to be woken: an idle server costs nothing.
IDLE = 40
Place = tuple[str, int, str]
"""File, line and function."""


class Watched(Protocol):
    """Something that calls hooks.

    Attributes:
        calls: Rises with each call of a hook.
        awaited: What an async hook returned, while it is waited for.
        places: Where the hook that is called now was seen.
    """

    calls: int
    awaited: Any
    places: Counter[Place]


class Watch:
    """Looks at the thread that made it, while hooks run in it."""

    def __init__(self, calling: frozenset[CodeType]) -> None:
        """Begin to look.

        Args:
            calling: The code that calls hooks; its ``self`` is what is watched.
        """
        self._calling = calling
        self._thread = threading.get_ident()
        self._active: dict[Watched, None] = {}
        self._last: dict[Watched, int] = {}  # of the watching thread alone
        self._awake = threading.Event()
        self._over = False
        threading.Thread(target=self._run, name="watch", daemon=True).start()

    def enter(self, watched: Watched) -> None:
        """Its hooks may be called from now on."""
        self._active[watched] = None
        if not self._awake.is_set():
            self._awake.set()

    def leave(self, watched: Watched) -> None:
        """Its hooks are no longer called."""
        self._active.pop(watched, None)

    def close(self) -> None:
        """Look no more."""
        self._over = True
        self._awake.set()

    def _run(self) -> None:
        idle = 0
        pause = threading.Event()  # waited for in vain: it sleeps without holding anything
        while not self._over:
            if idle >= IDLE:
                self._awake.clear()
                if not self._active:
                    self._awake.wait()
                idle = 0
            pause.wait(EVERY)
            idle = 0 if self._look() else idle + 1

    def _look(self) -> bool:
        """Note where hooks stand that stood in the same call at the last look."""
        active = list(self._active)
        last, self._last = self._last, {}
        for watched in active:
            now = self._last[watched] = watched.calls
            if now == last.get(watched):
                place = self._blocking(watched) or _waiting(watched.awaited)
                if place is not None and watched.calls == now:
                    watched.places[place] += 1
            else:
                watched.places.clear()
        return bool(active)

    def _blocking(self, watched: Watched) -> Place | None:
        """Return where the thread stands, if it is in a hook of ``watched``."""
        frame = sys._current_frames().get(self._thread)
        place = None
        while frame is not None:
            if frame.f_code in self._calling:
                return place if frame.f_locals.get("self") is watched else None
            place = place or _place(frame)
            frame = frame.f_back
        return None


def _waiting(awaited: Any) -> Place | None:
    """Return the innermost line of the strategy that waits in what an async hook returned."""
    place = None
    while awaited is not None:
        frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "ag_frame", None)
        if frame is None:
            break
        place = _place(frame) or place
        awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "ag_await", None)
    return place


def _place(frame: FrameType) -> Place | None:
    """Return the place of a frame of the author's own; not of this package or what is installed."""
    path = frame.f_code.co_filename
    if path.startswith((*_OTHERS, "<")):
        return None
    return Path(path).name, frame.f_lineno, frame.f_code.co_name
