"""When a snapshot is due, how it is cut into parts, and how parts become one again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import monotonic
from typing import Any

from madang._generated.strategy.v1 import session_pb2
from madang._snapshot import FORMAT

PART = 2**20
# What a part's message has besides the data; its varints are at their longest below this.
AROUND = 64
# Towards a host at a pace: seconds between two snapshots.
APART = 1.0
# Taking and sending snapshots costs one part in so many of the time, once it is noticeable.
SHARE, NOTICEABLE = 20.0, 0.002


class Pace:
    """Says when the next snapshot is due, by events seen and time gone by.

    Attributes:
        events: How many came since the last one.
    """

    def __init__(
        self,
        every: int,
        *,
        apart: float = 0.0,
        share: float = SHARE,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Begin to count.

        Args:
            every: Events between two snapshots; 0: none is ever due.
            apart: Seconds between two at least.
            share: After one that took long, so many times as long passes before the next.
            clock: Seconds that only rise.
        """
        self._every = every
        self._apart = apart
        self._share = share
        self._clock = clock
        self.events = 0
        self._next = clock() + self._apart
        self._began = 0.0

    def saw(self, events: int) -> None:
        """Count events."""
        self.events += events

    @property
    def due(self) -> bool:
        """Whether it is time."""
        return 0 < self._every <= self.events and self._clock() >= self._next

    @property
    def behind(self) -> bool:
        """Whether anything happened since the last one."""
        return self._every > 0 and self.events > 0

    def begin(self) -> None:
        """A snapshot is being taken."""
        self.events = 0
        self._began = self._clock()

    def end(self) -> None:
        """It is taken and sent."""
        now = self._clock()
        took = now - self._began
        rest = took * self._share if took > NOTICEABLE else 0.0
        self._next = max(self._began + self._apart, now + rest)

    def never(self) -> None:
        """None is due any more."""
        self._every = 0


def part_size(limits: session_pb2.Limits) -> int:
    """Return how many bytes of data one part may have; not above 0: there is no room for any."""
    return min(PART, (limits.message_bytes or PART + AROUND) - AROUND)


def parts(data: bytes, position: int, size: int) -> Iterator[session_pb2.ServerMessage]:
    """Yield a snapshot as messages."""
    count = -(-len(data) // size)
    for part in range(count):
        snapshot = session_pb2.SnapshotPart(
            position=position,
            format=FORMAT,
            part=part,
            last=part == count - 1,
            data=data[part * size : (part + 1) * size],
        )
        yield session_pb2.ServerMessage(snapshot=snapshot)


class Offered:
    """A snapshot that a host offers, gathered part by part.

    Attributes:
        position: Where the state stood.
        format: The name of its encoding.
        complete: Whether the last part has come.
        wrong: Why it cannot be used, however it goes on; empty: nothing so far.
    """

    def __init__(self, most: int) -> None:
        """Expect the first part.

        Args:
            most: Bytes of the whole that are taken; 0: as many as come.
        """
        self.position = 0
        self.format = ""
        self.complete = False
        self.wrong = ""
        self._most = most
        self._data = bytearray()
        self._next = 0

    @property
    def data(self) -> bytes:
        """What has come."""
        return bytes(self._data)

    def add(self, part: Any) -> None:
        """Take a part; what is wrong with it is remembered, for the rest must be read all the same.

        Args:
            part: A SnapshotPart.
        """
        if self._next == 0:
            self.position, self.format = part.position, part.format
        if part.part != self._next:
            self._refuse(f"part {part.part} came where {self._next} was due")
        elif (part.position, part.format) != (self.position, self.format):
            self._refuse(f"part {part.part} is of another snapshot")
        elif len(part.data) > PART:
            self._refuse(f"part {part.part} has {len(part.data)} bytes; at most {PART} are taken")
        elif 0 < self._most < len(self._data) + len(part.data):
            self._refuse(f"it has more bytes than the host's own limit of {self._most}")
        if not self.wrong:
            self._data += part.data
        self._next += 1
        self.complete = part.last

    def _refuse(self, why: str) -> None:
        self.wrong = self.wrong or why
        self._data.clear()
