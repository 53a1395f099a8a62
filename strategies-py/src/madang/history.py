"""Means, momentum and past prices that a strategy asks for by name.

A helper follows its series by itself: the server feeds it with every price, before the hook is
called, whether the hook asks or not. So ``value`` and ``previous`` always belong to the last two
prices of the series, however rarely they are read.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from types import NoneType
from typing import Any, ClassVar, overload

import numpy as np
import numpy.typing as npt

from madang._units import UNIT, Number, from_units, to_decimal
from madang.errors import HistoryError

# Prices kept of every series, so that what is asked for late still has its past.
KEPT = 1000


class Series:
    """The prices of one instrument and input, oldest first."""

    __slots__ = ("count", "gone", "indicators", "keep", "values")

    def __init__(self) -> None:
        self.values = array("q")
        self.count = 0
        self.keep = KEPT
        self.indicators: list[Indicator] = []
        # The symbol, once it has left.
        self.gone: str | None = None

    def push(self, price: int) -> None:
        """Append a price at 10⁻⁸ and bring everything that follows up to date."""
        values = self.values
        values.append(price)
        self.count += 1
        for indicator in self.indicators:
            indicator.push(price)
        if len(values) > 2 * self.keep:
            del values[: -self.keep]

    def want(self, length: int) -> bool:
        """Keep ``length`` prices from now on; return whether older ones are already gone."""
        gone = self.count > len(self.values) < length
        self.keep = max(self.keep, length)
        return gone

    def end(self, symbol: str) -> None:
        """Hold nothing any more: its symbol has left the session."""
        self.gone = symbol
        self.values = array("q")
        for indicator in self.indicators:
            indicator.forget()

    def nothing(self) -> float | None:
        """Return None: there is no value yet.

        Raises:
            HistoryError: There is none to come, for the symbol has left.
        """
        if self.gone is not None:
            raise HistoryError(
                f"{self.gone!r} has left the session, and this helper with it; ask for it anew "
                "where the symbol joins: on_join(self, symbol)"
            )
        return None


class Indicator(ABC):
    """A number that follows a series: its :attr:`value` now and one price earlier."""

    __slots__ = ("_series",)

    # What a snapshot keeps of it, and the types each may have.
    STATE: ClassVar[dict[str, tuple[type, ...]]] = {}

    def __init__(self, series: Series) -> None:
        self._series = series

    @property
    def series(self) -> Series:
        """What it follows."""
        return self._series

    def state(self) -> dict[str, Any]:
        """Return what its later values depend on besides the series' prices and the length."""
        return {name: getattr(self, name) for name in self.STATE}

    def take(self, state: dict[str, Any]) -> None:
        """Go on from what :meth:`state` returned.

        Raises:
            ValueError: It is of another kind.
        """
        if state.keys() != self.STATE.keys():
            raise ValueError(f"{sorted(state)} is no state of {type(self).__name__}")
        for name, types in self.STATE.items():
            if type(state[name]) not in types:
                raise ValueError(f"{name} of {type(self).__name__} is {state[name]!r}")
            setattr(self, name, state[name])

    @abstractmethod
    def forget(self) -> None:
        """Have no value, so that whoever reads it hears of the series' end."""

    @property
    @abstractmethod
    def value(self) -> float | None:
        """The value with the newest price; None until there are enough prices."""

    @property
    @abstractmethod
    def previous(self) -> float | None:
        """The value one price earlier; None until there were enough prices."""

    def crossed_above(self, other: Indicator | Number) -> bool:
        """Whether this rose above ``other`` with the newest price.

        True exactly if it is above now and was at or below one price earlier; False while either
        has no previous value. Two means, and a mean and a number, are compared without rounding.
        Stays true until the next price of the series.

        Args:
            other: Another helper on the same series, or a number.
        """
        now, before = self._compare(other)
        return now is not None and before is not None and now > 0 and before <= 0

    def crossed_below(self, other: Indicator | Number) -> bool:
        """Whether this fell below ``other`` with the newest price: see :meth:`crossed_above`."""
        now, before = self._compare(other)
        return now is not None and before is not None and now < 0 and before >= 0

    @abstractmethod
    def push(self, price: int) -> None:
        """Take the newest price; the series already holds it."""

    def _compare(self, other: Indicator | Number) -> tuple[float | None, float | None]:
        """Return something with the sign of self - other, now and one price earlier."""
        if isinstance(other, Indicator):
            return (
                _difference(self.value, other.value),
                _difference(self.previous, other.previous),
            )
        level = _level(other)
        return _difference(self.value, level), _difference(self.previous, level)

    def __float__(self) -> float:
        value = self.value
        return float("nan") if value is None else value

    def __repr__(self) -> str:
        if self._series.gone is not None:
            return f"{type(self).__name__}({self._series.gone!r} has left)"
        return f"{type(self).__name__}(value={self.value}, previous={self.previous})"


