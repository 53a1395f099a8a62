"""One run, disturbed or not, and what came of it."""

import os
import shutil
import statistics
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from disturbances import Disturbance, helped
from hosting import TROUBLE, Host, Line
from records import Heard, Records, percentile
from scene import APART_NS, Scene, Tick

BEFORE = 2.0  # seconds of the recording before a disturbance


@dataclass
class Outcome:
    """What one run came to; times in ms.

    Attributes:
        p90: Of the other server, over the ticks from the disturbance on.
        detected: From the disturbance to the host's first word of it.
        back: From the disturbance until the host said that the server is live again.
        told: What the host said of the victim from the disturbance on.
        unaccounted: Ticks without a result of a server that was not refused, outside any outage.
        same: Whether the built-in said what it always says of these ticks.
    """

    p90: float
    late: int
    lost: int
    doubled: int
    wrong: int
    detected: float | None = None
    back: float | None = None
    state: str = ""
    restarts: int = 0
    victim_late: int = 0
    unanswered: int = 0
    unaccounted: int = 0
    orders: int = 0
    built_in: list[tuple[Any, ...]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    children_left: int = 0

    def json(self) -> dict[str, Any]:
        """For programs: without what only comparisons need."""
        return {key: value for key, value in asdict(self).items() if key != "built_in"}


class Run:
    """Runs the host once over the recording."""

    def __init__(self, folder: Path, ticks: list[Tick], row: Disturbance | None) -> None:
        """Prepare; a run without a row is an undisturbed one."""
        self.ticks = ticks
        self.row = row
        self.scene = Scene(
            folder, ticks, row.manner if row else "", row.memory if row else "",
            keys=dict(row.keys) if row else {},
        )  # fmt: skip
        self.began = 0.0

    def measure(self) -> Outcome:
        """Run, read what it left, and clear up."""
        self.scene.make_folders()
        try:
            if self.row is None:
                self.scene.write()
                host = self._run(Host(self.scene.folder), lambda host: None)
                return self._outcome(host)
            row = self.row
            with helped(row, self.scene) as help:
                self.scene.write()

                def disturb(host: Host) -> None:
                    self.began = row.act(host, help)

                host = self._run(Host(self.scene.folder), disturb)
                if row.kills_host:
                    return self._outcome_of_two(host)
                return self._outcome(host)
        finally:
            shutil.rmtree(self.scene.folder, ignore_errors=True)

    def _run(self, host: Host, disturb: Any) -> Host:
        try:
            if not host.begun.wait(60):
                raise SystemExit(f"no answer within 60 s: {[line.text for line in host.lines]}")
            if host.process.poll() is not None:
                host.join()
                raise SystemExit(f"madang did not begin: {host.complaints[-2000:]}")
            time.sleep(BEFORE)
            disturb(host)
            host.join()
        except BaseException:
            host.process.kill()
            raise
        return host

    def _outcome_of_two(self, first: Host) -> Outcome:
        """Of a run whose host was killed: its servers end, and another host goes on."""
        left = self._children_after(2.5)
        second = Host(self.scene.folder, fresh=False)
        second.begun.wait(60)
        back = (second.begun_at - self.began) * 1e3
        second.join()
        outcome = self._outcome(second)
        outcome.back = back
        outcome.children_left = left
        return outcome

    def _children_after(self, seconds: float) -> int:
        """Servers that still run so long after their host was killed."""
        end = time.monotonic() + seconds
        needle = f"CHAOS_FOLDER={self.scene.folder}/".encode()
        while True:
            left = 0
            for entry in Path("/proc").iterdir():
                if entry.name.isdigit() and int(entry.name) != os.getpid():
                    try:
                        left += needle in (entry / "environ").read_bytes()
                    except OSError:
                        continue
            if not left or time.monotonic() > end:
                return left
            time.sleep(0.02)

    def _outcome(self, host: Host) -> Outcome:
        summary = host.summary
        sources = {source["name"]: source for source in summary["sources"]}
        records = Records(self.scene.folder)
        other = records.heard("other", self.ticks, sources["other"]["results"])
        victim = records.heard(
            "victim", self.ticks, sources["victim"]["results"], self.scene.memory
        )
        first = round(BEFORE * 1e9) // APART_NS
        window = [delay for number, delay in other.delays.items() if number >= first]
        outcome = Outcome(
            p90=percentile(window, 0.9) / 1e6,
            late=other.late,
            lost=other.lost + victim.lost,
            doubled=other.doubled + victim.doubled + records.doubled_orders(),
            wrong=other.wrong + victim.wrong,
            state=sources["victim"]["state"],
            victim_late=victim.late,
            unanswered=victim.unanswered,
            unaccounted=other.unanswered,
            orders=summary["orders"],
            built_in=records.said_by("cross"),
            figures=sources["victim"],
        )
        records.close()
        self._read_lines(host, victim, outcome)
        return outcome

    def _read_lines(self, host: Host, victim: Heard, outcome: Outcome) -> None:
        began = self.began
        lines = [line for line in host.lines if line.source == "victim" and line.came > began]
        if not began:
            outcome.unaccounted += victim.unanswered
            return
        # What it prints itself is no word of the host; how its process ended is.
        words = [
            line for line in lines
            if not line.text.startswith("victim| ") or line.text.startswith("victim| the process ")
        ]  # fmt: skip
        outcome.told = list(dict.fromkeys(line.text for line in words))
        trouble = next((line for line in words if tells_trouble(line)), None)
        if trouble:
            outcome.detected = (trouble.came - began) * 1e3
            live = [line for line in words if line.state_of("victim") == "live"]
            if live and live[-1].came > trouble.came:
                outcome.back = (live[-1].came - began) * 1e3
        outcome.restarts = sum(line.state_of("victim") == "connecting" for line in words)
        assert self.row is not None
        if not self.row.may_gap:
            outcome.unaccounted += victim.unanswered


def tells_trouble(line: Line) -> bool:
    """Whether the host says that something is wrong with the victim."""
    return line.told["event"] == "warning" or line.state_of("victim") in TROUBLE


def median(values: list[float]) -> float:
    """Of what is there; NaN of nothing."""
    return statistics.median(values) if values else float("nan")
