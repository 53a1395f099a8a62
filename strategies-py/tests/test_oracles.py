"""The recorded answers in ``oracles/``: indicators at every index, a backtest trade for trade."""

from __future__ import annotations

import csv
import importlib.util
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from madang import Action, Candle, Strategy
from madang.testing import candles, check_cuts, read_csv, replay

ROOT = Path(__file__).resolve().parents[2]


def rows(path: str) -> list[dict[str, str]]:
    with (ROOT / "oracles" / path).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def example(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, ROOT / "examples" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


seen: list[dict[str, float | None]] = []
before: list[dict[str, float | None]] = []


class Recorder(Strategy):
    inputs = ("candles:1m",)

    def on_start(self) -> None:
        seen.clear()
        before.clear()

    def on_candle(self, candle: Candle) -> None:
        s = candle.symbol
        helpers = {
            "sma20": self.sma(s, 20),
            "sma60": self.sma(s, 60),
            "ema12": self.ema(s, 12),
            "ema26": self.ema(s, 26),
            "rsi14": self.rsi(s, 14),
        }
        seen.append({name: helper.value for name, helper in helpers.items()})
        before.append({name: helper.previous for name, helper in helpers.items()})


@pytest.mark.parametrize("name", ["sma20", "sma60", "ema12", "ema26", "rsi14"])
def test_indicator_matches_at_every_index(name: str) -> None:
    golden = rows("indicators/golden_integer.csv")
    assert len(golden) == 200
    replay(Recorder, candles("A", [row["close"] for row in golden]))
    for i, row in enumerate(golden):
        got = seen[i][name]
        if not row[name]:
            assert got is None, i
            continue
        want = float(row[name])
        assert got is not None, i
        assert abs(got - want) <= 1e-9 * max(1, abs(want)), i
        assert before[i][name] == (seen[i - 1][name] if i else None)


def test_cross_gives_the_reference_trades() -> None:
    cross = example("ma_cross").Cross
    events = list(read_csv(ROOT / "oracles/backtest/bars_5000.csv"))
    assert len(events) == 5000
    run = check_cuts(cross, events)
    by_symbol: dict[str, list[Candle]] = {}
    index: dict[int, int] = {}
    for position, event in enumerate(events, 1):
        assert isinstance(event, Candle)
        bars = by_symbol.setdefault(event.symbol, [])
        index[position] = len(bars)
        bars.append(event)
    trades: list[tuple[object, ...]] = []
    for symbol, bars in sorted(by_symbol.items()):
        held: tuple[int, Decimal] | None = None
        for placed in (each for each in run.results if each.symbol == symbol):
            at = index[placed.position] + 1
            if at == len(bars):
                continue
            price = bars[at].open
            if placed.action is Action.BUY and held is None:
                held = (at, price)
            elif placed.action is Action.SELL and held is not None:
                start, paid = held
                fees = (paid + price) * 10 * 5 / 10000
                trades.append((symbol, start, paid, at, price, fees, (price - paid) * 10 - fees))
                held = None
        if held is not None:
            trades.append((symbol, *held, None, None, held[1] * 10 * 5 / 10000, None))
    reference = [
        (
            row["symbol"],
            int(row["entry_index"]),
            Decimal(row["entry_price"]),
            int(row["exit_index"]) if row["exit_index"] else None,
            Decimal(row["exit_price"]) if row["exit_price"] else None,
            Decimal(row["fees"]),
            Decimal(row["pnl"]) if row["pnl"] else None,
        )
        for row in rows("backtest/trades_ma_bars_5000.csv")
    ]
    assert len(reference) == 40
    assert trades == reference
