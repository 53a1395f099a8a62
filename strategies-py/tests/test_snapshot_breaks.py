"""Servers that die at any moment, and a host that keeps their snapshots: the same run."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from host import BACKTEST, Client, Stream, instruments, serving, socket_in
from saving import ALL, SYMBOLS, Awaits, Blocks, Everything, stream

from madang import Mode, Strategy
from madang._encode import Placed, encode
from madang._generated.strategy.v1 import events_pb2, results_pb2, session_pb2
from madang._playing import Player
from madang.definition import define

pytestmark = pytest.mark.usefixtures("unhurried")
Key = tuple[int, int, int]


class Keeper:
    """A host that goes on with whatever server it finds, as a run as fast as possible does.

    Attributes:
        results: What was said, by identity; said again it must be the same.
        restored: How often a server went on from a snapshot.
        lived_on: How often one went on from where it stood itself.
    """

    def __init__(self, rows: Sequence[Placed], source: random.Random) -> None:
        self.rows = rows
        self.source = source
        self.results: dict[Key, results_pb2.Result] = {}
        self.watermark = self.known = self.epoch = 0
        self.snapshot: tuple[int, bytes] | None = None
        self.restored = self.lived_on = self.again = 0
        self.told: list[str] = []
        self._parts: list[session_pb2.SnapshotPart] = []

    @property
    def done(self) -> bool:
        return self.watermark == self.rows[-1][0]

    async def meet(self, client: Client, messages: int, *, fresh: bool) -> None:
        """Connect, feed so many messages, and be gone in the middle of the next."""
        self.epoch += 1
        call = client.run()
        self._parts = []
        fields: dict[str, Any] = {
            "mode": BACKTEST,
            "epoch": self.epoch,
            "watermark": self.watermark,
            "known": self.known,
            "account": "x",
            "instruments": instruments(*SYMBOLS),
            "limits": session_pb2.Limits(snapshot_bytes=2**26, message_bytes=self.room()),
        }
        if self.snapshot is None:
            await call.configure(**fields)
        else:
            await call.offer(self.snapshot[1], self.snapshot[0], **fields)
        ready = await self.until_ready(call)
        if fresh:
            assert ready.after == (self.snapshot[0] if self.snapshot else 0)
            self.restored += self.snapshot is not None
        else:
            self.lived_on += 1
        at = ready.after
        if at > self.watermark:
            await self.closed(call, at)
        for _ in range(messages):
            if self.done:
                break
            batch = self.batch(at)
            await self.send(call, at, batch)
            at = batch[-1][0]
            await self.closed(call, at)
        if not self.done and self.source.random() < 0.7:
            await self.send(call, at, self.batch(at))
            await asyncio.sleep(self.source.choice([0, 0, 0.001, 0.01]))
        call.call.cancel()

    def room(self) -> int:
        return self.source.choice([300, 5000, 2**20])

    def batch(self, at: int) -> list[Placed]:
        rest = [row for row in self.rows if row[0] > at]
        return rest[: self.source.choice([1, 1, 2, 5, 20])]

    async def send(self, call: Stream, at: int, batch: list[Placed]) -> None:
        self.known = max(self.known, batch[-1][0])
        events = events_pb2.Events.FromString(encode(at, batch).SerializeToString())
        await call.send(events=events)

    async def until_ready(self, call: Stream) -> session_pb2.Ready:
        while True:
            message = await call.receive()
            if message.WhichOneof("message") == "ready":
                return message.ready
            self.told.append(message.log.text or message.failure.message)

    async def closed(self, call: Stream, position: int) -> None:
        """Take what comes up to the watermark of a position."""
        while True:
            message = await call.receive()
            kind = message.WhichOneof("message")
            if kind == "snapshot":
                self.take(message.snapshot)
                continue
            assert not self._parts, f"{kind} within a snapshot"
            reached = message.watermark.position or message.results.watermark
            for each in message.results.results:
                key = (each.position, each.instrument, each.index)
                self.again += key in self.results
                assert self.results.setdefault(key, each) == each, f"{key} is said otherwise"
            if kind not in ("results", "watermark"):
                self.told.append(message.log.text or message.failure.message)
            self.watermark = max(self.watermark, reached)
            if reached == position:
                return

    def take(self, part: session_pb2.SnapshotPart) -> None:
        assert part.part == len(self._parts)
        self._parts.append(part)
        if part.last:
            assert {each.position for each in self._parts} == {part.position}
            assert part.position <= self.watermark
            data = b"".join(each.data for each in self._parts)
            self.snapshot, self._parts = (part.position, data), []


def rows(strategy: type[Strategy], seed: int, length: int) -> list[Placed]:
    player = Player(define(strategy), {}, Mode.BACKTEST, False)
    kinds = ("tick", "tick", "candle") if strategy is Blocks else ALL
    events = [*stream(seed, length, *kinds)]
    first = {symbol: next(e for e in events if getattr(e, "symbol", "") == symbol)
             for symbol in SYMBOLS}  # fmt: skip
    player.rows(list(first.values()))  # numbers as the host's
    return player.rows(events)


def often(strategy: type[Strategy], every: int) -> type[Strategy]:
    return type(strategy.__name__, (strategy,), {"snapshot_every": every})


async def straight(strategy: type[Strategy], events: Sequence[Placed], folder: Path) -> Keeper:
    keeper = Keeper(events, random.Random(0))
    folder.mkdir()
    async with serving(often(strategy, 0), socket_in(folder)) as client:
        await keeper.meet(client, 10**6, fresh=True)
    assert keeper.done
    assert keeper.told == []
    return keeper


@pytest.mark.parametrize("strategy", [Everything, Awaits, Blocks])
@pytest.mark.parametrize("seed", range(3))
async def test_whatever_dies_the_run_is_the_same(
    tmp_path: Path, strategy: type[Strategy], seed: int
) -> None:
    events = rows(strategy, seed, 300)
    whole = await straight(strategy, events, tmp_path / "whole")
    source = random.Random(seed)
    keeper = Keeper(events, source)
    lives = 0
    async with contextlib.AsyncExitStack() as stack:
        while not keeper.done:
            folder = tmp_path / str(lives)
            folder.mkdir()
            served = serving(often(strategy, source.choice([1, 5, 20])), socket_in(folder))
            client = await stack.enter_async_context(served)
            await keeper.meet(client, source.randint(0, 6), fresh=True)
            while not keeper.done and source.random() < 0.4:  # the same server once more
                await keeper.meet(client, source.randint(0, 3), fresh=False)
            lives += 1
    assert keeper.told == []
    assert keeper.results == whole.results
    assert keeper.restored > 3
    assert keeper.lived_on > 0
    assert keeper.again > 0


PROGRAM = """
import sys
sys.path.insert(0, {tests!r})
from madang import serve
from saving import Everything

class Kept(Everything):
    name = "everything"
    snapshot_every = 10

serve(Kept)
"""


async def test_a_process_that_is_killed_is_continued_by_another(tmp_path: Path) -> None:
    events = rows(Everything, 9, 400)
    whole = await straight(Everything, events, tmp_path / "whole")
    program = tmp_path / "kept.py"
    program.write_text(PROGRAM.format(tests=str(Path(__file__).parent)))
    keeper = Keeper(events, random.Random(9))
    for life in range(5):
        folder = tmp_path / str(life)
        folder.mkdir()
        address = socket_in(folder)
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(program), "--address", address,
            stdin=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        client = Client(address)
        try:
            await client.describe()
            await keeper.meet(client, 12 if life < 4 else 10**6, fresh=True)
        finally:
            process.kill()
            await process.wait()
            await client.channel.close()
    assert keeper.done
    assert keeper.told == []
    assert keeper.results == whole.results
    assert keeper.restored == 4
