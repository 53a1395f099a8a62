"""A strategy server on the SDK that answers every tick, and misbehaves when it is told to.

``CHAOS_FOLDER`` names its folder. While the file ``trigger`` is there, from its first sight for
``CHAOS_SPAN`` seconds, it does what ``CHAOS_MANNER`` says; ``began`` then holds the monotonic time
at which it began. ``journal`` holds the times of the ticks that it has answered, eight bytes each.
What its results depend on besides their ticks ``CHAOS_MEMORY`` says: a ``chain`` is in its
snapshots, a ``window`` comes back with the history that it asks for.
"""

import os
import time
from pathlib import Path
from typing import Any

import raw
from marks import WINDOW, Memory, side

from madang import Candle, Result, Strategy, Tick, Timer, buy, sell, serve

FOLDER = Path(os.environ["CHAOS_FOLDER"])
MANNER = os.environ.get("CHAOS_MANNER", "")
MEMORY = os.environ.get("CHAOS_MEMORY", "")
SPAN = float(os.environ.get("CHAOS_SPAN", "2.5"))
KEEPS = 100  # events between snapshots; at a pace the SDK takes one a second at most


class Moment:
    """Whether the disturbance is on."""

    def __init__(self) -> None:
        self.until: float | None = None

    def is_now(self) -> bool:
        """True from the first sight of the trigger until the span is over."""
        if self.until is None:
            if not MANNER or not (FOLDER / "trigger").exists():
                return False
            self.until = self._begin() + SPAN
        return time.monotonic() < self.until

    def _begin(self) -> float:
        began = FOLDER / "began"
        if not began.exists():
            began.write_text(str(time.monotonic()))
        return float(began.read_text())


MOMENT = Moment()


def fail_in(hook: str) -> None:
    """Raise, if this is the time for it."""
    if MANNER == "exceptions" and MOMENT.is_now():
        raise ValueError(f"chaos in {hook}")


class Victim(Strategy):
    """One result for each tick, and whatever the manner adds."""

    name = "witness"
    version = (FOLDER / "version").read_text() if (FOLDER / "version").exists() else "1"
    inputs = ("ticks", "candles:1s", "timers:1s")
    snapshot_every = 0 if MEMORY == "window" else KEEPS
    warm_up = WINDOW if MEMORY == "window" else 0

    def on_start(self) -> None:
        """Open the journal, or refuse the session."""
        if MANNER == "start" and MOMENT.is_now():
            raise ValueError("chaos in on_start")
        self.journal = os.open(FOLDER / "journal", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.held: list[bytearray] = []
        self.was_blocked = False
        self.memory = Memory(MEMORY)
        self.count = 0

    def on_stop(self) -> None:
        """Close the journal."""
        os.close(self.journal)
        fail_in("on_stop")

    def on_tick(self, tick: Tick) -> Result | None:
        """Answer it, in the manner of the moment."""
        fail_in("on_tick")
        self.count += 1
        if MANNER == "history":
            self.end_in_history()
        elif MANNER and MOMENT.is_now():
            self.disturb()
        if MANNER not in raw.SPOILS or not MOMENT.is_now():
            os.write(self.journal, tick.feed_time_ns.to_bytes(8, "little"))
        say = buy if side(tick.feed_time_ns, tick.price_units) == "BUY" else sell
        sure = self.memory.sure(tick.feed_time_ns, tick.price_units)
        return say(confidence=sure / 1e6, message=str(tick.feed_time_ns))

    def end_in_history(self) -> None:
        """End the process at a tick of its history, once."""
        if self.count == WINDOW // 2 and (FOLDER / "trigger").exists():
            (FOLDER / "trigger").unlink()
            os._exit(1)

    def disturb(self) -> None:
        """Block, dawdle or grow."""
        if MANNER == "blocked" and not self.was_blocked:
            self.was_blocked = True
            time.sleep(SPAN)
        elif MANNER == "slow":
            time.sleep(0.05)
        elif MANNER == "memory":
            self.held.append(bytearray(b"x" * (16 << 20)))  # written, so it counts

    def on_candle(self, _candle: Candle) -> None:
        """Say nothing, or raise."""
        fail_in("on_candle")

    def on_timer(self, _timer: Timer) -> None:
        """Say nothing, or raise."""
        fail_in("on_timer")

    def save(self) -> dict[str, Any]:
        """Keep what results depend on."""
        fail_in("save")
        return {"memory": self.memory.state}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on with it."""
        fail_in("restore")
        self.memory = Memory(MEMORY, state["memory"])


if __name__ == "__main__":
    if MANNER in raw.SPOILS or MANNER == "flood":
        raw.spoil(MANNER, MOMENT.is_now)
    serve(Victim)
