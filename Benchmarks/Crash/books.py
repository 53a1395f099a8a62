"""What a run has left behind, and whether it is right."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starts import Program
from stores import Row, Store

Rows = dict[str, list[Row]]
UNIT = 100_000_000
TABLES = [
    "ledger", "signals", "orders", "risk_events", "rounds", "round_votes", "events",
    "shadow_results", "version_events",
]  # fmt: skip


def query(store: Store, sql: str) -> list[Row]:
    """Rows of a query of the store."""
    return store.ask(sql)[1]


def tables(store: Store) -> Rows:
    """All rows of the latest run, without what is another's in another folder or run.

    Client order ids come from the run's own id, and that from the folder; numbers count on over
    runs, and each start is a record of the log itself.
    """
    found: Rows = {}
    ((run,),) = query(store, "SELECT max(number) FROM runs")
    for table in TABLES:
        names, rows = store.ask(f"SELECT * FROM {table} WHERE run = {int(run)}")
        counts_on = table in ("signals", "risk_events", "shadow_results", "version_events")
        kept = [
            index
            for index, name in enumerate(names)
            if name not in ("run", "client_order_id", "record")
            and not (name == "number" and counts_on)
        ]
        found[table] = sorted((tuple(row[index] for index in kept) for row in rows), key=repr)
    return found


def difference(mine: Rows, theirs: Rows) -> list[str]:
    """Tables that are not the same, in words."""
    found = []
    for table in TABLES:
        missing = Counter(theirs[table]) - Counter(mine[table])
        more = Counter(mine[table]) - Counter(theirs[table])
        if missing or more:
            example = next(iter(more or missing))
            found.append(
                f"{table}: {missing.total()} rows missing, {more.total()} too many: {example}"
            )
    return found


def summary(lines: Sequence[str]) -> dict[str, Any]:
    """The summary in the last line of a run that came to its end; empty where there is none."""
    if not lines:
        return {}
    last = json.loads(lines[-1])
    return dict(last.get("summary") or {})


@dataclass(frozen=True, slots=True)
class Told:
    """Fills and orders that a start told of: they are acknowledged, whatever comes after."""

    order: int
    symbol: str
    side: str
    quantity: int
    price: int | None


def told(lines: Sequence[str], event: str) -> list[Told]:
    """What lines of this event said."""
    found = []
    for line in lines:
        words = json.loads(line)
        if words["event"] == event and "order" in words and "quantity" in words:
            found.append(
                Told(
                    int(words["order"]),
                    words["symbol"],
                    words["side"],
                    units(words["quantity"]),
                    units(words["price"]) if "price" in words else None,
                )
            )
    return found


def units(text: str) -> int:
    """Read a number with at most eight decimals, as whole units of ten to the minus eight."""
    whole, _, part = text.replace(",", "").partition(".")
    return int(whole + part.ljust(8, "0")[:8])


def lost(store: Store, starts: Sequence[Sequence[str]]) -> list[str]:
    """What was acknowledged and is not in the tables. A start may tell again what is unfinished."""
    found = []
    fills = {
        (run, *row)
        for run, *row in query(
            store, "SELECT r.id, order_number, symbol, side, quantity, price"
            " FROM ledger JOIN runs r ON r.number = run",
        )
    }  # fmt: skip
    orders = set(
        query(
            store, "SELECT r.id, o.number, symbol, side, quantity"
            " FROM orders o JOIN runs r ON r.number = run",
        )
    )  # fmt: skip
    for lines in starts:
        said = [json.loads(line) for line in lines]
        run = next((words["run"] for words in said if words["event"] == "started"), None)
        for each in told(lines, "fill"):
            row = (run, each.order, each.symbol, each.side, each.quantity, each.price)
            if row not in fills:
                found.append(f"a fill was told and is lost: {each}")
        for each in told(lines, "order"):
            if (run, each.order, each.symbol, each.side, each.quantity) not in orders:
                found.append(f"an order was told and is lost: {each}")
    return found


def doubled(store: Store) -> list[str]:
    """What stands twice, or sells what nobody holds."""
    questions = {
        "client order ids twice": "SELECT client_order_id FROM orders"
        " GROUP BY client_order_id HAVING count(*) > 1",
        "orders whose fills are not their ledger's": "SELECT o.run, o.number, o.filled"
        " FROM orders o LEFT JOIN ledger l ON l.order_number = o.number AND l.run = o.run"
        " GROUP BY o.run, o.number HAVING coalesce(sum(l.quantity), 0) <> o.filled"
        " OR o.filled > o.quantity",
        "fills of no order": "SELECT run, line FROM ledger l WHERE NOT EXISTS"
        " (SELECT 1 FROM orders o WHERE o.run = l.run AND o.number = l.order_number)",
        "positions below zero": "SELECT run, line, symbol FROM ledger WHERE position_after < 0",
    }
    return [
        f"{words}: {rows[:3]}" for words, sql in questions.items() if (rows := query(store, sql))
    ]


def opened_after_kill(store: Store, switches: int) -> list[str]:
    """Whether the switch stands in the books once, and nothing was bought behind it."""
    thrown = query(
        store, "SELECT run, min(record), count(*) FROM risk_events"
        " WHERE code = 'KILL' AND rule = 'on' GROUP BY run ORDER BY run"
    )  # fmt: skip
    if not thrown or any(count != switches for _, _, count in thrown):
        return [f"the kill switch stands in the books as {thrown}"]
    run, record, _ = thrown[-1]
    behind = query(
        store,
        "SELECT number, record FROM orders WHERE side = 'buy'"
        f" AND (run > {thrown[0][0]} OR run = {run} AND record > {record})",
    )
    return [f"bought behind the kill switch: {behind}"] if behind else []


def checked(program: Program, folder: Path, has_venue: bool) -> list[str]:
    """What the program's own checks say: of the log, and of tables against it.

    Tables of orders at a venue are made by the run alone, as the program says: we ask the venue.
    """
    found = []
    verify = program.start(folder, "log", "verify", "--json")
    state = json.loads(verify.lines[-1]).get("state") if verify.lines else None
    if verify.code or state != "whole":
        found.append(f"log verify: {state}, code {verify.code}: {verify.errors.strip()}")
    if has_venue:
        return found
    check = program.start(folder, "store", "check")
    if check.code:
        found.append(f"store check: code {check.code}: {check.errors.strip()}{check.lines[-3:]}")
    return found
