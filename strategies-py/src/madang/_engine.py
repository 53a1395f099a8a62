"""Runs one strategy over events: calls its hooks, gathers what they say."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Iterator
from itertools import islice
from time import monotonic
from typing import Any

import numpy as np

from madang._blame import in_a_line, of_the_strategy
from madang._decode import (
    CANDLES,
    CHANGES,
    FILLS,
    QUOTES,
    TICKS,
    TIMERS,
    Decoded,
    instrument,
)
from madang._generated.columns.v1 import host_pb2 as columns_pb
from madang._generated.strategy.v1 import results_pb2
from madang._limits import HostLimits
from madang._replies import message_of
from madang._rows import Called, Rows, unknown
from madang._runtime import Runtime
from madang._watching import Place, Watch
from madang.columns import Ticks
from madang.errors import FatalError, MadangError, ResultError
from madang.instruments import Instrument
from madang.results import Result
from madang.strategy import Strategy

_log = logging.getLogger("madang")
# A watermark follows any callback that ends this long after the last one.
SLOW = 0.1
FAILURES_IN_A_BATCH = 8

Flush = Callable[[], Awaitable[None]]


class Engine:
    """A strategy and the position it has reached.

    Attributes:
        position: The last event processed.
        results: Results since they were last taken, in order.
        failures: Failures since they were last taken: position, text.
        raised: What the first of these was.
        told_at_once: So many failures are kept until they are taken; the rest is counted.
        limits: What the host takes.
        calls: How many hooks were called.
        awaited: What an async hook returned, while it is waited for.
        places: Where the hook that is called now was seen by :attr:`watch`.
        watch: Looks where hooks spend their time, where there is one.
        joining: Histories of instruments whose change has not come yet: a stream that breaks
            before it brings them again.
    """

    def __init__(self, strategy: Strategy, runtime: Runtime, hooks: frozenset[str]) -> None:
        """Take over a strategy whose instruments are already known to ``runtime``."""
        self.strategy = strategy
        self.runtime = runtime
        strategy._runtime = runtime
        self.position = 0
        self.results: list[results_pb2.Result] = []
        self.failures: list[tuple[int, str]] = []
        self.failed = 0
        self.raised: Exception | None = None
        self.told_at_once = FAILURES_IN_A_BATCH
        self.limits = HostLimits()
        self.busy = False
        self.calls = 0
        self.awaited: Any = None
        self.places: Counter[Place] = Counter()
        self.watch: Watch | None = None
        self.joining: list[columns_pb.WarmUp] = []
        self._warming = False
        self._last_flush = 0.0
        self._ended = 0.0
        self._slowed: Counter[tuple[str, int]] = Counter()
        self._seen: Counter[tuple[str, str, int]] = Counter()
        self.vector = "on_ticks" in hooks

        def hook(name: str) -> Any:
            return getattr(strategy, name) if name in hooks else None

        rows = Rows(runtime)
        self._hooks = {
            TICKS: ("on_tick", hook("on_tick"), rows.ticks),
            QUOTES: ("on_quote", hook("on_quote"), rows.quotes),
            CANDLES: ("on_candle", hook("on_candle"), rows.candles),
            FILLS: ("on_fill", hook("on_fill"), rows.fills),
            TIMERS: ("on_timer", hook("on_timer"), rows.timers),
        }
        self._on_ticks = hook("on_ticks")

    async def run(self, events: columns_pb.Events, flush: Flush, *, warming: bool = False) -> None:
        """Process a message.

        Args:
            events: The message.
            flush: Sends what has gathered, with a watermark; awaited after slow callbacks.
            warming: Whether this is history: nothing that is said counts, no position is taken.

        Raises:
            ProtocolError: The message is malformed; nothing of it was processed, or it names an
                instrument that the session does not have.
            FatalError: A hook raised it.
        """
        vector = self.runtime.instruments if self.vector else None
        decoded = Decoded(events, vector=vector, ordered=not warming)
        self._warming = warming
        self._last_flush = self._ended = monotonic()
        if self.watch is None:
            await self._calls(decoded, flush)
        else:
            self.watch.enter(self)
            try:
                await self._calls(decoded, flush)
            finally:
                self.watch.leave(self)
        if not warming:
            self.position = decoded.last

    async def _calls(self, decoded: Decoded, flush: Flush) -> None:
        taken = 0
        for kind, count in decoded.runs:
            if kind == CHANGES:
                await self._change(islice(decoded.rows[kind], count), decoded.previous, flush)
            elif kind == TICKS and decoded.ticks is not None:
                await self._run_ticks(decoded.ticks[taken : taken + count])
                taken += count
                now = monotonic()
                if now - self._last_flush > SLOW:
                    await self._pause("on_ticks", self.position, now, flush)
                self._ended = monotonic()
            else:
                name, hook, objects = self._hooks[kind]
                rows = islice(decoded.rows[kind], count)
                await self._drive(name, hook, objects(rows, decoded.previous), flush)

    async def _drive(self, name: str, hook: Any, called: Iterator[Called], flush: Flush) -> None:
        for position, about, event in called:
            if hook is not None:
                self.calls += 1
                try:
                    said = hook(event)
                    if said is not None:
                        await self._hear(name, said, position, about)
                except FatalError:
                    raise
                except Exception as e:
                    self._failure(name, position, e, event)
            if not self._warming:
                self.position = position
            now = monotonic()
            if now - self._last_flush > SLOW:
                await self._pause(name, position, now, flush)
            else:
                self._ended = now

    async def _run_ticks(self, ticks: Ticks) -> None:
        position = int(ticks.position[-1])
        self._check_instruments(ticks, position)
        if self._on_ticks is not None:
            self.calls += 1
            try:
                said = await self._settle(self._on_ticks(ticks))
                if not self._warming and said:
                    self._place("on_ticks", said, ticks)
            except FatalError:
                raise
            except Exception as e:
                self._failure("on_ticks", position, e, ticks)
        if not self._warming:
            self.position = position

    def _check_instruments(self, ticks: Ticks, position: int) -> None:
        numbers = self.runtime.instruments
        # Mostly they are numbered from 0 without a gap, and the highest tells of all.
        if int(ticks.instrument.max()) < len(numbers) and max(numbers) < len(numbers):
            return
        for number in set(ticks.instrument.tolist()):
            if number not in numbers:
                raise unknown(number, position)

    async def _pause(self, name: str, position: int, now: float, flush: Flush) -> None:
        """Let the host hear how far it is, and people if one call took that long."""
        if now - self._ended > SLOW and self.watch is not None:
            self._slow(name, position, now - self._ended)
        await flush()
        self._last_flush = self._ended = monotonic()

    def _slow(self, name: str, position: int, seconds: float) -> None:
        """Tell of a call that took long, and where it stood; ever more rarely."""
        seen, self.places = self.places, Counter()
        place = seen.most_common(1)[0][0] if seen else None
        key = (name, place[1] if place else 0)
        self._slowed[key] += 1
        times = self._slowed[key]
        if times & (times - 1):
            return
        where = f", seen at {place[0]}:{place[1]} in {place[2]}" if place else ""
        often = f"; {times} times by now" if times > 1 else ""
        self.runtime.log.warning(
            "%s took %.0f ms at event %d%s: results and health waited for it%s",
            name, seconds * 1000, position, where, often,
        )  # fmt: skip

    async def _settle(self, said: Any) -> list[Result]:
        """Return what a hook said as a list, awaiting it if need be."""
        if said is None:
            return []
        if hasattr(said, "__await__"):
            self.busy = True
            self.awaited = said
            said = await said
            self.busy = False
            self.awaited = None
            if said is None:
                return []
        if isinstance(said, Result):
            return [said]
        if isinstance(said, AsyncIterable):
            self.busy = True
            self.awaited = said
            said = [each async for each in said]
            self.busy = False
            self.awaited = None
        if isinstance(said, str) or not isinstance(said, Iterable):
            raise ResultError(f"returned {said!r}; return buy(...), sell(...), alert(...) or None")
        results = [each for each in said if each is not None]
        for each in results:
            if not isinstance(each, Result):
                raise ResultError(f"returned {each!r} among its results; make them with buy(...)")
        return results

    async def _hear(self, name: str, said: Any, position: int, about: Instrument | None) -> None:
        if type(said) is Result and said.symbol is None and said.at is None and about is not None:
            if not self._warming:
                message = message_of(said, position, about.number, 0)
                if self._fits(name, message):
                    self.results.append(message)
            return
        results = await self._settle(said)
        if self._warming:
            return
        indexes: Counter[int] = Counter()
        messages = []
        if self.limits.are_too_many(len(results)):
            self._failed(position, f"{name}: {self.limits.surplus(len(results))}")
            results = results[: self.limits.results_per_event]
        for result in results:
            if result.at is not None and result.at != position:
                raise ResultError(f"at={result.at} is not this event, {position}")
            if result.symbol is not None:
                number = self.runtime.number_of(result.symbol)
            elif about is not None:
                number = about.number
            else:
                raise ResultError("a result of on_timer names no symbol; say buy('005930')")
            message = message_of(result, position, number, indexes[number])
            if not self._fits(name, message):
                continue
            messages.append(message)
            indexes[number] += 1
        self.results += messages

    def _place(self, name: str, results: list[Result], ticks: Ticks) -> None:
        """Give each result of a run the tick it names."""
        indexes: Counter[tuple[int, int]] = Counter()
        of_event: Counter[int] = Counter()
        messages = []
        positions = ticks.position
        for result in results:
            if result.at is None:
                raise ResultError(
                    "a result of on_ticks must say which tick it is of: buy(at=ticks.position[i])"
                )
            row = int(np.searchsorted(positions, np.uint64(max(result.at, 0))))
            if row >= len(positions) or int(positions[row]) != result.at:
                raise ResultError(f"at={result.at} is not the position of a tick of this run")
            if result.symbol is not None:
                number = self.runtime.number_of(result.symbol)
            else:
                number = int(ticks.instrument[row])
            of_event[result.at] += 1
            if self.limits.are_too_many(of_event[result.at]):
                continue
            key = (result.at, number)
            message = message_of(result, result.at, number, indexes[key])
            if not self._fits(name, message):
                continue
            messages.append(message)
            indexes[key] += 1
        for position, count in of_event.items():
            if self.limits.are_too_many(count):
                self._failed(position, f"{name}: {self.limits.surplus(count)}")
        messages.sort(key=lambda message: message.position)
        self.results += messages

    def _fits(self, name: str, message: results_pb2.Result) -> bool:
        fault = self.limits.fault(message)
        if fault:
            self._failed(message.position, f"{name}: {fault}")
        return not fault

    def _failure(self, name: str, position: int, error: Exception, event: Any) -> None:
        """Report what a hook raised: to the log in full, to the host in a line."""
        self.busy = False
        self.awaited = None
        place, error.__traceback__ = of_the_strategy(error)
        about = str(error) if isinstance(error, MadangError) else in_a_line(error)
        where = f" ({place[0]}:{place[1]})" if place else ""
        key = (name, type(error).__name__, place[1] if place else 0)
        self._seen[key] += 1
        times = self._seen[key]
        if times == 1:
            _log.error("%s failed at %r", name, event, exc_info=error)
        elif times & (times - 1) == 0:
            _log.error("%s failed at %r: %s (%d times by now)", name, event, about, times)
        if not self.failures:
            self.raised = error
        self._failed(position, f"{name}: {about}{where}")

    def failed_at(self, name: str, position: int, error: Exception) -> None:
        """Report what a call between two events raised."""
        self._failure(name, position, error, position)

    def _failed(self, position: int, text: str) -> None:
        self.failed += 1
        if len(self.failures) < self.told_at_once:
            self.failures.append((position, text))

    async def _change(self, rows: Iterator[Any], previous: int, flush: Flush) -> None:
        for offset, added, about in rows:
            if added:
                await self._join(about, previous + offset, flush)
                continue
            known = self.runtime.instruments.get(about.number)
            self.runtime.remove(about.number)
            if known is None:
                continue
            await self._tell("on_leave", self.strategy.on_leave, known.symbol, previous + offset)

    async def _join(self, about: Instrument, position: int, flush: Flush) -> None:
        """Take an instrument in, and play the history that came for it."""
        parts, self.joining = self.joining, []
        of_it: list[columns_pb.WarmUp] = []
        for part in parts:
            is_of_it = any(each.number == about.number for each in part.instruments)
            (of_it if is_of_it else self.joining).append(part)
        if about.number in self.runtime.instruments:
            # A change that changes nothing: of what is there the history counted already.
            self.runtime.add(about)
            return
        warming, self._warming = self._warming, True
        try:
            await self._let_in(about, position)
            for part in of_it:
                for each in part.instruments:
                    await self._let_in(instrument(each), position)
                vector = self.runtime.instruments if self.vector else None
                await self._calls(Decoded(part.events, vector=vector, ordered=False), flush)
        finally:
            self._warming = warming

    async def _let_in(self, about: Instrument, position: int) -> None:
        is_new = about.number not in self.runtime.instruments
        self.runtime.add(about)
        if is_new:
            symbol = self.runtime.instruments[about.number].symbol
            await self._tell("on_join", self.strategy.on_join, symbol, position)

    async def _tell(
        self,
        name: str,
        hook: Callable[[str], Awaitable[None] | None],
        symbol: str,
        position: int,
    ) -> None:
        """Call a hook that says nothing; what it raises is reported."""
        try:
            told = hook(symbol)
            if told is not None:
                await told
        except FatalError:
            raise
        except Exception as e:
            self.failed_at(name, position, e)


# The code that calls hooks, by which a watch knows whose they are.
CALLING = frozenset({Engine._drive.__code__, Engine._run_ticks.__code__})
