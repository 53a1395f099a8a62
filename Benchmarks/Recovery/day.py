"""A day of ticks and the house that trades it, made alike for the same seed."""

import random
from pathlib import Path

BEGIN_NS = 1_704_153_600_000_000_000  # 2024-01-02 00:00 UTC, 09:00 in Seoul
SESSION_NS = 390 * 60_000_000_000
PRICES = {"A": (72_000, 100), "B": (9_850, 10), "C": (245_000, 500), "D": (31_200, 50)}


def write_ticks(path: Path, count: int, seed: int = 83) -> None:
    """Trades of four symbols over one session, each of which walks by its own step."""
    chance = random.Random(seed)
    at = {symbol: begin for symbol, (begin, _) in PRICES.items()}
    symbols = list(PRICES)
    with path.open("w") as file:
        file.write("ts,symbol,price,size,side\n")
        for index in range(count):
            symbol = chance.choice(symbols)
            begin, step = PRICES[symbol]
            # Back towards where it began: a walk of a million steps would leave every price band.
            drift = -1 if at[symbol] > begin * 1.02 else 1 if at[symbol] < begin * 0.98 else 0
            at[symbol] += (chance.choice((-1, 0, 1)) + drift) * step
            time = BEGIN_NS + SESSION_NS * index // count
            size, side = chance.randint(1, 50), chance.choice("BS")
            file.write(f"{time},{symbol},{at[symbol]},{size},{side}\n")


def write_house(folder: Path, *, slow: int, ticks: str = "ticks.csv") -> None:
    """A cross so short that one tick in ten orders."""
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
  - {{ name: cross, kind: ma_cross, on: ticks, quantity: 1,
      parameters: {{ fast: 2, slow: {slow} }} }}
risk: {{ day_loss: 90% }}
"""
    )
