"""Snapshots on the wire: when they come, in which parts, and what becomes of one offered."""

from __future__ import annotations

import random
import time
from typing import Any, ClassVar

import grpc
import pytest
from host import BACKTEST, LIVE, Client, Connect, Direct, candles, instruments, said, ticks

from madang import Candle, FatalError, Outcome, Strategy, Tick, alert, buy
from madang._generated.strategy.v1 import session_pb2
from madang._snapshot import pack, unpack
from madang._taking import Pace

Limits = session_pb2.Limits
pytestmark = pytest.mark.usefixtures("unhurried")
ROOM = Limits(snapshot_bytes=2**30)


class Counts(Strategy):
    """Says how many ticks it has seen, with their mean."""

    version = "7"
    inputs = ("ticks",)
    snapshot_every = 3
    step: int = 1
    pad: int = 0

    stopped: ClassVar[list[int]]

    def on_start(self) -> None:
        self.seen = 0

    def save(self) -> dict[str, Any]:
        return {"seen": self.seen, "pad": bytes(self.pad)}

    def restore(self, state: dict[str, Any]) -> None:
        self.seen = state["seen"]

    def on_tick(self, tick: Tick) -> Outcome:
        self.seen += self.step
        return buy(reason=f"{self.seen} {self.sma(tick.symbol, 2).value}")


def reasons(message: session_pb2.ServerMessage) -> list[str]:
    return [each.reasons[0] for each in message.results.results]


def told(direct: Direct) -> list[str]:
    return [each for message in direct.said for each in reasons(message)]


def positions(direct: Direct) -> list[int]:
    return list(direct.snapshots())


async def saved(strategy: type[Strategy] = Counts, n: int = 3, **fields: Any) -> bytes:
    """The snapshot of a strategy after ``n`` ticks."""
    direct = await Direct(strategy, **fields).attach()
    await direct.send(events=ticks(0, range(1, n + 1)))
    (data,) = direct.snapshots().values()
    return data


# When.


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


class Warm(Counts):
    warm_up = 5
    snapshot_every = 1


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


# Restored.


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


# Refused.


def other(**attributes: Any) -> type[Strategy]:
    return type("Counts", (Counts,), attributes)


REFUSED: list[tuple[type[Strategy], dict[str, Any], dict[str, Any], str]] = [
    (other(version="8"), {}, {}, "version"),
    (Counts, {"parameter_hash": "b"}, {}, "its parameter hash is 'a', here it is 'b'"),
    (Counts, {"parameters": {"step": "2"}}, {}, "'pad=0, step=1', here it is 'pad=0, step=2'"),
    (Counts, {"account": "x"}, {}, "its account is '', here it is 'x'"),
    (Counts, {"mode": LIVE}, {}, "its mode is 'backtest', here it is 'live'"),
    (other(name="else"), {}, {}, "its strategy is 'counts', here it is 'else'"),
    (Counts, {"instruments": instruments("B", "A")}, {}, "instrument 0 is A, the host's B"),
    (Counts, {"watermark": 2}, {}, "it is beyond the watermark 2"),
    (Counts, {}, {"position": 2}, "its position is 3, here it is 2"),
    (other(snapshot_every=0), {}, {}, "Counts takes no part in snapshots"),
    (Counts, {}, {"format": "madang-py/2"}, "its format is 'madang-py/2'; 'madang-py/1' is read"),
    (Counts, {}, {"wrong": "part 2 came where 1 was due"}, "part 2 came where 1 was due"),
]


@pytest.mark.parametrize(("strategy", "fields", "offer", "text"), REFUSED)
async def test_what_is_of_another_is_refused_in_words(
    strategy: type[Strategy], fields: dict[str, Any], offer: dict[str, Any], text: str
) -> None:
    hashed: dict[str, Any] = {"parameter_hash": "a"}
    data = await saved(Counts, 3, **hashed)
    direct = Direct(strategy, **({"watermark": 3} | hashed | fields))
    if strategy.version == "8":
        direct.session._saving._version = "8"
    await direct.attach(data, offer.pop("position", 3), **offer)
    (line,) = direct.texts()
    assert line.startswith("the snapshot at ")
    assert text in line
    ready = direct.said[-1].ready
    assert ready.after == (3 if fields.get("mode") == LIVE else 0)
    await direct.send(events=ticks(ready.after, [9]))
    assert told(direct)[0].split()[0] == str(2 if "parameters" in fields else 1)


