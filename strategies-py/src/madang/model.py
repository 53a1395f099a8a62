"""What a strategy sees: ticks, quotes, candles, fills, timers.

Events hold plain integers and convert when asked, so an event whose price is never read costs
next to nothing. Prices and quantities are :class:`~decimal.Decimal`; ``…_units`` are the same as
integers at 10⁻⁸. Times are :class:`~datetime.datetime` in the instrument's time zone; ``…_ns`` are
nanoseconds since 1970 UTC. Treat events as values: they are shared and must not be changed. Tests
make them with :func:`madang.testing.candle` and its kin.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from madang._units import from_units, ns_to_span
from madang.instruments import SIDES, Instrument, Side, to_datetime, zone


class _Event:
    """What all events share: comparison by value and a readable form."""

    __slots__: tuple[str, ...] = ()

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__slots__)

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, name) for name in self.__slots__))


class Tick(_Event):
    """A public trade.

    Attributes:
        symbol: What was traded.
        position: The event's number, the same in every replay of the run.
        feed_time_ns: By the feed's clock.
        entry_time_ns: Entry into the host.
        price_units: At 10⁻⁸.
        quantity_units: At 10⁻⁸.
    """

    __slots__ = (
        "_side",
        "entry_time_ns",
        "feed_time_ns",
        "instrument",
        "position",
        "price_units",
        "quantity_units",
    )

    def __init__(
        self,
        instrument: Instrument,
        position: int,
        feed_time_ns: int,
        entry_time_ns: int,
        price_units: int,
        quantity_units: int,
        side: int = 0,
    ) -> None:
        self.instrument = instrument
        self.position = position
        self.feed_time_ns = feed_time_ns
        self.entry_time_ns = entry_time_ns
        self.price_units = price_units
        self.quantity_units = quantity_units
        self._side = side

    @property
    def symbol(self) -> str:
        """What was traded."""
        return self.instrument.symbol

    @property
    def price(self) -> Decimal:
        """The price, exact."""
        return from_units(self.price_units)

    @property
    def quantity(self) -> Decimal:
        """Shares, contracts or coins, exact."""
        return from_units(self.quantity_units)

    @property
    def side(self) -> Side | None:
        """The aggressor; None where the feed does not say."""
        return SIDES[self._side]

    @property
    def time(self) -> datetime:
        """The feed's time, in the instrument's zone."""
        return to_datetime(self.feed_time_ns, zone(self.instrument.time_zone))

    def __repr__(self) -> str:
        return f"Tick({self.symbol} {self.price} x {self.quantity} at {self.time.isoformat()})"


class Quote(_Event):
    """Best bid and ask. A side that is not quoted is None."""

    __slots__ = (
        "ask_price_units",
        "ask_quantity_units",
        "bid_price_units",
        "bid_quantity_units",
        "entry_time_ns",
        "feed_time_ns",
        "instrument",
        "position",
    )

    def __init__(
        self,
        instrument: Instrument,
        position: int,
        feed_time_ns: int,
        entry_time_ns: int,
        bid_price_units: int,
        bid_quantity_units: int,
        ask_price_units: int,
        ask_quantity_units: int,
    ) -> None:
        self.instrument = instrument
        self.position = position
        self.feed_time_ns = feed_time_ns
        self.entry_time_ns = entry_time_ns
        self.bid_price_units = bid_price_units
        self.bid_quantity_units = bid_quantity_units
        self.ask_price_units = ask_price_units
        self.ask_quantity_units = ask_quantity_units

    @property
    def symbol(self) -> str:
        """What is quoted."""
        return self.instrument.symbol

    @property
    def has_bid(self) -> bool:
        """Whether a bid stands."""
        return self.bid_price_units != 0 or self.bid_quantity_units != 0

    @property
    def has_ask(self) -> bool:
        """Whether an ask stands."""
        return self.ask_price_units != 0 or self.ask_quantity_units != 0

    @property
    def bid(self) -> Decimal | None:
        """The best bid."""
        return from_units(self.bid_price_units) if self.has_bid else None

    @property
    def ask(self) -> Decimal | None:
        """The best ask."""
        return from_units(self.ask_price_units) if self.has_ask else None

    @property
    def bid_quantity(self) -> Decimal:
        """Bid for at the best price."""
        return from_units(self.bid_quantity_units)

    @property
    def ask_quantity(self) -> Decimal:
        """Offered at the best price."""
        return from_units(self.ask_quantity_units)

    @property
    def time(self) -> datetime:
        """The feed's time, in the instrument's zone."""
        return to_datetime(self.feed_time_ns, zone(self.instrument.time_zone))

    def __repr__(self) -> str:
        return f"Quote({self.symbol} {self.bid} / {self.ask} at {self.time.isoformat()})"


class Candle(_Event):
    """An interval's prices and volume; ``final`` unless unfinished candles were asked for."""

    __slots__ = (
        "close_time_ns",
        "close_units",
        "entry_time_ns",
        "final",
        "high_units",
        "instrument",
        "interval_ns",
        "low_units",
        "open_time_ns",
        "open_units",
        "position",
        "volume_units",
    )

    def __init__(
        self,
        instrument: Instrument,
        position: int,
        interval_ns: int,
        open_time_ns: int,
        close_time_ns: int,
        entry_time_ns: int,
        open_units: int,
        high_units: int,
        low_units: int,
        close_units: int,
        volume_units: int,
        final: bool = True,
    ) -> None:
        self.instrument = instrument
        self.position = position
        self.interval_ns = interval_ns
        self.open_time_ns = open_time_ns
        self.close_time_ns = close_time_ns
        self.entry_time_ns = entry_time_ns
        self.open_units = open_units
        self.high_units = high_units
        self.low_units = low_units
        self.close_units = close_units
        self.volume_units = volume_units
        self.final = final

    @property
    def symbol(self) -> str:
        """What was traded."""
        return self.instrument.symbol

    @property
    def open(self) -> Decimal:
        """The first price."""
        return from_units(self.open_units)

    @property
    def high(self) -> Decimal:
        """The highest price."""
        return from_units(self.high_units)

    @property
    def low(self) -> Decimal:
        """The lowest price."""
        return from_units(self.low_units)

    @property
    def close(self) -> Decimal:
        """The last price."""
        return from_units(self.close_units)

    @property
    def volume(self) -> Decimal:
        """What was traded in all; may pass 64 bits in units."""
        return from_units(self.volume_units)

    @property
    def interval(self) -> str:
        """The length as written in ``inputs``: ``"1m"``."""
        return ns_to_span(self.interval_ns)

    @property
    def open_time(self) -> datetime:
        """When it began, in the instrument's zone."""
        return to_datetime(self.open_time_ns, zone(self.instrument.time_zone))

    @property
    def time(self) -> datetime:
        """When it closed, in the instrument's zone."""
        return to_datetime(self.close_time_ns, zone(self.instrument.time_zone))

    def __repr__(self) -> str:
        ohlc = f"{self.open} {self.high} {self.low} {self.close}"
        return f"Candle({self.symbol} {self.interval} {ohlc} at {self.time.isoformat()})"


