"""What servers that are wrong on purpose say, defect by defect; see ``broken_server.py``."""

from __future__ import annotations

import copy
import importlib.util
import pathlib
import random
import sys
import threading
from collections.abc import Callable
from typing import Any

HERE = pathlib.Path(__file__).resolve()
RAW = HERE.parents[2] / "StrategyServersTests" / "Servers" / "raw_server.py"
sys.dont_write_bytecode = True  # beside the raw server's source
spec = importlib.util.spec_from_file_location("raw_server", RAW)
assert spec is not None and spec.loader is not None
sys.path.insert(0, str(RAW.parent))  # for what it imports from beside itself
raw = importlib.util.module_from_spec(spec)
sys.modules["raw_server"] = raw
spec.loader.exec_module(raw)

from madang.strategy.v1 import results_pb2, session_pb2  # noqa: E402

Message = session_pb2.ServerMessage
BUY, ALERT = results_pb2.Result.BUY, results_pb2.Result.ALERT
BACKTEST = session_pb2.Configure.BACKTEST


class Calls:
    """The stream that was opened last, and whether its caller has given it up."""

    gone = threading.Event()

    @classmethod
    def watch(cls, context: Any) -> threading.Event:
        """Return what is set when the call is over."""
        gone = threading.Event()
        if not context.add_callback(gone.set):
            gone.set()
        return gone


def stall(context: Any = None) -> None:
    """Do nothing until the caller gives up, as one that hangs; six seconds at most."""
    gone = Calls.gone if context is None else Calls.watch(context)
    gone.wait(6)


# What a server of a defect says: each outgoing message becomes these.

Say = Callable[[Any, dict[str, Any]], list[Any]]


def results_changed(change: Callable[[Any], None]) -> Say:
    """Change each result."""

    def say(message: Any, _: dict[str, Any]) -> list[Any]:
        for result in message.results.results:
            change(result)
        return [message]

    return say


def list_changed(change: Callable[[list[Any]], list[Any]]) -> Say:
    """Change the list of a message's results."""

    def say(message: Any, _: dict[str, Any]) -> list[Any]:
        if message.WhichOneof("message") == "results":
            results = change(list(message.results.results))
            del message.results.results[:]
            message.results.results.extend(results)
        return [message]

    return say


def field(name: str, path: str, value: Any) -> Say:
    """Set a field of each message of a kind."""

    def say(message: Any, _: dict[str, Any]) -> list[Any]:
        if message.WhichOneof("message") == name:
            setattr(getattr(message, name), path, value)
        return [message]

    return say


def drop_some_watermarks(message: Any, memory: dict[str, Any]) -> list[Any]:
    """Leave every third out."""
    if message.WhichOneof("message") == "results":
        memory["n"] = memory.get("n", 0) + 1
        if memory["n"] % 3 == 2:
            message.results.ClearField("watermark")
    return [message]


def watermark_back(message: Any, _: dict[str, Any]) -> list[Any]:
    """Say an older one behind each."""
    if message.results.HasField("watermark") and message.results.watermark > 1 << 20:
        back = session_pb2.Watermark(position=message.results.watermark - (1 << 20))
        return [message, Message(watermark=back)]
    return [message]


def watermark_beyond(message: Any, _: dict[str, Any]) -> list[Any]:
    """Close what nobody sent."""
    if message.results.HasField("watermark"):
        message.results.watermark += 1
    return [message]


def watermark_first(message: Any, _: dict[str, Any]) -> list[Any]:
    """Close an event, then speak of it."""
    if not message.results.results:
        return [message]
    mark = session_pb2.Watermark(position=message.results.watermark, beat=message.results.beat)
    message.results.ClearField("watermark")
    return [Message(watermark=mark), message]


def watermark_before_ready(message: Any, memory: dict[str, Any]) -> list[Any]:
    """Say something before Ready."""
    if message.WhichOneof("message") == "ready" and not memory.get("done"):
        memory["done"] = True
        return [Message(watermark=session_pb2.Watermark(position=0)), message]
    return [message]


def ready_twice(message: Any, _: dict[str, Any]) -> list[Any]:
    """Say it again."""
    return [message, message] if message.WhichOneof("message") == "ready" else [message]


def unknown_kind(message: Any, memory: dict[str, Any]) -> list[Any]:
    """Say something new behind the first watermark."""
    if message.WhichOneof("message") == "results" and not memory.get("done"):
        memory["done"] = True
        return [message, Message.FromString(bytes([0xFA, 0x7F, 0x03, 0x6E, 0x65, 0x77]))]
    return [message]


