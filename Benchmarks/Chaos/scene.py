"""One run's folder: generated ticks, a configuration, and what must come of them."""

import os
import random
import sys
from dataclasses import dataclass, field
from pathlib import Path

from marks import Memory, side

HOUSE = Path(__file__).resolve().parents[2]
MADANG = Path(os.environ.get("CHAOS_MADANG", HOUSE / ".build" / "release" / "madang"))
VICTIM = Path(__file__).with_name("victim.py")
SYMBOLS = ("KR0001", "KR0002", "KR0003", "KR0004")
BEGIN_NS = 1_700_000_000_000_000_000
APART_NS = 4_000_000  # so far apart that a tick is answered before the next
DEADLINE_MS = 200


@dataclass(frozen=True)
class Tick:
    """A row of the recording; its time is its name."""

    time: int
    symbol: str
    price: int  # whole units of the currency

    @property
    def units(self) -> int:
        """Price at 10⁻⁸."""
        return self.price * 100_000_000


def contents(ticks: list[Tick], memory: str = "") -> list[tuple[str, str, int]]:
    """What a server must have said of each: symbol, action, confidence in millionths."""
    kept = Memory(memory)
    return [
        (tick.symbol, side(tick.time, tick.units), kept.sure(tick.time, tick.units))
        for tick in ticks
    ]


def generated(count: int) -> list[Tick]:
    """Ticks of a walk, the same each time."""
    draw = random.Random(7)
    prices = dict.fromkeys(SYMBOLS, 70_000)
    ticks = []
    for number in range(count):
        symbol = SYMBOLS[number % len(SYMBOLS)]
        prices[symbol] = max(10_000, prices[symbol] + draw.choice((-100, 0, 100)))
        ticks.append(Tick(BEGIN_NS + number * APART_NS, symbol, prices[symbol]))
    return ticks


@dataclass
class Scene:
    """What a run needs to know of its servers.

    Attributes:
        folder: Its own, private.
        ticks: Of the recording.
        manner: Of the victim.
        memory: Of the victim: what its results depend on besides their ticks.
        remote: Address of a victim that the host does not start.
        keys: More keys of the victim in the configuration.
    """

    folder: Path
    ticks: list[Tick]
    manner: str = ""
    memory: str = ""
    span: float = 2.5
    remote: str = ""
    keys: dict[str, str] = field(default_factory=dict)

    def make_folders(self) -> None:
        """Make its folder, and one for each server."""
        for folder in (self.folder, self.folder / "victim", self.folder / "other"):
            folder.mkdir(mode=0o700)

    def write(self) -> None:
        """Write recording and configuration."""
        rows = [f"{tick.time},{tick.symbol},{tick.price},1,B\n" for tick in self.ticks]
        (self.folder / "ticks.csv").write_text("ts,symbol,price,size,side\n" + "".join(rows))
        (self.folder / "madang.yaml").write_text(self.configuration())

    def environment(self, name: str) -> dict[str, str]:
        """What a server of this name is started with."""
        return {
            "CHAOS_FOLDER": str(self.folder / name),
            "CHAOS_MANNER": self.manner if name == "victim" else "",
            "CHAOS_MEMORY": self.memory if name == "victim" else "",
            "CHAOS_SPAN": str(self.span),
            "PYTHONPATH": str(HOUSE / "strategies-py" / "src"),
        }

    def server(self, name: str) -> str:
        """A server's line in the configuration."""
        keys = {"name": name, "kind": "server", "quantity": "1", "weight": "0.001"}
        keys["deadline"] = f"{DEADLINE_MS}ms"
        if name == "victim" and self.remote:
            keys["address"] = f'"{self.remote}"'
        else:
            keys["launch"] = f'["{sys.executable}", "{VICTIM}"]'
            pairs = [f'{k}: "{v}"' for k, v in self.environment(name).items()]
            keys["environment"] = "{ " + ", ".join(pairs) + " }"
        if name == "victim":
            keys |= self.keys
        return "  - { " + ", ".join(f"{k}: {v}" for k, v in keys.items()) + " }\n"

    def configuration(self) -> str:
        """Two servers with next to no weight, a built-in that trades, and a rule."""
        return f"""
accounts:
  - {{ id: demo, broker: paper, currency: KRW, cash: 1000000000 }}
brokers:
  paper: {{ kind: paper, fee_bps: 5 }}
feeds:
  - kind: csv
    path: ticks.csv
    what: ticks
    speed: 1x
    columns: {{ time: ts, symbol: symbol, price: price, quantity: size, side: side }}
    time: {{ unit: ns }}
instruments:
  - {{ symbols: [{", ".join(SYMBOLS)}], market: KR }}
strategies:
{self.server("victim")}{self.server("other")}\
  - {{ name: cross, kind: ma_cross, on: "candles:1s", quantity: 1, \
parameters: {{ fast: 2, slow: 3 }} }}
rules:
  - {{ name: jump, when: "change(2) >= 1%", on: "candles:1s", then: alert }}
arbiter: {{ policy: confidence_weighted, threshold: 0.9 }}
"""


def launched(scene: Scene, arguments: list[str]) -> tuple[list[str], dict[str, str]]:
    """Command and environment of a victim that somebody else than the host starts."""
    return (
        [sys.executable, str(VICTIM), *arguments],
        {**os.environ, **scene.environment("victim")},
    )
