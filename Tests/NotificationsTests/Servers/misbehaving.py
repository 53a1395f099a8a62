"""An HTTP/1.1 server that answers rightly, or breaks in the ways that networks and services do.

It ends when descriptor 3 does, the lifeline that a host gives to what it starts. Its first line of output is the port that the system gave it.
``POST /_set`` changes switches, ``GET /_seen`` tells what was seen; both are for tests alone.
"""

import asyncio
import json
import socket
import struct
import time
from dataclasses import dataclass, field


@dataclass
class Request:
    """A whole request."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass
class Answer:
    """What is sent back."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})


def as_json(status: int, value: object, **headers: str) -> Answer:
    """Make an answer of JSON; underscores in header names stand for hyphens."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    body = json.dumps(value).encode()
    return Answer(status, body, {"Content-Type": "application/json", **named})


class Window:
    """Counts events of the last ``seconds``."""

    def __init__(self, count: int, seconds: float) -> None:
        self.count, self.seconds = count, seconds
        self.times: list[float] = []

    def wait(self, now: float) -> float:
        """Return the seconds until one more is allowed."""
        self.times = [t for t in self.times if now - t < self.seconds]
        if len(self.times) < self.count:
            return 0.0
        return self.times[len(self.times) - self.count] + self.seconds - now


class Simulator:
    """A service behind the server; a subclass gives ``answer`` and refuses what the real one does."""

    #: Reasons of HTTP, as far as they are used.
    reasons = {200: "OK", 204: "No Content", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
               404: "Not Found", 409: "Conflict", 413: "Content Too Large", 429: "Too Many Requests",
               500: "Internal Server Error", 502: "Bad Gateway", 504: "Gateway Timeout"}

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.always: str | None = None
        self.accepted: list[dict[str, object]] = []
        self.requests: list[dict[str, object]] = []
        self.connections = 0
        self.changed = asyncio.Event()

    # What a service gives.

    def answer(self, request: Request, fault: str | None) -> Answer:
        """Judge a request; whatever is taken goes into ``accepted``."""
        raise NotImplementedError

    def set(self, switches: dict[str, object]) -> None:
        """Take switches of the service's own."""

    # The server.

    def switch(self, switches: dict[str, object]) -> None:
        if "faults" in switches:
            self.faults = list(switches["faults"])
        if "always" in switches:
            self.always = switches["always"]
        if switches.get("reset"):
            self.accepted, self.requests, self.connections = [], [], 0
        self.set(switches)
        self.changed.set()

    def seen(self) -> Answer:
        return as_json(200, {"accepted": self.accepted, "requests": self.requests,
                             "connections": self.connections})

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                request = await self.read(reader)
                if request is None or not await self.handle(request, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    async def read(self, reader: asyncio.StreamReader) -> Request | None:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")[:-2]
        method, target, version = first.split(" ")
        if version != "HTTP/1.1":
            return None
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        path, _, text = target.partition("?")
        query = dict(part.partition("=")[::2] for part in text.split("&") if part)
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        return Request(method, path, query, headers, body)

    async def handle(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        if request.path == "/_set":
            self.switch(json.loads(request.body))
            return await self.write(writer, as_json(200, {}))
        if request.path == "/_seen":
            return await self.write(writer, self.seen())
        fault = self.faults.pop(0) if self.faults else self.always
        if fault == "":
            fault = None
        self.requests.append({"method": request.method, "path": request.path,
                              "query": request.query, "headers": request.headers,
                              "body": request.body.decode("utf-8", "replace"), "fault": fault,
                              "at": time.monotonic()})
        wire = {"drop", "reset", "half", "silent", "bytes", "slow", "garbage", "long"}
        taken = fault is not None and fault.endswith(":taken")
        answer = self.answer(request, None if fault in wire or taken else fault)
        if taken:
            # The service has it; what stands before it gave up waiting.
            answer = Answer(int(fault.split(":")[0]), b"<html>no answer from behind</html>",
                            {"Content-Type": "text/html"})
        return await self.write(writer, answer, fault if fault in wire else None)

    async def write(
        self, writer: asyncio.StreamWriter, answer: Answer, fault: str | None = None
    ) -> bool:
        """Send an answer, or what is left of it; return whether the connection goes on."""
        if fault == "drop":
            return False
        if fault == "reset":
            raw = writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            return False
        if fault == "silent":
            self.changed.clear()
            await self.changed.wait()
            return False
        if fault == "garbage":
            writer.write(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
            await writer.drain()
            return False
        body = b"x" * 4_000_000 if fault == "long" else answer.body
        head = f"HTTP/1.1 {answer.status} {self.reasons.get(answer.status, 'Unknown')}\r\n"
        for name, value in answer.headers.items():
            head += f"{name}: {value}\r\n"
        if answer.status != 204:
            head += f"Content-Length: {len(body)}\r\n"
        data = head.encode() + b"\r\n" + body
        if fault == "half":
            writer.write(data[: len(data) - len(body) // 2 - 1])
            await writer.drain()
            return False
        if fault in ("bytes", "slow"):
            pause = 0.001 if fault == "bytes" else 0.3 / 3
            step = 1 if fault == "bytes" else len(data) // 3 + 1
            for start in range(0, len(data), step):
                writer.write(data[start : start + step])
                await writer.drain()
                await asyncio.sleep(pause)
            return True
        writer.write(data)
        await writer.drain()
        return True


async def run(simulator: Simulator) -> None:
    """Serve until the lifeline ends."""
    server = await asyncio.start_server(simulator.serve, "127.0.0.1", 0, limit=1 << 20)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, open(3, "rb", closefd=False).read)
    server.close()
