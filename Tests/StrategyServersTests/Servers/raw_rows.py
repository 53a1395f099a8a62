"""What ``raw_server.py`` reads of Events: columns become rows in order, or the call ends."""

from __future__ import annotations

from typing import Any

import grpc

from madang.strategy.v1 import events_pb2

KINDS = ("ticks", "quotes", "candles", "account_updates", "timers", "instrument_changes")
MAY_BE_EMPTY = {"side", "flags", "volume_high"}


class End(Exception):
    """The call ends with this code and text."""

    def __init__(self, code: str, text: str) -> None:
        """Keep both."""
        super().__init__(text)
        self.code = grpc.StatusCode[code]


def rows(events: events_pb2.Events, numbers: set[int]) -> list[tuple[int, str, dict[str, Any]]]:
    """Put the columns of all kinds together, in order: position, kind, the event's fields."""
    found = []
    for kind in KINDS:
        columns = getattr(events, kind)
        names = [field.name for field in columns.DESCRIPTOR.fields if field.name != "offset"]
        count = len(columns.offset)
        for name in names:
            length = len(getattr(columns, name))
            if length != count and (length or name not in MAY_BE_EMPTY):
                raise End("INVALID_ARGUMENT", f"{kind}.{name} has {length} of {count} rows")
        if any(a >= b for a, b in zip(columns.offset, columns.offset[1:])):
            raise End("INVALID_ARGUMENT", f"{kind}.offset does not rise")
        for row, offset in enumerate(columns.offset):
            # A column that may be empty is empty or whole.
            fields = {name: getattr(columns, name)[row : row + 1] for name in names}
            event = {name: values[0] if values else 0 for name, values in fields.items()}
            found.append((events.previous + offset, kind, event))
    found.sort(key=lambda each: each[0])
    if len(found) != events.count:
        raise End("INVALID_ARGUMENT", f"count says {events.count}, the columns hold {len(found)}")
    there = set(numbers)  # the list as it is at each row
    for _, kind, event in found:
        if kind == "instrument_changes":
            (there.add if event["added"] else there.discard)(event["instruments"].number)
        elif not there.issuperset([event["instrument"]] if "instrument" in event else []):
            raise End("INVALID_ARGUMENT", f"{kind} of an instrument that is not in the session")
    return found
