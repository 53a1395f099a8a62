"""``madang-py serve --reload``: new code takes over without a session lost, bad code never does."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from queue import Queue

import grpc
import pytest
from host import LIVE, Client, Stream, socket_in, ticks

from madang._generated.strategy.v1 import session_pb2

ROOM = session_pb2.Limits(snapshot_bytes=2**20)
CODE = """
from madang import Strategy, buy
from helper import WORD

class Mine(Strategy):
    version = "1"
    step: int = 1

    def on_start(self):
        self.seen = 0

    def save(self):
        return {"seen": self.seen}

    def restore(self, state):
        self.seen = state["seen"]

    def on_tick(self, tick):
        self.seen += 1
        return buy(reason=f"{WORD} {self.seen}")
"""


class Watcher:
    """The reloading process, with a strategy and the module it imports."""

    def __init__(self, folder: Path, *options: str, fd: int | None = None) -> None:
        self.folder = folder
        self.address = socket_in(folder)
        self.lines: Queue[str] = Queue()
        self.clients: list[Client] = [Client(self.address)]
        command = [sys.executable, "-m", "madang", "serve", str(folder / "mine.py"), "--reload"]
        self.process = subprocess.Popen(
            [*command, "--address", self.address, *options],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            pass_fds=() if fd is None else (fd,),
        )  # fmt: skip
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as lines:
            for line in lines:
                self.lines.put(line)
        self.lines.put("")

    async def line(self, word: str) -> str:
        """Wait for the line of the log that has this word."""
        passed = []
        while True:
            line = await asyncio.to_thread(self.lines.get, timeout=30)
            passed.append(line)
            assert line, passed
            if word in line:
                return line

    async def code(self) -> int:
        return await asyncio.to_thread(self.process.wait, 20)


def write(folder: Path, name: str, text: str) -> None:
    """Replace a file at once, as an editor does."""
    (folder / f"{name}.new").write_text(text)
    (folder / f"{name}.new").replace(folder / name)


@contextlib.asynccontextmanager
async def reloading(
    folder: Path, code: str = CODE, fd: int | None = None
) -> AsyncIterator[tuple[Watcher, Client]]:
    write(folder, "helper.py", "WORD = 'old'\n")
    write(folder, "mine.py", code)
    watcher = Watcher(folder, *([] if fd is None else ["--parent-fd", str(fd)]), fd=fd)
    try:
        yield watcher, watcher.clients[0]
    finally:
        for client in watcher.clients:
            await client.channel.close()
        if watcher.process.poll() is None:
            watcher.process.terminate()
        await watcher.code()
        while await asyncio.to_thread(watcher.lines.get, timeout=30):
            pass


async def said(stream: Stream, previous: int) -> str:
    await stream.send(events=ticks(previous, [1]))
    (result,) = (await stream.results()).results.results
    return str(result.reasons[0])


async def drained(stream: Stream) -> tuple[int, list[session_pb2.SnapshotPart]]:
    """Wait until the server has ended the session; return where, and its last snapshot."""
    parts = []
    while True:
        message = await stream.receive()
        if message.WhichOneof("message") == "snapshot":
            parts.append(message.snapshot)
        if message.WhichOneof("message") == "drained":
            return message.drained.position, parts


async def resumed(
    watcher: Watcher, epoch: int, at: int, parts: list[session_pb2.SnapshotPart]
) -> Stream:
    """Connect to the next server as a host does, with the snapshot that it has kept."""
    await watcher.line("listens at")
    client = Client(watcher.address)
    watcher.clients.append(client)
    stream = client.run(wait_for_ready=True)
    await stream.configure(
        mode=LIVE, epoch=epoch, watermark=at, limits=ROOM, snapshot_follows=bool(parts)
    )
    for part in parts:
        await stream.send(snapshot=part)
    message = await stream.receive()
    assert (message.ready.after, message.ready.needs_warm_up) == (at, False), message
    return stream


@pytest.mark.parametrize("name", ["mine.py", "helper.py"])
async def test_new_code_takes_over_and_the_session_goes_on(tmp_path: Path, name: str) -> None:
    async with reloading(tmp_path) as (watcher, client):
        await watcher.line("listens at")
        stream = client.run(wait_for_ready=True)
        await stream.ready(mode=LIVE, limits=ROOM)
        assert [await said(stream, at) for at in range(3)] == ["old 1", "old 2", "old 3"]
        if name == "mine.py":
            write(tmp_path, name, CODE.replace("{WORD}", "new"))
        else:
            write(tmp_path, name, "WORD = 'new'\n")
        at, parts = await drained(stream)
        assert at == 3
        assert parts
        stream = await resumed(watcher, 2, at, parts)
        assert [await said(stream, at) for at in (3, 4)] == ["new 4", "new 5"]
        write(tmp_path, name, (tmp_path / name).read_text().replace("new", "newer"))
        at, parts = await drained(stream)
        assert await said(await resumed(watcher, 3, at, parts), at) == "newer 6"


BAD = [
    ("mine.py", "class Mine(:\n", "mine.py:1: invalid syntax"),
    ("mine.py", CODE.replace("on_tick", "on_tikc"), "did you mean on_tick?"),
    ("helper.py", "WORD = 1 / 0\n", "ZeroDivisionError: division by zero"),
    ("mine.py", "from madang import serve\n", "which strategy? It defines none"),
]
REFUSED = [
    ('version = "1"', 'version = "2"', "version was 1, now 2"),
    ("step: int = 1", "step: int = 2", "parameters was step=1, now step=2"),
    ("step:", "warm_up = 5\n    step:", "inputs was ticks, now ticks after 5"),
]


async def test_bad_code_is_told_and_the_good_one_goes_on(tmp_path: Path) -> None:
    async with reloading(tmp_path) as (watcher, client):
        await watcher.line("listens at")
        stream = client.run(wait_for_ready=True)
        await stream.ready(mode=LIVE, limits=ROOM)
        for at, (name, text, told) in enumerate(BAD):
            write(tmp_path, name, text)
            await watcher.line(told)
            await watcher.line("cannot be served as it is; what was there before it goes on")
            assert await said(stream, at) == f"old {at + 1}"  # on the very same stream
        write(tmp_path, "helper.py", "WORD = 'mended'\n")
        write(tmp_path, "mine.py", CODE)
        at, parts = await drained(stream)
        assert await said(await resumed(watcher, 2, at, parts), at) == "mended 5"


async def test_what_a_host_at_work_would_refuse_does_not_take_over(tmp_path: Path) -> None:
    async with reloading(tmp_path) as (watcher, client):
        await watcher.line("listens at")
        stream = client.run(wait_for_ready=True)
        await stream.ready(mode=LIVE, limits=ROOM)
        for at, (before, after, told) in enumerate(REFUSED):
            write(tmp_path, "mine.py", CODE.replace(before, after))
            assert told in await watcher.line("a host at work refuses that")
            assert await said(stream, at) == f"old {at + 1}"


async def test_code_that_hangs_is_given_up_for_what_comes_next(tmp_path: Path) -> None:
    async with reloading(tmp_path) as (watcher, client):
        await watcher.line("listens at")
        stream = client.run(wait_for_ready=True)
        await stream.ready(mode=LIVE, limits=ROOM)
        hangs = "import sys, threading\nsys.stderr.write('it hangs\\n')\nsys.stderr.flush()\n"
        write(tmp_path, "helper.py", hangs + "threading.Event().wait()\nWORD = 'late'\n")
        await watcher.line("it hangs")
        assert await said(stream, 0) == "old 1"
        write(tmp_path, "helper.py", "WORD = 'new'\n")
        at, parts = await drained(stream)
        assert await said(await resumed(watcher, 2, at, parts), at) == "new 2"


async def test_a_first_file_that_is_bad_waits_for_a_better_one(tmp_path: Path) -> None:
    async with reloading(tmp_path, "class Mine(:\n") as (watcher, client):
        await watcher.line("mine.py:1: invalid syntax")
        await watcher.line("save a file to try again")
        write(tmp_path, "mine.py", CODE)
        await watcher.line("listens at")
        assert (await client.describe()).name == "mine"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_sessions_in_order(tmp_path: Path, number: int) -> None:
    async with reloading(tmp_path) as (watcher, client):
        await watcher.line("listens at")
        stream = client.run(wait_for_ready=True)
        await stream.ready(mode=LIVE, limits=ROOM)
        assert await said(stream, 0) == "old 1"
        watcher.process.send_signal(number)
        assert (await drained(stream))[0] == 1
        assert await watcher.code() == 0


async def test_no_server_outlives_the_process_that_watches(tmp_path: Path) -> None:
    async with reloading(tmp_path) as (watcher, client):
        await watcher.line("listens at")
        stream = client.run(wait_for_ready=True)
        await stream.ready(mode=LIVE, limits=ROOM)
        watcher.process.kill()
        assert (await drained(stream))[0] == 0
        assert (await stream.end())[0] in (grpc.StatusCode.OK, grpc.StatusCode.UNAVAILABLE)


async def test_the_end_of_the_parents_pipe_ends_both(tmp_path: Path) -> None:
    read, held = os.pipe()
    async with reloading(tmp_path, fd=read) as (watcher, _):
        os.close(read)
        await watcher.line("listens at")
        os.close(held)
        assert await watcher.code() == 0


async def test_a_server_that_ends_by_itself_is_started_by_the_next_change(tmp_path: Path) -> None:
    dies = CODE.replace("self.seen += 1", "import os; os._exit(9)")
    async with reloading(tmp_path, dies) as (watcher, client):
        await watcher.line("listens at")
        stream = client.run(wait_for_ready=True)
        await stream.ready(mode=LIVE, limits=ROOM)
        await stream.send(events=ticks(0, [1]))
        await watcher.line("the server has ended with code 9; save a file to start it again")
        write(tmp_path, "mine.py", CODE)
        await watcher.line("listens at")


def test_serve_without_reload_is_running_the_file(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("class Mine(:\n")
    for options in ([], ["--reload"]):
        missing = subprocess.run(
            [sys.executable, "-m", "madang", "serve", "none.py", *options],
            capture_output=True, text=True, check=False, cwd=tmp_path,
        )  # fmt: skip
        assert (missing.returncode, missing.stderr) == (3, "Error: none.py does not exist\n")
    done = subprocess.run(
        [sys.executable, "-m", "madang", "serve", "mine.py"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 3
    assert "mine.py:1: invalid syntax" in done.stderr
