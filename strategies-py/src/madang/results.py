"""What a strategy says: buy, sell or alert."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from typing import SupportsInt

from madang._units import CEILING, DOWN, FLOOR, Number, span_to_ns, to_millionths, to_units
from madang.errors import ResultError

# What hosts take: bytes of one text, and results for one event by default.
TEXT_BYTES = 1024
RESULTS_PER_EVENT = 64


class Action(Enum):
    """What is wanted. ``ALERT`` is a message to people, no order."""

    BUY = 1
    SELL = 2
    ALERT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One result; made by :func:`buy`, :func:`sell` and :func:`alert`.

    Attributes:
        action: What is wanted.
        symbol: About what; None: the instrument of the event.
        at: The position of the event it was computed from; None: the event of the hook.
        quantity_units: Size at 10⁻⁸, or None.
        weight: Size as millionths of the account's equity, or None.
        fraction: Size as millionths of what is held, or None.
        limit_units: Limit price at 10⁻⁸; None: a market order.
        confidence: Millionths, 0 to 1,000,000.
        valid_for_ns: How long it stands from the entry of the event; None: the host's default.
        message: One line for people.
        reasons: Short words for machines.
        tags: Free pairs for the record.
    """

    action: Action
    symbol: str | None = None
    at: int | None = None
    quantity_units: int | None = None
    weight: int | None = None
    fraction: int | None = None
    limit_units: int | None = None
    confidence: int = 1_000_000
    valid_for_ns: int | None = None
    message: str = ""
    reasons: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()


def buy(
    symbol: str | None = None,
    *,
    quantity: Number | None = None,
    weight: Number | None = None,
    limit: Number | None = None,
    confidence: Number = 1.0,
    valid_for: str | timedelta | None = None,
    message: str = "",
    reason: str | Sequence[str] = (),
    tags: Mapping[str, str] | None = None,
    at: SupportsInt | None = None,
) -> Result:
    """Ask to buy.

    Args:
        symbol: What; by default the instrument of the event.
        quantity: How much, rounded down to 10⁻⁸; by default what the host's attachment says.
        weight: Instead, the wanted share of the account's equity: 0.1 is 10 %.
        limit: A limit price, rounded down to 10⁻⁸; by default a market order.
        confidence: 0 to 1: how sure.
        valid_for: How long it stands, ``"30s"``; by default until the input's next candle.
        message: One line for people, of at most 1,024 bytes in UTF-8.
        reason: A short word or several, for machines and statistics; as long each.
        tags: Up to 16 pairs for the record; as long each.
        at: In ``on_ticks`` only: the position of the tick it was computed from.

    Raises:
        ResultError: A value is not finite or out of range, or a text too long.
    """
    return Result(
        action=Action.BUY,
        symbol=symbol,
        at=None if at is None else int(at),
        quantity_units=_quantity(quantity),
        weight=_weight(weight, quantity),
        limit_units=None if limit is None else _positive(limit, "limit", FLOOR),
        confidence=_confidence(confidence),
        valid_for_ns=_validity(valid_for),
        message=_text(message, "message"),
        reasons=_reasons(reason),
        tags=_tags(tags),
    )


def sell(
    symbol: str | None = None,
    *,
    quantity: Number | None = None,
    weight: Number | None = None,
    fraction: Number | None = None,
    limit: Number | None = None,
    confidence: Number = 1.0,
    valid_for: str | timedelta | None = None,
    message: str = "",
    reason: str | Sequence[str] = (),
    tags: Mapping[str, str] | None = None,
    at: SupportsInt | None = None,
) -> Result:
    """Ask to sell: reduces what is held, unless the account may go short.

    Args:
        symbol: What; by default the instrument of the event.
        quantity: How much, rounded down to 10⁻⁸; by default what the host's attachment says.
        weight: Instead, the wanted share of the account's equity afterwards.
        fraction: Instead, the share of what is held: above 0, at most 1.
        limit: A limit price, rounded up to 10⁻⁸; by default a market order.
        confidence: 0 to 1: how sure.
        valid_for: How long it stands, ``"30s"``; by default until the input's next candle.
        message: One line for people, of at most 1,024 bytes in UTF-8.
        reason: A short word or several, for machines and statistics; as long each.
        tags: Up to 16 pairs for the record; as long each.
        at: In ``on_ticks`` only: the position of the tick it was computed from.

    Raises:
        ResultError: A value is not finite or out of range, or a text too long.
    """
    part = None if fraction is None else to_millionths(fraction, "fraction")
    if part is not None and not 1 <= part <= 1_000_000:
        raise ResultError(f"fraction must be above 0 and at most 1, not {fraction!r}")
    if part is not None and (quantity is not None or weight is not None):
        raise ResultError("say one of quantity, weight and fraction")
    return Result(
        action=Action.SELL,
        symbol=symbol,
        at=None if at is None else int(at),
        quantity_units=_quantity(quantity),
        weight=_weight(weight, quantity),
        fraction=part,
        limit_units=None if limit is None else _positive(limit, "limit", CEILING),
        confidence=_confidence(confidence),
        valid_for_ns=_validity(valid_for),
        message=_text(message, "message"),
        reasons=_reasons(reason),
        tags=_tags(tags),
    )


