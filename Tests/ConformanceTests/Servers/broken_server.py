"""Strategy servers that are wrong on purpose: ``raw_server.py`` with one defect each.

``--defect NAME`` chooses one; the rest of the line is the raw server's. The tests hold each
against the check that is meant to find it.
"""

from __future__ import annotations

import argparse
import functools
import os
import pathlib
import queue
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any

import grpc

sys.dont_write_bytecode = True  # beside the sources

from broken_reads import Lenient, big, lax_rows, unknown  # noqa: E402
from broken_says import (  # noqa: E402
    BACKTEST,
    RAW,
    SAYS,
    Calls,
    Message,
    raw,
    results_changed,
    stall,
)
from madang.strategy.v1 import describe_pb2, session_pb2  # noqa: E402


class BrokenServer(raw.Server):
    """The raw server with what goes wrong around it."""

    def describe(self, request: Any, context: Any) -> Any:
        """Describe, perhaps wrongly."""
        answer = super().describe(request, context)
        match DEFECT:
            case "describe-slow":
                stall(context)
            case "describe-strict" if unknown(request):
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, "what is this?")
            case "describe-changes":
                answer.instance_id = os.urandom(4).hex()
            case "describe-name":
                answer.name = "not a name!"
            case "describe-no-instance":
                answer.instance_id = ""
            case "describe-revision-0":
                answer.revisions.lowest = 0
            case "describe-no-inputs":
                del answer.inputs[:]
            case "describe-input-twice":
                answer.inputs.append(answer.inputs[0])
            case "describe-half-second":
                answer.inputs.append(describe_pb2.Input(kind="CANDLES", interval_ns=500_000_000))
            case "describe-default-out":
                answer.parameters.append(
                    describe_pb2.Parameter(name="n", type="INTEGER", default_value="0", minimum="1")
                )
            case "describe-refuses" if "no such" in request.parameters:
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, "no such parameter")
            case "parameters-unchecked" | "default-differs":
                answer.parameters.append(
                    describe_pb2.Parameter(
                        name="n", type="INTEGER", default_value="1", minimum="1", maximum="9"
                    )
                )
        return answer

    def run(self, requests: Any, context: Any) -> Iterator[Any]:
        """Say what the raw server says, in the way of the defect."""
        Calls.gone = Calls.watch(context)
        memory: dict[str, Any] = {}
        say = SAYS.get(DEFECT, lambda message, _: [message])
        for message in super().run(requests, context):
            yield from say(message, memory)

    def session(self, stream: Any) -> Iterator[Any]:
        """Open a session, with less care."""
        if DEFECT == "one-session" and self.streams:
            raise raw.End("RESOURCE_EXHAUSTED", "one session at a time")
        first = stream.next()
        if first is None:
            if DEFECT == "dies-of-silence":
                os._exit(3)
            return
        kind = first.WhichOneof("message")
        if DEFECT == "any-first-message" and kind != "configure":
            first = session_pb2.HostMessage(configure=session_pb2.Configure(revision=1, epoch=1))
        configure = first.configure
        if DEFECT == "strict-fields" and unknown(configure):
            raise raw.End("INVALID_ARGUMENT", "what is this?")
        if DEFECT == "few-instruments" and len(configure.instruments) > 100:
            raise raw.End("INVALID_ARGUMENT", "too many instruments")
        if DEFECT == "refuses-all":
            raise raw.End("FAILED_PRECONDITION", "not today")
        if DEFECT == "refuses-without-words" and configure.revision != 1:
            raise raw.End("FAILED_PRECONDITION", "")
        if DEFECT == "any-revision":
            configure.revision = 1
        if DEFECT in ("any-parameter", "parameters-unchecked"):
            configure.parameters.clear()
        if DEFECT == "default-differs":
            if set(configure.parameters) - {"n"}:
                raise raw.End("INVALID_ARGUMENT", "no such parameter")
            MUTED[configure.session] = "n" in configure.parameters
            configure.parameters.clear()
        if DEFECT == "known-ignored":
            configure.known = 2**64 - 1
        if DEFECT == "mode-ignored" and configure.mode == session_pb2.Configure.PAPER:
            configure.mode = BACKTEST
        if DEFECT == "hash-ignored":
            configure.parameter_hash = ""
        if DEFECT == "epoch-ignored":
            with self.lock:
                older = self.streams.pop(configure.session, None)
            if older is not None:
                older.inbox.put(raw.End("ABORTED", "somebody else came"))
        if DEFECT in ("equal-epoch", "older-kept") and configure.session in self.streams:
            older = self.streams[configure.session]
            if DEFECT == "older-kept" or older.epoch == configure.epoch:
                with self.lock:
                    del self.streams[configure.session]
        if DEFECT == "no-resume":
            self.sessions.pop(configure.session, None)
        if DEFECT == "slow-to-come-back" and KEPT:
            stall()
        if DEFECT == "storm" and configure.epoch > 20:
            raise raw.End("RESOURCE_EXHAUSTED", "too many connections")
        stream.first = first
        yield from super().session(stream)

    def serve(self, stream: Any, configure: Any) -> Iterator[Any]:
        """Answer, with the defects of the session's life."""
        if DEFECT == "snapshot-first" and configure.snapshot_follows:
            self.sessions.pop(configure.session, None)
        if DEFECT == "closes-when-stopped":
            yield from self.until_stopped(stream, configure)
            return
        drained = False
        for message in super().serve(stream, configure):
            kind = message.WhichOneof("message")
            if kind == "ready":
                if DEFECT == "backtest-after-watermark" and configure.mode == BACKTEST:
                    message.ready.after = configure.watermark
                if DEFECT == "paced-after-zero" and configure.mode != BACKTEST:
                    message.ready.after = 0
                if DEFECT == "warm-up-after" and message.ready.after:
                    message.ready.after += 1
                if DEFECT == "resume-before" and message.ready.after:
                    message.ready.after -= 1
            if DEFECT == "drain-remembers" and kind == "drained":
                drained = True
            yield message
        if drained and KEPT:
            self.sessions[configure.session] = KEPT[-1]
        if DEFECT == "half-close-forgets":
            self.sessions.pop(configure.session, None)

    def until_stopped(self, stream: Any, configure: Any) -> Iterator[Any]:
        """Say a watermark behind SIGTERM, whatever was answered before."""
        STOPS.append(self)
        try:
            yield from super().serve(stream, configure)
        except raw.End as end:
            if end.code is not grpc.StatusCode.OK:
                raise
            position = self.sessions[configure.session].position
            yield Message(watermark=session_pb2.Watermark(position=position))
            yield Message(drained=session_pb2.Drained(position=position))

    def warm_up(self, part: Any, session: Any, configure: Any) -> Iterator[Any]:
        """Take history, with the defects of that."""
        if DEFECT == "warm-up-unasked-refused" and not session.awaits_history:
            raise raw.End("FAILED_PRECONDITION", "nobody asked for a warm-up")
        if DEFECT == "warm-up-empty-refused" and not part.events.count:
            raise raw.End("FAILED_PRECONDITION", "an empty warm-up")
        if DEFECT == "warm-up-parts-mute" and not part.last:
            MUTED[configure.session] = True
        session.histories += len(part.instruments)
        if DEFECT == "warm-up-changes-ignored" and part.events.instrument_changes.offset:
            return
        if DEFECT == "warm-up-answered":
            yield Message(watermark=session_pb2.Watermark(position=0))
        yield from super().warm_up(part, session, configure)


