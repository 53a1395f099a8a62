"""A day of ticks and the house that trades it, made alike for the same seed."""

import random
import sys
from pathlib import Path

BEGIN_NS = 1_704_153_600_000_000_000  # 2024-01-02 00:00 UTC, 09:00 in Seoul
SESSION_NS = 390 * 60_000_000_000
PRICES = {"A": (72_000, 100), "B": (9_850, 10), "C": (245_000, 500), "D": (31_200, 50)}


def write_ticks(
    path: Path,
    count: int,
    seed: int = 83,
    prices: dict[str, tuple[int, int]] = PRICES,
    rare: frozenset[str] = frozenset(),
) -> None:
    """Trades of some symbols over one session, each of which walks by its own step.

    Args:
        path: The file that is made.
        count: Ticks.
        seed: Of the walk.
        prices: By symbol, where it begins and its step.
        rare: Symbols that trade once where another trades a hundred times.
    """
    chance = random.Random(seed)
    at = {symbol: begin for symbol, (begin, _) in prices.items()}
    often = 100 if rare else 1
    symbols = [symbol for symbol in prices for _ in range(1 if symbol in rare else often)]
    with path.open("w") as file:
        file.write("ts,symbol,price,size,side\n")
        for index in range(count):
            symbol = chance.choice(symbols)
            begin, step = prices[symbol]
            # Back towards where it began: a walk of a million steps would leave every price band.
            drift = -1 if at[symbol] > begin * 1.02 else 1 if at[symbol] < begin * 0.98 else 0
            at[symbol] += (chance.choice((-1, 0, 1)) + drift) * step
            time = BEGIN_NS + SESSION_NS * index // count
            size, side = chance.randint(1, 50), chance.choice("BS")
            file.write(f"{time},{symbol},{at[symbol]},{size},{side}\n")


ORDERING = [f"O{index:02}" for index in range(16)]
RESTING = [f"R{index:02}" for index in range(10)]
HELD = "H"
RARE = frozenset({*RESTING, HELD})
AT_70_000 = dict.fromkeys([*ORDERING, *RESTING, HELD], (70_000, 100))


def write_house_at_venue(folder: Path, broker: str, *, slow: int, pace: float) -> None:
    """A cross in sixteen symbols at a broker outside, one that is held, ten with a resting order.

    Args:
        folder: Where it goes, beside ``ticks.csv``.
        broker: What stands under ``brokers``, named ``sim``.
        slow: Of the cross: more ticks, fewer orders.
        pace: How many times as fast as the market.
    """
    resting = Path(__file__).resolve().with_name("resting.py")
    (folder / "madang.yaml").write_text(
        f"""\
accounts:
  - {{ id: demo, broker: sim, currency: KRW, cash: 2000000000 }}
brokers:
  {broker}
feeds:
  - {{ kind: csv, path: ticks.csv, what: ticks, speed: {pace:g}x, time: {{ unit: ns }},
      columns: {{ time: ts, symbol: symbol, price: price, quantity: size, side: side }} }}
instruments:
  - {{ symbols: [{", ".join(AT_70_000)}], market: KR, tick_size: krx, lot: 1 }}
strategies:
  - {{ name: cross, kind: ma_cross, on: ticks, quantity: 1, symbols: [{", ".join(ORDERING)}],
      parameters: {{ fast: 2, slow: {slow} }} }}
  - {{ name: resting, kind: server, launch: [{sys.executable}, {resting}], quantity: 3,
      symbols: [{", ".join(RESTING)}] }}
rules:
  - {{ name: held, when: "price > 0", then: buy, on: ticks, quantity: 10, symbols: [{HELD}] }}
risk: {{ day_loss: 90% }}
"""
    )


def write_house(
    folder: Path, *, slow: int, has_server: bool = False, ticks: str = "ticks.csv"
) -> None:
    """A cross so short that one tick in ten orders: built in, or a strategy server's."""
    server = Path(__file__).resolve().with_name("cross.py")
    kind = (
        f"kind: server, launch: [{sys.executable}, {server}]"
        if has_server
        else "kind: ma_cross, on: ticks"
    )
    (folder / "madang.yaml").write_text(
        f"""\
accounts:
  - {{ id: demo, broker: paper, currency: KRW, cash: 2000000000 }}
brokers:
  paper: {{ kind: paper, fee_bps: 1 }}
feeds:
  - {{ kind: csv, path: {ticks}, what: ticks, speed: max, time: {{ unit: ns }},
      columns: {{ time: ts, symbol: symbol, price: price, quantity: size, side: side }} }}
instruments:
  - {{ symbols: [A, B, C, D], market: KR, tick_size: krx, lot: 1 }}
strategies:
  - {{ name: cross, {kind}, quantity: 1,
      parameters: {{ fast: 2, slow: {slow} }} }}
risk: {{ day_loss: 90% }}
"""
    )
