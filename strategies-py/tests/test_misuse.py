"""A host that breaks the contract and hooks that raise: each costs what it must, no more."""

from __future__ import annotations

import contextlib
import random
from typing import Any

import grpc
import pytest
from host import (
    LIVE,
    Connect,
    Rises,
    candle_columns,
    instruments,
    said,
    ticks,
    with_offsets,
)

from madang import FatalError, Outcome, Strategy, Tick, Ticks, buy, sell
from madang._generated.strategy.v1 import events_pb2, session_pb2
from madang._server import SERVICE


@pytest.mark.parametrize(
    ("fields", "code", "text"),
    [
        ({"revision": 2}, "FAILED_PRECONDITION", "speaks protocol 1 to 1, the host asked for 2"),
        ({"session": ""}, "INVALID_ARGUMENT", "session is empty"),
        ({"mode": 0}, "INVALID_ARGUMENT", "mode 0"),
        ({"parameters": {"fats": "3"}}, "INVALID_ARGUMENT", "there is no parameter 'fats'"),
        ({"instruments": instruments("A") * 2}, "INVALID_ARGUMENT", "given twice"),
    ],
)
async def test_configure_is_refused_by_name(
    local: Connect, fields: dict[str, Any], code: str, text: str
) -> None:
    async with local(Rises) as client:
        stream = client.run()
        await stream.configure(**fields)
        ended, told = await stream.end()
        assert ended.name == code
        assert text in told


async def test_the_first_message_must_be_configure(local: Connect) -> None:
    async with local(Rises) as client:
        stream = client.run()
        await stream.send(events=ticks(0, [1]))
        assert (await stream.end())[0] is grpc.StatusCode.FAILED_PRECONDITION


async def test_previous_that_does_not_fit_names_both_numbers(local: Connect) -> None:
    async with local(Rises) as client:
        stream = client.run()
        await stream.ready()
        await stream.send(events=ticks(17, [1]))
        code, text = await stream.end()
        assert code is grpc.StatusCode.FAILED_PRECONDITION
        assert "17" in text
        assert "stands at 0" in text


def cut_column(name: str, to: int) -> events_pb2.Events:
    events = ticks(0, [1, 2, 3])
    column = getattr(events.ticks, name)
    del column[to:]
    return events


def with_count(count: int) -> events_pb2.Events:
    events = ticks(0, [1, 2, 3])
    events.count = count
    return events


def two_at_one_position() -> events_pb2.Events:
    events = ticks(0, [1])
    events.count = 2
    events.candles.CopyFrom(candle_columns([1], [5]))
    return events


class Vector(Strategy):
    inputs = ("ticks", "candles:1m")

    def on_ticks(self, ticks: Ticks) -> Outcome:
        return [buy(at=at) for at in ticks.position]


class Each(Strategy):
    inputs = ("ticks", "candles:1m")

    def on_tick(self, tick: Tick) -> Outcome:
        return buy()


@pytest.mark.parametrize("strategy", [Each, Vector])
@pytest.mark.parametrize(
    ("events", "text"),
    [
        (cut_column("price", 2), "ticks.price has 16 bytes, 24 expected for 3 rows"),
        (cut_column("instrument", 1), "ticks.instrument has 4 bytes, 12 expected"),
        (cut_column("offset", 2), "ticks."),
        (with_count(4), "count says 4, the columns hold 3"),
        (with_offsets(1, 3, 2), "ticks.offset does not rise"),
        (with_offsets(0, 1, 2), "ticks.offset does not rise"),
        (two_at_one_position(), "two events share a position"),
        (ticks(0, [1], instrument=9), "instrument 9"),
    ],
)
async def test_malformed_columns_are_refused(
    local: Connect, strategy: type[Strategy], events: events_pb2.Events, text: str
) -> None:
    async with local(strategy) as client:
        stream = client.run()
        await stream.ready()
        await stream.send(events=events)
        code, told = await stream.end()
        assert code is grpc.StatusCode.INVALID_ARGUMENT
        assert text in told


