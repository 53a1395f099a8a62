"""Sessions over real gRPC on loopback: the order of messages and what is in them."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from host import (
    BACKTEST,
    LIVE,
    MINUTE,
    Connect,
    Direct,
    Rises,
    Stream,
    candle_columns,
    candles,
    instruments,
    said,
    ticks,
    with_offsets,
)

from madang import Candle, HistoryError, Outcome, Strategy, Tick, Ticks, Timer, alert, buy, sell
from madang._generated.strategy.v1 import events_pb2, instrument_pb2, session_pb2
from madang._runtime import MAKERS
from madang.history import History, Series


class Warm(Rises):
    warm_up = 3


async def test_describe_and_health(connect: Connect) -> None:
    async with connect(Rises) as client:
        told = await client.describe()
        assert (told.name, told.version, told.sdk.split()[0]) == ("rises", "7", "madang-python")
        assert (told.revisions.lowest, told.revisions.highest) == (1, 1)
        assert [each.kind for each in told.inputs] == [1]
        assert (told.reads_account, told.independent_instruments) == (False, True)
        assert told.follows_instruments
        health = health_pb2_grpc.HealthStub(client.channel)
        answer = await health.Check(health_pb2.HealthCheckRequest(), timeout=10)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING


async def test_events_give_results_and_one_watermark(connect: Connect) -> None:
    async with connect(Rises) as client:
        stream = client.run()
        ready = await stream.ready(epoch=3)
        told = await client.describe()
        assert (ready.epoch, ready.after) == (3, 0)
        assert (ready.instance_id, ready.version) == (told.instance_id, "7")
        await stream.send(events=ticks(0, [1, 2, 2, 3]))
        message = await stream.receive()
        assert said(message) == [(2, 0, 0), (4, 0, 0)]
        assert message.results.watermark == 4
        first = message.results.results[0]
        assert (first.action, first.confidence, list(first.reasons)) == (1, 700_000, ["up"])
        assert first.WhichOneof("size") is None
        assert not first.HasField("limit_price")
        await stream.send(events=ticks(4, [3], first=10))
        assert (await stream.receive()).watermark.position == 10


async def test_beat_is_echoed_behind_the_events(local: Connect) -> None:
    async with local(Rises) as client:
        stream = client.run()
        await stream.ready()
        await stream.send(events=ticks(0, [1]))
        await stream.send(beat=session_pb2.Beat(number=9))
        await stream.send(events=ticks(1, [2]))
        assert (await stream.receive()).watermark == session_pb2.Watermark(position=1)
        assert (await stream.receive()).watermark == session_pb2.Watermark(position=1, beat=9)
        message = await stream.receive()
        assert (message.results.watermark, message.results.beat) == (2, 9)


async def test_warm_up_is_fed_and_never_answered_with_results(local: Connect) -> None:
    async with local(Warm) as client:
        stream = client.run()
        ready = await stream.ready(watermark=50)
        assert ready.needs_warm_up
        await stream.send(warm_up=session_pb2.WarmUp(events=ticks(0, [1, 2], first=40)))
        part = session_pb2.WarmUp(events=ticks(0, [3], first=60), last=True, position=60)
        await stream.send(warm_up=part)
        assert (await stream.receive()).ready.after == 60
        await stream.send(events=ticks(60, [4]))
        assert said(await stream.receive()) == [(61, 0, 0)]


async def test_stopped_within_its_warm_up_it_says_drained_alone() -> None:
    direct = await Direct(Warm, mode=LIVE, watermark=50).attach()
    await direct.send(warm_up=session_pb2.WarmUp(events=ticks(0, [1, 2], first=40)))
    await direct.session.finish(direct.take, within=None)
    kinds = [each.WhichOneof("message") for each in direct.said]
    assert kinds == ["ready", "drained"]
    assert direct.session.over


async def test_fresh_start_in_backtest_is_fed_from_the_first(local: Connect) -> None:
    async with local(Warm) as client:
        ready = await client.run().ready(mode=BACKTEST, watermark=50)
        assert ready.WhichOneof("state") == "after"
        assert ready.after == 0


async def test_fresh_start_without_history_goes_on_behind_the_watermark(local: Connect) -> None:
    async with local(Rises) as client:
        assert (await client.run().ready(mode=LIVE, watermark=50)).after == 50


async def test_a_warm_up_nobody_asked_for_begins_afresh(local: Connect) -> None:
    async with local(Rises) as client:
        stream = client.run()
        await stream.ready()
        await stream.send(events=ticks(0, [1]))
        await stream.receive()
        await stream.send(
            warm_up=session_pb2.WarmUp(events=events_pb2.Events(), last=True, position=80)
        )
        assert (await stream.receive()).ready.after == 80
        await stream.send(events=ticks(80, [5]))  # dearer than 1, but 1 is forgotten
        assert said(await stream.receive()) == []


async def test_an_instrument_joins_with_its_own_warm_up_and_leaves(local: Connect) -> None:
    async with local(Rises) as client:
        stream = client.run()
        await stream.ready()
        await stream.send(events=ticks(0, [5]))
        await stream.receive()
        new = instruments("A", "B", "C")[2]
        await stream.send(
            warm_up=session_pb2.WarmUp(
                events=ticks(0, [7], instrument=2), last=True, instruments=[new]
            )
        )
        events = ticks(1, [8], first=3, instrument=2)
        events.count = 3
        changes = events.instrument_changes
        changes.offset.extend([1, 3])
        changes.added.extend([True, False])
        changes.instruments.extend([new, new])
        await stream.send(events=events)
        message = await stream.receive()
        assert said(message) == [(3, 2, 0)]
        assert message.results.watermark == 4
        await stream.send(events=ticks(4, [9], instrument=2))
        code, text = await stream.end()
        assert code is grpc.StatusCode.INVALID_ARGUMENT
        assert "instrument 2" in text


async def test_what_left_is_told_and_begins_anew(local: Connect) -> None:
    gone: list[str] = []

    class Forgets(Rises):
        def on_leave(self, symbol: str) -> None:
            gone.append(symbol)
            raise ValueError("told, and no more")

    async with local(Forgets) as client:
        stream = client.run()
        await stream.ready()
        events = ticks(0, [5])
        events.count = 3
        events.instrument_changes.offset.extend([2, 3])
        events.instrument_changes.added.extend([False, False])
        events.instrument_changes.instruments.extend(instruments("A") * 2)
        await stream.send(events=events)
        assert (await stream.receive()).failure.position == 2
        assert (await stream.receive()).watermark.position == 3
    assert gone == ["A"]


class Means(Strategy):
    """Holds its helpers from the start, as many strategies do."""

    inputs = ("ticks",)
    warm_up = 2

    def on_start(self) -> None:
        self.means = {symbol: self.sma(symbol, 2) for symbol in self.symbols}

    def on_join(self, symbol: str) -> None:
        self.means[symbol] = self.sma(symbol, 2)

    def on_tick(self, tick: Tick) -> Outcome:
        mean = self.means[tick.symbol].value
        return None if mean is None else buy(reason=str(mean))


def changes(
    *rows: tuple[int, bool, instrument_pb2.Instrument], previous: int = 0
) -> events_pb2.Events:
    """Return a message of changes alone, by offset."""
    events = events_pb2.Events(previous=previous, count=len(rows))
    for offset, added, about in rows:
        events.instrument_changes.offset.append(offset)
        events.instrument_changes.added.append(added)
        events.instrument_changes.instruments.append(about)
    return events


async def test_helpers_of_what_joins_and_comes_back_begin_before_its_history(
    local: Connect,
) -> None:
    held: list[Means] = []

    class Kept(Means):
        def on_start(self) -> None:
            held.append(self)
            super().on_start()

    a, _, c = instruments("A", "B", "C")
    async with local(Kept) as client:
        stream = client.run()
        assert (await stream.ready(mode=LIVE, watermark=2)).needs_warm_up
        await stream.send(
            warm_up=session_pb2.WarmUp(events=ticks(0, [1, 3]), last=True, position=2)
        )
        assert (await stream.receive()).ready.after == 2
        first = held[-1].means["A"]
        assert first.value == 2
        await stream.send(events=changes((1, False, a), previous=2))
        assert (await stream.receive()).watermark.position == 3
        for read in (
            lambda: first.value,
            lambda: first.previous,
            lambda: first.crossed_above(1),
            lambda: held[-1].means["B"].crossed_above(first),
        ):
            with pytest.raises(HistoryError, match="'A' has left the session"):
                read()
        assert "has left" in repr(first)
        for about, prices in ((a, [10, 20]), (c, [5, 7])):
            history = ticks(0, prices, instrument=about.number)
            await stream.send(
                warm_up=session_pb2.WarmUp(events=history, last=True, instruments=[about])
            )
        await stream.send(events=changes((1, True, a), (2, True, c), previous=3))
        assert (await stream.receive()).watermark.position == 5
        assert [held[-1].means[symbol].value for symbol in "AC"] == [15, 6]
        # Of what is there already a history counted before: a second is dropped.
        history = ticks(0, [100, 100], instrument=a.number)
        await stream.send(warm_up=session_pb2.WarmUp(events=history, last=True, instruments=[a]))
        await stream.send(events=changes((1, True, a), previous=5))
        assert (await stream.receive()).watermark.position == 6
        assert held[-1].means["A"].value == 15


@pytest.mark.parametrize("what", ["sma", "ema", "rsi", "history"])
def test_every_helper_of_what_has_left_says_so(what: str) -> None:
    series = Series()
    helper = MAKERS[what][0](series, 2)
    series.indicators.append(helper)
    for price in (1, 2, 3, 4):
        series.push(price)
    assert helper.value is not None
    assert helper.previous is not None
    series.end("A")
    for name in ("value", "previous"):
        with pytest.raises(HistoryError, match="has left"):
            getattr(helper, name)
    if isinstance(helper, History):
        with pytest.raises(HistoryError, match="has left"):
            list(helper)
        with pytest.raises(HistoryError, match="has left"):
            len(helper)


async def test_kinds_are_merged_by_position(local: Connect) -> None:
    seen: list[tuple[str, int]] = []

    class Order(Strategy):
        inputs = ("ticks", "candles:1m", "timers:1m", "quotes")

        def on_tick(self, tick: Tick) -> None:
            seen.append(("tick", tick.position))

        def on_candle(self, candle: Candle) -> None:
            seen.append(("candle", candle.position))

        def on_timer(self, timer: Timer) -> Outcome:
            seen.append(("timer", timer.position))
            return [sell("B"), buy("A"), alert("hm", symbol="B")]

    async with local(Order) as client:
        stream = client.run()
        await stream.ready()
        events = with_offsets(1, 3, 6)
        events.candles.CopyFrom(candle_columns([2, 5], [5, 6]))
        events.timers.CopyFrom(events_pb2.Timers(offset=[4], time=[MINUTE], interval=[MINUTE]))
        events.count = 6
        await stream.send(events=events)
        message = await stream.receive()
        assert said(message) == [(4, 1, 0), (4, 0, 0), (4, 1, 1)]
        kinds = ["tick", "candle", "tick", "timer", "candle", "tick"]
        assert seen == list(zip(kinds, range(1, 7), strict=True))


async def test_runs_of_ticks_are_cut_by_other_kinds(local: Connect) -> None:
    runs: list[list[int]] = []

    class Runs(Strategy):
        inputs = ("ticks", "candles:1m")

        def on_ticks(self, ticks: Ticks) -> Outcome:
            runs.append(ticks.position.tolist())
            return [buy(at=ticks.position[-1]), sell("B", at=ticks.position[0])]

        def on_candle(self, candle: Candle) -> None:
            runs.append([-candle.position])

    async with local(Runs) as client:
        stream = client.run()
        await stream.ready()
        events = with_offsets(1, 2, 4)
        events.candles.CopyFrom(candle_columns([3], [5]))
        events.count = 4
        await stream.send(events=events)
        assert said(await stream.receive()) == [(1, 1, 0), (2, 0, 0), (4, 0, 0), (4, 1, 0)]
        assert runs == [[1, 2], [-3], [4]]


async def test_drain_ends_with_watermark_and_drained(local: Connect) -> None:
    stopped: list[str] = []

    class Stops(Rises):
        async def on_stop(self) -> None:
            await asyncio.sleep(0)
            stopped.append("once")

    async with local(Stops) as client:
        stream = client.run()
        await stream.ready()
        await stream.send(events=ticks(0, [1, 2]))
        await stream.send(drain=session_pb2.Drain(within_ns=10**9, reason="test"))
        assert said(await stream.receive()) == [(2, 0, 0)]
        assert (await stream.receive()).watermark.position == 2
        assert (await stream.receive()).drained.position == 2
        assert (await stream.end())[0] is grpc.StatusCode.OK
        assert stopped == ["once"]
        fresh = client.run()
        assert (await fresh.ready(epoch=2, watermark=2, known=2)).after == 2
        await fresh.send(events=ticks(2, [9]))
        assert said(await fresh.receive()) == []


async def test_results_beyond_the_limits_are_cut_or_split(local: Connect) -> None:
    class Flood(Strategy):
        inputs = ("ticks",)

        def on_tick(self, tick: Tick) -> Outcome:
            return [buy(message="x" * 100) for _ in range(100_000)]

    async with local(Flood) as client:
        stream = client.run()
        limits = session_pb2.Limits(results_per_event=50, message_bytes=1024)
        await stream.ready(limits=limits)
        await stream.send(events=ticks(0, [1]))
        failure = (await stream.receive()).failure
        assert "100000 results for one event; the first 50 count" in failure.message
        indexes = []
        while True:
            message = await stream.receive()
            assert message.ByteSize() <= 1024
            indexes += [each.index for each in message.results.results]
            if message.results.HasField("watermark"):
                break
        assert indexes == list(range(50))


@pytest.mark.parametrize("vector", [False, True])
async def test_texts_that_are_too_long_for_this_host_are_left_out(vector: bool) -> None:
    words = [
        buy(message="x" * 65),
        sell(message="short"),
        buy(reason="y" * 65),
        buy(tags={"k": "é" * 33}),
    ]

    class Talks(Strategy):
        inputs = ("ticks",)

        def on_tick(self, tick: Tick) -> Outcome:
            return words if tick.price > 1 else words[0]

    class TalksOfMany(Strategy):
        inputs = ("ticks",)

        def on_ticks(self, ticks: Ticks) -> Outcome:
            return [replace(each, at=int(ticks.position[1])) for each in words]

    hooks: type[Strategy] = TalksOfMany if vector else Talks
    direct = await Direct(hooks, limits=session_pb2.Limits(text_bytes=64)).attach()
    await direct.send(events=ticks(0, [1, 2]))
    results = [each for message in direct.said for each in message.results.results]
    assert [(each.position, each.index, each.message) for each in results] == [(2, 0, "short")]
    told = direct.texts()
    assert len(told) == (3 if vector else 4)
    assert "a text of 65 bytes; this host takes 64" in told[0]


async def test_a_slow_callback_is_followed_by_a_watermark(local: Connect) -> None:
    class Slow(Strategy):
        inputs = ("ticks",)

        def on_tick(self, tick: Tick) -> Outcome:
            if tick.position == 2:
                end = time.monotonic() + 0.12  # busy, as a model is
                while time.monotonic() < end:
                    pass
            return buy()

    async with local(Slow) as client:
        stream = client.run()
        await stream.ready()
        await stream.send(events=ticks(0, [1, 2, 3]))
        assert (await stream.receive()).log.text.startswith("on_tick took ")
        message = await stream.receive()
        assert (len(message.results.results), message.results.watermark) == (2, 2)
        message = await stream.receive()
        assert (len(message.results.results), message.results.watermark) == (1, 3)


async def test_logs_reach_the_host(local: Connect) -> None:
    class Talks(Rises):
        def on_tick(self, tick: Tick) -> Outcome:
            self.log.warning("thin book in %s", tick.symbol)
            return None

    async with local(Talks) as client:
        stream = client.run()
        await stream.ready()
        await stream.send(events=ticks(0, [1]))
        line = (await stream.receive()).log
        assert (line.level, line.text) == (session_pb2.Log.WARNING, "thin book in A")


async def test_sessions_do_not_share_state(local: Connect) -> None:
    async with local(Rises) as client:
        one, two = client.run(), client.run()
        await one.ready(session="one")
        await two.ready(session="two")
        await one.send(events=ticks(0, [1]))
        await one.receive()
        await two.send(events=ticks(0, [2]))
        assert said(await two.receive()) == []


async def test_parameters_and_history_shape_what_is_described(local: Connect) -> None:
    class Means(Strategy):
        length: int = 5
        inputs = ("candles:1m",)

        @property
        def warm_up(self) -> int:
            return self.length + 1

        def on_candle(self, candle: Candle) -> Outcome:
            mean = self.sma(candle.symbol, self.length)
            return buy() if mean.value is not None else None

    async with local(Means) as client:
        assert (await client.describe()).inputs[0].warm_up == 6
        assert (await client.describe(length="2")).inputs[0].warm_up == 3
        stream: Stream = client.run()
        ready = await stream.ready(parameters={"length": "2"})
        assert ready.needs_warm_up
        part = session_pb2.WarmUp(events=candles(0, [1]), last=True, position=1)
        await stream.send(warm_up=part)
        assert (await stream.receive()).ready.after == 1
        await stream.send(events=candles(1, [2]))
        assert said(await stream.receive()) == [(2, 0, 0)]
