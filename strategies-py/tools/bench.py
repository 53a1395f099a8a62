"""Measure what a message costs in the server: ``python tools/bench.py``.

Each figure is the median of seven runs, in process, from the bytes of a message to the bytes of its
answer; the transport costs another 55 to 80 µs a message. The ratio is to the time that parsing the
same messages takes, measured between the runs.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence

from madang import Candle, Outcome, Strategy, Tick, Ticks, buy
from madang._encode import Event, encode
from madang._generated.columns.v1 import host_pb2 as columns_pb
from madang._generated.strategy.v1 import instrument_pb2, session_pb2
from madang._replies import Identity
from madang._session import Session
from madang.definition import define
from madang.testing import candles, ticks

COUNT = 102_400


class Vector(Strategy):
    """One result for each run of ticks."""

    inputs = ("ticks",)

    def on_ticks(self, ticks: Ticks) -> Outcome:
        """Look at every price; answer once."""
        return buy(at=ticks.position[int(ticks.price.argmax())])


class Single(Strategy):
    """A callback for each tick that looks at its price."""

    inputs = ("ticks",)

    def on_tick(self, tick: Tick) -> Outcome:
        """Answer nothing."""
        return buy() if tick.price_units < 0 else None


class Dense(Strategy):
    """A result for each tick."""

    inputs = ("ticks",)

    def on_tick(self, tick: Tick) -> Outcome:
        """Answer always."""
        return buy(confidence=0.5)


class Cross(Strategy):
    """The example of the README."""

    inputs = ("candles:1m",)

    def on_candle(self, candle: Candle) -> Outcome:
        """Compare two means."""
        fast, slow = self.sma(candle.symbol, 20), self.sma(candle.symbol, 60)
        return buy() if fast.crossed_above(slow) else None


def messages(events: Sequence[Event], batch: int) -> list[bytes]:
    """Return the events as the host would send them."""
    placed = [(at, 0, event) for at, event in enumerate(events, 1)]
    return [
        columns_pb.HostMessage(
            events=encode(start, placed[start : start + batch])
        ).SerializeToString()
        for start in range(0, len(placed), batch)
    ]


async def once(strategy: type[Strategy], encoded: list[bytes]) -> tuple[float, float]:
    """Return the seconds of parsing alone and of the whole."""
    definition = define(strategy)
    instrument = instrument_pb2.Instrument(number=0, symbol="A")
    configure = session_pb2.Configure(
        revision=1, session="s", epoch=1, mode="BACKTEST", instruments=[instrument]
    )
    session = Session(definition, configure, Identity("", "", ""))

    async def send(message: session_pb2.ServerMessage) -> None:
        message.SerializeToString()

    await session.attach(configure, send)
    begin = time.perf_counter()
    for data in encoded:
        columns_pb.HostMessage.FromString(data)
    parsed = time.perf_counter() - begin
    begin = time.perf_counter()
    for data in encoded:
        await session.handle(columns_pb.HostMessage.FromString(data), send)
        session._sent.acknowledge(session.position)
    return parsed, time.perf_counter() - begin


def main() -> None:
    """Print a line for each case."""
    prices = [7000 + i % 97 for i in range(COUNT)]
    cases: list[tuple[str, type[Strategy], Sequence[Event], int]] = [
        ("on_ticks, 1 result a run, 256", Vector, ticks("A", prices), 256),
        ("on_tick, 256", Single, ticks("A", prices), 256),
        ("on_tick, a result each, 256", Dense, ticks("A", prices), 256),
        ("on_candle with two means, 256", Cross, candles("A", prices), 256),
        ("on_tick, 1", Single, ticks("A", prices[:10_000]), 1),
        ("on_ticks, 1", Vector, ticks("A", prices[:10_000]), 1),
    ]
    print(
        f"{'case, events a message':32} {'events/s':>12} {'µs/event':>9} {'µs/message':>11} ratio"
    )
    for name, strategy, events, batch in cases:
        encoded = messages(events, batch)
        runs = [asyncio.run(once(strategy, encoded)) for _ in range(8)][1:]
        parsed = statistics.median(run[0] for run in runs)
        whole = statistics.median(run[1] for run in runs)
        n = len(events)
        print(
            f"{name:32} {n / whole:12,.0f} {whole / n * 1e6:9.2f} "
            f"{whole / len(encoded) * 1e6:11.1f} {whole / parsed:5.1f}"
        )


if __name__ == "__main__":
    main()
