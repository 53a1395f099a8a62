"""Makes the table of ``make bench`` of the findings that its programs print, one object a line.

A spread is the least and the greatest of the rounds. Ends with 1 when a goal does not hold that is
not marked as a later one. ``--json`` passes the objects through as one array.
"""

import json
import sys
from typing import Any

HEAD = ("name", "median", "unit", "spread", "ceiling", "ratio", "spread", "goal", "holds")
Found = dict[str, Any]


def number(value: float | None) -> str:
    """Three digits that matter, as people write them."""
    if value is None:
        return "-"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def spread(low: float | None, high: float | None) -> str:
    """Least and greatest."""
    return "-" if low is None or high is None else f"{number(low)}-{number(high)}"


def verdict(found: Found) -> str:
    """Whether the goal holds, in words that stand out where it does not."""
    if "holds" not in found:
        return "-"
    if found["holds"]:
        return "holds"
    return "not yet" if found["is_later"] else "DOES NOT HOLD"


def row(found: Found) -> tuple[str, ...]:
    """One line of the table."""
    ceiling = found.get("ceiling")
    against = f"{number(ceiling)} {found['ceiling_name']}" if ceiling is not None else "-"
    return (
        found["name"],
        number(found["median"]),
        found["unit"],
        spread(found["low"], found["high"]),
        against,
        number(found.get("ratio")),
        spread(found.get("ratio_low"), found.get("ratio_high")),
        found.get("goal", "-") + (" (later)" if found["is_later"] else ""),
        verdict(found),
    )


def main() -> int:
    """Print the table, or the array."""
    as_json = "--json" in sys.argv[1:]
    found: list[Found] = []
    for line in sys.stdin:
        found.append(json.loads(line))
        if not as_json:  # what takes minutes shows where it is
            print(f"  {found[-1]['name']}", file=sys.stderr, flush=True)
    if as_json:
        print(json.dumps(found, indent=1))
    else:
        rows = [HEAD, *map(row, found)]
        widths = [max(len(r[column]) for r in rows) for column in range(len(HEAD))]
        right = {1, 3, 5, 6}
        for cells in rows:
            padded = (
                cell.rjust(width) if column in right else cell.ljust(width)
                for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
            )
            print("  ".join(padded).rstrip())
    broken = [f for f in found if f.get("holds") is False and not f["is_later"]]
    for f in broken:
        print(f"{f['name']}: the goal {f['goal']} does not hold", file=sys.stderr)
    return 1 if broken or not found else 0


if __name__ == "__main__":
    sys.exit(main())