MUTED: dict[str, bool] = {}
KEPT: list[Any] = []
STOPS: list[Any] = []
SHARED: dict[int, int] = {}


class BrokenStream(raw.Stream):
    """The raw server's stream: what comes in is read with less care."""

    first: Any = None
    waiting: Any = None

    def next(self) -> Any:
        """Return the next message, in the way of the defect."""
        if self.first is not None:
            first, self.first = self.first, None
            return first
        message = super().next()
        kind = message.WhichOneof("message") if message is not None else "end"
        if DEFECT == "strict-messages" and kind is None:
            raise raw.End("INVALID_ARGUMENT", "what is this?")
        if DEFECT == "skipped-unknown" and kind == "skipped":
            raise raw.End("INVALID_ARGUMENT", "what was skipped?")
        while DEFECT == "drain-at-once" and kind == "events":
            # What waits when Drain comes is left undone.
            try:
                following = self.inbox.get(timeout=0.1)
            except queue.Empty:
                break
            if isinstance(following, raw.End):
                raise following
            message = following
            kind = message.WhichOneof("message") if message is not None else "end"
        return message


class BrokenSession(raw.Session):
    """The raw server's session with a defect in its state."""

    def __init__(self, configure: Any, echo: bool) -> None:
        """Begin, perhaps with what others left."""
        self.deaf: set[int] = set()  # what nothing is said of any more
        self.gone: set[int] = set()
        self.histories = 0  # of instruments about to join
        super().__init__(configure, echo)
        self.name = configure.session
        KEPT.append(self)

    def await_history(self, awaits: bool) -> None:
        """Forget, or not."""
        super().await_history(awaits)
        if DEFECT == "state-shared":
            self.last = SHARED

    def judge(self, position: int, kind: str, event: dict[str, Any]) -> list[Any]:
        """Judge an event."""
        if DEFECT == "big-values" and event.get("price", 0) > 2**62:
            raise raw.End("INTERNAL", "overflow")
        if DEFECT in ("default-differs", "warm-up-parts-mute") and MUTED.get(self.name):
            return []
        said: list[Any] = super().judge(position, kind, event)
        return [] if event.get("instrument") in self.deaf else said

    def change(self, joins: bool, number: int) -> None:
        """Follow the list, in the way of the defect."""
        if DEFECT == "change-unknown" and joins == (number in self.numbers):
            raise raw.End("INVALID_ARGUMENT", "what changes?")
        super().change(joins, number)
        if not joins:
            self.gone.add(number)
        elif (
            (DEFECT == "joins-unwarmed" and self.histories)
            # One that came before a break counts too.
            or (DEFECT == "joins-twice-warmed" and self.histories > 1)
            or (DEFECT == "returns-as-it-left" and number in self.gone)
        ):
            self.deaf.add(number)

    def events(self, events: Any) -> Any:
        """Take a message of events."""
        if DEFECT == "leaves-not" and events.instrument_changes.offset:
            answer = super().events(events)
            for offset, change in zip(
                events.instrument_changes.offset, events.instrument_changes.instruments
            ):
                told = answer.results.results.add(
                    position=events.previous + offset, instrument=change.number, action="SELL"
                )
                told.confidence = 500_000
            answer.results.results.sort(key=lambda each: each.position)
            return answer
        if DEFECT == "previous-unchecked":
            self.position = events.previous
        if DEFECT == "signed-positions" and events.previous + 2**20 > 0 and big(events):
            raise raw.End("INTERNAL", "position out of range")
        if DEFECT == "small-batches" and events.count > 100:
            raise raw.End("RESOURCE_EXHAUSTED", "too many events")
        if DEFECT == "growing-refused" and not all(events.candles.flags):
            raise raw.End("INVALID_ARGUMENT", "a candle that is not final")
        if DEFECT == "strict-events" and unknown(events):
            raise raw.End("INVALID_ARGUMENT", "what is this?")
        if DEFECT == "slow-at-work" and events.count > 50:
            with WORK:
                stall()
        if (
            DEFECT == "half-done"
            and self.name.startswith("check/")
            and "break-at-work" in self.name
        ):
            for position, kind, event in raw.rows(events, self.numbers)[:1]:
                super().judge(position, kind, event)  # said twice where it is fed again
                self.last = {number: price - 10**12 for number, price in self.last.items()}
        if DEFECT == "previous-moves" and events.previous != self.position:
            self.position = events.previous + (1 << 20)
            raise raw.End("FAILED_PRECONDITION", "not here, 1 2")
        return super().events(events)

    def snapshot(self) -> Iterator[Any]:
        """Say what is known, in the way of the defect."""
        for message in super().snapshot():
            part = message.snapshot
            match DEFECT:
                case "snapshot-from-one":
                    part.part += 1
                case "snapshot-huge":
                    part.data = bytes(2**20 + 1)
                case "snapshot-nameless":
                    part.format = ""
                case "snapshot-ahead":
                    part.position += 1
                case "snapshot-empty":
                    part.data = b"{}" if part.last else b""
            yield message

    def restore(self, parts: list[Any]) -> None:
        """Take a snapshot, in the way of the defect."""
        if DEFECT == "snapshot-any-format":
            self.position = parts[-1].position
            return
        if DEFECT == "snapshot-ends-call":
            try:
                super().restore(parts)
            except ValueError as e:
                raise raw.End("FAILED_PRECONDITION", str(e)) from e
            return
        super().restore(parts)
        if DEFECT == "snapshot-elsewhere":
            self.position -= 1 << 20

    def answer(self, results: list[Any]) -> Any:
        """Answer, with the defects of resending."""
        again = bool(results) and all(each in self.kept for each in results)
        if DEFECT == "resend-always" and self.said_ready and not results:
            results = list(self.ever)
        self.said_ready = False
        if DEFECT == "no-resend" and again and self.resumed:
            results = []
        if DEFECT == "resend-all" and self.resumed:
            results = list(self.ever)
        if DEFECT == "resend-watermark-old" and self.resumed:
            message = super().answer(results)
            message.results.watermark -= 1
            self.resumed = False
            return message
        self.resumed = False
        self.ever += results
        return super().answer(results)

    resumed = False
    said_ready = False

    @property
    def ever(self) -> list[Any]:
        """Everything said, acknowledged or not."""
        if not hasattr(self, "_ever"):
            self._ever: list[Any] = []
        return self._ever

    @ever.setter
    def ever(self, value: list[Any]) -> None:
        self._ever = value


