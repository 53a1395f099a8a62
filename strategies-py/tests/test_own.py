"""Who has no state of its own has snapshots without a word; who has is never half restored."""

from __future__ import annotations

import asyncio
import importlib
import logging
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from host import LIVE, Direct, ticks
from saving import stream, text_of

from madang import Candle, DefinitionError, Mode, Outcome, Strategy, Tick, alert
from madang._generated.strategy.v1 import session_pb2
from madang._own import Beginning, code, files
from madang._snapshot import pack, unpack
from madang.definition import define
from madang.models import Frozen
from madang.models import save as save_model
from madang.testing import check_restore, replay

pytestmark = pytest.mark.usefixtures("unhurried")


class Means(Strategy):
    """Tells of every helper to the last bit, and keeps nothing itself."""

    inputs = ("ticks", "candles:1m")
    snapshot_every = 1
    length: int = 7

    def on_start(self) -> None:
        self.limit = Decimal("0.5")
        self.words = ("up", "down")
        self.first = self.sma("A", 5, on="ticks")
        self.of = {each: [self.ema(each, self.length, on="ticks")] for each in self.symbols}

    def on_tick(self, tick: Tick) -> Outcome:
        strength = self.rsi(
            tick.symbol, self.length, on="ticks"
        )  # asked for here, kept all the same
        mean = self.of[tick.symbol][0]
        return alert(text_of(self.first.value, mean.value, mean.previous, strength.value))

    def on_candle(self, candle: Candle) -> Outcome:
        past = list(self.history(candle.symbol, 3, on="candles:1m"))
        return alert(f"{past} {self.holding(candle.symbol) if self.reads_account else self.words}")


class Account(Means):
    reads_account = True


@pytest.mark.parametrize("mode", [Mode.BACKTEST, Mode.LIVE])
@pytest.mark.parametrize("strategy", [Means, Account])
def test_helpers_and_holdings_are_kept_without_a_word(strategy: type[Strategy], mode: Mode) -> None:
    events = stream(5, 120, "tick", "tick", "candle", "fill")
    run = check_restore(strategy, events, stops=120, mode=mode)
    assert len(run.results) > 60


def test_they_are_the_same_bits_as_of_one_who_saves_nothing_on_purpose() -> None:
    class Says(Means):
        def save(self) -> dict[str, Any]:
            return {}

        def restore(self, state: dict[str, Any]) -> None: ...

    async def last(strategy: type[Strategy]) -> dict[str, Any]:
        direct = await Direct(strategy).attach()
        await direct.send(events=ticks(0, range(1, 40)))
        return unpack(list(direct.snapshots().values())[-1])

    mine, said = asyncio.run(last(Means)), asyncio.run(last(Says))
    assert mine["state"] == said["state"] == {}
    assert pack({"kept": mine["kept"]}) == pack({"kept": said["kept"]})


def counter(self: Any) -> None:
    self.seen = self.seen + 1


def appended(self: Any) -> None:
    self.past.append(1)


def within(self: Any) -> None:
    self.nested["a"][0] = 2


def anew(self: Any) -> None:
    self.fresh = True


def gone(self: Any) -> None:
    del self.seen


def parameter(self: Any) -> None:
    self.length = 8


def queued(self: Any) -> None:
    self.queue.append(1)


def swapped(self: Any) -> None:
    self.mean = self.sma("A", 3)


STATES: list[tuple[Callable[[Any], None], str]] = [
    (counter, "seen"), (appended, "past"), (within, "nested"), (anew, "fresh"), (gone, "seen"),
    (parameter, "length"), (swapped, "mean"),
]  # fmt: skip


def keeping(change: Callable[[Any], None], at: int) -> type[Strategy]:
    class Keeps(Strategy):
        snapshot_every = 1
        length: int = 7

        def on_start(self) -> None:
            self.seen, self.past, self.nested = 0, [0], {"a": [1, (2, 3)]}
            self.mean = self.sma("A", 2)

        def on_tick(self, tick: Tick) -> Outcome:
            if tick.position == at:
                change(self)
            return None

    return Keeps


@pytest.mark.parametrize(("change", "name"), STATES)
async def test_what_changes_is_found_and_ends_them(
    change: Callable[[Any], None], name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "madang")
    direct = await Direct(keeping(change, 3)).attach()
    for at in range(5):
        await direct.send(events=ticks(at, [1]))
    assert list(direct.snapshots()) == [1, 2]  # what came before is true of its place
    (line,) = [each.message for each in caplog.records if "no snapshots" in each.message]
    assert line.startswith(f"no snapshots of keeps: self.{name} is state of its own")
    assert direct.texts() == []  # nothing that the operator need hear
    with pytest.raises(DefinitionError, match=rf"self\.{name} is state of its own; override save"):
        check_restore(keeping(change, 3), stream(1, 9, "tick"))


@pytest.mark.parametrize(
    "value",
    [deque(), np.zeros(3), np.random.default_rng(1), {1}, bytearray(b"x"), object(), lambda: 0],
)
def test_what_may_change_in_itself_is_state(value: Any) -> None:
    class Holds(Strategy):
        def on_start(self) -> None:
            self.held = value

        def on_tick(self, tick: Tick) -> Outcome:
            return None

    with pytest.raises(DefinitionError, match=r"self\.held is state of its own"):
        check_restore(Holds, stream(1, 9, "tick"))


