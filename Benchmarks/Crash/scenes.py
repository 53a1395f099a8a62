"""The scenarios: what is run, on which prices, with which file of settings."""

import json
import os
import random
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

BEGIN_NS = 1_704_153_600_000_000_000  # 2024-01-02 00:00 UTC
PRICES = {"A": (72_000, 100), "B": (9_850, 10)}  # where a symbol begins, and its step


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What is run; ``speed`` is the feed's."""

    name: str
    what: str
    ticks: int
    speed: str = "max"
    has_exits: bool = False
    is_killed: bool = False
    """The kill switch is thrown in the middle of the first start."""
    has_venue: bool = False
    has_tables: bool = False
    """An earlier run has made the tables already: `fast` is there to crash while they are made."""
    is_same_again: bool = True
    """Two runs of it make the same tables, so that a crashed one must make them too."""

    has_server: bool = False
    """A strategy server that the host starts, with snapshots, and a channel that hears all."""
    has_postgres: bool = False
    database: str = ".madang/madang.db"
    """Of SQLite. Writes outside of `.madang` are not counted: those to the tables `fast` has."""
    segment: str = "64MiB"
    """Of the log."""
    touches: tuple[str, ...] = ()
    """Parts of files' names that an undisturbed run must write, or it is not this scenario."""

    def write(
        self,
        folder: Path,
        *,
        broker: str = "",
        store: str = "",
        channel: str = "",
        tables: Path | None = None,
    ) -> None:
        """Write settings and prices; the texts are the settings of what is outside."""
        if tables and self.has_tables:
            file = folder / self.database
            file.parent.mkdir(mode=0o700, exist_ok=True)
            shutil.copyfile(tables, file)
            file.chmod(0o600)
        (folder / "ticks.csv").write_text(prices(self.ticks))
        text = self._settings(broker, store, channel)
        (folder / "madang.yaml").write_text(text + self._deciders())
        # The same house, where nobody decides: a start that tells what is left to be told.
        (folder / "few.csv").write_text(prices(2))
        (folder / "few.yaml").write_text(text.replace("ticks.csv", "few.csv"))

    def _settings(self, broker: str, store: str, channel: str) -> str:
        kind = "sim" if self.has_venue else "paper"
        paper = "paper: { kind: paper, fee_bps: 5, partial_fills: true }"
        store = f"{store or f'sqlite: {self.database}'}, segment: {self.segment}"
        more = [f"store: {{ {store} }}"]
        if self.has_exits:
            more.append('exits: { tiers: ["-0.2% all", "+0.1% half", "+0.2% rest"] }')
        if channel:
            more += ["channels:", f"  {channel}"]
        lines = "\n".join(more)
        return f"""\
accounts:
  - {{ id: demo, broker: {kind}, currency: KRW, cash: 200000000 }}
brokers:
  {broker or paper}
feeds:
  - {{ kind: csv, path: ticks.csv, what: ticks, speed: {self.speed}, time: {{ unit: ns }},
      columns: {{ time: ts, symbol: symbol, price: price, quantity: size, side: side }} }}
instruments:
  - {{ symbols: [A, B], market: KR, tick_size: krx, lot: 1 }}
{lines}
"""

    def _deciders(self) -> str:
        server = f"""\
  - {{ name: swinging, kind: server, quantity: 10, credit: 1,
      launch: ["{sys.executable}", "{Path(__file__).resolve().parent / "swinging.py"}"] }}
rules:
  - {{ name: up, when: "price > 72000", on: ticks, then: alert }}
arbiter: {{ policy: confidence_weighted, threshold: 0.2 }}
"""
        return f"""\
strategies:
  - {{ name: cross, kind: ma_cross, on: ticks, quantity: 10, parameters: {{ fast: 2, slow: 5 }} }}
{server if self.has_server else ""}"""


SCENARIOS = [
    Scenario(name="fast", what="as fast as possible, a paper broker, tables in SQLite", ticks=100),
    Scenario(
        name="paced",
        what="at 300 times the pace, with exits; the kill switch is thrown in the middle",
        ticks=22,
        speed="300x",
        has_tables=True,
        has_exits=True,
        is_killed=True,
        is_same_again=False,
    ),
    Scenario(
        name="venue",
        what="at 300 times the pace, with exits, orders at madang-sim over sockets",
        ticks=22,
        speed="300x",
        has_tables=True,
        has_exits=True,
        has_venue=True,
        is_same_again=False,
    ),
    Scenario(
        name="servers",
        what="as fast as possible, a strategy server in Python, a channel, a log of many files",
        ticks=60,
        has_tables=True,
        has_server=True,
        database="tables/madang.db",
        segment="8KiB",
        touches=(
            "/snapshots/",
            "/servers/swinging.process",
            "/servers.json",
            "/outbox/1/",
            "/log/00000003.log",
        ),
    ),
    Scenario(
        name="postgres",
        what="as fast as possible, with exits, tables on a PostgreSQL server, a log of many files",
        ticks=250,
        has_exits=True,
        has_postgres=True,
        segment="8KiB",
        touches=("/log/00000003.log",),
    ),
]


def prices(count: int, seed: int = 79) -> str:
    """Trades of two symbols that walk by their own steps: the same for the same seed."""
    chance = random.Random(seed)
    at = {symbol: begin for symbol, (begin, _) in PRICES.items()}
    time = BEGIN_NS
    lines = ["ts,symbol,price,size,side"]
    for _ in range(count):
        time += chance.randint(1, 3_000_000_000)
        symbol = chance.choice(list(PRICES))
        at[symbol] += chance.choice([-1, 0, 1]) * PRICES[symbol][1]
        lines.append(f"{time},{symbol},{at[symbol]},{chance.randint(1, 50)},{chance.choice('BS')}")
    return "\n".join(lines) + "\n"


def throw_kill_switch(folder: Path) -> None:
    """Write what ``madang kill`` writes: whole under its name, for a host may be looking."""
    store = folder / ".madang"
    store.mkdir(mode=0o700, exist_ok=True)
    new = store / "kill-switch.new"
    new.write_text(json.dumps({"number": 1, "on": True, "reason": "in the middle"}))
    new.chmod(0o600)
    os.replace(new, store / "kill-switch.json")
