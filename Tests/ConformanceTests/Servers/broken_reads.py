"""How servers that are wrong on purpose read what they get; see ``broken_server.py``."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from broken_says import raw
from raw_rows import KINDS

from madang.strategy.v1 import session_pb2


class Lenient:
    """The generated module with a HostMessage that reads anything."""

    def __init__(self, module: Any) -> None:
        """Stand in front of ``module``."""
        self._module = module

    def __getattr__(self, name: str) -> Any:
        """Return what it has."""
        if name != "HostMessage":
            return getattr(self._module, name)

        class HostMessage:
            FromString = staticmethod(deaf(session_pb2.HostMessage.FromString))

        return HostMessage


def deaf(parse: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    """Take damaged bytes for silence."""

    def read(data: bytes) -> Any:
        try:
            return parse(data)
        except Exception:
            return session_pb2.HostMessage()

    return read


def unknown(message: Any) -> bool:
    """Whether a message holds fields that its schema does not have."""
    return len(message.SerializeToString()) != len(strip(message).SerializeToString())


def strip(message: Any) -> Any:
    """Return a copy without them."""
    clean = copy.deepcopy(message)
    clean.DiscardUnknownFields()
    return clean


def big(events: Any) -> bool:
    """Whether a position has its highest bit set."""
    return any(
        events.previous + offset >= 2**63
        for kind in KINDS
        for offset in getattr(events, kind).offset
    )


plain_rows = raw.rows


def lax_rows(defect: str, events: Any, numbers: set[int]) -> list[Any]:
    """Read rows with one rule less."""
    events = copy.deepcopy(events)
    if defect == "count-unchecked":
        events.count = sum(len(getattr(events, kind).offset) for kind in KINDS)
    if defect == "instrument-unchecked":
        numbers = set(range(2**16))
    if defect == "columns-all-needed" and events.ticks.offset and not events.ticks.flags:
        raise raw.End("INVALID_ARGUMENT", "where are the flags?")
    if defect == "columns-unchecked":
        for kind in KINDS:
            columns = getattr(events, kind)
            for each in columns.DESCRIPTOR.fields:
                values = getattr(columns, each.name)
                while each.name != "instruments" and 0 < len(values) < len(columns.offset):
                    values.append(values[-1])
    if defect == "order-unchecked":
        for kind in KINDS:
            offsets = sorted(set(getattr(events, kind).offset))
            while len(offsets) < len(getattr(events, kind).offset):
                offsets.append(offsets[-1] + 1)
            getattr(events, kind).offset[:] = offsets
    found: list[Any] = plain_rows(events, numbers)
    return found
