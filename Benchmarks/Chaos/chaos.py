"""What broken strategy servers cost the others, and what the host makes of them.

Each row does one thing to one of two servers of a paced run, ten times, each time beside a run in
which nothing is done. Measured are the time to the host's first word, the other server's latency,
and by a reading of the tables that knows nothing of the host: results lost, doubled, wrong.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import fifty
from disturbances import ROWS, Disturbance
from measuring import Outcome, Run
from scene import APART_NS, MADANG, Tick, generated
from table import Row, show


def progress(words: str) -> None:
    """Say where it is, on a terminal; nothing in a pipe."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{words}")
        sys.stderr.flush()


class Table:
    """All rows, measured in rounds: each undisturbed run stands between two disturbed ones."""

    def __init__(self, rows: list[Disturbance], pairs: int, seconds: int) -> None:
        """Prepare; ``seconds`` is how long a run lasts."""
        self.rows = [Row(each) for each in rows]
        self.pairs = pairs
        self.ticks: list[Tick] = generated(seconds * 1_000_000_000 // APART_NS)
        self.begun = time.monotonic()
        self.done = 0

    def measure(self, folder: Path) -> None:
        """Measure every round."""
        for number in range(self.pairs):
            order = self.rows if number % 2 == 0 else self.rows[::-1]
            for first in range(0, len(order), 2):
                self._group(folder, number, order[first : first + 2])

    def _group(self, folder: Path, number: int, rows: list[Row]) -> None:
        before = self._run(folder, number, rows[0]) if len(rows) == 2 or number % 2 else None
        calm = self._run(folder, number, None)
        if before is None:
            before = self._run(folder, number, rows[0])
        rows[0].pairs.append((calm, before))
        if len(rows) == 2:
            rows[1].pairs.append((calm, self._run(folder, number, rows[1])))

    def _run(self, folder: Path, number: int, row: Row | None) -> Outcome:
        name = row.disturbance.name if row else "undisturbed"
        spent = time.monotonic() - self.begun
        progress(f"round {number + 1} of {self.pairs}: {name} ({spent / 60:.0f} min so far)")
        self.done += 1
        run = Run(folder / f"{self.done}", self.ticks, row.disturbance if row else None)
        try:
            return run.measure()
        except SystemExit as error:
            raise SystemExit(f"{name}: {error}") from None


def main() -> int:
    """Measure what is asked for, and tell it."""
    names = [row.name for row in ROWS]
    parser = argparse.ArgumentParser(prog="Tools/chaos", description=__doc__)
    parser.add_argument("--only", action="append", metavar="ROW", help=", ".join(names))
    parser.add_argument("--pairs", type=int, default=10, help="runs of each row (10)")
    parser.add_argument("--seconds", type=int, default=8, help="that a run lasts (8)")
    parser.add_argument("--json", action="store_true", help="every run, as one object")
    parser.add_argument("--keep", metavar="FILE", help="write what --json shows to a file too")
    parser.add_argument("--fifty", action="store_true", help="fifty servers at once instead")
    parser.add_argument("--minutes", type=float, default=10, help="that the fifty serve (10)")
    asked = parser.parse_args()
    unknown = set(asked.only or []) - set(names)
    if unknown:
        parser.error(f"no row {', '.join(sorted(unknown))}; there are: {', '.join(names)}")
    if not MADANG.exists():
        raise SystemExit("no release build yet: make build")
    if asked.fifty:
        many = fifty.measure(asked.minutes, progress)
        progress("")
        print(json.dumps(many, indent=1) if asked.json else fifty.show(many))
        return 0 if many["holds"] else 1
    table = Table(
        [row for row in ROWS if not asked.only or row.name in asked.only], asked.pairs,
        asked.seconds,
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="madang-chaos-") as folder:
        table.measure(Path(folder))
    progress("")
    found = json.dumps({"rows": [row.json() for row in table.rows]}, indent=1)
    if asked.keep:
        Path(asked.keep).write_text(found)
    print(found if asked.json else show(table.rows))
    return 1 if any(row.faults for row in table.rows) else 0


if __name__ == "__main__":
    sys.exit(main())
