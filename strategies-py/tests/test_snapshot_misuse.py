"""Who breaks the contract of snapshots, or asks for the impossible."""

from __future__ import annotations

from typing import Any, ClassVar

import grpc
import pytest
from counting import Counts, Limits, positions, reasons, saved, told
from host import BACKTEST, Client, Connect, Direct, candles, said, ticks

from madang import Candle, Outcome, Strategy, Tick, alert, buy
from madang._generated.strategy.v1 import session_pb2

pytestmark = pytest.mark.usefixtures("unhurried")


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (None, "save: returned None; return a dict, {} if there is nothing to keep"),
        ([1], "save: returned [1]; return a dict"),
        ({"seen": {1}}, "save: state['seen'] is of type set, which a snapshot does not keep"),
        (KeyError("seen"), "save: KeyError: 'seen' (test_snapshot_misuse.py:"),
    ],
)
async def test_save_that_fails_is_told_once_and_costs_nothing(state: Any, text: str) -> None:
    class Fails(Counts):
        def save(self) -> dict[str, Any]:
            if isinstance(state, Exception):
                raise state
            return state  # type: ignore[no-any-return]

    direct = await Direct(Fails).attach()
    for previous in range(0, 30, 3):
        await direct.send(events=ticks(previous, [1, 2, 3]))
    direct.configure.epoch, direct.configure.watermark = 2, 30
    await direct.attach()
    await direct.send(events=ticks(30, [1, 2, 3]))
    failure, line = direct.texts()
    assert text in failure
    assert "no snapshot is taken any more in this session" in line
    assert direct.parts() == []
    assert [each.split()[0] for each in told(direct)] == [str(n) for n in range(1, 34)]


async def test_save_that_takes_long_is_told_with_a_watermark(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    monkeypatch.setattr("madang._saving.monotonic", lambda: now)

    class Slow(Counts):
        def save(self) -> dict[str, Any]:
            nonlocal now
            now += 0.11
            return super().save()

    direct = await Direct(Slow).attach()
    await direct.send(events=ticks(0, [1, 2, 3]))
    kinds = [each.WhichOneof("message") for each in direct.said]
    assert kinds == ["ready", "results", "log", "watermark", "snapshot"]
    assert "save took 1" in direct.texts()[0]
    direct.session._saving._pace._next = 0.0
    await direct.send(events=ticks(3, [1, 2, 3]))
    assert positions(direct) == [3, 6]
    assert len(direct.texts()) == 1


# A host that breaks the contract.


async def opened(client: Client, **fields: Any) -> Any:
    stream = client.run()
    await stream.configure(
        **({"mode": BACKTEST, "snapshot_follows": True, "watermark": 3} | fields)
    )
    return stream


async def test_another_message_within_a_snapshot_ends_the_stream(local: Connect) -> None:
    async with local(Counts) as client:
        stream = await opened(client)
        await stream.send(events=ticks(0, [1]))
        code, text = await stream.end()
        assert code is grpc.StatusCode.FAILED_PRECONDITION
        assert text == "Configure says that a snapshot follows, and events came"


async def test_a_snapshot_nobody_announced_ends_the_stream(local: Connect) -> None:
    async with local(Counts) as client:
        stream = client.run()
        await stream.ready()
        await stream.send(snapshot=session_pb2.SnapshotPart(last=True))
        code, text = await stream.end()
        assert code is grpc.StatusCode.FAILED_PRECONDITION
        assert text == "a snapshot that no Configure announced"


async def test_a_stream_that_breaks_within_a_snapshot_leaves_the_state(local: Connect) -> None:
    data = await saved()
    async with local(Counts) as client:
        stream = client.run()
        await stream.ready(mode=BACKTEST)
        await stream.send(events=ticks(0, [1, 2]))
        await stream.receive()
        stream.call.cancel()
        for epoch in (2, 3):
            stream = await opened(client, epoch=epoch)
            part = session_pb2.SnapshotPart(position=3, format="madang-py/1", data=data[:9])
            await stream.send(snapshot=part)
            if epoch == 2:
                await stream.call.done_writing()
                assert (await stream.end())[0] is grpc.StatusCode.ABORTED
        newer = client.run()  # takes over from one that still sends its snapshot
        assert (await newer.ready(epoch=4, mode=BACKTEST, watermark=2)).after == 2
        assert (await stream.end())[0] is grpc.StatusCode.ABORTED
        await newer.send(events=ticks(2, [3]))
        assert reasons(await newer.receive()) == ["3 2.5"]


def part(**fields: Any) -> session_pb2.SnapshotPart:
    given: dict[str, Any] = {"position": 3, "format": "madang-py/1", "data": b"x"}
    return session_pb2.SnapshotPart(**(given | fields))


@pytest.mark.parametrize(
    ("cut", "text"),
    [
        ([part(part=1), part(part=2, last=True)], "part 1 came where 0 was due"),
        ([part(), part(part=2, last=True)], "part 2 came where 1 was due"),
        ([part(), part(last=True)], "part 0 came where 1 was due"),
        ([part(), part(part=1, position=2, last=True)], "part 1 is of another snapshot"),
        ([part(), part(part=1, format="y", last=True)], "part 1 is of another snapshot"),
        ([part(data=bytes(2**20 + 1), last=True)], "part 0 has 1048577 bytes"),
        ([part(data=bytes(2**19)), part(part=1, data=bytes(2**19 + 1), last=True)], "own limit"),
        ([part(last=True)], "it is cut off: 1 bytes are no snapshot"),
        ([part(data=b"", last=True)], "it is cut off: 0 bytes are no snapshot"),
    ],
)
async def test_parts_that_do_not_fit_begin_afresh(
    local: Connect, cut: list[session_pb2.SnapshotPart], text: str
) -> None:
    async with local(Counts) as client:
        stream = await opened(client, limits=Limits(snapshot_bytes=2**20))
        for each in cut:
            await stream.send(snapshot=each)
        assert text in (await stream.receive()).log.text
        assert (await stream.receive()).ready.after == 0
        await stream.send(events=ticks(0, [1, 2]))
        assert said(await stream.receive()) == [(1, 0, 0), (2, 0, 0)]


async def test_a_helper_asked_for_anew_begins_with_what_is_kept() -> None:
    class Asks(Counts):
        more: ClassVar[bool] = False

        def on_start(self) -> None:
            super().on_start()
            if self.more:
                self.mean = self.ema("A", 2)

        def on_tick(self, tick: Tick) -> Outcome:
            return alert(f"{self.mean.value}") if self.more else None

    data = await saved(Asks)
    Asks.more = True
    direct = await Direct(Asks, watermark=3).attach(data, 3)
    await direct.send(events=ticks(3, [4]))
    (result,) = direct.said[-1].results.results
    assert float(result.message) == pytest.approx(3.5)  # of 1, 2, 3 and 4


class OnCandles(Strategy):
    """Another file with the same name would be another strategy; here: other inputs."""

    name = "counts"
    version = "7"
    inputs = ("candles:1m",)
    snapshot_every = 1
    step: int = 1
    pad: int = 0

    def save(self) -> dict[str, Any]:
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        pass

    def on_candle(self, candle: Candle) -> Outcome:
        return buy()


async def test_other_inputs_under_the_same_version_are_refused() -> None:
    direct = await Direct(OnCandles, watermark=3).attach(await saved(), 3)
    (line,) = direct.texts()
    assert "it has a series of input and instrument (0, 0), which is none" in line
    assert direct.said[-1].ready.after == 0
    await direct.send(events=candles(0, [1]))
    assert said(direct.said[-2]) == [(1, 0, 0)]
