"""What a snapshot holds of a session: whose it is, instruments, series, helpers, holdings.

The strategy's own part is what its ``save`` returned, and stands beside it.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np

from madang._runtime import MAKERS, Runtime
from madang.errors import HistoryError, SnapshotError
from madang.history import Indicator, Series
from madang.instruments import Holding, Instrument

# What must be equal for a snapshot to be taken, and what people call it.
ABOUT = {
    "sdk": "SDK",
    "name": "strategy",
    "version": "version",
    "code": "code",
    "model": "model hash",
    "parameters": "parameters",
    "parameter_hash": "parameter hash",
    "account": "account",
    "mode": "mode",
    "position": "position",
}
_INSTRUMENT = {
    "number": int, "symbol": str, "market": str, "currency": str, "tick_size": Decimal,
    "lot": Decimal, "time_zone": str,
}  # fmt: skip


def state_of(runtime: Runtime) -> dict[str, Any]:
    """Return what ``runtime`` keeps, exactly: every later value follows from it."""
    keys = {id(helper): key for key, helper in runtime.asked.items()}
    return {
        "instruments": [
            {name: getattr(each, name) for name in _INSTRUMENT}
            for each in runtime.instruments.values()
        ],
        "holdings": [
            (number, each.quantity, each.average_price) for number, each in runtime.holdings.items()
        ],
        "series": [
            {
                "interval": interval,
                "number": number,
                "count": series.count,
                "values": np.array(series.values, dtype=np.int64),
                "helpers": [
                    {"key": keys[id(helper)], "state": helper.state()}
                    for helper in series.indicators
                ],
            }
            for interval, all_series in runtime.series.items()
            for number, series in all_series.items()
        ],
    }


def check_about(told: Any, mine: Mapping[str, Any]) -> None:
    """Refuse a snapshot that is somebody else's.

    Raises:
        SnapshotError: With what differs.
    """
    if not isinstance(told, dict) or told.keys() != mine.keys():
        raise SnapshotError("it does not say whose it is")
    for name, value in mine.items():
        if type(told[name]) is not type(value) or told[name] != value:
            raise SnapshotError(f"its {ABOUT[name]} is {told[name]!r}, here it is {value!r}")


def instruments_of(state: Any) -> list[Instrument]:
    """Return the instruments of a state, in order.

    Raises:
        SnapshotError: They are none.
    """
    rows = _field(state, "instruments", list)
    found = [
        Instrument(**{name: _field(row, name, kind) for name, kind in _INSTRUMENT.items()})
        for row in rows
    ]
    if len({each.number for each in found}) < len(found) or (
        len({each.symbol for each in found}) < len(found)
    ):
        raise SnapshotError("it names an instrument twice")
    return found


def restore(runtime: Runtime, state: Any) -> None:
    """Bring ``runtime``, which has the state's instruments and no event behind it, to ``state``.

    Helpers that on_start has asked for stay the same objects.

    Raises:
        SnapshotError: It is the state of another strategy, or none.
    """
    for row in _field(state, "holdings", list):
        if type(row) is not tuple or [type(each) for each in row] != [int, Decimal, Decimal]:
            raise SnapshotError(f"{row!r} is no holding")
        number, quantity, price = row
        if number not in runtime.instruments:
            raise SnapshotError(f"{row!r} is a holding of nothing known")
        runtime.holdings[number] = Holding(quantity, price)
    wanted = {
        (interval, number): series
        for interval, all_series in runtime.series.items()
        for number, series in all_series.items()
    }
    told: set[int] = set()
    for row in _field(state, "series", list):
        place = (_field(row, "interval", int), _field(row, "number", int))
        series = wanted.pop(place, None)
        if series is None:
            raise SnapshotError(f"it has a series of input and instrument {place}, which is none")
        told |= _fill(runtime, series, row)
    if wanted:
        raise SnapshotError(f"it has no series of input and instrument {next(iter(wanted))}")
    for key, helper in runtime.asked.items():
        # Asked for in on_start now, and not then: it begins as one that is asked for late.
        if id(helper) not in told:
            helper.take(MAKERS[key[0]][0](helper.series, key[2]).state())


def _fill(runtime: Runtime, series: Series, row: Any) -> set[int]:
    """Bring a series and its helpers to what ``row`` says; return the ids of these."""
    values, count = _field(row, "values", np.ndarray), _field(row, "count", int)
    if values.dtype != np.int64 or values.ndim != 1 or not len(values) <= count <= sys.maxsize:
        raise SnapshotError("the prices of a series are not as they should be")
    rows = _field(row, "helpers", list)
    # Each wants its prices kept, so all are there first; behind the prices, those that were asked
    # for late would be told again.
    helpers = [_helper(runtime, series, _field(each, "key", tuple)) for each in rows]
    series.values = array("q", values.tobytes())
    series.count = count
    for helper, each in zip(helpers, rows, strict=True):
        try:
            helper.take(_field(each, "state", dict))
        except ValueError as e:
            raise SnapshotError(str(e)) from e
    return set(map(id, helpers))


def _helper(runtime: Runtime, series: Series, key: tuple[Any, ...]) -> Indicator:
    what, symbol, length, on = key if len(key) == 4 else (None, None, None, None)
    if type(what) is not str or type(symbol) is not str or what not in MAKERS:
        raise SnapshotError(f"{key!r} is no helper")
    if type(length) is not int or not (on is None or type(on) is str):
        raise SnapshotError(f"{key!r} is no helper")
    try:
        found = runtime.indicator(what, symbol, length, on)
    except HistoryError as e:
        raise SnapshotError(str(e)) from e
    if found.series is not series:
        raise SnapshotError(f"{key!r} is no helper of its series")
    return found


def _field(row: Any, name: str, kind: type[Any]) -> Any:
    """Return a field that must be there and of exactly this type."""
    if not isinstance(row, dict) or type(row.get(name)) is not kind:
        raise SnapshotError(f"{name} is missing, or not of type {kind.__name__}")
    return row[name]
