"""Times how ``madang`` comes back from ``kill -9`` near the end of a day.

A day of 1,000,000 ticks and some 100,000 orders is run by the real program once to its end, for
the size of its log, and once until ``kill -9`` near it. The folder that this leaves is started
again, each time from a copy, with its tables and without them: from the start of the process to
the first new order that is told, which is behind its flush. The same day is run by a strategy
server in Python, and started again with its snapshots and without them. A third day is run at a
broker outside (``venue.py``). Prints one finding a line for ``table.py``.
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
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import venue as outside
from day import AT_70_000, RARE, write_house, write_house_at_venue, write_ticks

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


def lose_tables(folder: Path) -> None:
    """Take the database away: its rows are made from the log."""
    for path in folder.glob(".madang/madang.db*"):
        path.unlink()


def lose_snapshots(folder: Path) -> None:
    """Take away what the server gave to keep: it is fed the day from its first event."""
    kept = list(folder.glob(".madang/runs/*/snapshots/*"))
    if not kept:
        sys.exit("recovery: the server has left no snapshot")
    for path in kept:
        path.unlink()


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day that is killed near its end, and the ways in which it is started again."""

    name: str
    has_server: bool
    losses: dict[str, Callable[[Path], None]]


DAYS = (
    Day(name="recovery", has_server=False, losses={"": bool, ".tables-lost": lose_tables}),
    Day(
        name="recovery.server",
        has_server=True,
        losses={"": bool, ".snapshots-lost": lose_snapshots},
    ),
)


def main() -> int:
    """Make the days, kill them, and come back as often as asked."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--madang", type=Path, required=True)
    options.add_argument("--folder", type=Path, required=True)
    options.add_argument("--ticks", type=int, default=1_000_000)
    options.add_argument("--slow", type=int, default=12, help="of the cross: fewer orders")
    options.add_argument(
        "--orders", type=int, default=100_000, help="of the day at a broker outside"
    )
    options.add_argument(
        "--pace", type=float, default=50, help="of that day: so many times the market's"
    )
    options.add_argument("--only", choices=("recovery", "recovery.server", "recovery.venue"))
    options.add_argument("--share", type=float, default=0.94, help="of the log when it is killed")
    asked = options.parse_args()
    asked.madang = asked.madang.resolve()
    for day in DAYS:
        if asked.only in (None, day.name):
            measure(day, asked)
    if asked.only in (None, "recovery.venue"):
        measure_at_venue(asked)
    return 0


def measure_at_venue(asked: argparse.Namespace) -> None:
    """Run a day at a broker outside until it is killed, and tell how it comes back there."""
    rounds = int(os.environ.get("BENCH_ROUNDS", "5"))
    folder = asked.folder / "venue"
    os.environ.update(outside.KEYS)
    shutil.rmtree(asked.folder, ignore_errors=True)
    folder.mkdir(parents=True)
    # More than it gets through: it is killed by its orders, and its starts go on with the rest.
    write_ticks(folder / "ticks.csv", asked.ticks * 2, prices=AT_70_000, rare=RARE)
    with outside.Venue(asked.madang.with_name("madang-sim")) as venue:
        write_house_at_venue(folder, venue.broker, slow=10, pace=asked.pace)
        process = outside.begin(asked.madang, folder)
        outside.run_until(process, asked.orders)
        kill(process)
        held, opened = venue.holdings(), venue.open_orders()
        whole, size = records(asked.madang, folder), log_bytes(folder)
        venue.meddle()
        made = []
        for _ in range(rounds):
            begun = time.monotonic()
            process = outside.begin(asked.madang, folder)
            made.append(outside.come_back(process, begun, peak_mb))
            kill(process)
            print(made[-1], file=sys.stderr)
    name = "recovery.venue"
    finding(f"{name}.reconciled", "s", [max(one.opens, one.holds) for one in made], GOAL)
    finding(f"{name}.open-orders", "s", [one.opens for one in made], GOAL)
    finding(f"{name}.log-read", "s", [one.reads for one in made])
    finding(f"{name}.processor", "s", [one.processor for one in made])
    finding(f"{name}.memory", "MiB", [one.peak_mb for one in made])
    finding(f"{name}.events", "events", [float(one.resumed_at) for one in made])
    finding(f"{name}.orders", "orders", [float(asked.orders)])
    finding(f"{name}.held", "symbols", [float(held)])
    finding(f"{name}.open", "orders", [float(opened)])
    finding(f"{name}.log", "MiB", [size / 2**20])
    finding(f"{name}.log.record", "bytes", [whole["bytes"] / whole["records"]])
    shutil.rmtree(asked.folder)


def measure(day: Day, asked: argparse.Namespace) -> None:
    """Run one day until it is killed, and tell how it comes back."""
    rounds = int(os.environ.get("BENCH_ROUNDS", "5"))
    killed, copy = asked.folder / "day", asked.folder / "copy"
    shutil.rmtree(asked.folder, ignore_errors=True)
    copy.mkdir(parents=True)
    write_ticks(copy / "ticks.csv", asked.ticks)
    write_house(copy, slow=asked.slow, has_server=day.has_server)
    shutil.copytree(copy, killed)
    run_until(asked.madang, killed, run_whole(asked.madang, copy) * asked.share)
    whole = records(asked.madang, killed)

    starts: dict[str, list[Start]] = {loss: [] for loss in day.losses}
    for _ in range(rounds):
        for loss, lose in day.losses.items():
            shutil.rmtree(copy, ignore_errors=True)
            # A server's socket is made anew by each start.
            shutil.copytree(killed, copy, symlinks=True, ignore=shutil.ignore_patterns("*.sock"))
            lose(copy)
            starts[loss].append(come_back(asked.madang, copy))
            if starts[loss][-1].resumed_at < asked.ticks * 0.8:
                sys.exit(f"recovery: it went on behind step {starts[loss][-1].resumed_at}")
    for loss, made in starts.items():
        finding(f"{day.name}{loss}.first-order", "s", [one.first_order for one in made], GOAL)
        finding(f"{day.name}{loss}.memory", "MiB", [one.peak_mb for one in made])
    finding(f"{day.name}.events", "events", [float(one.resumed_at) for one in starts[""]])
    finding(f"{day.name}.orders", "orders", [float(one.first - 1) for one in starts[""]])
    finding(f"{day.name}.log", "MiB", [log_bytes(killed) / 2**20])
    finding(f"{day.name}.log.record", "bytes", [whole["bytes"] / whole["records"]])
    shutil.rmtree(asked.folder)


if __name__ == "__main__":
    sys.exit(main())