def _level(number: Number) -> float:
    return float(to_decimal(number, "a level"))


def _difference(a: float | None, b: float | None) -> float | None:
    if a is None or b is None:
        return None
    return (a > b) - (a < b)


class SMA(Indicator):
    """The plain mean of the last ``length`` prices, kept as an exact sum."""

    __slots__ = ("_before", "_sum", "length")

    def __init__(self, series: Series, length: int) -> None:
        super().__init__(series)
        self.length = length
        self._sum: int | None = None
        self._before: int | None = None
        self._begin()

    def _begin(self) -> None:
        values, length = self._series.values, self.length
        filled = len(values)
        self._sum = sum(values[-length:]) if filled >= length else None
        self._before = sum(values[-length - 1 : -1]) if filled >= length + 1 else None

    def take(self, state: dict[str, Any]) -> None:
        """Go on: exact sums follow from the prices alone."""
        super().take(state)
        self._begin()

    def push(self, price: int) -> None:
        """Take the newest price."""
        values, length = self._series.values, self.length
        self._before = self._sum
        if self._sum is not None:
            self._sum += price - values[-length - 1]
        elif len(values) >= length:
            self._sum = sum(values[-length:])

    def forget(self) -> None:
        """Have no value."""
        self._sum = self._before = None

    @property
    def value(self) -> float | None:
        """The mean; None before ``length`` prices."""
        return self._series.nothing() if self._sum is None else self._sum / (self.length * UNIT)

    @property
    def previous(self) -> float | None:
        """The mean one price earlier."""
        return (
            self._series.nothing() if self._before is None else self._before / (self.length * UNIT)
        )

    def _compare(self, other: Indicator | Number) -> tuple[float | None, float | None]:
        if isinstance(other, SMA):
            if self._sum is None or other._sum is None:
                self._series.nothing()
                other._series.nothing()
            a, b = self.length, other.length
            return _exact(self._sum, b, other._sum, a), _exact(self._before, b, other._before, a)
        if isinstance(other, Indicator):
            return super()._compare(other)
        if self._sum is None:
            self._series.nothing()
        level = Fraction(to_decimal(other, "a level")) * UNIT * self.length
        return _exact(self._sum, 1, level, 1), _exact(self._before, 1, level, 1)


def _exact(a: int | None, m: int, b: int | Fraction | None, n: int) -> int | None:
    """Return the sign of a·m - b·n."""
    if a is None or b is None:
        return None
    left, right = a * m, b * n
    return (left > right) - (left < right)


class EMA(Indicator):
    """The exponential mean: the plain mean of the first ``length`` prices, then 2/(length+1)."""

    __slots__ = ("_before", "_now", "_seen", "_sum", "length")
    STATE: ClassVar[dict[str, tuple[type, ...]]] = {
        "_seen": (int,), "_sum": (int,), "_now": (float, NoneType), "_before": (float, NoneType),
    }  # fmt: skip

    def __init__(self, series: Series, length: int) -> None:
        super().__init__(series)
        self.length = length
        self._seen = 0
        self._sum = 0
        self._now: float | None = None
        self._before: float | None = None
        for price in series.values:
            self.push(price)

    def push(self, price: int) -> None:
        """Take the newest price."""
        self._before = self._now
        if self._now is not None:
            self._now += 2.0 / (self.length + 1) * (price - self._now)
            return
        self._seen += 1
        self._sum += price
        if self._seen == self.length:
            self._now = self._sum / self.length

    def forget(self) -> None:
        """Have no value."""
        self._now = self._before = None

    @property
    def value(self) -> float | None:
        """The mean; None before ``length`` prices."""
        return self._series.nothing() if self._now is None else self._now / UNIT

    @property
    def previous(self) -> float | None:
        """The mean one price earlier."""
        return self._series.nothing() if self._before is None else self._before / UNIT


