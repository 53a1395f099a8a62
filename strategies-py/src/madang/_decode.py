"""Columns of an ``Events`` message, checked, as rows or numpy arrays."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from itertools import groupby, pairwise
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from madang._generated.columns.v1 import host_pb2 as columns_pb
from madang._generated.strategy.v1 import instrument_pb2
from madang._units import from_units
from madang.columns import Ticks
from madang.errors import ProtocolError
from madang.instruments import Instrument

if sys.byteorder != "little":
    raise ImportError("madang reads columns as little-endian memory; this machine is big-endian")

Row = tuple[int, ...]
# Of ticks as columns an array: a list would cost more than all else about them.
Offsets = list[int] | npt.NDArray[np.uint64]
TICKS, QUOTES, CANDLES, FILLS, TIMERS, CHANGES = range(6)
_SETS = ("ticks", "quotes", "candles", "account_updates", "timers", "instrument_changes")


class Decoded:
    """The events of one message, as runs of one kind each, in order of position.

    Attributes:
        last: The last position, ``previous`` where there is no event.
        runs: Kind and number of events of each run.
        rows: For each kind, its rows as tuples, to be taken run by run.
        ticks: The ticks as columns, if asked for.
    """

    __slots__ = ("last", "previous", "rows", "runs", "ticks")

    def __init__(
        self,
        events: columns_pb.Events,
        *,
        vector: Mapping[int, Instrument] | None,
        ordered: bool = True,
    ) -> None:
        """Check and take apart ``events``.

        Args:
            events: The message.
            vector: The session's instruments if ticks are wanted as columns, else None.
            ordered: Whether offsets must rise from above 0; a warm-up may leave them equal.

        Raises:
            ProtocolError: Columns do not fit each other or the count, or offsets do not rise.
        """
        self.previous = events.previous
        self.rows: dict[int, Iterator[Any]] = {}
        self.ticks: Ticks | None = None
        offsets: list[tuple[int, Offsets]] = []
        for kind, name in enumerate(_SETS):
            if not events.HasField(name):
                continue
            columns = getattr(events, name)
            if kind == CHANGES:
                column: Offsets = list(columns.offset)
                if not len(column) == len(columns.added) == len(columns.instruments):
                    raise _bad("instrument_changes: its columns differ in length")
                rows: Iterator[Any] = zip(
                    column, columns.added, map(instrument, columns.instruments), strict=True
                )
            elif kind == TICKS and vector is not None:
                self.ticks = _tick_columns(columns, self.previous, vector)
                column = _array(columns.offset, len(self.ticks), "ticks.offset", "<u8")
                rows = iter(())
            else:
                column, rows = _ROWS[kind](columns)
            if len(column):
                offsets.append((kind, column))
                self.rows[kind] = rows
        self._check(events.count, offsets, ordered)
        if not offsets:
            self.runs: list[tuple[int, int]] = []
        elif len(offsets) == 1:
            kind, column = offsets[0]
            self.runs = [(kind, len(column))]
        else:
            merged = sorted(
                (offset, kind)
                for kind, column in offsets
                for offset in (column if isinstance(column, list) else column.tolist())
            )
            if ordered and any(a[0] == b[0] for a, b in pairwise(merged)):
                raise _bad("two events share a position")
            self.runs = [
                (kind, sum(1 for _ in run)) for kind, run in groupby(merged, lambda pair: pair[1])
            ]
        self.last = self.previous + max((int(column[-1]) for _, column in offsets), default=0)
        if self.last >= 2**64:
            raise _bad("a position does not fit 64 bits")

    def _check(self, count: int, offsets: list[tuple[int, Offsets]], ordered: bool) -> None:
        total = sum(len(column) for _, column in offsets)
        if total != count:
            raise _bad(f"count says {count}, the columns hold {total}")
        for kind, column in offsets:
            if not _rises(column, ordered) or (ordered and column[0] < 1):
                raise _bad(f"{_SETS[kind]}.offset does not rise from above 0")


def _rises(column: Offsets, ordered: bool) -> bool:
    """Return whether a column rises from row to row; without ``ordered`` it may stand still."""
    if isinstance(column, list):
        return (sorted(set(column)) if ordered else sorted(column)) == column
    before, behind = column[:-1], column[1:]
    return bool((behind > before).all() if ordered else (behind >= before).all())


def instrument(message: instrument_pb2.Instrument) -> Instrument:
    """Return the model's form of an instrument."""
    return Instrument(
        number=message.number,
        symbol=message.symbol,
        market=message.market,
        currency=message.currency,
        tick_size=from_units(message.tick_size),
        lot=from_units(message.lot),
        time_zone=message.time_zone,
    )


def _bad(text: str) -> ProtocolError:
    return ProtocolError("INVALID_ARGUMENT", f"events: {text}")


def _cast(
    column: bytes, rows: int, what: str, code: Literal["q", "Q", "I"], width: int
) -> list[int]:
    if len(column) != width * rows:
        raise _bad(f"{what} has {len(column)} bytes, {width * rows} expected for {rows} rows")
    return memoryview(column).cast(code).tolist()


def _int64(column: bytes, rows: int, what: str) -> list[int]:
    return _cast(column, rows, what, "q", 8)


