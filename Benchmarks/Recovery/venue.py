"""Times how ``madang`` comes back at a broker outside, until it says itself that it has compared.

A day of ticks and orders is run at a real ``madang-sim``, a process of its own, and ended by
``kill -9`` behind so many orders. While the host is gone somebody places an order there by hand
and sells of what is held. Each start goes on behind a ``kill -9`` at the same broker, which has
holdings and open orders, and is timed until the run has told both: that stands in its own words,
and it can be said only by who has its log read, the broker's open orders and holdings asked
for, and both held against the books. Prints one finding a line for ``table.py``.
"""

import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from day import AT_70_000, HELD, RESTING

# In the environment of whoever starts the program.
KEYS = {"SIM_KEY": "demo", "SIM_SECRET": "demo"}


class Venue:
    """``madang-sim`` with a busy market, for the life of a ``with``.

    An order fills at its symbol's next print: two of each in a few milliseconds, or a hundred
    thousand of them would take the day.
    """

    def __init__(self, madang_sim: Path) -> None:
        """Start it; it ends with its standard input."""
        symbols = [word for symbol in AT_70_000 for word in ("--symbol", symbol)]
        self._process = subprocess.Popen(
            [madang_sim, "--real-time", "--walk", "10", "--until-eof", *symbols],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        line = self._process.stdout.readline() if self._process.stdout else ""
        self._told = json.loads(line)
        self._is_over = threading.Event()
        self._market = threading.Thread(target=self._trade, name="market")
        # Differences are told once they are the same three times over 300 ms; usual are 10 s.
        self.broker = (
            f'sim: {{ kind: sim, fee_bps: 1, http: "{self._told["http"]}",'
            f' stream: "{self._told["stream"]}", key: "${{SIM_KEY}}", secret: "${{SIM_SECRET}}",'
            " rate: 10000, doubt_over: 300ms, reconcile_every: 1s }"
        )

    def __enter__(self) -> Self:
        """Lend it."""
        self._market.start()
        return self

    def _trade(self) -> None:
        while not self._is_over.wait(0.003):
            self._ask("/control/walk", {"prints": 2 * len(AT_70_000)}, self._told["control"])

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it."""
        self._is_over.set()
        self._market.join()
        self._process.kill()
        self._process.communicate()

    def _ask(self, path: str, body: dict[str, Any] | None = None, token: str = "") -> Any:
        request = urllib.request.Request(
            self._told["http"] + path,
            json.dumps(body).encode() if body else None,
            {"Authorization": f"Bearer {token}"} if token else {},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def _token(self) -> str:
        login = self._ask("/oauth/token", {"key": "demo", "secret": "demo"})
        return str(login["token"])

    def open_orders(self) -> int:
        """How many work there."""
        return len(self._ask("/v1/orders", token=self._token())["orders"])

    def holdings(self) -> int:
        """How many symbols are held there."""
        return len(self._ask("/v1/positions", token=self._token())["positions"])

    def meddle(self) -> None:
        """Place an order by hand, and sell of what is held: what a start has to tell."""
        order = {"symbol": RESTING[0], "side": "buy", "quantity": "2", "limit": "90"}
        self._ask("/v1/orders", order, self._token())
        deal = {"symbol": HELD, "quantity": "-4", "price": "70000"}
        self._ask("/control/deal", deal, self._told["control"])


@dataclass(slots=True, kw_only=True)
class Start:
    """What a start told until it was killed; times in s from the start of the process."""

    resumed_at: int
    reads: float
    """Until it told where it goes on: its log is read."""
    opens: float
    """Until the open orders were compared: it told of the one that is none of its own."""
    holds: float
    """Until the holdings were."""
    orders: int
    """Number of the last order that it told."""
    peak_mb: float
    processor: float
    """s of all processors until both were told."""


def processor_time(process: int) -> float:
    """Of all its threads so far, s."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def told(process: subprocess.Popen[str]) -> Iterator[dict[str, Any]]:
    """Each line that a run tells, to its end."""
    assert process.stdout is not None
    for line in process.stdout:
        yield json.loads(line)


def begin(madang: Path, folder: Path) -> subprocess.Popen[str]:
    """Start the program; it tells a line for whatever happens."""
    return subprocess.Popen(
        [madang, "run", "--json"],
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1 << 16,
    )


def run_until(process: subprocess.Popen[str], orders: int) -> int:
    """Let it run until it has told so many orders.

    Returns:
        The number of the last one.
    """
    for event in told(process):
        if event["event"] == "order" and event["order"] >= orders:
            return int(event["order"])
    sys.exit(f"recovery: the day ended with {process.wait()} before its order {orders}")


def come_back(process: subprocess.Popen[str], begun: float, peak: Any) -> Start:
    """Read what a start tells until it has told both differences."""
    start = Start(resumed_at=0, reads=0, opens=0, holds=0, orders=0, peak_mb=0, processor=0)
    for event in told(process):
        took = time.monotonic() - begun
        text = str(event.get("text", ""))
        if event["event"] == "started":
            start.resumed_at, start.reads = event["resumed_at"], took
        elif event["event"] == "order":
            start.orders = event["order"]
        if "none of ours" in text and not start.opens:
            start.opens = took
        if f"{HELD}: the books hold 10" in text:
            start.holds = took
        if start.opens and start.holds:
            start.peak_mb = peak(process.pid)
            start.processor = processor_time(process.pid)
            return start
    sys.exit(f"recovery: it ended with {process.wait()} and had not told what differs: {start}")
