"""Events as columns: what a host does, for replay and tests."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from madang._generated.columns.v1 import host_pb2 as columns_pb
from madang.inputs import Input, Kind
from madang.model import Candle, Fill, Quote, Tick, Timer

Event = Tick | Quote | Candle | Fill | Timer
Placed = tuple[int, int, Event]
"""Position, number of the instrument (0 for timers), event."""


def wanted(event: Event, inputs: Iterable[Input], reads_account: bool) -> bool:
    """Return whether a strategy with these inputs gets ``event``."""
    if isinstance(event, Fill):
        return reads_account
    kinds = {Tick: Kind.TICKS, Quote: Kind.QUOTES, Candle: Kind.CANDLES, Timer: Kind.TIMERS}
    kind = kinds[type(event)]
    for item in inputs:
        if item.kind is not kind:
            continue
        if isinstance(event, Candle | Timer) and item.interval_ns != event.interval_ns:
            continue
        if isinstance(event, Candle) and not (event.final or item.unfinished):
            continue
        return True
    return False


def encode(previous: int, batch: Sequence[Placed]) -> columns_pb.Events:
    """Return ``batch`` as one message."""
    events = columns_pb.Events(previous=previous, count=len(batch))
    for kind, (name, fill) in _SETS.items():
        rows = [(at - previous, number, event) for at, number, event in batch
                if isinstance(event, kind)]  # fmt: skip
        if rows:
            columns = getattr(events, name)
            columns.offset = array("Q", [row[0] for row in rows]).tobytes()
            if kind is not Timer:
                columns.instrument = array("I", [row[1] for row in rows]).tobytes()
            fill(columns, [row[2] for row in rows])
    return events


def _put(columns: Any, code: str, events: Sequence[Any], names: dict[str, str]) -> None:
    for column, attribute in names.items():
        values = [getattr(event, attribute) for event in events]
        setattr(columns, column, array(code, values).tobytes())


def _ticks(columns: Any, events: Sequence[Any]) -> None:
    names = {"feed_time": "feed_time_ns", "entry_time": "entry_time_ns",
             "price": "price_units", "quantity": "quantity_units"}  # fmt: skip
    _put(columns, "q", events, names)
    _put(columns, "I", events, {"side": "_side"})


def _quotes(columns: Any, events: Sequence[Any]) -> None:
    names = {"feed_time": "feed_time_ns", "entry_time": "entry_time_ns"}
    for name in ("bid_price", "bid_quantity", "ask_price", "ask_quantity"):
        names[name] = f"{name}_units"
    _put(columns, "q", events, names)


def _candles(columns: Any, events: Sequence[Any]) -> None:
    names = {name: f"{name}_ns" for name in ("interval", "open_time", "close_time", "entry_time")}
    names |= {name: f"{name}_units" for name in ("open", "high", "low", "close")}
    _put(columns, "q", events, names)
    volumes = [event.volume_units for event in events]
    columns.volume = array("Q", [volume & (2**64 - 1) for volume in volumes]).tobytes()
    if any(volume >> 63 for volume in volumes):
        columns.volume_high = array("q", [volume >> 64 for volume in volumes]).tobytes()
    columns.flags = array("I", [int(event.final) for event in events]).tobytes()


def _fills(columns: Any, events: Sequence[Any]) -> None:
    names = {
        name: f"{name}_units" for name in ("price", "quantity", "fee", "average_price", "cash")
    }
    _put(columns, "q", events, names | {"time": "time_ns", "position": "held_units"})
    _put(columns, "I", events, {"side": "_side"})


def _timers(columns: Any, events: Sequence[Any]) -> None:
    _put(columns, "q", events, {"time": "time_ns", "interval": "interval_ns"})


_SETS: dict[type, tuple[str, Callable[[Any, Sequence[Any]], None]]] = {
    Tick: ("ticks", _ticks),
    Quote: ("quotes", _quotes),
    Candle: ("candles", _candles),
    Fill: ("account_updates", _fills),
    Timer: ("timers", _timers),
}
