"""Results that a host may ask for again."""

from __future__ import annotations

from collections import deque

from madang._generated.strategy.v1 import results_pb2

# A host acknowledges long before.
_MOST = 100_000


class Sent:
    """What was said and is not acknowledged yet, oldest first.

    Attributes:
        forgotten: Results up to this position may be missing.
    """

    def __init__(self) -> None:
        self.forgotten = 0
        self._results: deque[results_pb2.Result] = deque()

    def add(self, results: list[results_pb2.Result]) -> None:
        """Keep them; of too many the oldest are forgotten."""
        self._results.extend(results)
        while len(self._results) > _MOST:
            self.forgotten = self._results.popleft().position

    def acknowledge(self, position: int) -> None:
        """Drop what the host has for good."""
        while self._results and self._results[0].position <= position:
            self._results.popleft()

    def behind(self, position: int) -> list[results_pb2.Result]:
        """Return those of later events."""
        return [result for result in self._results if result.position > position]

    def clear(self) -> None:
        """Drop all: a strategy that begins anew said none of them."""
        self._results.clear()
