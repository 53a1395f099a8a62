"""What is traded, and the small words around it: sides, modes, holdings, times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from zoneinfo import ZoneInfo


class Side(Enum):
    """Who bought or sold: the aggressor of a tick, or the account in a fill."""

    BUY = "buy"
    SELL = "sell"


class Mode(Enum):
    """How the host runs: ``LIVE`` trades for real."""

    LIVE = "live"
    PAPER = "paper"
    REPLAY = "replay"
    BACKTEST = "backtest"


SIDES = (None, Side.BUY, Side.SELL)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=64)
def zone(name: str) -> tzinfo:
    """Return the time zone called ``name``, UTC where this machine does not know it."""
    try:
        return ZoneInfo(name) if name else UTC
    except (KeyError, ValueError, OSError):
        return UTC


def to_datetime(ns: int, time_zone: tzinfo = UTC) -> datetime:
    """Return nanoseconds since 1970 as a time, cut to the microsecond."""
    return (_EPOCH + timedelta(microseconds=ns // 1000)).astimezone(time_zone)


def to_ns(time: datetime) -> int:
    """Return a zoned time as nanoseconds since 1970.

    Raises:
        ValueError: The time has no zone.
    """
    if time.tzinfo is None:
        raise ValueError(f"{time!r} has no time zone")
    return ((time - _EPOCH) // timedelta(microseconds=1)) * 1000


@dataclass(frozen=True, slots=True)
class Instrument:
    """What is traded.

    Attributes:
        number: The session's own number for it.
        symbol: Its code: ``"005930"``.
        market: ``"KR"``, ``"US"``, ``"CRYPTO"``, ….
        currency: ISO 4217 or a coin's code.
        tick_size: The price step; 0 where it depends on the price or is free.
        lot: The quantity step.
        time_zone: IANA name: ``"Asia/Seoul"``.
    """

    number: int
    symbol: str
    market: str = ""
    currency: str = ""
    tick_size: Decimal = Decimal(0)
    lot: Decimal = Decimal(0)
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Holding:
    """What the account holds of an instrument; ``quantity`` is negative when short."""

    quantity: Decimal = Decimal(0)
    average_price: Decimal = Decimal(0)
