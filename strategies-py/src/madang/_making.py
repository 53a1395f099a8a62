"""Events by hand, for tests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from madang._units import Number, span_to_ns, to_units
from madang.instruments import Instrument, Side, to_ns
from madang.model import Candle, Fill, Quote, Tick, Timer

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
_SIDES = {None: 0, Side.BUY: 1, Side.SELL: 2}


def tick(
    symbol: str,
    price: Number,
    quantity: Number = 1,
    *,
    time: datetime = START,
    side: Side | None = None,
    instrument: Instrument | None = None,
) -> Tick:
    """Make a tick."""
    ns = to_ns(time)
    return Tick(
        instrument or Instrument(0, symbol), 0, ns, ns, to_units(price, "price"),
        to_units(quantity, "quantity"), _SIDES[side],
    )  # fmt: skip


def ticks(symbol: str, prices: Iterable[Number], *, start: datetime = START) -> list[Tick]:
    """Make ticks of one instrument, a second apart, each of quantity 1."""
    about, begin = Instrument(0, symbol), to_ns(start)
    return [
        Tick(about, 0, begin + i * 10**9, begin + i * 10**9, to_units(price, "price"), 10**8)
        for i, price in enumerate(prices)
    ]


def quote(
    symbol: str,
    bid: Number,
    ask: Number,
    *,
    bid_quantity: Number = 1,
    ask_quantity: Number = 1,
    time: datetime = START,
) -> Quote:
    """Make a quote."""
    ns = to_ns(time)
    numbers = (bid, bid_quantity, ask, ask_quantity)
    return Quote(Instrument(0, symbol), 0, ns, ns, *(to_units(each, "quote") for each in numbers))


def candle(
    symbol: str,
    close: Number,
    *,
    open: Number | None = None,
    high: Number | None = None,
    low: Number | None = None,
    volume: Number = 1,
    interval: str = "1m",
    open_time: datetime = START,
    final: bool = True,
) -> Candle:
    """Make a candle; what is not said of its prices follows from the others."""
    length, start = span_to_ns(interval, "interval"), to_ns(open_time)
    last = to_units(close, "close")
    first = last if open is None else to_units(open, "open")
    top = max(first, last) if high is None else to_units(high, "high")
    bottom = min(first, last) if low is None else to_units(low, "low")
    end = start + length
    return Candle(
        Instrument(0, symbol), 0, length, start, end, end, first, top, bottom, last,
        to_units(volume, "volume", bits=128), final,
    )  # fmt: skip


def candles(
    symbol: str, closes: Iterable[Number], *, interval: str = "1m", start: datetime = START
) -> list[Candle]:
    """Make final candles of one instrument, one after the other."""
    length, begin = span_to_ns(interval, "interval"), to_ns(start)
    about, made = Instrument(0, symbol), []
    for i, close in enumerate(closes):
        opened, units = begin + i * length, to_units(close, "close")
        made.append(
            Candle(
                about, 0, length, opened, opened + length, opened + length,
                units, units, units, units, 10**8,
            )
        )  # fmt: skip
    return made


def fill(
    symbol: str,
    side: Side,
    price: Number,
    quantity: Number,
    *,
    held: Number,
    average_price: Number = 0,
    fee: Number = 0,
    cash: Number = 0,
    time: datetime = START,
) -> Fill:
    """Make a fill; ``held`` is what the account holds after it."""
    numbers = (price, quantity, fee, held, average_price, cash)
    units = [to_units(each, "fill") for each in numbers]
    return Fill(Instrument(0, symbol), 0, to_ns(time), _SIDES[side], *units)


def timer(interval: str, *, time: datetime = START) -> Timer:
    """Make a timer event."""
    return Timer(0, to_ns(time), span_to_ns(interval, "interval"))
