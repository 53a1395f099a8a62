"""The table of what was done and found."""

from collections import Counter
from collections.abc import Sequence

from cases import Case
from life import Reference
from scenes import Scenario

HEAD = (
    "scenario", "fault", "points", "struck", "starts", "second crashes", "ended 5 / 0",
    "differences", "longest start",
)  # fmt: skip


def show(found: Sequence[tuple[Scenario, Reference, list[Case]]]) -> str:
    """Return a row for each scenario and kind of fault, as a table of Markdown."""
    rows: list[tuple[str, ...]] = [HEAD]
    for scenario, _, done in found:
        for how in dict.fromkeys(case.fault.how for case in done):
            rows.append(_row(scenario, how, [case for case in done if case.fault.how == how]))
    every = [case for _, _, done in found for case in done]
    rows.append(("all", "", *_row(None, "", every)[2:]))
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    usual = ", ".join(
        f"{scenario.name} {max(reference.calls)} writes in {reference.seconds:.1f} s"
        for scenario, reference, _ in found
    )
    return "\n".join(lines) + f"\n\nUndisturbed: {usual}."


def _row(scenario: Scenario | None, how: str, cases: Sequence[Case]) -> tuple[str, ...]:
    codes = Counter(case.code for case in cases if case.struck and case.code is not None)
    return (
        scenario.name if scenario else "",
        how,
        f"{len(cases):,}",
        f"{sum(bool(case.struck) for case in cases):,}",
        f"{sum(case.starts for case in cases):,}",
        f"{sum(bool(case.second) for case in cases):,}",
        f"{codes[5]} / {codes[0]}" if codes else "-",
        f"{sum(bool(case.differences) for case in cases):,}",
        f"{max((case.longest for case in cases), default=0):.1f} s",
    )
