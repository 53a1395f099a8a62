"""Snapshots in parts and within limits, and a save that fails."""

from __future__ import annotations

from typing import Any

import pytest
from counting import ROOM, Counts, Limits, positions, saved, told
from host import BACKTEST, Connect, Direct, ticks

from madang._snapshot import unpack

pytestmark = pytest.mark.usefixtures("unhurried")


@pytest.mark.parametrize("about", [1, 2])
@pytest.mark.parametrize("more", [-1, 0, 1])
async def test_parts_are_of_a_mebibyte_at_most(local: Connect, about: int, more: int) -> None:
    part = 2**20 - 64
    small = len(await saved(parameters={"pad": "1000000"}))
    pad = 1_000_000 + about * part + more - small
    data = await saved(parameters={"pad": str(pad)})
    assert len(data) == about * part + more
    limits = Limits(message_bytes=2**20, snapshot_bytes=2**30)
    direct = await Direct(Counts, parameters={"pad": str(pad)}, limits=limits).attach()
    await direct.send(events=ticks(0, [1, 2, 3]))
    assert direct.snapshots() == {3: data}
    cut = direct.parts()
    assert [each.part for each in cut] == list(range(len(cut)))
    assert [each.last for each in cut] == [False] * (len(cut) - 1) + [True]
    assert len(cut) == about + (more > 0)
    assert all(each.ByteSize() <= 2**20 for each in direct.said)
    async with local(Counts) as client:
        stream = client.run()
        await stream.offer(data, 3, mode=BACKTEST, parameters={"pad": str(pad)}, limits=ROOM)
        assert (await stream.receive()).ready.after == 3


async def test_parts_keep_below_a_small_message() -> None:
    limits = Limits(message_bytes=300, snapshot_bytes=2**20)
    direct = await Direct(Counts, limits=limits, known=2**64 - 1).attach()
    await direct.send(events=ticks(0, [1, 2, 3], first=2**63))
    assert len(direct.parts()) > 3
    assert max(each.ByteSize() for each in direct.said if each.HasField("snapshot")) <= 300
    assert unpack(direct.snapshots()[2**63 + 2])["state"]["seen"] == 3


@pytest.mark.parametrize(
    "limits", [Limits(snapshot_bytes=500), Limits(snapshot_bytes=2**20, message_bytes=60)]
)
async def test_what_is_too_large_is_told_once(limits: Any) -> None:
    direct = await Direct(Counts, limits=limits).attach()
    for previous in range(0, 30, 3):
        await direct.send(events=ticks(previous, [1, 2, 3]))
    (line,) = direct.texts()
    assert line.startswith("a snapshot has ")
    assert direct.parts() == []
    assert len(told(direct)) == 30


async def test_more_room_on_another_day_is_used() -> None:
    direct = await Direct(Counts, limits=Limits(snapshot_bytes=500)).attach()
    await direct.send(events=ticks(0, [1, 2, 3]))
    assert direct.parts() == []
    for epoch, room, found in ((2, 500, []), (3, 5000, [9])):
        direct.configure.epoch, direct.configure.limits.snapshot_bytes = epoch, room
        await direct.attach()
        previous = direct.session.position
        await direct.send(events=ticks(previous, [1, 2, 3]))
        assert positions(direct) == found
    assert len(direct.texts()) == 1
