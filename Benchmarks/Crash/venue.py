"""``madang-sim`` in a process of its own: what really happened, whatever a host thinks."""

import json
import subprocess
import urllib.request
from collections import Counter
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from books import UNIT, query
from stores import Store

CASH = Decimal(200_000_000)
LOGIN = {"SIM_KEY": "demo", "SIM_SECRET": "demo"}


class Venue:
    """A venue with a market of its own, for the life of a ``with``."""

    def __init__(self, madang_sim: Path) -> None:
        """Start it; it ends with its standard input."""
        self._process = subprocess.Popen(
            [str(madang_sim), "--real-time", "--walk", "10", "--until-eof",
             "--symbol", "A", "--symbol", "B"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        line = self._process.stdout.readline() if self._process.stdout else ""
        told = json.loads(line)
        self._http = told["http"]
        self.broker = (
            f'sim: {{ kind: sim, fee_bps: 5, http: "{told["http"]}", stream: "{told["stream"]}",'
            ' key: "${SIM_KEY}", secret: "${SIM_SECRET}", rate: 2000,'
            " answer_within: 300ms, doubt_over: 300ms }"
        )

    def __enter__(self) -> Self:
        """Lend it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        """End it."""
        self._process.kill()
        self._process.communicate()

    def _ask(self, path: str, body: dict[str, str] | None = None, token: str = "") -> Any:
        request = urllib.request.Request(
            self._http + path,
            json.dumps(body).encode() if body else None,
            {"Authorization": f"Bearer {token}"} if token else {},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def differences(self, store: Store) -> list[str]:
        """Where the tables are not what is there: orders, holdings, cash."""
        token = self._ask("/oauth/token", {"key": "demo", "secret": "demo"})["token"]
        there = self._ask("/v1/orders?since=0", token=token)["orders"]
        found = []
        ids = Counter(order.get("client_id") for order in there)
        found += [f"{count} orders there for {name}" for name, count in ids.items() if count > 1]
        here = {row[0]: row for row in query(
            store, "SELECT client_order_id, state, filled, quantity, symbol, side FROM orders"
        )}  # fmt: skip
        for order in there:
            row = here.get(order.get("client_id"))
            theirs = (
                order["state"], int(order["filled"]) * UNIT, int(order["quantity"]) * UNIT,
                order["symbol"], order["side"],
            )  # fmt: skip
            if row is None or row[1:] != theirs:
                found.append(f"there {order}, here {row}")
        known = {order.get("client_id") for order in there}
        found += [
            f"here {row}, not there" for row in here.values() if row[2] > 0 and row[0] not in known
        ]
        held = {
            each["symbol"]: int(each["quantity"]) * UNIT
            for each in self._ask("/v1/positions", token=token)["positions"]
        }
        booked: dict[str, int] = dict(query(
            store, "SELECT symbol, sum(CASE side WHEN 'buy' THEN quantity ELSE -quantity END)"
            " FROM ledger GROUP BY symbol"
        ))  # fmt: skip
        for symbol in {*held, *booked}:
            if held.get(symbol, 0) != booked.get(symbol, 0):
                found.append(f"{symbol}: {held.get(symbol)} held, {booked.get(symbol)} booked")
        cash = self._ask("/v1/balances", token=token)["balances"][0]["cash"]
        # Each run begins with the configured cash, whatever one before it has spent.
        after = query(
            store,
            "SELECT cash_after FROM ledger l WHERE line ="
            " (SELECT max(line) FROM ledger WHERE run = l.run)",
        )
        booked_cash = CASH + sum(Decimal(last) - CASH for (last,) in after)
        if Decimal(cash) != booked_cash:
            found.append(f"{cash} of cash there, {booked_cash} booked")
        return found
