"""Try a strategy without a host: make events, replay them, look for what depends on chance.

::

    def test_buys_on_the_way_up():
        run = replay(Cross, candles("A", [1, 1, 1, 2, 3]), parameters={"fast": 1, "slow": 3})
        assert [placed.action for placed in run.results] == [Action.BUY]

Everything goes through the same code as in a server, messages included.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time as clock
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from madang._encode import Event, Placed, encode, wanted
from madang._generated.columns.v1 import host_pb2 as columns_pb
from madang._generated.strategy.v1 import instrument_pb2, results_pb2, session_pb2
from madang._making import START, candle, candles, fill, quote, tick, ticks, timer
from madang._session import Identity, Session
from madang._units import to_units
from madang.data import read_csv, with_candles
from madang.definition import define
from madang.errors import MadangError
from madang.instruments import Instrument, Mode
from madang.model import Timer
from madang.parameters import Value
from madang.results import Action, Result
from madang.strategy import Strategy

__all__ = [
    "START",
    "HookFailed",
    "PlacedResult",
    "Replay",
    "candle",
    "candles",
    "check_cuts",
    "fill",
    "quote",
    "read_csv",
    "replay",
    "tick",
    "ticks",
    "timer",
    "with_candles",
]

Cuts = int | Callable[[], int]


class HookFailed(MadangError, AssertionError):
    """A hook raised during a replay; the cause is what it raised."""


@dataclass(frozen=True, slots=True)
class PlacedResult:
    """A result and where it belongs.

    Attributes:
        position: Of the event: events count from 1 in the order given.
        index: Among the results for this event and instrument.
        symbol: About what.
        event: What it was computed from.
        result: What was said.
    """

    position: int
    index: int
    symbol: str
    event: Event
    result: Result

    @property
    def action(self) -> Action:
        """What is wanted."""
        return self.result.action

    def same_as(self, other: PlacedResult) -> bool:
        """Whether position, instrument, index and content are equal."""
        mine = (self.position, self.index, self.symbol, self.result)
        return mine == (other.position, other.index, other.symbol, other.result)


@dataclass(slots=True)
class Replay:
    """What a replay gave.

    Attributes:
        results: In order of position.
        failures: What hooks raised: position and text.
        logs: What the strategy logged.
        events: How many the strategy saw.
        seconds: How long it took.
    """

    results: list[PlacedResult] = field(default_factory=list)
    failures: list[tuple[int, str]] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)
    events: int = 0
    seconds: float = 0.0


def replay(
    strategy: type[Strategy],
    events: Iterable[Event],
    *,
    parameters: Mapping[str, Value] | None = None,
    cuts: Cuts = 256,
    mode: Mode = Mode.BACKTEST,
    warm_up: Iterable[Event] = (),
    keep_failures: bool = False,
) -> Replay:
    """Feed events to a new instance of a strategy and return what it says.

    Args:
        strategy: The class.
        events: In order; see :func:`candles`, :func:`ticks`, :func:`read_csv`. Kinds that the
            strategy does not ask for count as positions but are not shown to it.
        parameters: Values that differ from the defaults.
        cuts: Events in one message, or a function that returns the next number.
        mode: What ``self.mode`` says.
        warm_up: History before the first event; what is said about it does not count.
        keep_failures: Go on when a hook raises, as a server does.

    Raises:
        HookFailed: A hook raised, unless ``keep_failures``.
        DefinitionError: The class cannot be served.
        ParameterError: A parameter does not fit.
    """

    def run() -> Replay:
        player = _Player(strategy, parameters or {}, mode, keep_failures)
        return asyncio.run(player.play(list(warm_up), list(events), cuts))

    __tracebackhide__ = True  # pytest shows the test and the strategy, not what is between
    try:
        if not _a_loop_runs():
            return run()
        with ThreadPoolExecutor(1) as pool:  # inside a test that has a loop of its own
            return pool.submit(run).result()
    except MadangError as e:
        raise e.with_traceback(None)  # noqa: B904


def _a_loop_runs() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def check_cuts(
    strategy: type[Strategy],
    events: Iterable[Event],
    *,
    parameters: Mapping[str, Value] | None = None,
    sizes: Sequence[int] = (1, 2, 7, 64, 256),
    seed: int = 1,
) -> Replay:
    """Check that results do not depend on where messages end; return those of the first run.

    Args:
        strategy: The class.
        events: In order.
        parameters: Values that differ from the defaults.
        sizes: Events in one message; random sizes up to the largest are tried besides.
        seed: Of the random sizes.

    Raises:
        AssertionError: They do; it names the first difference.
    """
    __tracebackhide__ = True
    events = list(events)
    source = random.Random(seed)  # noqa: S311

    def chance() -> int:
        return source.randint(1, max(sizes))

    tries: list[tuple[str, Cuts]] = [(f"{size} events", size) for size in sizes]
    tries.append((f"random numbers of events (seed {seed})", chance))
    first: Replay | None = None
    for name, cuts in tries:
        run = replay(strategy, events, parameters=parameters, cuts=cuts)
        if first is None:
            first = run
            continue
        for one, other in zip(first.results, run.results, strict=False):
            if not one.same_as(other):
                raise AssertionError(
                    f"results depend on where messages end: with {tries[0][0]} in a message "
                    f"{one}, with {name} {other}"
                )
        if len(first.results) != len(run.results):
            raise AssertionError(
                f"results depend on where messages end: {len(first.results)} with {tries[0][0]} "
                f"in a message, {len(run.results)} with {name}"
            )
    assert first is not None  # noqa: S101
    return first


class _Player:
    """A host of one session, in memory."""

    def __init__(
        self,
        strategy: type[Strategy],
        parameters: Mapping[str, Value],
        mode: Mode,
        keep_failures: bool,
    ) -> None:
        self.definition = define(strategy)
        instance = self.definition.make(parameters)
        self.needs = self.definition.needs(instance)
        self.texts = {
            name: self.definition.parameters[name].text(value) for name, value in parameters.items()
        }
        self.mode = mode
        self.keep_failures = keep_failures
        self.run = Replay()
        self.instruments: dict[tuple[str, str], Instrument] = {}
        self.events: dict[int, Event] = {}
        self.names: dict[int, str] = {}
        self.session: Session | None = None

    async def play(self, history: list[Event], events: list[Event], cuts: Cuts) -> Replay:
        placed = [self._placed(0, event) for event in history]
        rows = [self._placed(at, event) for at, event in enumerate(events, 1)]
        placed = [row for row in placed if self._wanted(row)]
        rows = [row for row in rows if self._wanted(row)]
        self.events = {row[0]: row[2] for row in rows}
        self.run.events = len(rows)
        configure = self._configure()
        session = self.session = Session(self.definition, configure, Identity("replay", "", ""))
        session._engine.told_at_once = sys.maxsize
        self.names = {
            number: each.symbol for number, each in session._engine.runtime.instruments.items()
        }
        await session.attach(configure, self._take)
        begin = clock.perf_counter()
        if placed or session._awaits_history:
            part = columns_pb.WarmUp(events=encode(0, placed), last=True)
            await session.handle(columns_pb.HostMessage(warm_up=part), self._take)
        previous = 0
        for batch in _cut(rows, cuts):
            message = encode(previous, batch)
            await session.handle(columns_pb.HostMessage(events=message), self._take)
            previous = batch[-1][0]
        self.run.seconds = clock.perf_counter() - begin
        drain = session_pb2.Drain(within_ns=5 * 10**9)
        await session.handle(columns_pb.HostMessage(drain=drain), self._take)
        return self.run

    def _placed(self, at: int, event: Event) -> Placed:
        if isinstance(event, Timer):
            return at, 0, event
        key = (event.instrument.market, event.symbol)
        known = self.instruments.setdefault(key, event.instrument)
        return at, list(self.instruments).index(key) if known else 0, event

    def _wanted(self, row: Placed) -> bool:
        return wanted(row[2], self.needs.inputs, self.definition.reads_account)

    def _configure(self) -> session_pb2.Configure:
        return session_pb2.Configure(
            revision=1,
            session="replay",
            epoch=1,
            mode=self.mode.name,
            parameters=self.texts,
            instruments=[
                instrument_pb2.Instrument(
                    number=number,
                    symbol=symbol,
                    market=market,
                    currency=about.currency,
                    tick_size=to_units(about.tick_size, "tick size"),
                    lot=to_units(about.lot, "lot"),
                    time_zone=about.time_zone,
                )
                for number, ((market, symbol), about) in enumerate(self.instruments.items())
            ],
            known=2**63,
        )

    async def _take(self, message: session_pb2.ServerMessage) -> None:
        match message.WhichOneof("message"):
            case "results":
                self.run.results += map(self._result, message.results.results)
            case "failure":
                failure = message.failure
                if not self.keep_failures or not failure.recoverable:
                    raised = self.session._engine.raised if self.session else None
                    text = f"at event {failure.position}: {failure.message}"
                    raise HookFailed(text) from raised
                self.run.failures.append((failure.position, failure.message))
            case "log":
                self.run.logs.append(message.log.text)

    def _result(self, message: results_pb2.Result) -> PlacedResult:
        size = message.WhichOneof("size")
        result = Result(
            action=Action(int(message.action)),
            quantity_units=message.quantity if size == "quantity" else None,
            weight=message.target_weight if size == "target_weight" else None,
            fraction=message.fraction if size == "fraction" else None,
            limit_units=message.limit_price if message.HasField("limit_price") else None,
            confidence=message.confidence,
            valid_for_ns=message.valid_for_ns if message.HasField("valid_for_ns") else None,
            message=message.message,
            reasons=tuple(message.reasons),
            tags=tuple(sorted(message.tags.items())),
        )
        event = self.events[message.position]
        symbol = self.names[message.instrument]
        return PlacedResult(message.position, message.index, symbol, event, result)


def _cut(rows: Sequence[Placed], cuts: Cuts) -> Iterator[Sequence[Placed]]:
    start = 0
    while start < len(rows):
        size = cuts if isinstance(cuts, int) else cuts()
        yield rows[start : start + size]
        start += size
