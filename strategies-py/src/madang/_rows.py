"""From the rows of a message to the events that hooks are given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from madang._runtime import Runtime
from madang._units import from_units
from madang.errors import ProtocolError
from madang.instruments import Holding, Instrument
from madang.model import Candle, Fill, Quote, Tick, Timer

Called = tuple[int, Instrument | None, Any]


class Rows:
    """Makes events: position, instrument, event.

    Each generator brings its series up to date before the event is seen. All raise
    :class:`ProtocolError` for an instrument that the session does not have.
    """

    def __init__(self, runtime: Runtime) -> None:
        """Take instruments, series and holdings from there."""
        self._runtime = runtime

    def ticks(self, rows: Iterator[Any], previous: int) -> Iterator[Called]:
        """Ticks."""
        instruments = self._runtime.instruments
        series = self._runtime.series.get(0)
        for offset, number, feed, entry, price, quantity, side in rows:
            about = instruments.get(number)
            if about is None:
                raise unknown(number, previous + offset)
            if series is not None:
                series[number].push(price)
            position = previous + offset
            yield position, about, Tick(about, position, feed, entry, price, quantity, side)

    def quotes(self, rows: Iterator[Any], previous: int) -> Iterator[Called]:
        """Quotes."""
        instruments = self._runtime.instruments
        for offset, number, *row in rows:
            about = instruments.get(number)
            if about is None:
                raise unknown(number, previous + offset)
            yield previous + offset, about, Quote(about, previous + offset, *row)

    def candles(self, rows: Iterator[Any], previous: int) -> Iterator[Called]:
        """Candles, those that still grow too."""
        instruments = self._runtime.instruments
        all_series = self._runtime.series
        for offset, number, interval, start, end, entry, o, h, low, c, volume, flags in rows:
            about = instruments.get(number)
            if about is None:
                raise unknown(number, previous + offset)
            final = bool(flags & 1)
            series = all_series.get(interval)
            if final and series is not None:
                series[number].push(c)
            position = previous + offset
            candle = Candle(
                about, position, interval, start, end, entry, o, h, low, c, volume, final
            )
            yield position, about, candle

    def fills(self, rows: Iterator[Any], previous: int) -> Iterator[Called]:
        """Fills, with what is held then."""
        for offset, number, *row in rows:
            about = self._runtime.instruments.get(number)
            if about is None:
                raise unknown(number, previous + offset)
            fill = Fill(about, previous + offset, *row)
            self._runtime.holdings[number] = Holding(
                from_units(fill.held_units), from_units(fill.average_price_units)
            )
            yield fill.position, about, fill

    def timers(self, rows: Iterator[Any], previous: int) -> Iterator[Called]:
        """Timers: of no instrument."""
        for offset, time, interval in rows:
            yield previous + offset, None, Timer(previous + offset, time, interval)


def unknown(number: int, position: int) -> ProtocolError:
    """Return what is raised where an event is of no instrument of the session."""
    return ProtocolError(
        "INVALID_ARGUMENT",
        f"events: the event at position {position} is of instrument {number}, "
        "which this session does not have",
    )
