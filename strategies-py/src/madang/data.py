"""Market data from CSV files, for trying strategies without a host."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from zoneinfo import ZoneInfo

from madang._units import to_units
from madang.errors import DataError, ResultError
from madang.instruments import Instrument, to_ns
from madang.model import Candle, Quote, Tick

Event = Tick | Quote | Candle

# What columns are called in the wild, the likeliest first.
NAMES: dict[str, tuple[str, ...]] = {
    "time": ("ts", "time", "timestamp", "datetime", "date", "open_time", "feed_time"),
    "symbol": ("symbol", "ticker", "code", "instrument"),
    "open": ("open", "o"),
    "high": ("high", "h"),
    "low": ("low", "l"),
    "close": ("close", "c"),
    "volume": ("volume", "vol", "v"),
    "price": ("price", "px", "last"),
    "quantity": ("quantity", "size", "qty", "amount", "volume"),
    "side": ("side",),
    "bid": ("bid", "bid_price"),
    "ask": ("ask", "ask_price"),
    "bid_quantity": ("bid_quantity", "bid_size", "bid_qty"),
    "ask_quantity": ("ask_quantity", "ask_size", "ask_qty"),
}
_SIDES = {"": 0, "0": 0, "buy": 1, "b": 1, "1": 1, "sell": 2, "s": 2, "2": 2, "-1": 2}


@dataclass(frozen=True, slots=True)
class _Row:
    """A row with its place, and the columns by what they mean."""

    where: str
    fields: Sequence[str]
    columns: Mapping[str, int]

    def text(self, name: str) -> str:
        index = self.columns.get(name)
        return self.fields[index].strip() if index is not None else ""

    def units(self, name: str, bits: int = 64) -> int:
        text = self.text(name)
        try:
            return to_units(Decimal(text) if text else 0, name, bits=bits)
        except (ArithmeticError, ResultError) as e:
            raise DataError(f"{self.where}: {name} {text!r} is not a number") from e


def read_csv(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    interval_ns: int | None = None,
    symbol: str = "DATA",
    market: str = "",
    time_zone: str = "UTC",
) -> Iterator[Event]:
    """Read ticks, quotes or candles from a CSV file, also ``.gz``, in file order.

    What the file holds is seen from its header: open, high, low and close are candles, price is
    ticks, bid and ask are quotes. Times are integers (seconds to nanoseconds since 1970, told by
    their size) or ISO 8601; a candle's is its start.

    Args:
        path: The file.
        columns: Header names where they are unusual: ``{"time": "trade_ms"}``.
        interval_ns: Length of the candles; by default the shortest distance of two rows.
        symbol: Of rows where the file has no such column.
        market: Of the instruments.
        time_zone: Of times without one.

    Raises:
        DataError: The file is unreadable, its columns are not known, or a row is wrong.
    """
    path = Path(path)
    rows = _rows(path, columns or {})
    try:
        first = list(islice(rows, 4096))
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as e:
        raise DataError(f"{path}: {e}") from e
    if not first:
        raise DataError(f"{path}: no rows")
    known = first[0].columns
    read_time = _times(ZoneInfo(time_zone))
    if {"open", "high", "low", "close"} <= known.keys():
        interval = interval_ns or _interval(path, first, read_time, symbol)
        make = _candles(interval, read_time)
    elif "price" in known:
        make = _ticks(read_time)
    elif {"bid", "ask"} <= known.keys():
        make = _quotes(read_time)
    else:
        raise DataError(
            f"{path}: the header has neither open, high, low, close nor price nor bid, ask; say "
            "which columns they are, such as price=px"
        )
    instruments: dict[str, Instrument] = {}
    for row in chain(first, rows):
        name = row.text("symbol") or symbol
        about = instruments.get(name)
        if about is None:
            about = Instrument(len(instruments), name, market=market, time_zone=time_zone)
            instruments[name] = about
        yield make(row, about)


def with_candles(events: Iterable[Event], intervals: Sequence[int]) -> Iterator[Event]:
    """Put the candles of ``intervals`` among ticks, each before the tick that closes it.

    Args:
        events: In order of time.
        intervals: Lengths in ns.
    """
    growing: dict[tuple[int, str], Candle] = {}
    next_close = 2**63
    for event in events:
        if not isinstance(event, Tick):
            yield event
            continue
        now = event.feed_time_ns
        if now >= next_close:
            due = [(candle.close_time_ns, *key) for key, candle in growing.items()
                   if candle.close_time_ns <= now]  # fmt: skip
            for _, interval, symbol in sorted(due):
                yield growing.pop((interval, symbol))
        yield event
        for interval in intervals:
            key = (interval, event.symbol)
            price, quantity = event.price_units, event.quantity_units
            candle = growing.get(key)
            if candle is None:
                start = now - now % interval
                growing[key] = Candle(
                    event.instrument, 0, interval, start, start + interval, start + interval,
                    price, price, price, price, quantity,
                )  # fmt: skip
            else:
                candle.high_units = max(candle.high_units, price)
                candle.low_units = min(candle.low_units, price)
                candle.close_units = price
                candle.volume_units += quantity
        next_close = min(candle.close_time_ns for candle in growing.values())


def _rows(path: Path, renamed: Mapping[str, str]) -> Iterator[_Row]:
    unknown = set(renamed) - set(NAMES)
    if unknown:
        raise DataError(f"columns: {unknown.pop()!r} is none of {', '.join(NAMES)}")
    try:
        raw = gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")  # noqa: SIM115
    except OSError as e:
        raise DataError(f"{path}: {e.strerror}") from e
    with io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        header = next(reader, None)
        if header is None:
            return
        places = {name.strip().lower(): index for index, name in reversed([*enumerate(header)])}
        columns: dict[str, int] = {}
        for meaning, names in NAMES.items():
            wanted = renamed.get(meaning)
            if wanted is not None and wanted.lower() not in places:
                raise DataError(f"{path}: no column {wanted!r}; there are {', '.join(header)}")
            for name in (wanted,) if wanted is not None else names:
                if name.lower() in places:
                    columns[meaning] = places[name.lower()]
                    break
        if "time" not in columns:
            raise DataError(f"{path}: no column of times; say which, such as time={header[0]}")
        for line, fields in enumerate(reader, 2):
            if len(fields) != len(header):
                if not fields:
                    continue
                raise DataError(
                    f"{path}:{line}: {len(fields)} fields, the header has {len(header)}"
                )
            yield _Row(f"{path}:{line}", fields, columns)


ReadTime = Callable[[_Row], int]


def _times(zone: ZoneInfo) -> ReadTime:
    def read(row: _Row) -> int:
        text = row.text("time")
        if text.isascii() and text.isdigit() and len(text) != 8:
            number = int(text)
            for digits, scale in ((17, 1), (14, 10**3), (11, 10**6)):
                if number >= 10**digits:
                    return number * scale
            return number * 10**9
        try:
            time = datetime.fromisoformat(_padded(text))
        except ValueError as e:
            raise DataError(f"{row.where}: {text!r} is not a time") from e
        return to_ns((time if time.tzinfo else time.replace(tzinfo=zone)).astimezone(UTC))

    return read


def _padded(text: str) -> str:
    """Give the hour of ``2013-10-07 4:00:01`` its second digit."""
    date, space, clock = text.partition(" ")
    return f"{date} 0{clock}" if space and clock[1:2] == ":" else text


def _interval(path: Path, rows: Sequence[_Row], read_time: ReadTime, symbol: str) -> int:
    last: dict[str, int] = {}
    shortest = 0
    for row in rows:
        name, time = row.text("symbol") or symbol, read_time(row)
        step = time - last.get(name, time)
        if step > 0 and (not shortest or step < shortest):
            shortest = step
        last[name] = time
    if not shortest:
        raise DataError(f"{path}: how long is a candle? Say it, such as interval 1m")
    return shortest


def _candles(interval: int, read_time: ReadTime) -> Callable[[_Row, Instrument], Event]:
    def make(row: _Row, about: Instrument) -> Candle:
        start = read_time(row)
        o, h, l, c = (row.units(name) for name in ("open", "high", "low", "close"))  # noqa: E741
        end = start + interval
        return Candle(about, 0, interval, start, end, end, o, h, l, c, row.units("volume", 128))

    return make


def _ticks(read_time: ReadTime) -> Callable[[_Row, Instrument], Event]:
    def make(row: _Row, about: Instrument) -> Tick:
        time = read_time(row)
        side = _SIDES.get(row.text("side").lower(), 0)
        return Tick(about, 0, time, time, row.units("price"), row.units("quantity"), side)

    return make


def _quotes(read_time: ReadTime) -> Callable[[_Row, Instrument], Event]:
    def make(row: _Row, about: Instrument) -> Quote:
        time = read_time(row)
        names = ("bid", "bid_quantity", "ask", "ask_quantity")
        return Quote(about, 0, time, time, *(row.units(name) for name in names))

    return make
