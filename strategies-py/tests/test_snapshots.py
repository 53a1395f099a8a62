"""Snapshots on the wire: when they come."""

from __future__ import annotations

from typing import Any

import pytest
from counting import ROOM, Counts, Limits, Warm, positions
from host import BACKTEST, LIVE, Connect, Direct, ticks

from madang._generated.strategy.v1 import session_pb2
from madang._taking import Pace

pytestmark = pytest.mark.usefixtures("unhurried")


async def test_it_comes_behind_its_watermark_every_so_many_events(local: Connect) -> None:
    async with local(Counts) as client:
        stream = client.run()
        await stream.ready(mode=BACKTEST, limits=ROOM)
        await stream.send(events=ticks(0, [1, 2]))
        assert (await stream.receive()).results.watermark == 2
        await stream.send(events=ticks(2, [3, 4]))
        assert (await stream.receive()).results.watermark == 4
        part = (await stream.receive()).snapshot
        assert (part.position, part.format, part.part, part.last) == (4, "madang-py/1", 0, True)
        await stream.send(events=ticks(4, [5, 6]))
        assert (await stream.receive()).results.watermark == 6
        await stream.send(events=ticks(6, [7]))
        assert (await stream.snapshot())[0] == 7


async def test_between_two_it_counts_events_not_messages() -> None:
    direct = await Direct(Counts).attach()
    previous = 0
    for size in (1, 1, 1, 2, 2, 5, 1, 1, 1):
        await direct.send(events=ticks(previous, [1] * size))
        previous += size
    assert positions(direct) == [3, 7, 12, 15]


@pytest.mark.parametrize(
    ("fields", "limits"), [({"snapshot_every": 0}, ROOM), ({}, Limits(message_bytes=2**20))]
)
async def test_none_comes_that_nobody_wants(fields: dict[str, Any], limits: Any) -> None:
    class Never(Counts):
        def save(self) -> dict[str, Any]:
            raise AssertionError("not wanted")

    cls = type("Never", (Never,), fields)
    direct = await Direct(cls, limits=limits).attach()
    await direct.send(events=ticks(0, [1] * 9))
    assert (direct.snapshots(), direct.texts()) == ({}, [])


def test_the_pace_at_a_market_is_a_second() -> None:
    now = [100.0]
    pace = Pace(10, apart=1.0, clock=lambda: now[0])
    pace.saw(10)
    assert not pace.due  # not right after the start
    now[0] = 101.0
    assert pace.due
    pace.begin()
    assert (pace.due, pace.behind) == (False, False)
    pace.end()
    pace.saw(9)
    now[0] = 103.0
    assert (pace.due, pace.behind) == (False, True)
    pace.saw(1)
    assert pace.due
    pace.begin()
    pace.end()
    pace.saw(10)
    now[0] = 103.99
    assert not pace.due
    now[0] = 104.0
    assert pace.due


def test_a_snapshot_that_takes_long_comes_rarely(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("madang._taking.NOTICEABLE", 0.02)
    now = [0.0]
    pace = Pace(1, clock=lambda: now[0])
    pace.saw(1)
    pace.begin()
    now[0] += 0.005
    pace.end()
    pace.saw(1)
    assert pace.due  # too short to be noticed
    pace.begin()
    now[0] += 0.5
    pace.end()
    pace.saw(1)
    now[0] += 9.9
    assert not pace.due
    now[0] += 0.2
    assert pace.due
    pace.never()
    assert (pace.due, pace.behind) == (False, False)


async def test_live_none_comes_sooner_than_a_second_but_one_with_the_drain() -> None:
    direct = await Direct(Counts, mode=LIVE).attach()
    await direct.send(events=ticks(0, [1] * 9))
    assert positions(direct) == []
    await direct.send(drain=session_pb2.Drain(within_ns=10**9))
    kinds = [each.WhichOneof("message") for each in direct.said]
    assert kinds == ["ready", "results", "snapshot", "watermark", "drained"]
    assert positions(direct) == [9]


async def test_what_was_seen_before_a_break_counts() -> None:
    direct = await Direct(Counts).attach()
    await direct.send(events=ticks(0, [1, 2]))
    direct.configure.epoch, direct.configure.watermark = 2, 2
    await direct.attach()
    assert positions(direct) == []
    await direct.send(events=ticks(2, [3]))
    assert positions(direct) == [3]
    live = await Direct(Counts, mode=LIVE).attach()
    await live.send(events=ticks(0, [1, 2]))
    live.configure.epoch, live.configure.watermark = 2, 2
    await live.attach()
    await live.send(drain=session_pb2.Drain(within_ns=10**9))
    assert positions(live) == [2]


async def test_a_backtest_that_ends_needs_none() -> None:
    direct = await Direct(Counts).attach()
    await direct.send(events=ticks(0, [1] * 2))
    await direct.send(drain=session_pb2.Drain(within_ns=10**9))
    assert positions(direct) == []


async def test_a_beat_brings_one_that_is_due() -> None:
    direct = await Direct(Counts, mode=LIVE).attach()
    await direct.send(events=ticks(0, [1] * 9))
    direct.session._saving._pace._next = 0.0  # a second later
    await direct.send(beat=session_pb2.Beat(number=1))
    assert direct.said[-2].watermark.beat == 1
    assert positions(direct) == [9]


async def test_none_comes_of_a_warm_up() -> None:
    direct = await Direct(Warm, mode=LIVE).attach()
    direct.session._saving.hurried = True
    direct.session._saving.attach(direct.configure)
    assert direct.said[-1].ready.needs_warm_up
    await direct.send(beat=session_pb2.Beat(number=1))
    await direct.send(warm_up=session_pb2.WarmUp(events=ticks(0, [1, 2, 3]), last=False))
    await direct.send(warm_up=session_pb2.WarmUp(last=True, position=9))
    assert direct.said[-1].ready.after == 9
    assert positions(direct) == []
    await direct.send(events=ticks(9, [4]))
    assert positions(direct) == [10]


@pytest.mark.parametrize("last", [False, True])
async def test_none_comes_of_a_state_that_a_warm_up_replaces(last: bool) -> None:
    direct = await Direct(Counts, mode=LIVE).attach()
    await direct.send(events=ticks(0, [1, 2]))
    part = session_pb2.WarmUp(events=ticks(0, [1]), last=last, position=9 if last else 0)
    await direct.send(warm_up=part)  # not asked for: the host no longer has the events
    await direct.send(drain=session_pb2.Drain(within_ns=10**9))
    assert positions(direct) == []
