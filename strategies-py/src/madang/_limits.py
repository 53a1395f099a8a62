"""What a host takes of results, as its Configure says."""

from __future__ import annotations

from typing import NamedTuple

from madang._generated.strategy.v1 import results_pb2, session_pb2
from madang.results import TEXT_BYTES


class HostLimits(NamedTuple):
    """Limits of a host.

    Attributes:
        results_per_event: 0: none.
        text_bytes: Of each text of a result; 0: none.
    """

    results_per_event: int = 0
    text_bytes: int = 0

    @classmethod
    def of(cls, limits: session_pb2.Limits) -> HostLimits:
        """Read them."""
        return cls(limits.results_per_event, limits.text_bytes)

    def are_too_many(self, count: int) -> bool:
        """Whether it takes fewer results for one event."""
        return 0 < self.results_per_event < count

    def surplus(self, count: int) -> str:
        """Return what is told of results that are too many."""
        return f"{count} results for one event; the first {self.results_per_event} count"

    def fault(self, message: results_pb2.Result) -> str:
        """Return why it would refuse the texts of a result; empty where it takes them.

        One that takes as much as ``buy`` and ``sell`` do takes all.
        """
        if not 0 < self.text_bytes < TEXT_BYTES:
            return ""
        tags = [text for pair in message.tags.items() for text in pair]
        longest = max(len(text.encode()) for text in [message.message, *message.reasons, *tags])
        if longest <= self.text_bytes:
            return ""
        return (
            f"a text of {longest} bytes; this host takes {self.text_bytes}, and the result "
            "is left out"
        )
