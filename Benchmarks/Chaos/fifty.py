"""Fifty strategy servers at once, each a process of its own, on two hundred instruments.

Every tick goes to every server. Afterwards: has each heard every tick once, by its own count; do
the tables hold the results that must be; did one wait longer than another; did the host grow.
"""

import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from counting import EVERY
from hosting import Host
from marks import mark
from records import Records, percentile
from scene import BEGIN_NS, HOUSE, Tick

SERVERS = 50
INSTRUMENTS = 200
TICKS_A_SECOND = 40
DEADLINE_MS = 1_000
FLAT = 1.05  # resident memory in the last quarter to that in the second
FAIR = 2.0  # the greatest p90 of a server to the median one


def named(number: int) -> str:
    """Of a server."""
    return f"s{number:02}"


def generated(seconds: float) -> list[Tick]:
    """Ticks of all instruments in an order that looks like none, the same each time."""
    draw = random.Random(11)
    apart = 1_000_000_000 // TICKS_A_SECOND
    prices = [50_000] * INSTRUMENTS
    ticks = []
    for number in range(int(seconds * TICKS_A_SECOND)):
        which = draw.randrange(INSTRUMENTS)
        prices[which] = max(10_000, prices[which] + draw.choice((-100, 0, 100)))
        ticks.append(Tick(BEGIN_NS + number * apart, f"K{which:03}", prices[which]))
    return ticks


def write(folder: Path, ticks: list[Tick]) -> None:
    """Write recording and configuration."""
    rows = [f"{tick.time},{tick.symbol},{tick.price},1,B\n" for tick in ticks]
    (folder / "ticks.csv").write_text("ts,symbol,price,size,side\n" + "".join(rows))
    server = Path(__file__).with_name("counting.py")
    lines = []
    for number in range(1, SERVERS + 1):
        own = folder / named(number)
        own.mkdir(mode=0o700)
        environment = f'CHAOS_FOLDER: "{own}", PYTHONPATH: "{HOUSE}/strategies-py/src"'
        lines.append(
            f"  - {{ name: {named(number)}, kind: server, quantity: 1, deadline: {DEADLINE_MS}ms,"
            f' start_within: 5m, launch: ["{sys.executable}", "{server}"],'
            f" environment: {{ {environment}, OPENBLAS_NUM_THREADS: '1' }} }}\n"
        )
    symbols = ", ".join(f"K{number:03}" for number in range(INSTRUMENTS))
    (folder / "madang.yaml").write_text(
        f"""
accounts:
  - {{ id: demo, broker: paper, currency: KRW, cash: 1000000000 }}
feeds:
  - kind: csv
    path: ticks.csv
    what: ticks
    speed: 1x
    columns: {{ time: ts, symbol: symbol, price: price, quantity: size, side: side }}
    time: {{ unit: ns }}
instruments:
  - {{ symbols: [{symbols}], market: KR }}
strategies:
{"".join(lines)}
arbiter: {{ policy: confidence_weighted, threshold: 0.9 }}
"""
    )