def _uint64(column: bytes, rows: int, what: str) -> list[int]:
    return _cast(column, rows, what, "Q", 8)


def _uint32(column: bytes, rows: int, what: str) -> list[int]:
    return _cast(column, rows, what, "I", 4)


def _sides(column: bytes, rows: int, what: str) -> list[int]:
    if not column:
        return [0] * rows
    sides = _uint32(column, rows, what)
    if max(sides) > 2:
        raise _bad(f"{what} holds {max(sides)}; 0, 1 and 2 are known")
    return sides


def _rows_of(column: bytes, what: str) -> int:
    rows, rest = divmod(len(column), 8)
    if rest:
        raise _bad(f"{what}.offset has {len(column)} bytes, not a multiple of 8")
    return rows


def _all_int64(message: Any, names: tuple[str, ...], rows: int, what: str) -> list[list[int]]:
    return [_int64(getattr(message, name), rows, f"{what}.{name}") for name in names]


def _tick_rows(m: columns_pb.Ticks) -> tuple[list[int], Iterator[Row]]:
    n = _rows_of(m.offset, "ticks")
    offset = _uint64(m.offset, n, "ticks.offset")
    if m.flags:
        _uint32(m.flags, n, "ticks.flags")
    return offset, zip(
        offset,
        _uint32(m.instrument, n, "ticks.instrument"),
        *_all_int64(m, ("feed_time", "entry_time", "price", "quantity"), n, "ticks"),
        _sides(m.side, n, "ticks.side"),
        strict=True,
    )


def _quote_rows(m: columns_pb.Quotes) -> tuple[list[int], Iterator[Row]]:
    n = _rows_of(m.offset, "quotes")
    offset = _uint64(m.offset, n, "quotes.offset")
    names = ("feed_time", "entry_time", "bid_price", "bid_quantity", "ask_price", "ask_quantity")
    return offset, zip(
        offset,
        _uint32(m.instrument, n, "quotes.instrument"),
        *_all_int64(m, names, n, "quotes"),
        strict=True,
    )


def _candle_rows(m: columns_pb.Candles) -> tuple[list[int], Iterator[Row]]:
    n = _rows_of(m.offset, "candles")
    offset = _uint64(m.offset, n, "candles.offset")
    volume = _uint64(m.volume, n, "candles.volume")
    if m.volume_high:
        high = _int64(m.volume_high, n, "candles.volume_high")
        volume = [low + (top << 64) for low, top in zip(volume, high, strict=True)]
    names = ("interval", "open_time", "close_time", "entry_time", "open", "high", "low", "close")
    return offset, zip(
        offset,
        _uint32(m.instrument, n, "candles.instrument"),
        *_all_int64(m, names, n, "candles"),
        volume,
        _uint32(m.flags, n, "candles.flags"),
        strict=True,
    )


def _fill_rows(m: columns_pb.AccountUpdates) -> tuple[list[int], Iterator[Row]]:
    n = _rows_of(m.offset, "account_updates")
    offset = _uint64(m.offset, n, "account_updates.offset")
    names = ("price", "quantity", "fee", "position", "average_price", "cash")
    return offset, zip(
        offset,
        _uint32(m.instrument, n, "account_updates.instrument"),
        _int64(m.time, n, "account_updates.time"),
        _sides(m.side, n, "account_updates.side"),
        *_all_int64(m, names, n, "account_updates"),
        strict=True,
    )


def _timer_rows(m: columns_pb.Timers) -> tuple[list[int], Iterator[Row]]:
    n = _rows_of(m.offset, "timers")
    offset = _uint64(m.offset, n, "timers.offset")
    return offset, zip(offset, *_all_int64(m, ("time", "interval"), n, "timers"), strict=True)


_ROWS: dict[int, Any] = {
    TICKS: _tick_rows,
    QUOTES: _quote_rows,
    CANDLES: _candle_rows,
    FILLS: _fill_rows,
    TIMERS: _timer_rows,
}


def _array(column: bytes, rows: int, what: str, dtype: str) -> Any:
    width = int(dtype[-1])
    if len(column) != width * rows:
        raise _bad(f"{what} has {len(column)} bytes, {width * rows} expected for {rows} rows")
    return np.frombuffer(column, dtype=dtype)


def _tick_columns(
    m: columns_pb.Ticks, previous: int, instruments: Mapping[int, Instrument]
) -> Ticks:
    n = _rows_of(m.offset, "ticks")
    if m.flags:
        _array(m.flags, n, "ticks.flags", "<u4")
    side = _array(m.side, n, "ticks.side", "<u4") if m.side else np.zeros(n, dtype="<u4")
    if n and int(side.max()) > 2:
        raise _bad(f"ticks.side holds {int(side.max())}; 0, 1 and 2 are known")
    return Ticks(
        instruments,
        previous,
        _array(m.offset, n, "ticks.offset", "<u8"),
        _array(m.feed_time, n, "ticks.feed_time", "<i8"),
        _array(m.entry_time, n, "ticks.entry_time", "<i8"),
        _array(m.instrument, n, "ticks.instrument", "<u4"),
        _array(m.price, n, "ticks.price", "<i8"),
        _array(m.quantity, n, "ticks.quantity", "<i8"),
        side,
    )
