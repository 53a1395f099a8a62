"""A backtester of a hundred lines that shares nothing with the host: rules 1 to 9 of oracles/README.md.

plain_backtest.py FILE ma|rsi QUANTITY PRICE [PRICE_COLUMN_OF_FILLS] > trades.csv

Whole sums for means; fees are fractions, so nothing is rounded on the way.
"""

import csv
import sys
from collections import defaultdict
from fractions import Fraction


class Cross:
    """Fast mean over slow, compared as whole sums."""

    def __init__(self):
        self.prices = []
        self.before = None

    def step(self, price):
        self.prices.append(price)
        if len(self.prices) < 60:
            return None
        now = sum(self.prices[-20:]) * 3 - sum(self.prices[-60:])
        before, self.before = self.before, now
        if before is None:
            return None
        if now > 0 >= before:
            return "buy"
        if now < 0 <= before:
            return "sell"
        return None


class Wilder:
    """RSI(14) through 30 and 70."""

    def __init__(self):
        self.last = None
        self.moves = []
        self.gain = self.loss = None
        self.before = None

    def step(self, price):
        last, self.last = self.last, price
        if last is None:
            return None
        move = price - last
        gain, loss = max(move, 0), max(-move, 0)
        if self.gain is None:
            self.moves.append((gain, loss))
            if len(self.moves) < 14:
                return None
            self.gain = sum(g for g, _ in self.moves) / 14.0
            self.loss = sum(x for _, x in self.moves) / 14.0
        else:
            self.gain = (self.gain * 13 + gain) / 14
            self.loss = (self.loss * 13 + loss) / 14
        total = self.gain + self.loss
        now = 50.0 if total == 0 else 100 * self.gain / total
        before, self.before = self.before, now
        if before is None:
            return None
        if now > 30 >= before:
            return "buy"
        if now < 70 <= before:
            return "sell"
        return None


def main():
    path, kind, quantity, signal_column = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
    fill_column = sys.argv[5] if len(sys.argv) > 5 else signal_column
    strategies = defaultdict(Cross if kind == "ma" else Wilder)
    index, pending, held, trades = defaultdict(int), {}, {}, defaultdict(list)
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            symbol, at = row["symbol"], index[row["symbol"]]
            index[symbol] += 1
            side = pending.pop(symbol, None)
            if side is not None:
                price = int(row[fill_column])
                fee = Fraction(price * quantity * 5, 10_000)
                if side == "buy":
                    held[symbol] = [at, row["ts"], price, None, None, None, fee]
                    trades[symbol].append(held[symbol])
                else:
                    trade = held.pop(symbol)
                    trade[3:6] = [at, row["ts"], price]
                    trade[6] += fee
            action = strategies[symbol].step(int(row[signal_column]))
            if action == "buy" and symbol not in held:
                pending[symbol] = "buy"
            elif action == "sell" and symbol in held:
                pending[symbol] = "sell"
    print("symbol,qty,entry_index,entry_ts,entry_price,exit_index,exit_ts,exit_price,fees,pnl")
    for symbol in sorted(trades):
        for entry, entry_ts, bought, exit_, exit_ts, sold, fees in trades[symbol]:
            cells = [symbol, quantity, entry, entry_ts, bought]
            if exit_ is None:
                cells += ["", "", "", money(fees), ""]
            else:
                pnl = (sold - bought) * quantity - fees
                cells += [exit_, exit_ts, sold, money(fees), money(pnl)]
            print(",".join(str(cell) for cell in cells))


def money(value):
    """Four decimals, exact."""
    units = value * 10_000
    assert units.denominator == 1, value
    sign = "-" if units < 0 else ""
    whole, part = divmod(abs(int(units)), 10_000)
    return f"{sign}{whole}.{part:04d}"


if __name__ == "__main__":
    main()
