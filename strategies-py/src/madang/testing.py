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
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from typing import Any

from madang._encode import Event, Placed
from madang._making import START, candle, candles, fill, quote, tick, ticks, timer
from madang._playing import HookFailed, PlacedResult, Player, Replay
from madang.data import read_csv, with_candles
from madang.definition import define
from madang.errors import DefinitionError, MadangError
from madang.instruments import Mode
from madang.parameters import Value
from madang.results import RESULTS_PER_EVENT
from madang.strategy import Strategy

__all__ = [
    "START",
    "HookFailed",
    "PlacedResult",
    "Replay",
    "candle",
    "candles",
    "check_cuts",
    "check_restore",
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


def replay(
    strategy: type[Strategy],
    events: Iterable[Event],
    *,
    parameters: Mapping[str, Value] | None = None,
    cuts: Cuts = 256,
    mode: Mode = Mode.BACKTEST,
    warm_up: Iterable[Event] = (),
    keep_failures: bool = False,
    results_per_event: int = RESULTS_PER_EVENT,
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
        results_per_event: What the host takes, if its configuration says another number; the
            rest counts as a failure, and does not come.

    Raises:
        HookFailed: A hook raised, unless ``keep_failures``.
        DefinitionError: The class cannot be served.
        ParameterError: A parameter does not fit.
    """

    async def run() -> Replay:
        player = Player(define(strategy), parameters or {}, mode, keep_failures, results_per_event)
        history = player.history(list(warm_up))
        return await player.play(history, _cut(player.rows(list(events)), cuts))

    __tracebackhide__ = True  # pytest shows the test and the strategy, not what is between
    return _run(run)


def _run(play: Callable[[], Coroutine[Any, Any, Replay]]) -> Replay:
    __tracebackhide__ = True
    try:
        if not _a_loop_runs():
            return asyncio.run(play())
        with ThreadPoolExecutor(1) as pool:  # inside a test that has a loop of its own
            return pool.submit(lambda: asyncio.run(play())).result()
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
    results_per_event: int = RESULTS_PER_EVENT,
) -> Replay:
    """Check that results do not depend on where messages end; return those of the first run.

    Args:
        strategy: The class.
        events: In order.
        parameters: Values that differ from the defaults.
        sizes: Events in one message; random sizes up to the largest are tried besides.
        seed: Of the random sizes.
        results_per_event: As :func:`replay` has it.

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
        run = replay(
            strategy,
            events,
            parameters=parameters,
            cuts=cuts,
            results_per_event=results_per_event,
        )
        first = first or run
        _compare(
            first.results, run.results, "results depend on where messages end",
            f"with {tries[0][0]} in a message", f"with {name}",
        )  # fmt: skip
    assert first is not None  # noqa: S101
    return first


def check_restore(
    strategy: type[Strategy],
    events: Iterable[Event],
    *,
    parameters: Mapping[str, Value] | None = None,
    stops: int = 50,
    mode: Mode = Mode.BACKTEST,
    seed: int = 1,
    results_per_event: int = RESULTS_PER_EVENT,
) -> Replay:
    """Check that a strategy restored from a snapshot says what one says that went on.

    At so many places, spread by chance, the state is saved; from each a new instance is restored
    and fed to the end. Returns the run that never stopped.

    Args:
        strategy: The class; it overrides ``save`` and ``restore``, or has no state of its own.
        events: In order.
        parameters: Values that differ from the defaults.
        stops: How many places; all of them if there are fewer events.
        mode: What ``self.mode`` says.
        seed: Of the places.
        results_per_event: As :func:`replay` has it.

    Raises:
        AssertionError: It names the place and the first difference.
        HookFailed: A hook, ``save`` or ``restore`` raised.
        DefinitionError: The class cannot be served, or does not take part in snapshots.
    """
    __tracebackhide__ = True
    events = list(events)
    definition = define(strategy)
    if not definition.snapshot_every:
        raise DefinitionError(
            f"{strategy.__name__} takes no part in snapshots: its snapshot_every is 0"
        )
    definition = replace(definition, snapshot_every=1)
    source = random.Random(seed)  # noqa: S311

    async def run() -> Replay:
        def player() -> Player:
            return Player(definition, parameters or {}, mode, False, results_per_event)

        straight = player()
        rows = straight.rows(events)
        ends = sorted(source.sample(range(1, len(rows) + 1), min(stops, len(rows))))
        batches = [rows[a:b] for a, b in pairwise([0, *ends, len(rows)]) if b > a]
        whole = await straight.play([], batches)
        own = straight.session._saving.own if straight.session else ""
        if own:
            raise DefinitionError(
                f"{strategy.__name__} takes no part in snapshots: self.{own} is state of its own; "
                "override save and restore to keep it"
            )
        for end in ends:
            at = rows[end - 1][0]
            if at not in straight.snapshots:
                raise AssertionError(f"no snapshot after event {at}: {whole.logs[-1:]}")
            other = player()
            other.rows(events)
            again = await other.play([], [rows[end:]], (at, straight.snapshots[at]))
            rest = [each for each in whole.results if each.position > at]
            what = f"a strategy restored after event {at} goes on otherwise"
            _compare(rest, again.results, what, "never stopped", "restored")
        return whole

    return _run(run)


def _compare(
    one: Sequence[PlacedResult], other: Sequence[PlacedResult], what: str, first: str, second: str
) -> None:
    for a, b in zip(one, other, strict=False):
        if not a.same_as(b):
            raise AssertionError(f"{what}: {first} {a}, {second} {b}")
    if len(one) != len(other):
        raise AssertionError(f"{what}: {len(one)} results {first}, {len(other)} {second}")


def _cut(rows: Sequence[Placed], cuts: Cuts) -> Iterator[Sequence[Placed]]:
    start = 0
    while start < len(rows):
        size = cuts if isinstance(cuts, int) else cuts()
        yield rows[start : start + size]
        start += size
