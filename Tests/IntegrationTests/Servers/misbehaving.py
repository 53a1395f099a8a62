"""A strategy server, without the SDK, that breaks the contract in the way that it is told to.

``honest`` breaks nothing: it asks for ticks and says SELL for every hundredth. The other manners
are functions below, or cases of ``Server``. The address comes from ``MADANG_ADDRESS``; the process
ends with the pipe that the host gives it, as every launched server does.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc

from madang._generated.strategy.v1 import describe_pb2, results_pb2, session_pb2

SERVICE = "madang.strategy.v1.StrategyServer"
Answer = session_pb2.ServerMessage
Requests = Iterator[bytes]
Context = grpc.ServicerContext


def description() -> describe_pb2.DescribeResponse:
    """Describe a server that hears ticks."""
    return describe_pb2.DescribeResponse(
        name="misbehaving",
        version="1",
        instance_id=str(os.getpid()),
        sdk="none",
        revisions=describe_pb2.RevisionRange(lowest=1, highest=1),
        inputs=[describe_pb2.Input(kind=describe_pb2.Input.TICKS)],
        independent_instruments=True,
    )


def ready(epoch: int, **changes: object) -> Answer:
    """Answer Configure: fed from the first event."""
    fields: dict[str, object] = {
        "epoch": epoch,
        "instance_id": str(os.getpid()),
        "version": "1",
        "after": 0,
    }
    return Answer(ready=session_pb2.Ready(**{**fields, **changes}))


def result(position: int, **changes: object) -> results_pb2.Result:
    """Make a result that breaks nothing, but for ``changes``."""
    fields: dict[str, object] = {
        "position": position,
        "action": results_pb2.Result.SELL,
        "confidence": 500_000,
        "message": "as told",
    }
    return results_pb2.Result(**{**fields, **changes})


def watermark(position: int) -> Answer:
    """Close everything up to ``position``."""
    return Answer(watermark=session_pb2.Watermark(position=position))


def positions(events: session_pb2.HostMessage) -> list[int]:
    """Read the positions of a message of events."""
    return [events.events.previous + offset for offset in events.events.ticks.offset]


def batches(requests: Requests) -> Iterator[list[int]]:
    """Yield the positions of each message of events until the host drains the session."""
    for request in requests:
        message = session_pb2.HostMessage.FromString(request)
        match message.WhichOneof("message"):
            case "events":
                yield positions(message)
            case "drain":
                return


Told = Callable[[int, list[int]], Iterator[Answer]]


def honest(_number: int, batch: list[int]) -> Iterator[Answer]:
    """Say SELL at every hundredth step, and close the batch."""
    wanted = [result(at) for at in batch if (at >> 20) % 100 == 0]
    if wanted:
        yield Answer(results=results_pb2.Results(results=wanted))
    yield watermark(batch[-1])


def once(**changes: object) -> Told:
    """Be honest, but for one bad result in the first batch."""

    def tell(number: int, batch: list[int]) -> Iterator[Answer]:
        if number == 0:
            bad = result(batch[0], **changes)
            yield Answer(results=results_pb2.Results(results=[bad]))
        yield from honest(number, batch)

    return tell


def always(**changes: object) -> Told:
    """Answer each tick with one bad result in a message of its own."""

    def tell(_number: int, batch: list[int]) -> Iterator[Answer]:
        for at in batch:
            yield Answer(results=results_pb2.Results(results=[result(at, **changes)]))
        yield watermark(batch[-1])

    return tell


def future(number: int, batch: list[int]) -> Iterator[Answer]:
    """Send a result computed from an event that was never sent."""
    if number == 0:
        ahead = result(batch[-1] + (1_000_000 << 20))
        yield Answer(results=results_pb2.Results(results=[ahead]))
    yield from honest(number, batch)


def flood(number: int, batch: list[int]) -> Iterator[Answer]:
    """Send 100,000 results for the first tick, in twenty messages."""
    if number == 0:
        for first in range(0, 100_000, 5_000):
            part = [result(batch[0], index=first + index) for index in range(5_000)]
            yield Answer(results=results_pb2.Results(results=part))
    yield from honest(number, batch)


def flood_at_once(number: int, batch: list[int]) -> Iterator[Answer]:
    """Send 50,000 results for the first tick, in one message of over ten megabytes."""
    if number == 0:
        words = "as told " * 25
        part = [result(batch[0], index=index, message=words) for index in range(50_000)]
        yield Answer(results=results_pb2.Results(results=part))
    yield from honest(number, batch)


def silent(_number: int, _batch: list[int]) -> Iterator[Answer]:
    """Hear everything, answer nothing."""
    yield from ()


def beyond(_number: int, batch: list[int]) -> Iterator[Answer]:
    """Close an event that was never sent."""
    yield watermark(batch[-1] + 1)


def backwards(number: int, batch: list[int]) -> Iterator[Answer]:
    """Take a watermark back."""
    if number == 0:
        yield watermark(batch[0])
        yield watermark(batch[0] - 1)
    yield watermark(batch[-1])


def twice(number: int, batch: list[int]) -> Iterator[Answer]:
    """Send Ready again in the middle."""
    yield ready(1)
    yield from honest(number, batch)


TOLD: dict[str, Told] = {
    "honest": honest,
    "instrument": once(instrument=99),
    "instrument always": always(instrument=99),
    "future": future,
    "size": once(quantity=-500_000_000),
    "confidence": once(confidence=2_000_000),
    "action": once(action=0),
    "flood": flood,
    "flood at once": flood_at_once,
    "silent": silent,
    "beyond": beyond,
    "backwards": backwards,
    "ready twice": twice,
}


class Server:
    """The two calls of the contract, on raw bytes."""

    def __init__(self, manner: str) -> None:
        """Behave in a manner of ``TOLD``, or in one of those named below."""
        self.manner = manner
        self.never = threading.Event()

    def describe(self, _request: bytes, _context: Context) -> bytes:
        """Answer who this server is."""
        answer = description()
        match self.manner:
            case "revision":
                answer.revisions.lowest = answer.revisions.highest = 3
            case "garbage described":
                return b"\xff" * 64
            case "describe hangs":
                self.never.wait()
            case "no inputs":
                del answer.inputs[:]
        return answer.SerializeToString()

    def run(self, requests: Requests, context: Context) -> Iterator[bytes]:
        """Serve one session."""
        configure = session_pb2.HostMessage.FromString(next(requests)).configure
        match self.manner:
            case "closes":
                return
            case "aborts":
                context.abort(
                    grpc.StatusCode.FAILED_PRECONDITION, "the model file is missing: train it first"
                )
            case "dies":
                os._exit(3)
            case "never ready":
                self.never.wait()
            case "garbage":
                yield b"\xff" * 64
            case "epoch":
                yield ready(configure.epoch + 1).SerializeToString()
            case "build":
                yield ready(configure.epoch, version="2").SerializeToString()
            case "ahead":
                yield ready(configure.epoch, after=configure.known + 1).SerializeToString()
            case _:
                yield ready(configure.epoch).SerializeToString()
        tell = TOLD.get(self.manner, honest)
        for number, batch in enumerate(batches(requests)):
            for answer in tell(number, batch):
                yield answer.SerializeToString()
        yield Answer(drained=session_pb2.Drained()).SerializeToString()


def main(server: Server) -> None:
    """Serve until the host's pipe ends."""
    handlers = {
        "Describe": grpc.unary_unary_rpc_method_handler(server.describe),
        "Run": grpc.stream_stream_rpc_method_handler(server.run),
    }
    listening = grpc.server(
        ThreadPoolExecutor(8),
        handlers=[grpc.method_handlers_generic_handler(SERVICE, handlers)],
        options=[("grpc.max_send_message_length", -1)],
    )
    listening.add_insecure_port(os.environ["MADANG_ADDRESS"])
    listening.start()
    os.read(int(os.environ["MADANG_PARENT_FD"]), 1)
    os._exit(0)


if __name__ == "__main__":
    main(Server(sys.argv[1]))
