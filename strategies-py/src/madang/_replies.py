"""What a session says to its host, within the host's limits."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any, cast

from madang._generated.strategy.v1 import results_pb2, session_pb2
from madang.results import Result


class Identity:
    """What Ready repeats of Describe."""

    def __init__(self, instance: str, version: str, model_hash: str) -> None:
        self.instance = instance
        self.version = version
        self.model_hash = model_hash


class Replies:
    """Makes the messages of one session.

    Attributes:
        configure: The stream's, with its epoch and limits.
    """

    def __init__(self, configure: session_pb2.Configure, identity: Identity) -> None:
        """Prepare for a stream; set :attr:`configure` for the next."""
        self.configure = configure
        self._identity = identity

    def ready(self, *, after: int = 0, needs_warm_up: bool = False) -> session_pb2.ServerMessage:
        """Return the answer to Configure or to a warm-up."""
        ready = session_pb2.Ready(
            epoch=self.configure.epoch,
            instance_id=self._identity.instance,
            version=self._identity.version,
            model_hash=self._identity.model_hash,
        )
        if needs_warm_up:
            ready.needs_warm_up = True
        else:
            ready.after = after
        return session_pb2.ServerMessage(ready=ready)

    def failure(self, position: int, recoverable: bool, text: str) -> session_pb2.ServerMessage:
        """Return what tells of a hook that raised."""
        failure = session_pb2.Failure(
            position=position, recoverable=recoverable, message=self._cut(text)
        )
        return session_pb2.ServerMessage(failure=failure)

    def log(self, level: int, text: str) -> session_pb2.ServerMessage:
        """Return a line for the host's log."""
        line = session_pb2.Log(level=cast(Any, level), text=self._cut(text))
        return session_pb2.ServerMessage(log=line)

    def results(
        self, results: list[results_pb2.Result], position: int, beat: int
    ) -> Iterator[session_pb2.ServerMessage]:
        """Return what was said up to a position, with the watermark behind the last of it."""
        if not results:
            watermark = session_pb2.Watermark(position=position, beat=beat)
            yield session_pb2.ServerMessage(watermark=watermark)
            return
        for part in self._parts(results):
            message = results_pb2.Results(results=part)
            if part[-1] is results[-1]:
                message.watermark = position
                message.beat = beat
            yield session_pb2.ServerMessage(results=message)

    def _parts(self, results: list[results_pb2.Result]) -> list[list[results_pb2.Result]]:
        """Cut results into messages that the host takes."""
        most = self.configure.limits.message_bytes
        if not most or len(results) * 64 < most // 2:
            short = most or 2**31
            if sum(map(_size, results)) < short - 64:
                return [results]
        parts: list[list[results_pb2.Result]] = [[]]
        size = 64
        for result in results:
            more = _size(result)
            if parts[-1] and most and size + more > most:
                parts.append([])
                size = 64
            parts[-1].append(result)
            size += more
        return parts

    def _cut(self, text: str) -> str:
        most = min(self.configure.limits.text_bytes or 1024, 4096)
        return text.encode(errors="replace")[:most].decode(errors="ignore")


class Forward(logging.Handler):
    """Keeps what the strategy logs for the host, at most a hundred lines between two messages."""

    def __init__(self, lines: list[tuple[int, str]]) -> None:
        super().__init__(logging.INFO)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        """Take a line."""
        if len(self._lines) < 100:
            level = {logging.INFO: 2, logging.WARNING: 3}.get(record.levelno, 4)
            self._lines.append((level, record.getMessage()))


def message_of(result: Result, position: int, number: int, index: int) -> results_pb2.Result:
    """Return a result as the host hears it, of the event at a position."""
    message = results_pb2.Result(
        position=position,
        instrument=number,
        index=index,
        action=cast(Any, result.action.value),
        confidence=result.confidence,
    )
    if result.quantity_units is not None:
        message.quantity = result.quantity_units
    elif result.weight is not None:
        message.target_weight = result.weight
    elif result.fraction is not None:
        message.fraction = result.fraction
    if result.limit_units is not None:
        message.limit_price = result.limit_units
    if result.valid_for_ns is not None:
        message.valid_for_ns = result.valid_for_ns
    if result.message:
        message.message = result.message
    if result.reasons:
        message.reasons.extend(result.reasons)
    if result.tags:
        message.tags.update(dict(result.tags))
    return message


def _size(result: results_pb2.Result) -> int:
    return result.ByteSize() + 6