def deep() -> Any:
    held: Any = 0
    for _ in range(5_000):
        held = (held, [])
    return held


def round_and_round() -> Any:
    held: list[Any] = []
    held.append(held)
    return held


def shared() -> Any:
    held: Any = [0]
    for _ in range(60):
        held = [held, held]
    return held


@pytest.mark.parametrize("made", [deep, round_and_round, shared])
async def test_what_nobody_can_compare_is_state_and_hurts_nothing(
    made: Callable[[], Any],
) -> None:
    class Holds(Strategy):
        snapshot_every = 1

        def on_start(self) -> None:
            self.held = made()

        def on_tick(self, tick: Tick) -> Outcome:
            return alert("here")

    direct = await Direct(Holds).attach()
    await direct.send(events=ticks(0, [1]))
    assert list(direct.snapshots()) == []


def test_slots_are_seen_too() -> None:
    class Slotted(Strategy):
        __slots__ = ("count",)

        def on_start(self) -> None:
            self.count = 0

        def on_tick(self, tick: Tick) -> Outcome:
            self.count += 1000
            return None

    with pytest.raises(DefinitionError, match=r"self\.count is state of its own"):
        check_restore(Slotted, stream(1, 9, "tick"))


def test_parts_of_a_frozen_model_are_no_state(tmp_path: Path) -> None:
    save_model(
        tmp_path, name="m", version="1", weights=b"w", trained=(date(2020, 1, 1),) * 2,
        features=("a",),
    )  # fmt: skip

    class Predicts(Strategy):
        snapshot_every = 1
        model = Frozen(tmp_path, build=lambda _: {"net": object(), "typical": np.zeros(3)})

        def on_start(self) -> None:
            self.net, self.all = self.model.predictor["net"], self.model.predictor
            self.typical = self.model.predictor["typical"]
            self.steady = np.arange(3)
            self.steady.flags.writeable = False

        def on_tick(self, tick: Tick) -> Outcome:
            return alert(str(self.typical))

    assert len(check_restore(Predicts, stream(1, 9, "tick")).results) == 9


class Warm(Means):
    warm_up = 30


class Keeps(Warm):
    name = "warm"

    def save(self) -> dict[str, Any]:
        return {"a": 1}

    def restore(self, state: dict[str, Any]) -> None: ...


async def drained(strategy: type[Strategy]) -> bytes:
    """The last snapshot of a live session that the host ends."""
    direct = await Direct(strategy, mode=LIVE).attach()
    await direct.send(warm_up=session_pb2.WarmUp(last=True))
    await direct.send(events=ticks(0, range(1, 21)))
    await direct.send(drain=session_pb2.Drain())
    return direct.snapshots()[20]


async def restored(strategy: type[Strategy], data: bytes) -> Direct:
    return await Direct(strategy, mode=LIVE, epoch=2, watermark=20).attach(data, 20)


async def test_a_new_process_goes_on_without_a_warm_up() -> None:
    direct = await restored(Warm, await drained(Warm))
    assert direct.texts() == []
    (ready,) = [each.ready for each in direct.said]
    assert (ready.after, ready.needs_warm_up) == (20, False)


async def test_state_that_nobody_would_restore_is_refused() -> None:
    document = unpack(await drained(Keeps))
    document["about"]["code"] = define(Warm).code
    (told,) = (await restored(Warm, pack(document))).texts()
    assert told.endswith("it has state of its own, and the strategy has no restore")


async def test_under_other_code_it_is_warmed_up_instead() -> None:
    direct = await Direct(Means).attach()
    await direct.send(events=ticks(0, range(1, 21)))
    again = Direct(Means, epoch=2, watermark=20)
    definition = replace(define(Means), code="0" * 64)
    again.session._definition = again.session._saving._definition = definition
    await again.attach(direct.snapshots()[20], 20)
    (told,) = again.texts()
    assert "the snapshot at 20 is not used: its code is '" in told


def test_code_is_the_authors_files_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own/__init__.py").write_text("import json, numpy\n")
    (tmp_path / "own/numbers.py").write_text("X = 1\n")
    (tmp_path / "own/unused.py").write_text("X = 1\n")
    (tmp_path / "authored.py").write_text(
        "from madang import Strategy\nfrom own.numbers import X\n\nclass A(Strategy):\n    x = X\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    cls = importlib.import_module("authored").A
    names = [str(each.relative_to(tmp_path)) for each in files(cls)]
    assert names == ["authored.py", "own/__init__.py", "own/numbers.py"]
    before = code(cls)
    (tmp_path / "own/unused.py").write_text("X = 2\n")
    assert code(cls) == before
    (tmp_path / "own/numbers.py").write_text("X = 2\n")
    assert code(cls) != before
    for name in ("authored", "own", "own.numbers"):
        del sys.modules[name]
    assert code(type("Made", (Strategy,), {"__module__": "nowhere"})) == ""


def test_the_state_is_looked_at_when_a_snapshot_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0
    changed = Beginning.changed

    def look(self: Beginning) -> str:
        nonlocal looks
        looks += 1
        return changed(self)

    monkeypatch.setattr(Beginning, "changed", look)

    class Rare(Means):
        snapshot_every = 50

    replay(Rare, stream(1, 120, "tick"), cuts=1)
    assert looks == 2
