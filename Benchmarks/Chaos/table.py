"""Judges rows of runs, and tells them: as a table for people, as an array for programs."""

import textwrap
from dataclasses import dataclass, field
from typing import Any

from disturbances import Disturbance
from measuring import Outcome, median

WORST = 1.2  # ratio of the other server's p90, disturbed to undisturbed


@dataclass
class Row:
    """Pairs of runs of one disturbance, the undisturbed one first."""

    disturbance: Disturbance
    pairs: list[tuple[Outcome, Outcome]] = field(default_factory=list)

    @property
    def disturbed(self) -> list[Outcome]:
        """The disturbed runs."""
        return [pair[1] for pair in self.pairs]

    @property
    def ratio(self) -> float:
        """The median of the pairs' ratios."""
        return median([run.p90 / calm.p90 for calm, run in self.pairs])

    @property
    def spread(self) -> float:
        """Of the undisturbed runs: the greatest p90 to their median."""
        calm = [pair[0].p90 for pair in self.pairs]
        return max(calm) / median(calm)

    def total(self, name: str) -> int:
        """A count over all disturbed runs."""
        return sum(getattr(run, name) for run in self.disturbed)

    @property
    def faults(self) -> list[str]:
        """What does not hold; empty where everything does."""
        row, runs = self.disturbance, self.disturbed
        found = [
            f"{self.total(name)} {words}"
            for name, words in (
                ("lost", "results lost"),
                ("doubled", "results or orders doubled"),
                ("wrong", "results that no tick can have given"),
                ("children_left", "servers outlived their host"),
            )
            if self.total(name)
        ]
        if self.total("unaccounted"):
            found.append(f"{self.total('unaccounted')} ticks nobody answered")
        if any(calm.built_in != run.built_in for calm, run in self.pairs):
            found.append("the built-in said something else")
        if not row.kills_host:
            # A machine that stands still for a moment makes some run late, disturbed or not.
            if sum(run.late > 0 for run in runs) > 1 + sum(calm.late > 0 for calm, _ in self.pairs):
                found.append(f"{self.total('late')} late results of the other server")
            if self.ratio > max(WORST, self.spread):
                found.append(f"p90 of the other server is {self.ratio:.2f} x the undisturbed one's")
            if any(run.detected is None for run in runs):
                found.append("not told")
        ends = {run.state for run in runs}
        if not ends <= {*row.ends, "stopped"}:
            found.append(f"ended as {', '.join(sorted(ends))}")
        return found

    def json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "name": self.disturbance.name,
            "what": self.disturbance.what,
            "p90_ratio": self.ratio,
            "undisturbed_spread": self.spread,
            "detected_ms": median(times(self.disturbed, "detected")),
            "back_ms": median(times(self.disturbed, "back")),
            "faults": self.faults,
            "holds": not self.faults,
            "pairs": [[calm.json(), run.json()] for calm, run in self.pairs],
        }


def times(runs: list[Outcome], name: str) -> list[float]:
    """Times that were measured, ms."""
    return [value for run in runs if (value := getattr(run, name)) is not None]


def span(values: list[float]) -> str:
    """The median, and the least and greatest where they differ."""
    if not values:
        return "-"
    low, middle, high = min(values), median(values), max(values)
    words = f"{middle:,.0f} ms"
    return words if len(values) == 1 else f"{words} ({low:,.0f}-{high:,.0f})"


HEAD = (
    "row", "told after", "live again after", "p90 of the other", "late", "lost", "doubled",
    "late of it", "unanswered", "state", "holds",
)  # fmt: skip


def cells(row: Row) -> tuple[str, ...]:
    """A row of the table."""
    runs = row.disturbed
    calm, run = (median([pair[side].p90 for pair in row.pairs]) for side in (0, 1))
    return (
        row.disturbance.name,
        span(times(runs, "detected")),
        span(times(runs, "back")),
        f"{run:.2f} / {calm:.2f} ms = {row.ratio:.2f}",
        str(row.total("late")),
        str(row.total("lost")),
        str(row.total("doubled")),
        f"{median([float(each.victim_late) for each in runs]):.0f}",
        f"{median([float(each.unanswered) for each in runs]):.0f}",
        ", ".join(sorted({each.state for each in runs})),
        "DOES NOT HOLD" if row.faults else "holds",
    )


def shortened(told: list[str]) -> list[str]:
    """What a reader needs of it: no attempts between, no repetitions, the last words whole."""
    kept = [
        words for words in told
        if not words.endswith("victim connecting") and "times by now)" not in words
    ]  # fmt: skip
    if len(kept) <= 7:
        return kept
    verdicts = [words for words in kept[3:-2] if " quarantined: " in words]
    return [*kept[:3], f"... ({len(kept) - 5 - len(verdicts)} more)", *verdicts, *kept[-2:]]


def show(rows: list[Row], width: int = 110) -> str:
    """The table, then what was done and what the host said in each row."""
    table = [HEAD, *map(cells, rows)]
    widths = [max(len(line[column]) for line in table) for column in range(len(HEAD))]
    lines = [
        "  ".join(cell.ljust(size) for cell, size in zip(line, widths, strict=True)).rstrip()
        for line in table
    ]
    lines.append("")
    for row in rows:
        lines.append(f"{row.disturbance.name}: {row.disturbance.what}")
        lines += [f"  DOES NOT HOLD: {fault}" for fault in row.faults]
        shown = shortened(row.disturbed[-1].told)
        for words in shown:
            flat = " / ".join(part.strip() for part in words.splitlines())
            lines += textwrap.wrap(flat, width, initial_indent="  | ", subsequent_indent="    ")
    return "\n".join(lines)