class Fails(Strategy):
    inputs = ("ticks",)

    def on_tick(self, tick: Tick) -> Outcome:
        match int(tick.price):
            case 1:
                return [buy(), sell(confidence=float("nan"))]
            case 2:
                return buy("NOBODY")
            case 3:
                return "buy"  # type: ignore[return-value]
            case 4:
                raise KeyError("a bug")
            case 5:
                raise FatalError("the model is gone")
        return buy()


@pytest.mark.parametrize(
    ("price", "text"),
    [
        (1, "on_tick: confidence must be finite, not nan"),
        (2, "on_tick: a result names 'NOBODY'; this session's instruments are A, B"),
        (3, "on_tick: returned 'buy'; return buy(...)"),
        (4, "on_tick: KeyError: 'a bug'"),
    ],
)
async def test_a_hook_that_raises_costs_one_event(local: Connect, price: int, text: str) -> None:
    async with local(Fails) as client:
        stream = client.run()
        await stream.ready()
        await stream.send(events=ticks(0, [9, price, 9]))
        failure = (await stream.receive()).failure
        assert (failure.position, failure.recoverable) == (2, True)
        assert text in failure.message
        message = await stream.receive()
        assert said(message) == [(1, 0, 0), (3, 0, 0)]
        assert message.results.watermark == 3


async def test_a_fatal_error_ends_the_session(local: Connect) -> None:
    async with local(Fails) as client:
        stream = client.run()
        await stream.ready()
        await stream.send(events=ticks(0, [9, 5, 9]))
        message = await stream.receive()
        assert said(message) == [(1, 0, 0)]
        assert message.results.watermark == 1
        failure = (await stream.receive()).failure
        assert (failure.recoverable, failure.message) == (False, "the model is gone")
        assert (await stream.end())[0] is grpc.StatusCode.ABORTED


async def test_many_failures_are_told_in_few(local: Connect) -> None:
    async with local(Fails) as client:
        stream = client.run()
        await stream.ready()
        await stream.send(events=ticks(0, [4] * 200))
        texts = []
        while True:
            message = await stream.receive()
            if message.WhichOneof("message") != "failure":
                break
            texts.append(message.failure.message)
        assert len(texts) == 9
        assert "192 more" in texts[-1]
        assert message.watermark.position == 200


async def test_on_start_that_raises_is_told_and_refused(local: Connect) -> None:
    class NoModel(Rises):
        def on_start(self) -> None:
            raise FileNotFoundError("model.bin")

    async with local(NoModel) as client:
        stream = client.run()
        await stream.configure()
        failure = (await stream.receive()).failure
        assert "model.bin" in failure.message
        code, text = await stream.end()
        assert code is grpc.StatusCode.FAILED_PRECONDITION
        assert "model.bin" not in text


@pytest.mark.parametrize("seed", range(10))
async def test_damaged_messages_end_one_stream_and_nothing_else(local: Connect, seed: int) -> None:
    source = random.Random(seed)
    good = session_pb2.HostMessage(events=ticks(0, [1, 2, 3])).SerializeToString()
    async with local(Rises) as client:
        method = client.channel.stream_stream(f"/{SERVICE}/Run")
        configure = session_pb2.Configure(
            revision=1, session="d", mode=LIVE, instruments=instruments("A"), known=9
        )
        opening = session_pb2.HostMessage(configure=configure)
        for epoch in range(1, 100):
            configure.epoch = epoch
            opening.configure.CopyFrom(configure)
            bad = bytearray(good)
            for _ in range(source.randint(1, 4)):
                bad[source.randrange(len(bad))] = source.randrange(256)
            call = method(timeout=10)
            with contextlib.suppress(grpc.aio.AioRpcError):
                await call.write(opening.SerializeToString())
                await call.write(bytes(bad[: source.randint(1, len(bad))]))
                await call.done_writing()
                while await call.read() is not grpc.aio.EOF:
                    pass
            code = await call.code()
            assert code.name in ("OK", "INVALID_ARGUMENT", "FAILED_PRECONDITION"), code
            text = (await call.details()) or ""
            assert "Traceback" not in text
            assert "Unexpected" not in text
        stream = client.run()
        await stream.ready(epoch=1000)
        await stream.send(events=ticks(0, [1, 2]))
        assert said(await stream.receive()) == [(2, 0, 0)]
