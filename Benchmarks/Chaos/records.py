"""Reads a run's tables with nothing of the host, and holds them against the recording.

A result is known by its source and the tick that it names. Lost is what a server has answered, by
its own journal, and the tables lack; doubled is what stands there twice, or was counted by the host
and stands there once; wrong is what the tick cannot have given. Unanswered is a tick that its
server was never at hand for.
"""

import sqlite3
import struct
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scene import Tick, contents


@dataclass
class Heard:
    """What the tables hold of one server.

    Attributes:
        delays: By the tick's number, ns from its entry to the result's arrival.
        gaps: Runs of ticks without a result, as (first, how many).
        late: Results that came behind their deadline, by the host's own word.
    """

    count: int
    delays: dict[int, int]
    gaps: list[tuple[int, int]]
    lost: int
    doubled: int
    wrong: int
    late: int

    @property
    def unanswered(self) -> int:
        """Ticks without a result."""
        return sum(count for _, count in self.gaps)


class Records:
    """The tables of a folder's last run."""

    def __init__(self, folder: Path) -> None:
        """Open them to read."""
        self.folder = folder
        self._base = sqlite3.connect(f"file:{folder}/.madang/madang.db?mode=ro", uri=True)
        self._run = self._base.execute("SELECT max(number) FROM runs").fetchone()[0]
        answer = self._base.execute("PRAGMA integrity_check").fetchone()[0]
        if answer != "ok":
            raise SystemExit(f"SQLite says of {folder}: {answer}")

    def close(self) -> None:
        """Let go of the file."""
        self._base.close()

    def heard(self, source: str, ticks: list[Tick], told: int, memory: str = "") -> Heard:
        """Compare what stands there of a server with what must.

        Args:
            source: The server.
            ticks: The recording.
            told: How many results of it the host counted.
            memory: What its results depend on besides their ticks.
        """
        rows = self._base.execute(
            "SELECT message, symbol, action, confidence, result, status, delay FROM signals"
            " WHERE run = ? AND source = ? ORDER BY number",
            (self._run, source),
        ).fetchall()
        expected = contents(ticks, memory)
        numbers = {tick.time: number for number, tick in enumerate(ticks)}
        seen: Counter[int] = Counter()
        delays: dict[int, int] = {}
        wrong = 0
        for message, symbol, action, confidence, index, _, delay in rows:
            if message == "flood" and index > 0:
                continue
            number = numbers.get(int(message)) if message.isdigit() else None
            if number is None or (symbol, action.upper(), confidence) != expected[number]:
                wrong += 1
                continue
            seen[number] += 1
            delays[number] = delay
        twice = sum(count - 1 for count in seen.values())
        journal = {numbers[time] for time in self._journal(source) if time in numbers}
        return Heard(
            count=len(rows), delays=delays, gaps=gaps(seen, len(ticks)),
            lost=len(journal - set(seen)), doubled=twice + max(0, told - len(rows)), wrong=wrong,
            late=sum(row[5] == "late" for row in rows),
        )  # fmt: skip

    def _journal(self, source: str) -> set[int]:
        path = self.folder / source / "journal"
        data = path.read_bytes() if path.exists() else b""
        return {time for (time,) in struct.iter_unpack("<q", data[: len(data) // 8 * 8])}

    def said_by(self, source: str) -> list[tuple[Any, ...]]:
        """All of a built-in's results: they depend on the ticks alone."""
        return self._base.execute(
            "SELECT position, symbol, result, action, confidence FROM signals"
            " WHERE run = ? AND source = ? ORDER BY position",
            (self._run, source),
        ).fetchall()

    def doubled_orders(self) -> int:
        """Orders and fills that stand there more than once."""
        doubled = 0
        for column, table in (("client_order_id", "orders"), ("hash", "ledger")):
            row = self._base.execute(
                f"SELECT count(*) - count(DISTINCT {column}) FROM {table} WHERE run = ?",
                (self._run,),
            )
            doubled += row.fetchone()[0]
        return doubled


def gaps(seen: Counter[int], count: int) -> list[tuple[int, int]]:
    """Runs of numbers below ``count`` that were not seen."""
    found: list[tuple[int, int]] = []
    for number in range(count):
        if seen[number]:
            continue
        if found and sum(found[-1]) == number:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((number, 1))
    return found


def percentile(values: list[int], share: float) -> float:
    """By the nearest rank."""
    ordered = sorted(values)
    return float(ordered[round((len(ordered) - 1) * share)])
