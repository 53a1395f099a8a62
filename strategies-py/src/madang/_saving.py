"""The snapshots of one session: made when due, read when a host offers one."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

from madang import _keeping
from madang._configure import MODES
from madang._engine import SLOW, Engine
from madang._generated.strategy.v1 import session_pb2
from madang._own import Beginning
from madang._runtime import Runtime, qualified
from madang._snapshot import FORMAT, pack, unpack
from madang._taking import APART, Offered, Pace, part_size, parts
from madang._version import VERSION
from madang.definition import Definition
from madang.errors import SnapshotError
from madang.instruments import Instrument
from madang.parameters import Value, read
from madang.strategy import Strategy

_log = logging.getLogger("madang")
_AND_NOW = "no snapshot is taken any more in this session: a new process begins without one"


@dataclass(frozen=True, slots=True)
class Taken:
    """A snapshot of this strategy, read and checked.

    Attributes:
        instruments: Those of the session as of its position.
        kept: What the SDK keeps.
        state: What the strategy's save returned.
    """

    instruments: list[Instrument]
    kept: dict[str, Any]
    state: dict[str, Any]

    def fill(self, runtime: Runtime) -> None:
        """Bring a runtime with :attr:`instruments`, started and without events, to this state.

        Raises:
            SnapshotError: It is the state of another strategy.
        """
        _keeping.restore(runtime, self.kept)


class Saving:
    """Takes and reads the snapshots of a session.

    Attributes:
        slow: Whether the last one blocked for long.
        hurried: Whether they are taken as often as the strategy says, whatever they cost.
        own: What the strategy keeps by itself and saves nowhere; empty: nothing.
    """

    def __init__(
        self, definition: Definition, configure: session_pb2.Configure, version: str, model: str
    ) -> None:
        """Prepare; none is due before the session has seen events.

        Args:
            definition: The strategy.
            configure: What the host said.
            version: As Describe says it.
            model: The model's hash, as Describe says it.
        """
        self.slow = False
        self.hurried = False
        self.own = ""
        self._beginning: Beginning | None = None
        self._definition = definition
        self._version = version
        self._model = model
        self._limits = configure.limits
        self._configure = configure
        self._failed = False
        self._too_large_for = 0
        self._told_slow = False
        self._pace = Pace(0)

    def attach(self, configure: session_pb2.Configure) -> None:
        """Begin a stream with its own limits; what was seen since the last snapshot counts on."""
        seen = self._pace.events
        self._configure, self._limits = configure, configure.limits
        off = self._failed or self.own or self._limits.snapshot_bytes <= self._too_large_for
        every = 0 if off else self._definition.snapshot_every
        at_a_pace = configure.mode != session_pb2.Configure.BACKTEST
        if self.hurried:
            self._pace = Pace(every, share=0.0)
        else:
            self._pace = Pace(every, apart=APART if at_a_pace else 0.0)
        self._pace.saw(seen)

    def started(self, strategy: Strategy) -> None:
        """Remember a strategy as its on_start left it, if it has no save to ask."""
        if self._definition.snapshot_every and not self._definition.saves:
            self._beginning = Beginning(strategy, self._values())

    def saw(self, events: int) -> None:
        """Count events."""
        self._pace.saw(events)

    def forget(self) -> None:
        """The state begins anew: what was seen before is in none of its snapshots."""
        self._pace.events = 0

    def due(self, *, last: bool) -> bool:
        """Whether a snapshot is wanted now; ``last``: at the end of the session."""
        return self._pace.behind if last else self._pace.due

    def take(self, engine: Engine) -> Iterator[session_pb2.ServerMessage]:
        """Return the state of ``engine`` as messages; none if it cannot be, which is told.

        Call :meth:`done` when they are sent.
        """
        self._pace.begin()
        began = monotonic()
        self.slow = False
        try:
            own = self._state(engine.strategy)
            if own is None:
                return iter(())
            self._tell_slow(engine, monotonic() - began)
            kept = _keeping.state_of(engine.runtime)
            about = self._about(engine.position)
            data = pack({"about": about, "kept": kept, "state": own})
        except Exception as e:
            self._failed = True
            engine.failed_at("save", engine.position, e)
            return self._stop(engine, _AND_NOW)
        self.slow = monotonic() - began > SLOW
        most, size = self._limits.snapshot_bytes, part_size(self._limits)
        if len(data) > most or size <= 0:
            self._too_large_for = most
            return self._stop(
                engine,
                f"a snapshot has {len(data)} bytes, the host takes {most if size > 0 else 0}: "
                f"save less, or raise the host's limit; {_AND_NOW}",
            )
        return parts(data, engine.position, size)

    def _state(self, strategy: Strategy) -> dict[str, Any] | None:
        """Return the strategy's own part; None: it has one, and no save that says what it is."""
        if self._definition.saves:
            own = strategy.save()
            if type(own) is not dict:
                raise SnapshotError(
                    f"returned {own!r:.100}; return a dict, {{}} if there is nothing to keep"
                )
            return own
        self.own = self._beginning.changed() if self._beginning is not None else "?"
        if not self.own:
            return {}
        self._pace.never()
        _log.info(
            "no snapshots of %s: self.%s is state of its own; a new process begins without it, "
            "unless save and restore keep it",
            self._definition.name, self.own,
        )  # fmt: skip
        return None

    def done(self) -> None:
        """What was taken is sent, or lost."""
        self._pace.end()

    def read(self, offered: Offered) -> Taken:
        """Return what a host offers, if it is this strategy's and whole.

        Raises:
            SnapshotError: It is not.
        """
        if not self._definition.snapshot_every:
            raise SnapshotError(f"{self._definition.cls.__name__} takes no part in snapshots")
        if offered.format != FORMAT:
            raise SnapshotError(f"its format is {offered.format!r}; {FORMAT!r} is read here")
        if offered.wrong:
            raise SnapshotError(offered.wrong)
        if offered.position > self._configure.watermark:
            raise SnapshotError(f"it is beyond the watermark {self._configure.watermark}")
        found = unpack(offered.data)
        if found.keys() != {"about", "kept", "state"}:
            raise SnapshotError("it is not of the parts that a snapshot has")
        _keeping.check_about(found["about"], self._about(offered.position))
        if type(found["kept"]) is not dict or type(found["state"]) is not dict:
            raise SnapshotError("it is not of the parts that a snapshot has")
        if found["state"] and not self._definition.saves:
            raise SnapshotError("it has state of its own, and the strategy has no restore")
        return Taken(_keeping.instruments_of(found["kept"]), found["kept"], found["state"])

    def check(self, instruments: Sequence[Instrument], runtime: Runtime) -> None:
        """Refuse a snapshot in which a number stands for another instrument than for the host.

        Args:
            instruments: Of the snapshot.
            runtime: With those of Configure.

        Raises:
            SnapshotError: With the number.
        """
        for each in instruments:
            known = runtime.instruments.get(each.number)
            if known is None:
                continue  # has left since; the change follows among the events
            if known.market != each.market or (
                known.symbol != each.symbol and qualified(known) != qualified(each)
            ):
                raise SnapshotError(
                    f"its instrument {each.number} is {each.symbol}, the host's {known.symbol}"
                )

    def _about(self, position: int) -> dict[str, Any]:
        schema, values = self._definition.parameters, self._values()
        return {
            "sdk": VERSION,
            "name": self._definition.name,
            "version": self._version,
            # Who writes save and restore says by the version what goes on under new code.
            "code": "" if self._definition.saves else self._definition.code,
            "model": self._model,
            "parameters": ", ".join(
                f"{name}={schema[name].text(value)}" for name, value in sorted(values.items())
            ),
            "parameter_hash": self._configure.parameter_hash,
            "account": self._configure.account,
            "mode": MODES[self._configure.mode].value,
            "position": position,
        }

    def _values(self) -> dict[str, Value]:
        return read(self._definition.parameters, self._configure.parameters)

    def _stop(self, engine: Engine, why: str) -> Iterator[session_pb2.ServerMessage]:
        self._pace.never()
        engine.runtime.log.warning(why)
        return iter(())

    def _tell_slow(self, engine: Engine, seconds: float) -> None:
        if seconds > SLOW and not self._told_slow:
            self._told_slow = True
            engine.runtime.log.warning(
                "save took %.0f ms, and results waited for it; save less, or raise snapshot_every",
                seconds * 1000,
            )
