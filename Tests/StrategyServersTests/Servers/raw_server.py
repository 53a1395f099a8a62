"""A strategy server written from docs/PROTOCOL.md and the .proto files alone, without the SDK.

It needs grpcio and what ``protoc --python_out`` makes of ``Protos/madang/strategy/v1``. Its
strategy buys an instrument whenever a tick of it is dearer than the one before; ``--echo`` says of
every event what it read instead. State lives in memory: a stream that breaks is resumed, a new
process begins afresh, or from its snapshot with ``--snapshot-every``.

For tests, ``/test.Raw/Break`` breaks every stream as a lost connection would.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import signal
import sys
import threading
import uuid
from collections.abc import Iterator
from concurrent import futures
from typing import Any

import grpc

sys.dont_write_bytecode = True  # beside the sources

from raw_rows import End, rows  # noqa: E402

from madang.strategy.v1 import describe_pb2, events_pb2, results_pb2, session_pb2  # noqa: E402

SERVICE = "madang.strategy.v1.StrategyServer"
SERVING = b"\x08\x01"  # grpc.health.v1.HealthCheckResponse with status SERVING
INSTANCE = uuid.uuid4().hex
VERSION = "1"
FORMAT = "raw/1"


class Session:
    """The strategy's state and where it stands. Outlives its streams."""

    def __init__(self, configure: session_pb2.Configure, echo: bool) -> None:
        """Begin without history."""
        self.signature = signature(configure)
        self.begun = self.numbers = {each.number for each in configure.instruments}
        self.echo = echo
        self.position = 0
        self.beat = 0
        self.since_snapshot = 0
        self.await_history(False)

    def await_history(self, awaits: bool) -> None:
        """Forget everything, perhaps until a history has come."""
        self.awaits_history = awaits
        self.numbers = set(self.begun)
        self.joining: list[session_pb2.WarmUp] = []  # whose change has not come yet
        self.last: dict[int, int] = {}
        self.kept: list[results_pb2.Result] = []  # until the host has them safe

    def judge(self, position: int, kind: str, event: dict[str, Any]) -> list[results_pb2.Result]:
        """The strategy itself, and the list of its instruments."""
        if kind == "instrument_changes":
            self.change(event["added"], event["instruments"].number)
        if self.echo:
            words = " ".join(f"{name}={value}" for name, value in event.items())
            number = event.get("instrument", min(self.numbers))
            return [
                results_pb2.Result(
                    position=position, instrument=number, action="ALERT", message=f"{kind} {words}"
                )
            ]
        if kind != "ticks":
            return []
        number = event["instrument"]
        before, self.last[number] = self.last.get(number), event["price"]
        if before is None or event["price"] <= before:
            return []
        return [
            results_pb2.Result(
                position=position, instrument=number, action="BUY", confidence=700_000, message="up"
            )
        ]

    def change(self, joins: bool, number: int) -> None:
        """Take an instrument in, behind the history that came for it, or let it go."""
        if not joins:
            self.numbers.discard(number)
            self.last.pop(number, None)
            return
        known = number in self.numbers
        parts, self.joining = self.joining, []
        for part in parts:
            numbers = {each.number for each in part.instruments}
            if number not in numbers:
                self.joining.append(part)
            elif not known:
                for row in rows(part.events, numbers):
                    self.judge(*row)
        self.numbers.add(number)

    def events(self, events: events_pb2.Events) -> session_pb2.ServerMessage:
        """Process a message; answer with its results and watermark in one."""
        if events.previous != self.position:
            raise End(
                "FAILED_PRECONDITION",
                f"events follow {events.previous}, this server stands at {self.position}",
            )
        results = []
        for position, kind, event in rows(events, self.numbers):
            results += self.judge(position, kind, event)
            self.position = position
            self.since_snapshot += 1
        self.kept += results
        return self.answer(results)

    def answer(self, results: list[results_pb2.Result]) -> session_pb2.ServerMessage:
        """Results and the watermark behind them."""
        message = results_pb2.Results(results=results, watermark=self.position, beat=self.beat)
        return session_pb2.ServerMessage(results=message)

    def snapshot(self) -> Iterator[session_pb2.ServerMessage]:
        """Say what this session knows, in parts of a few bytes."""
        self.since_snapshot = 0
        data = json.dumps({"numbers": sorted(self.numbers), "last": self.last}).encode()
        starts = range(0, len(data), 16)
        for number, start in enumerate(starts):
            part = session_pb2.SnapshotPart(
                position=self.position,
                format=FORMAT,
                part=number,
                last=number == len(starts) - 1,
                data=data[start : start + 16],
            )
            yield session_pb2.ServerMessage(snapshot=part)

    def restore(self, parts: list[session_pb2.SnapshotPart]) -> None:
        """Go on where a snapshot stands; ValueError if it cannot be taken."""
        if {part.format for part in parts} != {FORMAT}:
            raise ValueError("another format")
        state = json.loads(b"".join(part.data for part in parts))
        self.last = {int(number): price for number, price in state.get("last", {}).items()}
        self.numbers = set(state.get("numbers", self.begun))  # as of the snapshot
        self.position = parts[-1].position


