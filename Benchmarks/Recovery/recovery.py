"""Times how ``madang`` comes back from ``kill -9`` near the end of a day.

A day of 1,000,000 ticks and some 100,000 orders is run by the real program once to its end, for
the size of its log, and once until ``kill -9`` near it. The folder that this leaves is started
again, each time from a copy, with its tables and without them: from the start of the process to
the first new order that is told, which is behind its flush. Prints one finding a line for
``table.py``.
"""

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from day import write_house, write_ticks

GOAL = 30.0  # s


@dataclass(slots=True, kw_only=True)
class Start:
    """What a start came to until it was killed."""

    resumed_at: int
    first: int
    """Number of the first new order."""
    first_order: float
    """s from the start of the process."""
    peak_mb: float
    """Resident, at the first new order."""


def start(madang: Path, folder: Path) -> subprocess.Popen[str]:
    """Start the program in a folder; it tells a line for whatever happens."""
    return subprocess.Popen(
        [madang, "run", "--json"], cwd=folder, stdout=subprocess.PIPE, text=True, bufsize=1 << 16
    )


def kill(process: subprocess.Popen[str]) -> None:
    """End it without a word, and wait for that."""
    process.send_signal(signal.SIGKILL)
    process.wait()
    if process.stdout:
        process.stdout.close()


def run_whole(madang: Path, folder: Path) -> int:
    """Run the day to its end.

    Returns:
        The bytes of its log.
    """
    subprocess.run([madang, "run", "--quiet"], cwd=folder, capture_output=True, check=True)
    return log_bytes(folder)


def run_until(madang: Path, folder: Path, most: float) -> None:
    """Run the day from its beginning, and kill it when its log has so many bytes."""
    quiet = [madang, "run", "--quiet"]
    process = subprocess.Popen(quiet, cwd=folder, stdout=subprocess.DEVNULL, text=True)
    while log_bytes(folder) < most:
        if process.poll() is not None:
            sys.exit(f"recovery: the day ended with {process.returncode} before it was killed")
        time.sleep(0.002)
    kill(process)


def come_back(madang: Path, folder: Path) -> Start:
    """Start what was killed, and kill it again at its first new order."""
    begun = time.monotonic()
    process = start(madang, folder)
    assert process.stdout is not None
    resumed_at = 0
    for line in process.stdout:
        event = json.loads(line)
        if event["event"] == "started":
            resumed_at = event["resumed_at"]
        elif event["event"] == "order":
            took = time.monotonic() - begun
            peak = peak_mb(process.pid)
            kill(process)
            return Start(
                resumed_at=resumed_at,
                first=event["order"],
                first_order=took,
                peak_mb=peak,
            )
    sys.exit(f"recovery: it ended with {process.wait()} and ordered nothing new")


def peak_mb(process: int) -> float:
    """Its most resident memory so far."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def finding(name: str, unit: str, values: list[float], most: float | None = None) -> None:
    """Tell one figure of all rounds."""
    found: dict[str, Any] = {
        "name": name,
        "unit": unit,
        "median": statistics.median(values),
        "low": min(values),
        "high": max(values),
        "rounds": len(values),
        "is_later": False,
    }
    if most is not None:
        found |= {"goal": f"<= {most:g}", "holds": found["median"] <= most}
    print(json.dumps(found), flush=True)


def log_bytes(folder: Path) -> int:
    """Of the log's files, as they stand on the disk."""
    return sum(path.stat().st_size for path in folder.glob(".madang/runs/*/log/*.log"))


def records(madang: Path, folder: Path) -> dict[str, Any]:
    """What ``madang log verify`` says of the log."""
    said = subprocess.run(
        [madang, "log", "verify", "--json"], cwd=folder, capture_output=True, text=True, check=True
    )
    return dict(json.loads(said.stdout.splitlines()[0]))


def main() -> int:
    """Make the day, kill it, and come back as often as asked."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--madang", type=Path, required=True)
    options.add_argument("--folder", type=Path, required=True)
    options.add_argument("--ticks", type=int, default=1_000_000)
    options.add_argument("--slow", type=int, default=12, help="of the cross: fewer orders")
    options.add_argument("--share", type=float, default=0.94, help="of the log when it is killed")
    asked = options.parse_args()
    rounds = int(os.environ.get("BENCH_ROUNDS", "5"))
    madang = asked.madang.resolve()
    day, copy = asked.folder / "day", asked.folder / "copy"
    shutil.rmtree(asked.folder, ignore_errors=True)
    copy.mkdir(parents=True)
    write_ticks(copy / "ticks.csv", asked.ticks)
    write_house(copy, slow=asked.slow)
    shutil.copytree(copy, day)
    run_until(madang, day, run_whole(madang, copy) * asked.share)
    whole = records(madang, day)

    starts: dict[str, list[Start]] = {"": [], ".tables-lost": []}
    for _ in range(rounds):
        for name, made in starts.items():
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(day, copy, symlinks=True)
            if name:
                for path in copy.glob(".madang/madang.db*"):
                    path.unlink()
            made.append(come_back(madang, copy))
            if made[-1].resumed_at < asked.ticks * 0.8:
                sys.exit(f"recovery: it went on behind step {made[-1].resumed_at}")
    for name, made in starts.items():
        finding(f"recovery{name}.first-order", "s", [one.first_order for one in made], GOAL)
        finding(f"recovery{name}.memory", "MiB", [one.peak_mb for one in made])
    finding("recovery.events", "events", [float(one.resumed_at) for one in starts[""]])
    finding("recovery.orders", "orders", [float(one.first - 1) for one in starts[""]])
    finding("recovery.log", "MiB", [log_bytes(day) / 2**20])
    finding("recovery.log.record", "bytes", [whole["bytes"] / whole["records"]])
    shutil.rmtree(asked.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