class Fill(_Event):
    """A fill of the account's own order, and what is held after it."""

    __slots__ = (
        "_side",
        "average_price_units",
        "cash_units",
        "fee_units",
        "held_units",
        "instrument",
        "position",
        "price_units",
        "quantity_units",
        "time_ns",
    )

    def __init__(
        self,
        instrument: Instrument,
        position: int,
        time_ns: int,
        side: int,
        price_units: int,
        quantity_units: int,
        fee_units: int,
        held_units: int,
        average_price_units: int,
        cash_units: int,
    ) -> None:
        self.instrument = instrument
        self.position = position
        self.time_ns = time_ns
        self._side = side
        self.price_units = price_units
        self.quantity_units = quantity_units
        self.fee_units = fee_units
        self.held_units = held_units
        self.average_price_units = average_price_units
        self.cash_units = cash_units

    @property
    def symbol(self) -> str:
        """What was bought or sold."""
        return self.instrument.symbol

    @property
    def side(self) -> Side | None:
        """Whether the account bought or sold."""
        return SIDES[self._side]

    @property
    def price(self) -> Decimal:
        """The price paid."""
        return from_units(self.price_units)

    @property
    def quantity(self) -> Decimal:
        """How much of it."""
        return from_units(self.quantity_units)

    @property
    def fee(self) -> Decimal:
        """In the account's currency."""
        return from_units(self.fee_units)

    @property
    def held(self) -> Decimal:
        """Held after this fill; negative: short."""
        return from_units(self.held_units)

    @property
    def average_price(self) -> Decimal:
        """Average entry price of what is held; 0 when flat."""
        return from_units(self.average_price_units)

    @property
    def cash(self) -> Decimal:
        """Cash after this fill."""
        return from_units(self.cash_units)

    @property
    def time(self) -> datetime:
        """When it traded, in the instrument's zone."""
        return to_datetime(self.time_ns, zone(self.instrument.time_zone))

    def __repr__(self) -> str:
        side = self.side.value if self.side else "?"
        return f"Fill({side} {self.quantity} {self.symbol} at {self.price}, held {self.held})"


class Timer(_Event):
    """The instant a timer of ``inputs`` stands for."""

    __slots__ = ("interval_ns", "position", "time_ns")

    def __init__(self, position: int, time_ns: int, interval_ns: int) -> None:
        self.position = position
        self.time_ns = time_ns
        self.interval_ns = interval_ns

    @property
    def interval(self) -> str:
        """Which one, as written in ``inputs``: ``"10s"``."""
        return ns_to_span(self.interval_ns)

    @property
    def time(self) -> datetime:
        """The instant, UTC."""
        return to_datetime(self.time_ns)

    def __repr__(self) -> str:
        return f"Timer({self.interval} at {self.time.isoformat()})"