def resident(process: int) -> int:
    """Bytes."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def sampled(host: Host, seconds: float, progress: Callable[[str], None]) -> list[int]:
    """Resident bytes of the host, once a second from its first result to near its end."""
    samples: list[int] = []
    begun = time.monotonic()
    while host.process.poll() is None and time.monotonic() - begun < seconds - 1:
        try:
            samples.append(resident(host.process.pid))
        except OSError:
            break
        megabytes = samples[-1] / 2**20
        spent = (time.monotonic() - begun) / 60
        progress(f"fifty servers: {spent:.1f} of {seconds / 60:.0f} min, host {megabytes:.0f} MiB")
        time.sleep(1)
    return samples


def measure(minutes: float, progress: Callable[[str], None]) -> dict[str, Any]:
    """Run once, and judge."""
    ticks = generated(minutes * 60)
    with tempfile.TemporaryDirectory(prefix="madang-fifty-") as name:
        folder = Path(name)
        write(folder, ticks)
        host = Host(folder, first=None)
        try:
            if not host.begun.wait(600) or host.process.poll() is not None:
                raise SystemExit(f"it does not begin: {host.complaints[-2000:]}")
            samples = sampled(host, minutes * 60, progress)
            host.join(within=600)
        except BaseException:
            host.process.kill()
            raise
        return judged(folder, host.summary, ticks, samples)


def judged(
    folder: Path, summary: dict[str, Any], ticks: list[Tick], samples: list[int]
) -> dict[str, Any]:
    """Everything that was found."""
    told = {source["name"]: source for source in summary["sources"]}
    all_times = sum(tick.time for tick in ticks)
    answered = [tick for tick in ticks if mark(tick.time, tick.units) % EVERY == 0]
    records = Records(folder)
    found: dict[str, Any] = {"ticks": len(ticks), "results": 0, "missed": 0, "again": 0}
    found |= {"lost": 0, "doubled": 0, "wrong": 0, "late": 0}
    p50, p90, p99 = [], [], []
    for number in range(1, SERVERS + 1):
        name = named(number)
        heard = json.loads((folder / name / "heard").read_text())
        found["missed"] += len(ticks) - heard["count"] + (heard["sum"] != all_times)
        found["again"] += heard["again"]
        stands = records.heard(name, answered, told[name]["results"])
        found["results"] += stands.count
        found["lost"] += stands.unanswered
        for each in ("doubled", "wrong", "late"):
            found[each] += getattr(stands, each)
        delays = list(stands.delays.values())
        p50.append(percentile(delays, 0.5) / 1e6)
        p90.append(percentile(delays, 0.9) / 1e6)
        p99.append(percentile(delays, 0.99) / 1e6)
    records.close()
    quarter = len(samples) // 4
    before, after = samples[quarter : 2 * quarter], samples[3 * quarter :]
    for name, values in (("p50", p50), ("p90", p90), ("p99", p99)):
        found[f"{name}_ms"] = [min(values), statistics.median(values), max(values)]
    found["mib"] = [round(statistics.median(each) / 2**20, 1) for each in (before, after)]
    found["mib_by_tenth"] = [
        round(samples[len(samples) * tenth // 10] / 2**20, 1) for tenth in range(10)
    ]
    found["growth"] = statistics.median(after) / statistics.median(before)
    found["unfairness"] = max(p90) / statistics.median(p90)
    faults = [f"{found[name]} {name}" for name in ("missed", "again", "lost", "doubled", "wrong")]
    found["faults"] = [fault for fault in faults if not fault.startswith("0 ")]
    if found["growth"] > FLAT:
        found["faults"].append(f"the host grew by {found['growth'] * 100 - 100:.0f} %")
    if found["unfairness"] > FAIR:
        found["faults"].append(f"one server waits {found['unfairness']:.1f} x as long as most")
    found["holds"] = not found["faults"]
    return found


def show(found: dict[str, Any]) -> str:
    """For people."""
    lines = [
        f"{SERVERS} servers, {INSTRUMENTS} instruments, {found['ticks']:,} ticks to each",
        f"events missed {found['missed']}, heard again {found['again']}",
        f"results {found['results']:,}: lost {found['lost']}, doubled {found['doubled']},"
        f" wrong {found['wrong']}, late {found['late']}",
    ]
    for name in ("p50", "p90", "p99"):
        low, middle, high = found[f"{name}_ms"]
        lines.append(
            f"{name} of a server: {low:.1f} to {high:.1f} ms, the median one {middle:.1f} ms"
        )
    before, after = found["mib"]
    lines.append(
        f"host: {before} MiB in the second quarter, {after} MiB in the last:"
        f" {found['growth']:.3f}; by tenths {', '.join(map(str, found['mib_by_tenth']))}"
    )
    lines += [f"DOES NOT HOLD: {fault}" for fault in found["faults"]] or ["holds"]
    return "\n".join(lines)
