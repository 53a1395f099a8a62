"""What a strategy asks to see: ``"ticks"``, ``"quotes"``, ``"candles:1m"``, ``"timers:10s"``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from madang._units import ns_to_span, span_to_ns
from madang.errors import DefinitionError


class Kind(Enum):
    """A kind of event; the value is its number on the wire."""

    TICKS = 1
    QUOTES = 2
    CANDLES = 3
    TIMERS = 4


@dataclass(frozen=True, slots=True)
class Input:
    """One kind of event.

    Attributes:
        kind: Which.
        interval_ns: Length of a candle or distance of timers; 0 for ticks and quotes.
        unfinished: Candles only: also those that are not final.
    """

    kind: Kind
    interval_ns: int = 0
    unfinished: bool = False

    @property
    def text(self) -> str:
        """As written in ``inputs``, without ``unfinished``."""
        name = self.kind.name.lower()
        return f"{name}:{ns_to_span(self.interval_ns)}" if self.interval_ns else name


def parse(text: str) -> Input:
    """Read one entry of ``inputs``.

    Args:
        text: ``ticks``, ``quotes``, ``candles:1m``, ``candles:1m unfinished`` or ``timers:10s``.

    Raises:
        DefinitionError: It is none of these.
    """
    words = text.split()
    name, _, span = (words[0] if words else "").partition(":")
    kind = {kind.name.lower(): kind for kind in Kind}.get(name)
    unfinished = words[1:] == ["unfinished"] and kind is Kind.CANDLES
    timed = kind in (Kind.CANDLES, Kind.TIMERS)
    if kind is None or timed != bool(span) or (words[1:] and not unfinished):
        raise DefinitionError(
            f"inputs: {text!r} is none of ticks, quotes, candles:1m, 'candles:1m unfinished', "
            "timers:10s"
        )
    if not timed:
        return Input(kind)
    try:
        return Input(kind, span_to_ns(span, "inputs"), unfinished)
    except ValueError as e:
        raise DefinitionError(str(e)) from e