async def test_another_sdk_or_model_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = await saved()
    direct = Direct(Counts, watermark=3)
    direct.session._saving._model = "other"
    await direct.attach(data, 3)
    assert "its model hash is '', here it is 'other'" in direct.texts()[0]
    monkeypatch.setattr("madang._saving.VERSION", "9.9")
    direct = await Direct(Counts, watermark=3).attach(data, 3)
    assert "here it is '9.9'" in direct.texts()[0]
    assert direct.said[-1].ready.after == 0


@pytest.mark.parametrize("error", [KeyError("old"), FatalError("no"), RecursionError()])
async def test_restore_that_raises_leaves_a_fresh_strategy(error: Exception) -> None:
    stops: list[int] = []

    class Breaks(Counts):
        def restore(self, state: dict[str, Any]) -> None:
            self.seen = 1000
            raise error

        def on_stop(self) -> None:
            stops.append(self.seen)

    data = await saved(Breaks)
    for mode in (BACKTEST, LIVE):
        stops.clear()
        data = await saved(Breaks, mode=BACKTEST)
        document = unpack(data)
        document["about"]["mode"] = "live" if mode == LIVE else "backtest"
        direct = await Direct(Breaks, mode=mode, watermark=3).attach(pack(document), 3)
        failure, ready = direct.said
        assert (failure.failure.position, failure.failure.recoverable) == (3, True)
        assert failure.failure.message.startswith("restore: ")
        assert "test_snapshots.py" in failure.failure.message
        assert ready.ready.after == (3 if mode == LIVE else 0)
        assert stops == [1000]  # what on_start took is given back
        await direct.send(events=ticks(ready.ready.after, [5]))
        assert told(direct) == ["1 None"]


async def test_on_start_that_raises_still_refuses_the_session() -> None:
    class NoModel(Counts):
        def on_start(self) -> None:
            super().on_start()
            if self.pad:
                raise FileNotFoundError("model.bin")

    document = unpack(await saved(NoModel))
    document["about"]["parameters"] = "pad=1, step=1"
    direct = Direct(NoModel, watermark=3, parameters={"pad": "1"})
    with pytest.raises(Exception, match="on_start failed"):
        await direct.attach(pack(document), 3)
    assert "model.bin" in direct.texts()[0]


@pytest.mark.parametrize("seed", range(5))
async def test_damage_anywhere_begins_afresh(seed: int) -> None:
    data = await saved()
    source = random.Random(seed)
    for _ in range(40):
        damaged = bytearray(data)
        damaged[source.randrange(len(data))] ^= source.randint(1, 255)
        cut = source.choice([len(data), source.randrange(len(data))])
        direct = await Direct(Counts, watermark=3).attach(bytes(damaged[:cut]), 3)
        (line,) = direct.texts()
        assert line.startswith("the snapshot at ")
        assert direct.said[-1].ready.after == 0
        await direct.send(events=ticks(0, [1]))
        assert told(direct) == ["1 None"]


# In parts, within limits.


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


# Misuse.


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (None, "save: returned None; return a dict, {} if there is nothing to keep"),
        ([1], "save: returned [1]; return a dict"),
        ({"seen": {1}}, "save: state['seen'] is of type set, which a snapshot does not keep"),
        (KeyError("seen"), "save: KeyError: 'seen' (test_snapshots.py:"),
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


async def test_save_that_takes_long_is_told_with_a_watermark() -> None:
    class Slow(Counts):
        def save(self) -> dict[str, Any]:
            time.sleep(0.11)
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
