"""Breaks, newer epochs, and what a server that lived on sends again."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest
from host import (
    Connect,
    Rises,
    instruments,
    said,
    ticks,
)

from madang import Outcome, Strategy, Tick, buy
from madang._generated.strategy.v1 import session_pb2


async def test_resume_sends_again_what_the_host_did_not_close(connect: Connect) -> None:
    async with connect(Rises) as client:
        stream = client.run()
        await stream.ready()
        await stream.send(events=ticks(0, [1, 2, 3, 4]))
        assert said(await stream.receive()) == [(2, 0, 0), (3, 0, 0), (4, 0, 0)]
        await stream.send(acknowledged=session_pb2.Acknowledged(position=2))
        await stream.send(beat=session_pb2.Beat(number=1))
        await stream.receive()
        stream.call.cancel()
        stream = client.run()
        ready = await stream.ready(epoch=2, watermark=1, known=4)
        assert (ready.epoch, ready.after) == (2, 4)
        message = await stream.receive()
        assert said(message) == [(3, 0, 0), (4, 0, 0)]
        assert message.results.watermark == 4
        await stream.send(events=ticks(4, [5]))
        assert said(await stream.receive()) == [(5, 0, 0)]


async def test_a_history_without_its_change_comes_again_and_counts_once(local: Connect) -> None:
    prices: list[list[float]] = []

    class Remembers(Strategy):
        inputs = ("ticks",)

        def on_tick(self, tick: Tick) -> None:
            prices.append([float(each) for each in self.history(tick.symbol, 4)])

    new = instruments("A", "B", "C")[2]

    def joining() -> session_pb2.WarmUp:
        return session_pb2.WarmUp(
            events=ticks(0, [7, 8], instrument=2), last=True, instruments=[new]
        )

    async with local(Remembers) as client:
        stream = client.run()
        await stream.ready()
        await stream.send(events=ticks(0, [1]))
        await stream.receive()
        await stream.send(warm_up=joining())
        await stream.send(beat=session_pb2.Beat(number=1))
        await stream.receive()
        stream.call.cancel()
        stream = client.run()
        assert (await stream.ready(epoch=2, watermark=1, known=1)).after == 1
        await stream.send(warm_up=joining())
        events = ticks(1, [9], first=3, instrument=2)
        events.count = 2
        events.instrument_changes.offset.append(1)
        events.instrument_changes.added.append(True)
        events.instrument_changes.instruments.append(new)
        await stream.send(events=events)
        assert (await stream.receive()).watermark.position == 3
    assert prices == [[1.0], [7.0], [7.0, 8.0], [7.0, 8.0, 9.0]]


async def test_resume_at_the_watermark_is_silent(local: Connect) -> None:
    async with local(Rises) as client:
        stream = client.run()
        await stream.ready()
        await stream.send(events=ticks(0, [1, 2]))
        await stream.receive()
        stream.call.cancel()
        stream = client.run()
        assert (await stream.ready(epoch=2, watermark=2, known=2)).after == 2
        await stream.send(events=ticks(2, [3]))
        assert said(await stream.receive()) == [(3, 0, 0)]


@pytest.mark.parametrize(
    "fields",
    [
        {"watermark": 1, "known": 1},  # the host lost what this server has seen
        {"watermark": 2, "known": 2, "parameter_hash": "ab"},
        {"watermark": 2, "known": 2, "session": "other"},
    ],
)
async def test_a_state_that_does_not_fit_is_dropped(local: Connect, fields: dict[str, Any]) -> None:
    async with local(Rises) as client:
        stream = client.run()
        await stream.ready()
        await stream.send(events=ticks(0, [1, 2]))
        await stream.receive()
        stream.call.cancel()
        stream = client.run()
        ready = await stream.ready(epoch=2, **fields)
        assert ready.after == fields["watermark"]
        await stream.send(events=ticks(ready.after, [9]))
        assert said(await stream.receive()) == []  # no memory of the price before


async def test_a_newer_epoch_displaces_the_older_stream(local: Connect) -> None:
    async with local(Rises) as client:
        older = client.run()
        await older.ready(epoch=4)
        await older.send(events=ticks(0, [1]))
        await older.receive()
        newer = client.run()
        ready = await newer.ready(epoch=5, watermark=1, known=1)
        assert ready.after == 1
        code, text = await older.end()
        assert code is grpc.StatusCode.ABORTED
        assert "epoch 5 took over from 4" in text
        late = client.run()
        await late.configure(epoch=5)
        assert (await late.end())[0] is grpc.StatusCode.ABORTED
        await newer.send(events=ticks(1, [2]))
        assert said(await newer.receive()) == [(2, 0, 0)]


async def test_async_hooks_run_in_order_and_survive_a_break(local: Connect) -> None:
    gate = asyncio.Event()
    entered = asyncio.Event()
    seen: list[int] = []

    class Slow(Strategy):
        inputs = ("ticks",)

        async def on_tick(self, tick: Tick) -> Outcome:
            entered.set()
            await gate.wait()
            seen.append(tick.position)
            return buy()

    async with local(Slow) as client:
        stream = client.run()
        await stream.ready()
        await stream.send(events=ticks(0, [1, 2]))
        await asyncio.wait_for(entered.wait(), 10)
        stream.call.cancel()
        stream = client.run()
        await stream.configure(epoch=2, watermark=0, known=2)
        gate.set()
        assert (await stream.receive()).ready.after == 2
        assert said(await stream.receive()) == [(1, 0, 0), (2, 0, 0)]
        assert seen == [1, 2]