def alert(
    message: str,
    *,
    symbol: str | None = None,
    confidence: Number = 1.0,
    reason: str | Sequence[str] = (),
    tags: Mapping[str, str] | None = None,
    at: SupportsInt | None = None,
) -> Result:
    """Tell people something; no order follows.

    Args:
        message: One line for people.
        symbol: About what; by default the instrument of the event.
        confidence: 0 to 1: how sure.
        reason: A short word or several, for machines and statistics.
        tags: Up to 16 pairs for the record.
        at: In ``on_ticks`` only: the position of the tick it was computed from.

    Raises:
        ResultError: A value is not finite or out of range, or a text too long.
    """
    return Result(
        action=Action.ALERT,
        symbol=symbol,
        at=None if at is None else int(at),
        confidence=_confidence(confidence),
        message=_text(message, "message"),
        reasons=_reasons(reason),
        tags=_tags(tags),
    )


def candidates(
    scores: Mapping[str, Number | tuple[Number, str | Sequence[str]]],
    *,
    minimum: Number = 7,
    scale: Number = 10,
    action: Action = Action.BUY,
    weight: Number | None = None,
    valid_for: str | timedelta = "1d",
) -> list[Result]:
    """Turn a scored list into results, by the rule of the host's own ``kind: scanner``.

    A score below ``minimum`` says nothing. Confidence is score / ``scale``, at most 1.

    Args:
        scores: Symbol to score, or to a score and its reasons; each finite.
        minimum: The least score that says something.
        scale: The score that is as sure as can be; above zero.
        action: What a candidate says.
        weight: The wanted share of the account's equity; by default the attachment's quantity.
        valid_for: How long each stands, from the entry of the event.

    Returns:
        In the order of ``scores``: for ``on_timer``, or any hook that may name symbols.

    Raises:
        ResultError: A value is not finite or out of range, or a text too long.
    """
    least, most = to_millionths(minimum, "minimum"), to_millionths(scale, "scale")
    if most <= 0:
        raise ResultError(f"scale must be above 0, not {scale!r}")
    results: list[Result] = []
    for symbol, found in scores.items():
        score, reasons = found if isinstance(found, tuple) else (found, ())
        units = to_millionths(score, f"score of {symbol}")
        if units < least:
            continue
        confidence = min(1_000_000, max(0, units * 1_000_000 // most))
        text = f"{Decimal(units).scaleb(-6).normalize():f}"
        results.append(
            Result(
                action=action,
                symbol=symbol,
                weight=_weight(weight, None),
                confidence=confidence,
                valid_for_ns=_validity(valid_for),
                message=f"score {text}",
                reasons=_reasons(reasons),
            )
        )
    return results


def _quantity(value: Number | None) -> int | None:
    return None if value is None else _positive(value, "quantity", DOWN)


def _positive(value: Number, what: str, rounding: str) -> int:
    units = to_units(value, what, rounding)
    if units <= 0:
        raise ResultError(f"{what} must be above 0 at eight decimals, not {value!r}")
    return units


def _weight(value: Number | None, quantity: Number | None) -> int | None:
    if value is None:
        return None
    if quantity is not None:
        raise ResultError("say quantity or weight, not both")
    weight = to_millionths(value, "weight")
    if abs(weight) > 10_000_000:
        raise ResultError(f"weight must be between -10 and 10, not {value!r}")
    return weight


def _confidence(value: Number) -> int:
    confidence = to_millionths(value, "confidence")
    if not 0 <= confidence <= 1_000_000:
        raise ResultError(f"confidence must be between 0 and 1, not {value!r}")
    return confidence


def _validity(value: str | timedelta | None) -> int | None:
    if value is None:
        return None
    try:
        return span_to_ns(value, "valid_for")
    except ValueError as e:
        raise ResultError(str(e)) from e


def _text(text: str, what: str) -> str:
    """Refuse what the host would: there the whole result were lost."""
    # A letter has four bytes at most: mostly their number tells.
    if text and len(text) * 4 > TEXT_BYTES:
        size = len(text.encode(errors="surrogatepass"))
        if size > TEXT_BYTES:
            raise ResultError(f"{what} has {size} bytes; at most {TEXT_BYTES} are taken")
    return text


def _reasons(reason: str | Sequence[str]) -> tuple[str, ...]:
    reasons = (reason,) if isinstance(reason, str) else tuple(reason)
    if len(reasons) > 64:
        raise ResultError(f"{len(reasons)} reasons, 64 are allowed")
    for each in reasons:
        _text(each, "a reason")
    return reasons


def _tags(tags: Mapping[str, str] | None) -> tuple[tuple[str, str], ...]:
    if not tags:
        return ()
    if len(tags) > 16:
        raise ResultError(f"{len(tags)} tags, 16 are allowed")
    return tuple(
        (_text(str(key), "a tag's key"), _text(str(value), "a tag's value"))
        for key, value in tags.items()
    )