class RSI(Indicator):
    """Wilder's relative strength, 0 to 100; 0 where nothing moved."""

    __slots__ = ("_before", "_gain", "_last", "_loss", "_now", "_seen", "length")
    STATE: ClassVar[dict[str, tuple[type, ...]]] = {
        "_seen": (int,), "_gain": (float,), "_loss": (float,), "_last": (int, NoneType),
        "_now": (float, NoneType), "_before": (float, NoneType),
    }  # fmt: skip

    def __init__(self, series: Series, length: int) -> None:
        super().__init__(series)
        self.length = length
        self._seen = 0
        self._gain = 0.0
        self._loss = 0.0
        self._last: int | None = None
        self._now: float | None = None
        self._before: float | None = None
        for price in series.values:
            self.push(price)

    def push(self, price: int) -> None:
        """Take the newest price."""
        self._before = self._now
        last, self._last = self._last, price
        if last is None:
            return
        gain, loss = max(price - last, 0), max(last - price, 0)
        length = self.length
        if self._now is not None:
            self._gain = (self._gain * (length - 1) + gain) / length
            self._loss = (self._loss * (length - 1) + loss) / length
        else:
            self._seen += 1
            self._gain += gain
            self._loss += loss
            if self._seen < length:
                return
            self._gain /= length
            self._loss /= length
        both = self._gain + self._loss
        self._now = 100.0 * self._gain / both if both else 0.0

    def forget(self) -> None:
        """Have no value."""
        self._now = self._before = None

    @property
    def value(self) -> float | None:
        """The strength; None before ``length`` changes of price."""
        return self._series.nothing() if self._now is None else self._now

    @property
    def previous(self) -> float | None:
        """The strength one price earlier."""
        return self._series.nothing() if self._before is None else self._before


class History(Indicator, Sequence[Decimal]):
    """The last prices, oldest first; shorter than asked for until there are enough.

    As an indicator its value is the newest price.
    """

    __slots__ = ("length",)

    def __init__(self, series: Series, length: int) -> None:
        super().__init__(series)
        self.length = length

    def push(self, price: int) -> None:
        """Nothing to do: the series holds the prices."""

    def forget(self) -> None:
        """Nothing to do: the series holds no prices."""

    @property
    def value(self) -> float | None:
        """The newest price."""
        values = self._series.values
        return values[-1] / UNIT if values else self._series.nothing()

    @property
    def previous(self) -> float | None:
        """The price before the newest."""
        values = self._series.values
        return values[-2] / UNIT if len(values) > 1 else self._series.nothing()

    @property
    def full(self) -> bool:
        """Whether as many prices are there as were asked for."""
        self._series.nothing()
        return len(self._series.values) >= self.length

    @property
    def units(self) -> npt.NDArray[np.int64]:
        """The prices at 10⁻⁸, as a copy."""
        self._series.nothing()
        return np.array(self._series.values[-self.length :], dtype=np.int64)

    def __len__(self) -> int:
        self._series.nothing()
        return min(self.length, len(self._series.values))

    @overload
    def __getitem__(self, index: int) -> Decimal: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Decimal]: ...
    def __getitem__(self, index: int | slice) -> Decimal | Sequence[Decimal]:
        self._series.nothing()
        window = self._series.values[-self.length :]
        if isinstance(index, slice):
            return [from_units(units) for units in window[index]]
        return from_units(window[index])

    def __iter__(self) -> Iterator[Decimal]:
        self._series.nothing()
        return iter([from_units(units) for units in self._series.values[-self.length :]])


def window(length: int, what: str) -> int:
    """Check a window's length.

    Raises:
        HistoryError: It is not a whole number from 1 to 1,000,000.
    """
    if isinstance(length, bool) or not isinstance(length, int) or not 1 <= length <= 1_000_000:
        raise HistoryError(
            f"{what}: a length is a whole number from 1 to 1,000,000, not {length!r}"
        )
    return length
