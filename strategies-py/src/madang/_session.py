"""One session of the contract, without a transport: messages in, messages out."""

from __future__ import annotations

import asyncio
import inspect
import logging
import os
from collections.abc import Awaitable, Callable, Sequence

from madang._configure import MODES, signature
from madang._decode import Decoded, instrument
from madang._engine import FAILURES_IN_A_BATCH, Engine
from madang._generated.columns.v1 import host_pb2 as columns_pb
from madang._generated.strategy.v1 import results_pb2, session_pb2
from madang._limits import HostLimits
from madang._replies import Forward, Identity, Replies
from madang._runtime import Runtime
from madang._saving import Saving
from madang._sent import Sent
from madang._taking import Offered
from madang._watching import Watch
from madang.definition import Definition
from madang.errors import FatalError, MadangError, ParameterError, ProtocolError, SnapshotError
from madang.instruments import Instrument
from madang.parameters import read

_log = logging.getLogger("madang")

Send = Callable[[session_pb2.ServerMessage], Awaitable[None]]


class Session:
    """A strategy instance and its place in the order of events; outlives its streams.

    Attributes:
        lock: Held while a message is handled, also when its stream has broken meanwhile.
        over: Whether the session has ended and must be forgotten.
    """

    def __init__(
        self,
        definition: Definition,
        configure: session_pb2.Configure,
        identity: Identity,
        watch: Watch | None = None,
    ) -> None:
        """Make the strategy; :meth:`attach` starts it.

        Args:
            definition: The strategy.
            configure: What the host said.
            identity: As Describe says it.
            watch: Looks where hooks spend their time.

        Raises:
            ProtocolError: The parameters or the instruments are refused.
        """
        self.lock = asyncio.Lock()
        self.over = False
        self.signature = signature(configure)
        self._definition = definition
        self._configure = configure
        self._watch = watch
        self._replies = Replies(configure, identity)
        self._beat = 0
        self._sent = Sent()
        self._logs: list[tuple[int, str]] = []
        self._awaits_history = False
        self._started = False
        self._was_told_of_gaps = False
        self._engine = self._fresh()
        self._saving = Saving(definition, configure, identity.version, identity.model_hash)

    @property
    def position(self) -> int:
        """The last event processed."""
        return self._engine.position

    def can_resume(self, configure: session_pb2.Configure) -> bool:
        """Whether this state can go on under ``configure``; otherwise a fresh one must."""
        return (
            not self.over
            and self._started
            and not self._awaits_history
            and not self._engine.busy
            and self.signature == signature(configure)
            and self.position <= configure.known
            and self._sent.forgotten <= max(configure.watermark, 0)
        )

    async def attach(
        self, configure: session_pb2.Configure, send: Send, offered: Offered | None = None
    ) -> None:
        """Answer a Configure: start afresh, or go on where this state or a snapshot stands.

        Args:
            configure: What the host said.
            send: To the host.
            offered: The snapshot that came with it; of no use to a state that goes on.

        Raises:
            ProtocolError: ``on_start`` failed.
        """
        self._configure = self._replies.configure = configure
        self._engine.limits = HostLimits.of(configure.limits)
        self._beat = 0
        self._saving.attach(configure)
        if self._started:
            await self._resume(configure, send)
            return
        if offered is not None and await self._restore(offered, send):
            return
        await self._start(send)
        needs = self._definition.needs(self._engine.strategy).inputs
        if configure.mode == session_pb2.Configure.BACKTEST:
            await send(self._replies.ready(after=0))
        elif any(needs.values()):
            self._awaits_history = True
            await send(self._replies.ready(needs_warm_up=True))
        else:
            self._engine.position = configure.watermark
            self._sent.forgotten = configure.watermark
            await send(self._replies.ready(after=configure.watermark))

    async def handle(self, message: columns_pb.HostMessage, send: Send) -> bool:
        """Handle one message; return whether the session goes on.

        Raises:
            ProtocolError: The host broke the contract, or a hook ended the session.
        """
        match message.WhichOneof("message"):
            case "events":
                await self._events(message.events, send)
            case "beat":
                self._beat = max(self._beat, message.beat.number)
                if not self._awaits_history:
                    await self._flush(send)
                    await self._snapshot(send)
            case "acknowledged":
                self._sent.acknowledge(message.acknowledged.position)
            case "warm_up":
                await self._warm_up(message.warm_up, send)
            case "skipped":
                self._left_out(message.skipped)
            case "drain":
                _log.info("host drains the session: %s", message.drain.reason or "no reason given")
                await self.finish(send, within=message.drain.within_ns / 1e9 or None)
                return False
            case "snapshot":
                raise ProtocolError("FAILED_PRECONDITION", "a snapshot that no Configure announced")
            case "configure":
                raise ProtocolError("FAILED_PRECONDITION", "a second Configure on one stream")
            case _:
                _log.warning("a message of a newer kind from the host was passed over")
        return True

    def _left_out(self, skipped: session_pb2.Skipped) -> None:
        """Tell where events are missing: aloud once, for a slow strategy hears it often."""
        words = ", ".join(
            f"{run.first >> 20}.{run.first & 0xFFFFF} to {run.last >> 20}.{run.last & 0xFFFFF}"
            for run in skipped.runs[:4]
        )
        more = f" and {len(skipped.runs) - 4} more runs" if len(skipped.runs) > 4 else ""
        level = logging.DEBUG if self._was_told_of_gaps else logging.WARNING
        self._was_told_of_gaps = True
        _log.log(level, "host left out events %s%s: %s", words, more, skipped.reason)

    async def finish(self, send: Send, within: float | None) -> None:
        """End the session in order: a last snapshot, on_stop, watermark, Drained.

        One that waits for its history has closed nothing: it says neither snapshot nor watermark.
        """
        waits = self._awaits_history
        if self._started and not waits and self._configure.mode != session_pb2.Configure.BACKTEST:
            await self._snapshot(send, last=True)
        self.over = True
        await self.stop(within)
        await (self._send_failures(send) if waits else self._flush(send))
        await send(session_pb2.ServerMessage(drained=session_pb2.Drained(position=self.position)))

    async def stop(self, within: float | None = None) -> None:
        """Call on_stop once; what it raises is logged."""
        self.over = True
        if not self._started:
            return
        self._started = False
        try:
            stopped = self._engine.strategy.on_stop()
            if inspect.isawaitable(stopped):
                await asyncio.wait_for(stopped, within)
        except TimeoutError:
            _log.error("on_stop took longer than the %.1f s the host gave", within or 0)
        except Exception:
            _log.exception("on_stop failed")

    # Inside.

    def _fresh(self, instruments: Sequence[Instrument] | None = None) -> Engine:
        """Return a new strategy with the instruments of Configure, or with these."""
        configure = self._configure
        try:
            values = read(self._definition.parameters, configure.parameters)
            strategy = self._definition.make(values)
            needs = self._definition.needs(strategy)
        except ParameterError as e:
            raise ProtocolError("INVALID_ARGUMENT", f"parameters: {e}") from e
        except MadangError as e:
            raise ProtocolError("FAILED_PRECONDITION", str(e)) from e
        runtime = Runtime(
            needs.inputs,
            mode=MODES[configure.mode],
            reads_account=self._definition.reads_account,
            vector="on_ticks" in self._definition.hooks,
            name=self._definition.name,
        )
        runtime.log.addHandler(Forward(self._logs))
        # A host that launched this process reads its output too: once is enough.
        runtime.log.propagate = "MADANG_PARENT_FD" not in os.environ
        if instruments is None:
            instruments = [instrument(each) for each in configure.instruments]
        for each in instruments:
            if each.number in runtime.instruments:
                raise ProtocolError(
                    "INVALID_ARGUMENT", f"instruments: number {each.number} is given twice"
                )
            runtime.add(each)
        engine = Engine(strategy, runtime, self._definition.hooks)
        engine.limits = HostLimits.of(configure.limits)
        if configure.mode != session_pb2.Configure.BACKTEST:  # as fast as possible nobody waits
            engine.watch = self._watch
        return engine

    async def _start(self, send: Send) -> None:
        try:
            started = self._engine.strategy.on_start()
            if inspect.isawaitable(started):
                await started
        except Exception as e:
            self.over = True
            _log.exception("on_start failed")
            text = str(e) if isinstance(e, MadangError) else f"{type(e).__name__}: {e}"
            await send(self._replies.failure(0, False, f"on_start: {text}"))
            raise ProtocolError(
                "FAILED_PRECONDITION", "on_start failed; see the server's log"
            ) from e
        self._started = True
        self._saving.started(self._engine.strategy)

    async def _restore(self, offered: Offered, send: Send) -> bool:
        """Go on from a snapshot; if that cannot be, say why and leave everything fresh."""
        place = f"the snapshot at {offered.position}"
        try:
            taken = self._saving.read(offered)
            engine = self._engine
            self._saving.check(taken.instruments, engine.runtime)
            self._engine = self._fresh(taken.instruments)
            await self._start(send)
            taken.fill(self._engine.runtime)
        except SnapshotError as e:
            _log.warning("%s is not used: %s", place, e)
            await send(self._replies.log(session_pb2.Log.WARNING, f"{place} is not used: {e}"))
            await self._undo()
            return False
        try:
            if self._definition.saves:
                self._engine.strategy.restore(taken.state)
        except Exception as e:
            self._engine.failed_at("restore", offered.position, e)
            await self._send_failures(send)
            await self._undo()
            return False
        self._engine.position = self._sent.forgotten = offered.position
        _log.info("session %s goes on from %s", self._configure.session, place)
        await send(self._replies.ready(after=offered.position))
        return True

    async def _undo(self) -> None:
        """Put a fresh strategy in the place of one that a snapshot has half filled."""
        if self._started:
            await self.stop()
            self.over = False
            self._engine = self._fresh()

    async def _snapshot(self, send: Send, *, last: bool = False) -> None:
        """Send the state, if it is time; the watermark of its position is already sent."""
        engine = self._engine
        if engine.busy or not self._saving.due(last=last):
            return
        try:
            parts = self._saving.take(engine)
            if self._saving.slow or engine.failures or self._logs:
                await self._flush(send)
            for part in parts:
                await send(part)
        finally:
            self._saving.done()

    async def _resume(self, configure: session_pb2.Configure, send: Send) -> None:
        self._keep()  # what the broken stream left unsent
        self._engine.joining.clear()
        await send(self._replies.ready(after=self.position))
        if self.position <= configure.watermark:
            return
        again = self._sent.behind(configure.watermark)
        _log.info(
            "session %s goes on after %d, sends %d results again",
            configure.session, self.position, len(again),
        )  # fmt: skip
        await self._send_results(again, send)

    async def _events(self, events: columns_pb.Events, send: Send) -> None:
        if self._awaits_history:
            raise ProtocolError("FAILED_PRECONDITION", "events before the end of the warm-up")
        if events.previous != self.position:
            raise ProtocolError(
                "FAILED_PRECONDITION",
                f"events follow position {events.previous}, but this server stands at "
                f"{self.position}; connect again to resume",
            )

        async def flush() -> None:
            await self._flush(send)

        try:
            await self._engine.run(events, flush)
            self._saving.saw(events.count)
        except FatalError as e:
            self.over = True
            _log.error("the strategy ended its session: %s", e)
            await self._flush(send)
            await send(self._replies.failure(self.position, False, str(e)))
            raise ProtocolError("ABORTED", f"the strategy ended its session: {e}") from e
        await self._flush(send)
        await self._snapshot(send)

    async def _warm_up(self, part: columns_pb.WarmUp, send: Send) -> None:
        if part.instruments:
            # It counts with the change that follows; what is malformed is to be told here.
            vector = self._engine.runtime.instruments if self._engine.vector else None
            Decoded(part.events, vector=vector, ordered=False)
            self._engine.joining.append(part)
            return
        if not self._awaits_history:
            await self.stop()
            self.over = False
            self._engine = self._fresh()
            self._sent.clear()
            self._saving.forget()
            await self._start(send)
            self._awaits_history = True

        async def flush() -> None:
            """Before Ready there is no watermark to send."""

        try:
            await self._engine.run(part.events, flush, warming=True)
        except FatalError as e:
            self.over = True
            await send(self._replies.failure(self.position, False, str(e)))
            raise ProtocolError("ABORTED", f"the strategy ended its session: {e}") from e
        await self._send_failures(send)
        if not part.last:
            return
        if part.position < self._configure.watermark:
            raise ProtocolError(
                "FAILED_PRECONDITION",
                f"the warm-up ends at {part.position}, before the watermark "
                f"{self._configure.watermark}",
            )
        self._awaits_history = False
        self._engine.position = self._sent.forgotten = part.position
        await send(self._replies.ready(after=part.position))

    async def _flush(self, send: Send) -> None:
        """Send what has gathered, with the watermark."""
        await self._send_failures(send)
        await self._send_results(self._keep(), send)

    def _keep(self) -> list[results_pb2.Result]:
        """Take what the engine has gathered, and keep it for resending."""
        results, self._engine.results = self._engine.results, []
        self._sent.add(results)
        return results

    async def _send_results(self, results: list[results_pb2.Result], send: Send) -> None:
        for message in self._replies.results(results, self.position, self._beat):
            await send(message)

    async def _send_failures(self, send: Send) -> None:
        engine = self._engine
        if engine.failures:
            failures, engine.failures = engine.failures, []
            more, engine.failed = engine.failed - len(failures), 0
            for position, text in failures:
                await send(self._replies.failure(position, True, text))
            if more:
                last = failures[-1][0]
                text = f"and {more} more failures (only {FAILURES_IN_A_BATCH} are told at once)"
                await send(self._replies.failure(last, True, text))
        if self._logs:
            logs, self._logs[:] = list(self._logs), []
            for level, text in logs[: self._configure.limits.logs_per_second or None]:
                await send(self._replies.log(level, text))