def signature(configure: session_pb2.Configure) -> tuple[object, ...]:
    """Return what must be the same for a state to go on."""
    return configure.mode, configure.parameter_hash, configure.account


class Stream:
    """What one Run call waits for: a message, or the end that somebody else wants."""

    def __init__(self, requests: Iterator[session_pb2.HostMessage], epoch: int = 0) -> None:
        """Begin to read."""
        self.epoch = epoch
        self.ended = threading.Event()
        self.inbox: queue.Queue[session_pb2.HostMessage | End | None] = queue.Queue()
        threading.Thread(target=self._read, args=(requests,), daemon=True).start()

    def _read(self, requests: Iterator[session_pb2.HostMessage]) -> None:
        try:
            for message in requests:
                self.inbox.put(message)
        except grpc.RpcError:
            pass
        self.inbox.put(None)

    def next(self) -> session_pb2.HostMessage | None:
        """Return the next message; None when the host is gone."""
        message = self.inbox.get()
        if isinstance(message, End):
            raise message
        return message


class Server:
    """Describe and Run."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        """Begin without sessions."""
        self.arguments = arguments
        self.lock = threading.Lock()
        self.sessions: dict[str, Session] = {}
        self.streams: dict[str, Stream] = {}

    def describe(
        self, request: describe_pb2.DescribeRequest, context: grpc.ServicerContext
    ) -> describe_pb2.DescribeResponse:
        """Say who this is and what it needs."""
        inputs = []
        for text in self.arguments.inputs.split(","):
            kind, _, seconds = text.removesuffix("+").partition(":")
            inputs.append(
                describe_pb2.Input(
                    kind=kind.upper(),
                    interval_ns=int(seconds or 0) * 10**9,
                    warm_up=self.arguments.warm_up,
                    unfinished=text.endswith("+"),
                )
            )
        return describe_pb2.DescribeResponse(
            name="Raw",
            version=VERSION,
            instance_id=INSTANCE,
            sdk="none",
            revisions=describe_pb2.RevisionRange(lowest=1, highest=1),
            inputs=inputs,
            reads_account=self.arguments.reads_account,
            independent_instruments=self.arguments.independent,
            follows_instruments=True,
        )

    def run(
        self, requests: Iterator[session_pb2.HostMessage], context: grpc.ServicerContext
    ) -> Iterator[session_pb2.ServerMessage]:
        """Serve one stream to its end."""
        stream = Stream(requests)
        try:
            yield from self.session(stream)
        except End as end:
            context.abort(end.code, str(end))
        finally:
            stream.ended.set()

    def session(self, stream: Stream) -> Iterator[session_pb2.ServerMessage]:
        """Answer a Configure, then every message."""
        first = stream.next()
        if first is None:
            return
        if first.WhichOneof("message") != "configure":
            raise End("FAILED_PRECONDITION", "the first message must be Configure")
        configure = first.configure
        if self.arguments.refuse:
            raise End("FAILED_PRECONDITION", self.arguments.refuse)
        if configure.revision != 1:
            raise End("FAILED_PRECONDITION", f"revision {configure.revision} is not spoken here")
        for name in configure.parameters:
            raise End("INVALID_ARGUMENT", f"there is no parameter {name!r}; this server has none")
        stream.epoch = configure.epoch
        with self.lock:
            older = self.streams.get(configure.session)
            if older is not None and older.epoch >= configure.epoch:
                raise End("ABORTED", f"epoch {configure.epoch} is not above {older.epoch}")
            if older is not None:
                older.inbox.put(End("ABORTED", f"epoch {configure.epoch} took over"))
            self.streams[configure.session] = stream
        if older is not None:
            older.ended.wait()
        try:
            yield from self.serve(stream, configure)
        finally:
            with self.lock:
                if self.streams.get(configure.session) is stream:
                    del self.streams[configure.session]

    def serve(
        self, stream: Stream, configure: session_pb2.Configure
    ) -> Iterator[session_pb2.ServerMessage]:
        """Get ready, then answer until the stream ends."""
        session = self.sessions.get(configure.session)
        parts: list[session_pb2.SnapshotPart] = []
        while configure.snapshot_follows and not (parts and parts[-1].last):
            message = stream.next()
            if message is None:
                return
            parts.append(message.snapshot)
        if (
            session is not None
            and not session.awaits_history
            and session.signature == signature(configure)
            and session.position <= configure.known
        ):  # it lived on: go on where it stands, and say again what may have been lost
            session.begun = {each.number for each in configure.instruments}
            session.joining.clear()
            yield ready(configure, after=session.position)
            if session.position > configure.watermark:
                again = [each for each in session.kept if each.position > configure.watermark]
                yield session.answer(again)
        else:
            session = Session(configure, self.arguments.echo)
            if parts:
                try:
                    session.restore(parts)
                except ValueError as e:
                    if self.arguments.end_at_snapshots:
                        raise End("FAILED_PRECONDITION", f"the snapshot is not used: {e}") from e
                    log = session_pb2.Log(level="WARNING", text=f"the snapshot is not used: {e}")
                    yield session_pb2.ServerMessage(log=log)
                    parts = []
            self.sessions[configure.session] = session
            if parts:
                yield ready(configure, after=session.position)
            elif configure.mode == session_pb2.Configure.BACKTEST:
                yield ready(configure, after=0)
            elif self.arguments.warm_up:
                session.await_history(True)
                yield ready(configure, needs_warm_up=True)
            else:
                session.position = configure.watermark
                yield ready(configure, after=session.position)
        while (message := stream.next()) is not None:
            match message.WhichOneof("message"):
                case "events":
                    yield session.events(message.events)
                    if 0 < self.arguments.snapshot_every <= session.since_snapshot:
                        yield from session.snapshot()
                case "beat":
                    session.beat = message.beat.number
                    yield session.answer([])
                case "acknowledged":
                    safe = message.acknowledged.position
                    session.kept = [each for each in session.kept if each.position > safe]
                case "warm_up":
                    yield from self.warm_up(message.warm_up, session, configure)
                case "drain":
                    del self.sessions[configure.session]
                    drained = session_pb2.Drained(position=session.position)
                    yield session_pb2.ServerMessage(drained=drained)
                    return
                case "skipped":
                    pass  # nothing to do: this strategy can miss ticks

    def warm_up(
        self, part: session_pb2.WarmUp, session: Session, configure: session_pb2.Configure
    ) -> Iterator[session_pb2.ServerMessage]:
        """Take history; nothing of it is answered."""
        if part.instruments:  # of some that are about to join: it counts with that change
            session.joining.append(part)
            return
        if not session.awaits_history:  # not asked for: what this server needs is out of reach
            session.await_history(True)
        for position, kind, event in rows(part.events, session.numbers):
            session.judge(position, kind, event)
        if part.last:
            session.awaits_history = False
            session.position = part.position
            yield ready(configure, after=part.position)

    def end_streams(self, end: End) -> None:
        """End every open stream."""
        with self.lock:
            for stream in self.streams.values():
                stream.inbox.put(end)


def ready(configure: session_pb2.Configure, **state: Any) -> session_pb2.ServerMessage:
    """Return a Ready."""
    message = session_pb2.Ready(
        epoch=configure.epoch, instance_id=INSTANCE, version=VERSION, **state
    )
    return session_pb2.ServerMessage(ready=message)


def serve(arguments: argparse.Namespace, address: str) -> grpc.Server:
    """Start the server."""
    raw = Server(arguments)
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=16), options=[("grpc.so_reuseport", 0)]
    )
    describe = grpc.unary_unary_rpc_method_handler(
        raw.describe,
        describe_pb2.DescribeRequest.FromString,
        describe_pb2.DescribeResponse.SerializeToString,
    )
    run = grpc.stream_stream_rpc_method_handler(
        raw.run,
        session_pb2.HostMessage.FromString,
        session_pb2.ServerMessage.SerializeToString,
    )
    check = grpc.unary_unary_rpc_method_handler(lambda request, context: SERVING)

    def end_streams(request: bytes, context: grpc.ServicerContext) -> bytes:
        raw.end_streams(End("UNAVAILABLE", "the connection is lost"))
        return b""

    handlers = {
        SERVICE: {"Describe": describe, "Run": run},
        "grpc.health.v1.Health": {"Check": check},
        "test.Raw": {"Break": grpc.unary_unary_rpc_method_handler(end_streams)},
    }
    for service, methods in handlers.items():
        generic = grpc.method_handlers_generic_handler(service, methods)
        server.add_generic_rpc_handlers((generic,))
    server.add_insecure_port(address)
    server.start()
    return server


def main() -> None:
    """Serve at MADANG_ADDRESS until the parent is gone or SIGTERM comes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--inputs", default="ticks")
    parser.add_argument("--warm-up", type=int, default=0)
    parser.add_argument("--reads-account", action="store_true")
    parser.add_argument("--independent", action="store_true", help="judges each instrument alone")
    parser.add_argument("--echo", action="store_true")
    parser.add_argument("--snapshot-every", type=int, default=0, help="events between two")
    parser.add_argument("--end-at-snapshots", action="store_true", help="that it cannot take")
    parser.add_argument("--refuse", default="", help="refuse every Configure with this text")
    arguments = parser.parse_args()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: stop.set())
    parent = int(os.environ["MADANG_PARENT_FD"])
    os.set_inheritable(parent, False)

    def watch() -> None:
        while os.read(parent, 1):
            pass
        stop.set()

    server = serve(arguments, os.environ["MADANG_ADDRESS"])
    threading.Thread(target=watch, daemon=True).start()
    names = sorted(name for name in os.environ if name.startswith("MADANG_"))
    print(f"listening {os.getpid()} {' '.join(names)}", flush=True)
    stop.wait()
    server.stop(None)


if __name__ == "__main__":
    main()
