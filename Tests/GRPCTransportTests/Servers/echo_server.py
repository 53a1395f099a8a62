"""A gRPC server on raw bytes that behaves and misbehaves on demand, for the transport's tests.

It prints ``listening ADDRESS`` when it is ready, and ends when its standard input closes, so that
it never outlives the test process.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import grpc
import grpc.aio

Context = grpc.aio.ServicerContext
STALL_SECONDS = 0.3


class Service(grpc.GenericRpcHandler):
    """Every method of ``/test.Echo/``, found by its name."""

    def __init__(self) -> None:
        """Start with nothing counted."""
        self.hanging = asyncio.Event()
        self.cancelled = asyncio.Event()
        self.stalled = asyncio.Event()
        self.idle = asyncio.Event()
        self.idle.set()
        self.written = 0
        self.active = 0
        self.unary: dict[str, Callable[[bytes, Context], Awaitable[bytes]]] = {
            "Unary": self.echo,
            "Reply": self.reply,
            "Header": self.header,
            "Abort": self.abort,
            "AbortWithToken": self.abort_with_token,
            "Raise": self.raise_error,
            "Hang": self.hang,
            "Hanging": self.wait_hanging,
            "Cancelled": self.wait_cancelled,
            "Stalled": self.wait_stalled,
            "Idle": self.wait_idle,
            "Die": self.die,
        }
        self.streams: dict[str, Callable[[AsyncIterator[bytes], Context], AsyncIterator[bytes]]] = {
            "Stream": self.stream,
            "Count": self.count,
            "CloseAtOnce": self.close_at_once,
            "AbortStream": self.abort_stream,
            "NeverReads": self.never_reads,
            "Flood": self.flood,
        }

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        """Find the handler of a call; ``None`` makes it UNIMPLEMENTED."""
        service, _, name = details.method.lstrip("/").partition("/")
        if service != "test.Echo":
            return None
        if name in self.unary:
            return grpc.unary_unary_rpc_method_handler(self.unary[name])
        if name in self.streams:
            return grpc.stream_stream_rpc_method_handler(self.streams[name])
        return None

    async def echo(self, request: bytes, context: Context) -> bytes:
        """Answer what came."""
        return request

    async def reply(self, request: bytes, context: Context) -> bytes:
        """Answer as many bytes as the request says in digits."""
        return bytes(int(request))

    async def header(self, request: bytes, context: Context) -> bytes:
        """Answer the value of the header that the request names."""
        found = dict(context.invocation_metadata() or ()).get(request.decode(), "")
        context.set_trailing_metadata((("seen-bin", b"\x00\xff"), ("seen", "yes")))
        return found if isinstance(found, bytes) else found.encode()

    async def abort(self, request: bytes, context: Context) -> bytes:
        """Refuse in another script."""
        await context.abort(grpc.StatusCode.FAILED_PRECONDITION, "잔고 부족: 주문 불가 ✗")

    async def abort_with_token(self, request: bytes, context: Context) -> bytes:
        """Refuse, and quote what may not be told."""
        found = dict(context.invocation_metadata() or ()).get("authorization", "")
        await context.abort(grpc.StatusCode.UNAUTHENTICATED, f"who is '{found!s}'?")

    async def raise_error(self, request: bytes, context: Context) -> bytes:
        """Fail without saying so."""
        raise ValueError("boom")

    async def hang(self, request: bytes, context: Context) -> bytes:
        """Never answer; note the cancellation."""
        self.hanging.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.cancelled.set()
        return b""

    async def wait_hanging(self, request: bytes, context: Context) -> bytes:
        """Answer once a hanging call has come."""
        await self.hanging.wait()
        return b"yes"

    async def wait_cancelled(self, request: bytes, context: Context) -> bytes:
        """Answer once a hanging call has been cancelled."""
        await self.cancelled.wait()
        self.cancelled.clear()
        return b"yes"

    async def wait_stalled(self, request: bytes, context: Context) -> bytes:
        """Answer, once the flood cannot write any more, how many messages it has written."""
        await self.stalled.wait()
        return str(self.written).encode()

    async def wait_idle(self, request: bytes, context: Context) -> bytes:
        """Answer once no stream is running."""
        await self.idle.wait()
        return b"yes"

    async def die(self, request: bytes, context: Context) -> bytes:
        """End this process as ``kill -9`` does."""
        os.kill(os.getpid(), signal.SIGKILL)
        return b""

    def enter(self) -> None:
        """Count a stream in."""
        self.active += 1
        self.idle.clear()

    def leave(self) -> None:
        """Count a stream out."""
        self.active -= 1
        if self.active == 0:
            self.idle.set()

    async def stream(
        self, requests: AsyncIterator[bytes], context: Context
    ) -> AsyncIterator[bytes]:
        """Answer each message with itself."""
        self.enter()
        try:
            async for request in requests:
                yield request
        finally:
            self.leave()

    async def count(self, requests: AsyncIterator[bytes], context: Context) -> AsyncIterator[bytes]:
        """Answer once, when the client has finished, how many messages came."""
        n = 0
        async for _ in requests:
            n += 1
        yield str(n).encode()

    async def close_at_once(
        self, requests: AsyncIterator[bytes], context: Context
    ) -> AsyncIterator[bytes]:
        """End with OK without reading anything."""
        return
        yield b""

    async def abort_stream(
        self, requests: AsyncIterator[bytes], context: Context
    ) -> AsyncIterator[bytes]:
        """Answer one message, then refuse."""
        async for request in requests:
            yield request
            await context.abort(grpc.StatusCode.ABORTED, "둘째는 없다")

    async def never_reads(
        self, requests: AsyncIterator[bytes], context: Context
    ) -> AsyncIterator[bytes]:
        """Hang without reading or writing."""
        await asyncio.Event().wait()
        yield b""

    async def flood(self, requests: AsyncIterator[bytes], context: Context) -> AsyncIterator[bytes]:
        """Write numbered messages of the size that the first request says, as fast as possible."""
        self.stalled.clear()
        self.written = 0
        first = await context.read()
        size, count = (int(part) for part in first.split())
        for number in range(count):
            write = asyncio.ensure_future(context.write(number.to_bytes(8, "little").ljust(size)))
            done, _ = await asyncio.wait([write], timeout=STALL_SECONDS)
            if not done:
                self.stalled.set()
            await write
            self.written += 1
        return
        yield b""


def options(pairs: list[str]) -> list[tuple[str, int]]:
    """Read ``key=number`` pairs; ports are never shared with a stale server."""
    read = [pair.split("=", 1) for pair in pairs]
    return [("grpc.so_reuseport", 0), *((key, int(value)) for key, value in read)]


async def main() -> None:
    """Serve until standard input closes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--listen", required=True)
    parser.add_argument("--tls", nargs=2, metavar=("CHAIN", "KEY"))
    parser.add_argument("--client-ca")
    parser.add_argument("--option", action="append", default=[])
    arguments = parser.parse_args()

    server = grpc.aio.server(options=options(arguments.option))
    server.add_generic_rpc_handlers((Service(),))
    if arguments.tls:
        chain, key = (Path(path).read_bytes() for path in arguments.tls)
        authority = Path(arguments.client_ca).read_bytes() if arguments.client_ca else None
        credentials = grpc.ssl_server_credentials([(key, chain)], authority, authority is not None)
        port = server.add_secure_port(arguments.listen, credentials)
    else:
        port = server.add_insecure_port(arguments.listen)
    await server.start()
    address = arguments.listen
    if not address.startswith("unix:"):
        address = f"{address.rpartition(':')[0]}:{port}"
    print(f"listening {address}", flush=True)

    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, sys.stdin.read)
    await server.stop(None)


if __name__ == "__main__":
    asyncio.run(main())
