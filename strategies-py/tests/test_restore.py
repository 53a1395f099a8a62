"""What is restored from a snapshot says what one that never stopped says."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from saving import ALL, Awaits, Blocks, Everything, stream, text_of

from madang import (
    Candle,
    DefinitionError,
    Mode,
    Outcome,
    Strategy,
    Tick,
    alert,
    buy,
)
from madang._playing import Player
from madang._snapshot import pack, unpack
from madang.definition import define
from madang.history import EMA, RSI, SMA, Indicator
from madang.testing import (
    HookFailed,
    candles,
    check_restore,
    replay,
    ticks,
)


@pytest.mark.parametrize("mode", [Mode.BACKTEST, Mode.LIVE])
@pytest.mark.parametrize("strategy", [Everything, Awaits])
@pytest.mark.parametrize("seed", range(3))
def test_after_any_event_it_goes_on_alike(strategy: type[Strategy], mode: Mode, seed: int) -> None:
    events = stream(seed, 90, *ALL)
    run = check_restore(strategy, events, stops=90, mode=mode, seed=seed)
    assert len(run.results) >= 90


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("stops", [25, 150])
def test_runs_of_ticks_go_on_alike(stops: int, seed: int) -> None:
    events = stream(seed, 150, "tick", "tick", "tick", "candle")
    run = check_restore(Blocks, events, stops=stops, seed=seed)
    assert len(run.results) == 150


def test_prices_that_were_dropped_are_dropped_alike() -> None:
    # Series keep between n and 2n prices, and what is asked for late begins with exactly these.
    class Late(Strategy):
        inputs = ("ticks",)

        def on_start(self) -> None:
            self.seen = 0

        def save(self) -> dict[str, Any]:
            return {"seen": self.seen}

        def restore(self, state: dict[str, Any]) -> None:
            self.seen = state["seen"]

        def on_tick(self, tick: Tick) -> Outcome:
            self.seen += 1
            if self.seen > 1850:
                mean, strength = self.ema("A", 900), self.rsi("A", 900)
                return alert(text_of(mean.value, strength.value, len(self.history("A", 3000))))
            return None

    source = random.Random(5)
    events = ticks("A", [source.randint(10, 99) for _ in range(2200)])
    assert len(check_restore(Late, events, stops=12).results) == 350


def test_what_save_leaves_out_is_found() -> None:
    class Forgets(Everything):
        def save(self) -> dict[str, Any]:
            return super().save() | {"seen": 0}

    with pytest.raises(AssertionError, match=r"restored after event \d+ goes on otherwise"):
        check_restore(Forgets, stream(1, 60, *ALL))


PARTS = [(kind, name) for kind in (SMA, EMA, RSI) for name in kind.STATE]


@pytest.mark.parametrize(("kind", "name"), PARTS)
def test_every_part_of_a_helper_is_needed(
    monkeypatch: pytest.MonkeyPatch, kind: type[Indicator], name: str
) -> None:
    # Holds the tests above: were one part not restored, they would find it.
    def take(self: Indicator, state: dict[str, Any]) -> None:
        for part, value in state.items():
            if part != name:
                setattr(self, part, value)

    monkeypatch.setattr(kind, "take", take)
    with pytest.raises((AssertionError, HookFailed)):
        check_restore(Everything, stream(1, 90, *ALL), stops=90)


NONSENSE: list[Any] = [..., None, -1, 2**70, "x", [], {}, 1.5, [[1]], (1,), b"x", np.zeros(2)]


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to everything in a document."""
    found = [at] if at else []
    inside: Any = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list | tuple):
        inside = enumerate(value)
    for key, each in inside:
        found += places(each, (*at, key))
    return found


def put(value: Any, at: tuple[Any, ...], other: Any) -> Any:
    """A document with something else at a place; ``...`` takes it away."""
    if not at:
        return other
    items = dict(value) if isinstance(value, dict) else dict(enumerate(value))
    items[at[0]] = put(items[at[0]], at[1:], other)
    if items[at[0]] is ...:
        del items[at[0]]
    return items if isinstance(value, dict) else type(value)(items.values())


@pytest.mark.parametrize("seed", range(4))
def test_what_is_whole_but_makes_no_sense_is_refused(seed: int) -> None:
    # A true snapshot with one field away or of another kind, and a checksum that fits.
    events = stream(3, 90, *ALL)
    definition = replace(define(Everything), snapshot_every=1)

    def play(batches: list[slice], snapshot: tuple[int, bytes] | None = None) -> Player:
        player = Player(definition, {}, Mode.BACKTEST, False)
        rows = player.rows(events)
        asyncio.run(player.play([], [rows[each] for each in batches], snapshot))
        return player

    whole = play([slice(0, 80), slice(80, 90)])
    document = unpack(whole.snapshots[80])
    every = [at for at in places(document) if at[0] != "state"]
    assert len(every) > 300
    assert any(at[:2] == ("kept", "holdings") for at in every)
    source = random.Random(seed)
    refused = 0
    for at in source.sample(every, 150):
        forged = pack(put(document, at, source.choice(NONSENSE)))
        try:
            play([slice(80, 90)], (80, forged))
        except AssertionError as e:
            assert "the snapshot at 80 is not used" in str(e), at  # noqa: PT017
            refused += 1
    assert refused > 100


def test_restore_that_raises_fails_the_test() -> None:
    class Broken(Everything):
        def restore(self, state: dict[str, Any]) -> None:
            raise KeyError("seen")

    with pytest.raises(HookFailed, match="restore: KeyError: 'seen'") as caught:
        check_restore(Broken, stream(1, 10, *ALL))
    assert isinstance(caught.value.__cause__, KeyError)


def test_save_that_raises_fails_the_test() -> None:
    class Broken(Everything):
        def save(self) -> dict[str, Any]:
            return {"paid": {"A": {1, 2}}}

    with pytest.raises(HookFailed, match=r"save: state\['paid'\]\['A'\] is of type set"):
        check_restore(Broken, stream(1, 10, *ALL))


def test_a_strategy_that_takes_no_part_is_told() -> None:
    class Plain(Strategy):
        snapshot_every = 0

        def on_tick(self, tick: Tick) -> Outcome:
            return buy()

    with pytest.raises(DefinitionError, match="takes no part in snapshots: its snapshot_every"):
        check_restore(Plain, ticks("A", [1, 2]))


def test_a_replay_saves_too_and_says_the_same() -> None:
    class Counts(Strategy):
        inputs = ("candles:1m",)
        snapshot_every = 10
        saved: int = 0

        def save(self) -> dict[str, Any]:
            self.log.info("saved")
            return {}

        def restore(self, state: dict[str, Any]) -> None:
            raise AssertionError("nobody offers one")

        def on_candle(self, candle: Candle) -> Outcome:
            return buy()

    run = replay(Counts, candles("A", range(1, 101)), cuts=7)
    assert len(run.results) == 100
    assert 5 <= run.logs.count("saved") <= 10
