"""A snapshot that is offered: who goes on from it, and who has no use for it."""

from __future__ import annotations

from typing import Any

import pytest
from counting import ROOM, Counts, Warm, reasons, saved
from host import BACKTEST, LIVE, Connect, Direct, ticks

from madang import Strategy
from madang._generated.strategy.v1 import session_pb2
from madang._snapshot import unpack

pytestmark = pytest.mark.usefixtures("unhurried")


@pytest.mark.parametrize("mode", [BACKTEST, LIVE])
@pytest.mark.parametrize("strategy", [Counts, Warm])
async def test_a_new_process_goes_on_from_it(
    local: Connect, mode: Any, strategy: type[Strategy]
) -> None:
    data = await saved(strategy, mode=BACKTEST)
    if mode != BACKTEST:
        direct = await Direct(strategy, mode=mode, limits=ROOM).attach()
        if strategy is Warm:
            await direct.send(warm_up=session_pb2.WarmUp(last=True))
        await direct.send(events=ticks(0, [1, 2, 3]))
        await direct.send(drain=session_pb2.Drain())
        data = direct.snapshots()[3]
    async with local(strategy) as client:
        stream = client.run()
        await stream.offer(data, 3, mode=mode, watermark=5, known=5, limits=ROOM)
        ready = (await stream.receive()).ready
        assert (ready.epoch, ready.after, ready.needs_warm_up) == (2, 3, False)
        await stream.send(events=ticks(3, [4, 5, 6]))
        message = await stream.receive()
        assert reasons(message) == ["4 3.5", "5 4.5", "6 5.5"]
        assert message.results.watermark == 6
        if mode == BACKTEST:
            assert (await stream.snapshot())[0] == 6
        stream.call.cancel()  # what was restored lives on as any other
        stream = client.run()
        assert (await stream.ready(epoch=3, mode=mode, watermark=5, known=6)).after == 6
        assert reasons(await stream.receive()) == ["6 5.5"]


async def test_a_server_that_lived_on_reads_it_away(local: Connect) -> None:
    data = await saved()
    async with local(Counts) as client:
        stream = client.run()
        await stream.ready(mode=BACKTEST)
        await stream.send(events=ticks(0, [1, 2, 3, 4]))
        await stream.receive()
        stream.call.cancel()
        stream = client.run()
        await stream.offer(data, 3, mode=BACKTEST, watermark=4)
        assert (await stream.receive()).ready.after == 4
        await stream.send(events=ticks(4, [5]))
        assert reasons(await stream.receive()) == ["5 4.5"]


async def test_a_state_that_does_not_fit_gives_way_to_it(local: Connect) -> None:
    data = await saved()
    async with local(Counts) as client:
        stream = client.run()
        await stream.ready(mode=BACKTEST)
        await stream.send(events=ticks(0, [9, 9, 9, 9]))
        await stream.receive()
        stream.call.cancel()
        stream = client.run()
        await stream.offer(data, 3, mode=BACKTEST, known=3)  # the host lost the fourth
        assert (await stream.receive()).ready.after == 3
        await stream.send(events=ticks(3, [4]))
        assert reasons(await stream.receive()) == ["4 3.5"]


async def test_a_server_told_to_stop_leaves_one() -> None:
    direct = await Direct(Counts, mode=LIVE).attach()
    await direct.send(events=ticks(0, [1, 2]))
    await direct.session.finish(direct.take, within=None)  # as on SIGTERM
    kinds = [each.WhichOneof("message") for each in direct.said]
    assert kinds == ["ready", "results", "snapshot", "watermark", "drained"]
    assert unpack(direct.snapshots()[2])["state"]["seen"] == 2