def behind_drained(message: Any, _: dict[str, Any]) -> list[Any]:
    """Not know when to stop."""
    if message.WhichOneof("message") == "drained":
        log = session_pb2.Log(level="INFO", text="bye")
        return [message, Message(log=log)]
    return [message]


def slow_drained(message: Any, _: dict[str, Any]) -> list[Any]:
    """Take longer than Drain allows."""
    if message.WhichOneof("message") == "drained":
        stall()
    return [message]


def no_drained(message: Any, _: dict[str, Any]) -> list[Any]:
    """End without the last word."""
    return [] if message.WhichOneof("message") == "drained" else [message]


def failure_without_words(message: Any, memory: dict[str, Any]) -> list[Any]:
    """Fail at an event that was never sent."""
    if message.WhichOneof("message") == "results" and not memory.get("done"):
        memory["done"] = True
        return [Message(failure=session_pb2.Failure(position=7, recoverable=True)), message]
    return [message]


def no_second_beat(message: Any, _: dict[str, Any]) -> list[Any]:
    """Echo none but the first."""
    if message.results.beat > 1:
        message.results.beat = 1
    return [message]


def beat_of_zero(message: Any, _: dict[str, Any]) -> list[Any]:
    """Answer beats where the session began."""
    if message.results.beat and not message.results.results:
        message.results.watermark = 0
    return [message]


def only_first(results: list[Any]) -> list[Any]:
    """Look at a message's first result alone: wrong wherever messages end otherwise."""
    return results[:1]


def flood(results: list[Any]) -> list[Any]:
    """Say each thing 65 times."""
    more = []
    for result in results:
        for index in range(65):
            again = copy.deepcopy(result)
            again.index = index
            more.append(again)
    return more


def random_results(results: list[Any]) -> list[Any]:
    """Drop some by chance."""
    return [result for result in results if random.random() < 0.9]


def extremes(message: Any, memory: dict[str, Any]) -> list[Any]:
    """Say the largest and the smallest numbers that fit."""
    memory["n"] = memory.get("n", 0) + 1
    for result in message.results.results:
        result.position = random.choice([0, 1, 2**64 - 1, result.position])
        result.index = random.choice([0, 2**32 - 1])
        result.instrument = random.choice([0, 2**32 - 1])
        result.valid_for_ns = random.choice([1, -(2**63), 2**63 - 1])
        result.limit_price = random.choice([1, -(2**63), 2**63 - 1])
    if message.WhichOneof("message") == "results" and memory["n"] % 2:
        message.results.beat = 2**64 - 1
    if message.WhichOneof("message") == "drained":
        message.drained.position = 2**64 - 1
    return [message]


def set_long(result: Any) -> None:
    result.message = "x" * 1025


def many_tags(result: Any) -> None:
    for index in range(17):
        result.tags[str(index)] = "y"


SAYS: dict[str, Say] = {
    "ready-epoch": field("ready", "epoch", 1),
    "ready-instance": field("ready", "instance_id", "another"),
    "ready-version": field("ready", "version", "another"),
    "watermark-missing": drop_some_watermarks,
    "watermark-back": watermark_back,
    "watermark-beyond": watermark_beyond,
    "watermark-first": watermark_first,
    "watermark-before-ready": watermark_before_ready,
    "ready-twice": ready_twice,
    "unknown-kind": unknown_kind,
    "behind-drained": behind_drained,
    "slow-drained": slow_drained,
    "no-drained": no_drained,
    "drained-position": field("drained", "position", 3),
    "failure-nowhere": failure_without_words,
    "beat-lost": no_second_beat,
    "beat-old": beat_of_zero,
    "result-unsent": results_changed(lambda r: setattr(r, "position", r.position + 1)),
    "results-fall": list_changed(lambda results: results[::-1]),
    "index-from-one": results_changed(lambda r: setattr(r, "index", 1)),
    "instrument-unknown": results_changed(lambda r: setattr(r, "instrument", 99)),
    "confidence-two": results_changed(lambda r: setattr(r, "confidence", 2_000_000)),
    "quantity-zero": results_changed(lambda r: setattr(r, "quantity", 0)),
    "no-action": results_changed(lambda r: r.ClearField("action")),
    "text-long": results_changed(set_long),
    "tags-many": results_changed(many_tags),
    "flood": list_changed(flood),
    "extremes": extremes,
    "depends-on-cut": list_changed(only_first),
    "depends-on-chance": list_changed(random_results),
}