WORK = threading.Lock()


plain_serve = raw.serve


def orderly_serve(arguments: Any, address: str) -> Any:
    """Serve, and end the streams in order before the server."""
    server = plain_serve(arguments, address)
    stop = server.stop

    def stop_in_order(_: Any) -> None:
        for each in STOPS:
            each.end_streams(raw.End("OK", ""))
        stop(1).wait()

    server.stop = stop_in_order
    return server


plain_ready = raw.ready


def broken_ready(configure: Any, **state: Any) -> Any:
    """Mark the session that goes on: what it says next is said again."""
    for session in KEPT:
        if session.name == configure.session and session.position == state.get("after"):
            session.resumed = configure.epoch > 1
            session.said_ready = configure.epoch > 1
            if DEFECT == "resume-forgets" and configure.epoch > 1:
                session.last = {}
    return plain_ready(configure, **state)


def main() -> None:
    """Serve with one defect."""
    global DEFECT
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--defect", required=True)
    arguments, rest = parser.parse_known_args()
    DEFECT = arguments.defect
    raw.Server = BrokenServer
    raw.Session = BrokenSession
    raw.Stream = BrokenStream
    raw.ready = broken_ready
    raw.rows = functools.partial(lax_rows, DEFECT)
    if DEFECT == "damage-passed-over":
        raw.session_pb2 = Lenient(session_pb2)
    if DEFECT == "not-serving":
        raw.SERVING = b"\x08\x02"
    match DEFECT:
        case "closes-when-stopped":
            raw.serve = orderly_serve
        case "instance-fixed":
            raw.INSTANCE = "1"
        case "depends-on-process":
            SAYS[DEFECT] = results_changed(lambda r: setattr(r, "message", str(os.getpid())))
        case "sigterm-ignored":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            signal.signal = lambda *_: None  # type: ignore[assignment]
        case "outlives-parent":
            os.environ["MADANG_PARENT_FD"] = str(os.pipe()[0])
        case "stale-socket":
            path = pathlib.Path(os.environ["MADANG_ADDRESS"].removeprefix("unix:"))
            if path.exists():
                sys.exit("the address is in use")
    sys.argv = [str(RAW), *rest]
    raw.main()


DEFECT = ""

if __name__ == "__main__":
    main()
