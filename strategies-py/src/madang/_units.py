"""Exact conversion between what people write and integers at 10⁻⁸."""

from __future__ import annotations

import math
from datetime import timedelta
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal
from numbers import Integral

from madang.errors import ResultError

UNIT = 10**8
INT64_MAX = 2**63 - 1
# Wide enough for 128-bit volumes, and independent of the caller's own decimal context.
_CONTEXT = Context(prec=60)

Number = Decimal | int | float | str
DOWN, FLOOR, CEILING, EVEN = ROUND_DOWN, ROUND_FLOOR, ROUND_CEILING, ROUND_HALF_EVEN


def from_units(units: int) -> Decimal:
    """Return ``units`` at 10⁻⁸ as the shortest exact decimal: ``70100``, ``0.25``."""
    whole, rest = divmod(units, UNIT)
    if not rest:
        return Decimal(whole)
    return Decimal(units).scaleb(-8, _CONTEXT).normalize(_CONTEXT)


def to_decimal(value: Number, what: str) -> Decimal:
    """Return ``value`` as a finite decimal; a float counts as the digits it prints."""
    if isinstance(value, bool):
        raise ResultError(f"{what} must be a number, not {value!r}")
    if isinstance(value, Integral):  # also numpy's
        return Decimal(int(value))
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value))
    except ArithmeticError as e:
        raise ResultError(f"{what} must be a number, not {value!r}") from e
    if not number.is_finite():
        raise ResultError(f"{what} must be finite, not {value!r}")
    return number


def to_units(value: Number, what: str, rounding: str = EVEN, scale: int = 8, bits: int = 64) -> int:
    """Return ``value`` as an integer at 10⁻ˢᶜᵃˡᵉ that fits ``bits``, up to 128."""
    number = to_decimal(value, what)
    if number.adjusted() > 40:
        raise ResultError(f"{what} is out of range: {value!r}")
    units = int(number.scaleb(scale, _CONTEXT).to_integral_value(rounding))
    if abs(units) >= 1 << bits - 1:
        raise ResultError(f"{what} is out of range: {value!r}")
    return units


def to_millionths(value: Number, what: str) -> int:
    """Return a share as an integer at 10⁻⁶, to nearest, ties to even."""
    if isinstance(value, float):
        if not math.isfinite(value) or abs(value) > 1e12:
            raise ResultError(f"{what} must be finite, not {value!r}")
        return round(value * 1e6)
    return to_units(value, what, EVEN, scale=6)


_SPAN = {"ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9, "d": 86400 * 10**9}


def span_to_ns(value: str | timedelta, what: str) -> int:
    """Return a length of time, ``"500ms"``, ``"10s"``, ``"1m"``, ``"1d"``, in nanoseconds."""
    if isinstance(value, timedelta):
        ns = (value // timedelta(microseconds=1)) * 1000
    else:
        digits = value.rstrip("smhd")
        unit = _SPAN.get(value[len(digits) :])
        if unit is None or not digits.isascii() or not digits.isdigit():
            raise ValueError(f"{what}: {value!r} is not a length of time such as 10s, 1m or 1d")
        ns = int(digits) * unit
    if not 0 < ns <= INT64_MAX:
        raise ValueError(f"{what}: {value!r} is out of range")
    return ns


def ns_to_span(ns: int) -> str:
    """Return nanoseconds as people write them: ``1m``."""
    for unit in ("d", "h", "m", "s", "ms"):
        if ns % _SPAN[unit] == 0:
            return f"{ns // _SPAN[unit]}{unit}"
    return f"{ns}ns"
