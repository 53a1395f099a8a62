"""A host of one session in memory, for :mod:`madang.testing`."""

from __future__ import annotations

import sys
import time as clock
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from madang._encode import Event, Placed, encode, wanted
from madang._generated.columns.v1 import host_pb2 as columns_pb
from madang._generated.strategy.v1 import instrument_pb2, results_pb2, session_pb2
from madang._replies import Identity
from madang._session import Session
from madang._taking import PART, Offered, parts
from madang._units import to_units
from madang.definition import Definition
from madang.errors import MadangError
from madang.instruments import Instrument, Mode
from madang.model import Timer
from madang.parameters import Value
from madang.results import RESULTS_PER_EVENT, TEXT_BYTES, Action, Result


class HookFailed(MadangError, AssertionError):
    """A hook raised during a replay; the cause is what it raised."""

    __module__ = "madang.testing"  # where users find it


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


class Player:
    """A host of one session, in memory.

    Attributes:
        snapshots: Those that came, by position.
    """

    def __init__(
        self,
        definition: Definition,
        parameters: Mapping[str, Value],
        mode: Mode,
        keep_failures: bool,
        results_per_event: int = RESULTS_PER_EVENT,
    ) -> None:
        """Prepare.

        Args:
            definition: The strategy.
            parameters: Values that differ from the defaults.
            mode: What ``self.mode`` says.
            keep_failures: Go on when a hook raises.
            results_per_event: What the host takes.
        """
        self.definition = definition
        instance = self.definition.make(parameters)
        self.needs = self.definition.needs(instance)
        self.texts = {
            name: self.definition.parameters[name].text(value) for name, value in parameters.items()
        }
        self.mode = mode
        self.keep_failures = keep_failures
        self.results_per_event = results_per_event
        self.run = Replay()
        self.instruments: dict[tuple[str, str], Instrument] = {}
        self.events: dict[int, Event] = {}
        self.names: dict[int, str] = {}
        self.session: Session | None = None
        self.snapshots: dict[int, bytes] = {}
        self.gathered = Offered(0)

    def history(self, events: Sequence[Event]) -> list[Placed]:
        """Return what of ``events`` the strategy is shown before the first."""
        placed = [self._placed(0, event) for event in events]
        return [row for row in placed if self._wanted(row)]

    def rows(self, events: Sequence[Event]) -> list[Placed]:
        """Return what of ``events`` the strategy is shown, with its place; call it once."""
        rows = [self._placed(at, event) for at, event in enumerate(events, 1)]
        rows = [row for row in rows if self._wanted(row)]
        self.events = {row[0]: row[2] for row in rows}
        self.run.events = len(rows)
        return rows

    async def play(
        self,
        placed: Sequence[Placed],
        batches: Iterable[Sequence[Placed]],
        snapshot: tuple[int, bytes] | None = None,
    ) -> Replay:
        """Run a session from its start to its end.

        Args:
            placed: History.
            batches: What stands in one message.
            snapshot: The position and the state from which to go on.
        """
        configure = self._configure()
        offered, previous = None, 0
        if snapshot is not None:
            previous, data = snapshot
            configure.watermark, configure.snapshot_follows = previous, True
            offered = Offered(0)
            for message in parts(data, previous, PART):
                offered.add(message.snapshot)
        session = self.session = Session(self.definition, configure, Identity("replay", "", ""))
        session._engine.told_at_once = sys.maxsize
        session._saving.hurried = True  # as often as the definition says, whatever the time
        self.names = {
            number: each.symbol for number, each in session._engine.runtime.instruments.items()
        }
        await session.attach(configure, self._take, offered)
        if session.position != previous:
            raise AssertionError(self.run.logs[-1])
        begin = clock.perf_counter()
        if placed or session._awaits_history:
            part = columns_pb.WarmUp(events=encode(0, placed), last=True)
            await session.handle(columns_pb.HostMessage(warm_up=part), self._take)
        for batch in batches:
            if not batch:
                continue
            events = encode(previous, batch)
            await session.handle(columns_pb.HostMessage(events=events), self._take)
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
            limits=session_pb2.Limits(
                results_per_event=self.results_per_event,
                text_bytes=TEXT_BYTES,
                snapshot_bytes=2**31,
            ),
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
            case "snapshot":
                self.gathered.add(message.snapshot)
                if self.gathered.complete:
                    self.snapshots[self.gathered.position] = self.gathered.data
                    self.gathered = Offered(0)

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
