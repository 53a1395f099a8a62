"""What a strategy server that stops costs the others: pairs of runs, with and without a stop.

Each run passes generated ticks at 60x through two Python servers, a built-in and a rule. In the
disturbed run of a pair one server is stopped (SIGSTOP) for a while and goes on (SIGCONT). Printed
for each pair: p90 of the other server from a tick's entry to its result, in both runs; how many of
its results were late; when the stopped one was reported slow and hung, what was late of it, and
whether it was live again. The order inside a pair alternates. Wants a release build and .venv.

    .venv/bin/python Benchmarks/StalledServer/pairs.py [--pairs 10] [--seconds 10]
"""

import argparse
import csv
import importlib.util
import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

HOUSE = pathlib.Path(__file__).resolve().parents[2]
MADANG = HOUSE / ".build" / "release" / "madang"
SERVER = pathlib.Path(__file__).with_name("answering.py")
SPEED = 60
DEADLINE_MS = 200
TICKS_A_SECOND = 2_400  # of the host's clock, at this speed

SERVER_KEYS = (
    f"kind: server, launch: [{sys.executable}, {SERVER}], quantity: 1, deadline: {DEADLINE_MS}ms"
)
CONFIGURATION = f"""
accounts:
  - {{ id: demo, broker: paper, currency: KRW, cash: 1000000000 }}
feeds:
  - kind: csv
    path: ticks.csv
    what: ticks
    speed: {SPEED}x
    columns: {{ time: ts, symbol: symbol, price: price, quantity: size, side: side }}
    time: {{ unit: ns }}
instruments:
  - {{ symbols: [KR0001, KR0002, KR0003, KR0004], market: KR }}
strategies:
  - {{ name: stalled, {SERVER_KEYS} }}
  - {{ name: other, {SERVER_KEYS} }}
  - name: cross
    kind: ma_cross
    on: "candles:1m"
    quantity: 1
    parameters: {{ fast: 2, slow: 5 }}
rules:
  - {{ name: jump, when: "change(2) >= 1%", on: "candles:1m", then: alert }}
arbiter: {{ policy: confidence_weighted, threshold: 0.9 }}
"""


@dataclass
class Run:
    """What one run came to; times in ms."""

    p90: float
    late: int
    stalled_late: int
    stalled_state: str
    slow_after: float | None = None
    hung_after: float | None = None


def write_ticks(target: pathlib.Path, seconds: int) -> None:
    """Generate the recording that lasts so many seconds at the speed."""
    spec = importlib.util.spec_from_file_location("gen", HOUSE / "bench" / "gen.py")
    assert spec is not None and spec.loader is not None
    gen = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(gen)
    with target.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["ts", "symbol", "price", "size", "side"])
        writer.writerows(gen.ticks_py(seconds * TICKS_A_SECOND))


def server_process(host: int, name: str) -> int:
    """Find the child of the host that serves under this name."""
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            parent = int((entry / "stat").read_text().rsplit(") ", 1)[1].split()[1])
            environment = (entry / "environ").read_bytes()
        except OSError:
            continue
        if parent == host and f"/{name}.sock".encode() in environment:
            return int(entry.name)
    raise SystemExit(f"no server '{name}' runs under process {host}")


def measure(folder: pathlib.Path, seconds: int, *, stops: bool) -> Run:
    """Run once, with a stop in the middle third or without."""
    host = subprocess.Popen(
        [MADANG, "run", "--fresh", "--json"],
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(HOUSE / "strategies-py" / "src")},
    )
    assert host.stdout is not None
    begun: float | None = None
    stopped: int | None = None
    stopped_at = 0.0
    went_on = False
    run = Run(0, 0, 0, "")
    for line in host.stdout:
        now = time.monotonic()
        told = json.loads(line)
        text = told.get("text", "")
        if begun is None and told["event"] == "signal" and told["source"] == "other":
            begun = now
        if stops and begun is not None and stopped is None and now - begun > seconds / 3:
            stopped = server_process(host.pid, "stalled")
            os.kill(stopped, signal.SIGSTOP)
            stopped_at = time.monotonic()
        elif stopped is not None and not went_on:
            if run.slow_after is None and text.startswith("stalled slow"):
                run.slow_after = (now - stopped_at) * 1e3
            if run.hung_after is None and text.startswith("stalled hung"):
                run.hung_after = (now - stopped_at) * 1e3
            if now - stopped_at > seconds / 3:
                os.kill(stopped, signal.SIGCONT)
                went_on = True
        if told["event"] == "finished":
            sources = {source["name"]: source for source in told["summary"]["sources"]}
            run.p90 = sources["other"]["latency_ns"]["p90"] / 1e6
            run.late = sources["other"]["late"]
            run.stalled_late = sources["stalled"]["late"]
            run.stalled_state = sources["stalled"]["state"]
    if host.wait() != 0:
        raise SystemExit(f"madang ended with {host.returncode}")
    return run


def tell(pairs: list[tuple[Run, Run]]) -> None:
    """Print the table, the ratio of the medians, and the spread of the undisturbed runs."""
    head = "pair  p90 undisturbed  p90 with a stop  ratio  late of the other  "
    print(head + "slow after  hung after  late of the stopped  its state")
    for number, (calm, stop) in enumerate(pairs, 1):
        slow, hung = (f"{t:.0f} ms" if t else "-" for t in (stop.slow_after, stop.hung_after))
        print(
            f"{number:4}  {calm.p90:12.3f} ms  {stop.p90:12.3f} ms  {stop.p90 / calm.p90:5.2f}"
            f"  {calm.late:7} and {stop.late:5}  {slow:>10}  {hung:>10}"
            f"  {stop.stalled_late:19}  {stop.stalled_state}"
        )
    calm = [pair[0].p90 for pair in pairs]
    stop = [pair[1].p90 for pair in pairs]
    ratio = statistics.median(stop) / statistics.median(calm)
    spread = max(calm) / min(calm)
    holds = ratio <= max(1.2, spread)
    print(
        f"median p90 {statistics.median(calm):.3f} ms undisturbed, {statistics.median(stop):.3f} ms"
        f" with a stop: ratio {ratio:.2f} (spread of the undisturbed: {spread:.2f})"
        f"  {'holds' if holds else 'DOES NOT HOLD'}"
    )


def main() -> None:
    """Measure the pairs and tell them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--seconds", type=int, default=10)
    asked = parser.parse_args()
    if not MADANG.exists():
        raise SystemExit("no release build yet: make build")
    pairs = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "madang.yaml").write_text(CONFIGURATION)
        write_ticks(folder / "ticks.csv", asked.seconds)
        for number in range(asked.pairs):
            order = [False, True] if number % 2 == 0 else [True, False]
            runs = {stops: measure(folder, asked.seconds, stops=stops) for stops in order}
            pairs.append((runs[False], runs[True]))
            print(f"pair {number + 1} of {asked.pairs}", file=sys.stderr, flush=True)
    tell(pairs)


if __name__ == "__main__":
    main()
