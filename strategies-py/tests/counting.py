"""A strategy that counts, and what is asked of its snapshots."""

from __future__ import annotations

from typing import Any, ClassVar

from host import Direct, ticks

from madang import Outcome, Strategy, Tick, buy
from madang._generated.strategy.v1 import session_pb2

Limits = session_pb2.Limits
ROOM = Limits(snapshot_bytes=2**30)


class Counts(Strategy):
    """Says how many ticks it has seen, with their mean."""

    version = "7"
    inputs = ("ticks",)
    snapshot_every = 3
    step: int = 1
    pad: int = 0

    stopped: ClassVar[list[int]]

    def on_start(self) -> None:
        self.seen = 0

    def save(self) -> dict[str, Any]:
        return {"seen": self.seen, "pad": bytes(self.pad)}

    def restore(self, state: dict[str, Any]) -> None:
        self.seen = state["seen"]

    def on_tick(self, tick: Tick) -> Outcome:
        self.seen += self.step
        return buy(reason=f"{self.seen} {self.sma(tick.symbol, 2).value}")


def reasons(message: session_pb2.ServerMessage) -> list[str]:
    return [each.reasons[0] for each in message.results.results]


def told(direct: Direct) -> list[str]:
    return [each for message in direct.said for each in reasons(message)]


def positions(direct: Direct) -> list[int]:
    return list(direct.snapshots())


async def saved(strategy: type[Strategy] = Counts, n: int = 3, **fields: Any) -> bytes:
    """The snapshot of a strategy after ``n`` ticks."""
    direct = await Direct(strategy, **fields).attach()
    await direct.send(events=ticks(0, range(1, n + 1)))
    (data,) = direct.snapshots().values()
    return data


class Warm(Counts):
    warm_up = 5
    snapshot_every = 1
