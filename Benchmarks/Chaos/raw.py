"""Spoils what the SDK sends: the SDK itself keeps the contract, a broken server does not."""

from collections.abc import Callable
from itertools import cycle
from typing import Any

import grpc

from madang import _server
from madang._generated.strategy.v1 import results_pb2, session_pb2

Result = results_pb2.Result
Answer = session_pb2.ServerMessage
SPOILS = ("garbage", "bytes")  # manners whose honest results are not sent at all
MOST = 64  # results for one event that a session takes
BEYOND = 5_000


def spoil(manner: str, is_now: Callable[[], bool]) -> None:
    """Let every stream of this process send in the manner, while it is the time for it."""
    honest = _server._Stream.send
    spoilt = MANNERS[manner]

    async def send(stream: Any, message: Any) -> None:
        if message.WhichOneof("message") not in ("results", "watermark") or not is_now():
            await honest(stream, message)
            return
        for each in spoilt(message):
            await honest(stream, each)

    _server._Stream.send = send  # type: ignore[method-assign]
    make = grpc.stream_stream_rpc_method_handler

    def serializer(message: Any) -> bytes:
        return message if isinstance(message, bytes) else bytes(message.SerializeToString())

    def handler(behavior: Any, **others: Any) -> Any:
        return make(behavior, **{**others, "response_serializer": serializer})

    grpc.stream_stream_rpc_method_handler = handler


def flood(message: Any) -> list[Any]:
    """Fill up what one event may have, and at every tenth go far beyond it."""
    results = list(message.results.results)
    if not results:
        return [message]
    position, first = results[-1].position, results[-1]
    flood.turn = getattr(flood, "turn", 0) + 1  # type: ignore[attr-defined]
    most = BEYOND if flood.turn % 10 == 0 else MOST  # type: ignore[attr-defined]
    more = [
        Result(
            position=position, instrument=first.instrument, index=index, action=Result.BUY,
            confidence=1, message="flood",
        )
        for index in range(1, most)
    ]  # fmt: skip
    watermark = message.results.watermark
    return [
        Answer(results=results_pb2.Results(results=results + more)),
        Answer(watermark=session_pb2.Watermark(position=watermark)),
    ]


WRONG: list[dict[str, Any]] = [
    {"instrument": 99},
    {"confidence": 2_000_000},
    {"action": 0},
    {"quantity": -500_000_000},
    {"message": "x" * 100_000},
    {"position": 1 << 60},
]
_wrong = cycle(WRONG)


def garbage(message: Any) -> list[Any]:
    """Send a result that breaks the contract for each that does not."""
    spoilt = []
    for each in message.results.results:
        bad = Result()
        bad.CopyFrom(each)
        for name, value in next(_wrong).items():
            setattr(bad, name, value)
        results = results_pb2.Results(results=[bad], watermark=each.position)
        spoilt.append(Answer(results=results))
    return spoilt


def noise(_message: Any) -> list[Any]:
    """Send what is no message at all."""
    return [b"\xff" * 64]


MANNERS: dict[str, Callable[[Any], list[Any]]] = {
    "flood": flood,
    "garbage": garbage,
    "bytes": noise,
}
