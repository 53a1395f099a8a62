"""A host for tests: speaks the public contract to a server over gRPC."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import grpc

from madang import Outcome, Strategy, Tick, buy
from madang._generated.columns.v1 import host_pb2 as columns_pb
from madang._generated.strategy.v1 import (
    describe_pb2,
    events_pb2,
    instrument_pb2,
    session_pb2,
)
from madang._replies import Identity
from madang._server import SERVICE
from madang._session import Session
from madang._taking import Offered, parts
from madang.definition import define
from madang.serving import Settings, run

MINUTE = 60 * 10**9
START = 1_767_603_600 * 10**9
LIVE, BACKTEST = session_pb2.Configure.LIVE, session_pb2.Configure.BACKTEST


def instruments(*symbols: str) -> list[instrument_pb2.Instrument]:
    return [
        instrument_pb2.Instrument(number=number, symbol=symbol, market="KR", time_zone="Asia/Seoul")
        for number, symbol in enumerate(symbols)
    ]


def ticks(
    previous: int, prices: Sequence[int], *, first: int | None = None, instrument: int = 0
) -> events_pb2.Events:
    """One message of ticks at positions ``first``, ``first + 1``, …; prices in whole units."""
    start = previous + 1 if first is None else first
    n = len(prices)
    columns = events_pb2.Ticks(
        offset=[start - previous + i for i in range(n)],
        feed_time=[START + i for i in range(n)],
        entry_time=[START + i for i in range(n)],
        instrument=[instrument] * n,
        price=[price * 10**8 for price in prices],
        quantity=[10**8] * n,
    )
    return events_pb2.Events(previous=previous, count=n, ticks=columns)


def with_offsets(*offsets: int) -> events_pb2.Events:
    events = ticks(0, [1, 2, 3])
    del events.ticks.offset[:]
    events.ticks.offset.extend(offsets)
    return events


def candle_columns(offsets: Sequence[int], closes: Sequence[int]) -> events_pb2.Candles:
    n = len(closes)
    units = [close * 10**8 for close in closes]
    opened = [START + i * MINUTE for i in range(n)]
    return events_pb2.Candles(
        offset=offsets,
        interval=[MINUTE] * n,
        open_time=opened,
        close_time=[time + MINUTE for time in opened],
        entry_time=[time + MINUTE for time in opened],
        instrument=[0] * n,
        open=units,
        high=units,
        low=units,
        close=units,
        volume=[10**8] * n,
        flags=[1] * n,
    )


def candles(previous: int, closes: Sequence[int]) -> events_pb2.Events:
    columns = candle_columns(range(1, len(closes) + 1), closes)
    return events_pb2.Events(previous=previous, count=len(closes), candles=columns)


Connect = Callable[[type[Strategy]], contextlib.AbstractAsyncContextManager["Client"]]


class Stream:
    """One Run call, as the host holds it."""

    def __init__(self, call: Any) -> None:
        self.call = call

    async def send(self, **message: Any) -> None:
        await self.call.write(session_pb2.HostMessage(**message))

    async def receive(self) -> session_pb2.ServerMessage:
        message = await asyncio.wait_for(self.call.read(), 10)
        assert message is not grpc.aio.EOF, f"{await self.call.code()}: {await self.call.details()}"
        received: session_pb2.ServerMessage = message
        return received

    async def configure(self, **fields: Any) -> None:
        given: dict[str, Any] = {
            "revision": 1,
            "session": "s",
            "epoch": 1,
            "mode": LIVE,
            "instruments": instruments("A", "B"),
            "known": 2**62,
        }
        await self.send(configure=session_pb2.Configure(**(given | fields)))

    async def ready(self, **fields: Any) -> session_pb2.Ready:
        await self.configure(**fields)
        message = await self.receive()
        assert message.WhichOneof("message") == "ready", message
        return message.ready

    async def offer(self, data: bytes, position: int, **fields: Any) -> None:
        """Configure with a snapshot behind it."""
        given = {"epoch": 2, "watermark": position, "snapshot_follows": True}
        await self.configure(**(given | fields))
        for part in parts(data, position, 2**20):
            await self.send(snapshot=part.snapshot)

    async def snapshot(self) -> tuple[int, bytes]:
        """Return the next snapshot, and where it stands; results before it are passed over."""
        data, expected = b"", 0
        while True:
            message = await self.receive()
            if message.WhichOneof("message") != "snapshot":
                assert not data, f"{message} within a snapshot"
                continue
            part = message.snapshot
            assert part.format == "madang-py/1"
            assert part.part == expected
            data, expected = data + part.data, expected + 1
            if part.last:
                return part.position, data

    async def results(self) -> session_pb2.ServerMessage:
        """Return the next message that carries a watermark."""
        while True:
            message = await self.receive()
            if message.HasField("watermark") or message.results.HasField("watermark"):
                return message

    async def end(self) -> tuple[grpc.StatusCode, str]:
        """Wait for the server to end the call; return its status and text."""
        with contextlib.suppress(grpc.aio.AioRpcError):
            while await asyncio.wait_for(self.call.read(), 10) is not grpc.aio.EOF:
                pass
        return await self.call.code(), await self.call.details()


class Client:
    """A connection to a server."""

    def __init__(self, address: str) -> None:
        self.channel = grpc.aio.insecure_channel(
            address, options=[("grpc.use_local_subchannel_pool", 1)]
        )

    def run(self, **options: Any) -> Stream:
        method = self.channel.stream_stream(
            f"/{SERVICE}/Run",
            request_serializer=session_pb2.HostMessage.SerializeToString,
            response_deserializer=session_pb2.ServerMessage.FromString,
        )
        return Stream(method(**options))

    async def describe(self, **parameters: str) -> describe_pb2.DescribeResponse:
        method = self.channel.unary_unary(
            f"/{SERVICE}/Describe",
            request_serializer=describe_pb2.DescribeRequest.SerializeToString,
            response_deserializer=describe_pb2.DescribeResponse.FromString,
        )
        request = describe_pb2.DescribeRequest(host="test", parameters=parameters)
        response: describe_pb2.DescribeResponse = await method(
            request, timeout=10, wait_for_ready=True
        )
        return response


class Direct:
    """A session without a transport, as the server holds it, and what it said."""

    def __init__(self, strategy: type[Strategy], **fields: Any) -> None:
        given: dict[str, Any] = {
            "revision": 1,
            "session": "s",
            "epoch": 1,
            "mode": BACKTEST,
            "instruments": instruments("A", "B"),
            "known": 2**62,
            "limits": session_pb2.Limits(snapshot_bytes=2**30),
        }
        self.configure = session_pb2.Configure(**(given | fields))
        self.said: list[session_pb2.ServerMessage] = []
        self.session = Session(define(strategy), self.configure, Identity("i", "7", ""))

    async def attach(self, data: bytes | None = None, position: int = 0, **changed: Any) -> Direct:
        """Answer Configure, with a snapshot of which something may be changed."""
        offered = None
        if data is not None:
            offered = Offered(0)
            for part in parts(data, position, 2**20) if data else ():
                offered.add(part.snapshot)
            for name, value in changed.items():
                setattr(offered, name, value)
        await self.session.attach(self.configure, self.take, offered)
        return self

    async def take(self, message: session_pb2.ServerMessage) -> None:
        self.said.append(message)

    async def send(self, **message: Any) -> None:
        plain = session_pb2.HostMessage(**message).SerializeToString()
        await self.session.handle(columns_pb.HostMessage.FromString(plain), self.take)

    def texts(self) -> list[str]:
        """What was told to the operator."""
        return [
            each.log.text or each.failure.message
            for each in self.said
            if each.WhichOneof("message") in ("log", "failure")
        ]

    def parts(self) -> list[session_pb2.SnapshotPart]:
        return [each.snapshot for each in self.said if each.WhichOneof("message") == "snapshot"]

    def snapshots(self) -> dict[int, bytes]:
        """Those that came, by position."""
        found: dict[int, bytes] = {}
        for part in self.parts():
            found[part.position] = found.get(part.position, b"") + part.data
        return found


@contextlib.asynccontextmanager
async def serving(strategy: type[Strategy], address: str, **settings: Any) -> AsyncIterator[Client]:
    """Serve a class in this process, as ``serve`` does, for the length of the block."""
    ready = asyncio.Event()
    server = asyncio.ensure_future(
        run(define(strategy), Settings(address=address, grace=2.0, **settings), ready)
    )
    started = asyncio.ensure_future(ready.wait())
    await asyncio.wait([server, started], return_when=asyncio.FIRST_COMPLETED)
    started.cancel()
    if server.done():
        await server
    client = Client(address)
    try:
        yield client
    finally:
        await client.channel.close()
        server.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await server


def socket_in(folder: Path) -> str:
    """Return an address in a private folder."""
    private = folder / "private"
    private.mkdir(mode=0o700, exist_ok=True)
    return f"unix:{private / 's.sock'}"


class Rises(Strategy):
    """Buys whenever a tick is dearer than the one before it."""

    version = "7"
    inputs = ("ticks",)

    def on_start(self) -> None:
        self.last: dict[str, int] = {}

    def on_tick(self, tick: Tick) -> Outcome:
        last, self.last[tick.symbol] = self.last.get(tick.symbol), tick.price_units
        if last is not None and tick.price_units > last:
            return buy(confidence=0.7, reason="up")
        return None


def said(message: session_pb2.ServerMessage) -> list[tuple[int, int, int]]:
    return [(each.position, each.instrument, each.index) for each in message.results.results]
