"""The only module that knows gRPC: the service, its sessions, its listening socket."""

from __future__ import annotations

import asyncio
import hmac
import logging
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import grpc
from google.protobuf.message import DecodeError
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from madang._configure import check
from madang._describe import description
from madang._engine import CALLING
from madang._generated.columns.v1 import host_pb2 as columns_pb
from madang._generated.strategy.v1 import describe_pb2, session_pb2
from madang._replies import Identity
from madang._session import Session
from madang._taking import Offered
from madang._watching import Watch
from madang.definition import Definition
from madang.errors import ProtocolError

_log = logging.getLogger("madang")
SERVICE = "madang.strategy.v1.StrategyServer"
IDLE_SESSIONS = 64

# The table both sides share: a host pings every 30 s and waits 10 s for the answer.
OPTIONS: list[tuple[str, int]] = [
    ("grpc.so_reuseport", 0),
    ("grpc.max_receive_message_length", 16 * 2**20),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
]


class _Stream:
    """One Run call, and how it is told to end."""

    def __init__(self, epoch: int, context: Any) -> None:
        self.epoch = epoch
        self.task = asyncio.current_task()
        self.context = context
        self.reading = False
        self.closed = False
        self.ended = asyncio.Event()
        self.reason: tuple[str, str] | None = None

    def end(self, code: str, text: str) -> None:
        """Ask the call to end: at once if it waits for the host, else after the message in hand."""
        if self.reason is None:
            self.reason = (code, text)
            if self.reading and self.task is not None:
                self.task.cancel()

    async def send(self, message: session_pb2.ServerMessage) -> None:
        """Write a message; into a broken stream it is lost, and sent again on resume."""
        if self.closed:
            return
        try:
            await self.context.write(message)
        except (grpc.RpcError, grpc.aio.BaseError):
            self.closed = True


class Service:
    """Serves one strategy class: Describe and Run, with its sessions."""

    def __init__(self, definition: Definition) -> None:
        """Prepare to serve ``definition`` from the running event loop."""
        self.definition = definition
        self.instance = uuid.uuid4().hex
        self.stopping = False
        self._sessions: dict[str, Session] = {}
        self._streams: dict[str, _Stream] = {}
        self._tasks: set[asyncio.Future[Any]] = set()
        self._watch = Watch(CALLING)

    async def describe(self, request: describe_pb2.DescribeRequest, context: Any) -> Any:
        """Answer who this server is."""
        try:
            return description(self.definition, request, self.instance)
        except Exception:
            _log.exception("Describe failed")
            await context.abort(grpc.StatusCode.INTERNAL, "Describe failed; see the server's log")

    async def run(self, _requests: Any, context: Any) -> None:
        """Serve one stream to its end."""
        stream = _Stream(0, context)
        try:
            await self._run(stream)
        except ProtocolError as e:
            _log.warning("session ended: %s", e)
            await context.abort(grpc.StatusCode[e.code], str(e))
        except asyncio.CancelledError:
            if stream.reason is None:
                raise
            code, text = stream.reason
            await context.abort(grpc.StatusCode[code], text)
        except (grpc.RpcError, grpc.aio.BaseError):
            _log.info("the host is gone")
        except Exception:
            _log.exception("internal error")
            await context.abort(grpc.StatusCode.INTERNAL, "internal error; see the server's log")
        finally:
            stream.closed = True
            stream.ended.set()

    async def stop(self, within: float) -> None:
        """End every session in order, each as if the host had drained it."""
        self.stopping = True
        streams = list(self._streams.values())
        for stream in streams:
            stream.end("UNAVAILABLE", "the server stops")
        waiting = [asyncio.ensure_future(stream.ended.wait()) for stream in streams]
        if waiting:
            await asyncio.wait(waiting, timeout=within)
            for each in waiting:
                each.cancel()
        for session in list(self._sessions.values()):
            if not session.lock.locked():
                await session.stop(within)
        self._sessions.clear()
        self._watch.close()

    async def _run(self, stream: _Stream) -> None:
        first = await self._read(stream)
        if first is None:
            return
        if first.WhichOneof("message") != "configure":
            raise ProtocolError("FAILED_PRECONDITION", "the first message must be Configure")
        configure = first.configure
        check(configure)
        if self.stopping:
            raise ProtocolError("UNAVAILABLE", "the server stops")
        stream.epoch = configure.epoch
        name = configure.session
        older = self._streams.get(name)
        if older is not None and not older.closed:
            if older.epoch >= configure.epoch:
                raise ProtocolError(
                    "ABORTED",
                    f"epoch {configure.epoch} of session {name!r} is not above {older.epoch}, "
                    "whose stream is open",
                )
            older.end("ABORTED", f"epoch {configure.epoch} took over from {older.epoch}")
        self._streams[name] = stream
        try:
            if older is not None:
                await self._patiently(stream, older.ended.wait())
            await self._serve(stream, name, configure)
        finally:
            if self._streams.get(name) is stream:
                del self._streams[name]

    async def _serve(self, stream: _Stream, name: str, configure: session_pb2.Configure) -> None:
        offered = await self._offered(stream, configure)
        session = self._sessions.pop(name, None)
        if session is not None:
            await self._patiently(stream, session.lock.acquire())
            session.lock.release()
            if not session.can_resume(configure):
                await session.stop()
                session = None
        if session is None:
            session = Session(self.definition, configure, self._identity(configure), self._watch)
        self._sessions[name] = session
        self._forget_idle()
        try:
            await self._handled(session, session.attach(configure, stream.send, offered))
            _log.info(
                "session %s, epoch %d, %d instruments: ready",
                name, configure.epoch, len(configure.instruments),
            )  # fmt: skip
            while stream.reason is None:
                message = await self._read(stream)
                if message is None:
                    break
                if not await self._handled(session, session.handle(message, stream.send)):
                    return
            self._raise_reason(stream)
            _log.info("session %s: stream ended, state kept at %d", name, session.position)
        except asyncio.CancelledError:
            if stream.reason is None:
                _log.info("session %s: stream broke, state kept at %d", name, session.position)
            elif self.stopping:
                await session.finish(stream.send, within=None)
                return
            raise
        finally:
            if session.over and self._sessions.get(name) is session:
                del self._sessions[name]

    async def _offered(self, stream: _Stream, configure: session_pb2.Configure) -> Offered | None:
        """Read the snapshot that Configure announced; also one that will not be used."""
        if not configure.snapshot_follows:
            return None
        offered = Offered(configure.limits.snapshot_bytes)
        while not offered.complete:
            message = await self._read(stream)
            if message is None:
                raise ProtocolError("ABORTED", "the stream ended within a snapshot")
            kind = message.WhichOneof("message")
            if kind != "snapshot":
                raise ProtocolError(
                    "FAILED_PRECONDITION",
                    f"Configure says that a snapshot follows, and {kind} came",
                )
            offered.add(message.snapshot)
        return offered

    def _raise_reason(self, stream: _Stream) -> None:
        """Take the way of a cancelled read for a stream told to end while it was busy."""
        if stream.reason is not None:
            raise asyncio.CancelledError

    async def _handled(self, session: Session, work: Any) -> Any:
        """Await ``work``; where hooks are async, let it reach its end even if the stream breaks."""
        if not self.definition.asynchronous:
            async with session.lock:
                return await work

        async def locked() -> Any:
            async with session.lock:
                return await work

        task = asyncio.ensure_future(locked())
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    def _done(self, task: asyncio.Future[Any]) -> None:
        """Let go of a task; if its stream has broken meanwhile nobody else reads its outcome."""
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.debug("a message ended with: %s", error)

    async def _read(self, stream: _Stream) -> columns_pb.HostMessage | None:
        stream.reading = True
        try:
            message = await stream.context.read()
        finally:
            stream.reading = False
        if message is grpc.aio.EOF:
            return None
        try:  # here, not in gRPC, which would answer with the parser's words
            return columns_pb.HostMessage.FromString(message)
        except DecodeError as e:
            raise ProtocolError("INVALID_ARGUMENT", "a message that is no HostMessage") from e

    async def _patiently(self, stream: _Stream, waited: Any) -> None:
        """Wait for an older stream; may be told to end meanwhile."""
        stream.reading = True
        try:
            await waited
        finally:
            stream.reading = False

    def _identity(self, configure: session_pb2.Configure) -> Identity:
        described = describe_pb2.DescribeRequest(parameters=dict(configure.parameters))
        told = description(self.definition, described, self.instance)
        return Identity(self.instance, told.version, told.model.hash)

    def _forget_idle(self) -> None:
        idle = [name for name in self._sessions if name not in self._streams]
        for name in idle[: max(0, len(idle) - IDLE_SESSIONS)]:
            _log.info("session %s has been idle longest; its state is dropped", name)
            task = asyncio.ensure_future(self._sessions.pop(name).stop())
            self._tasks.add(task)
            task.add_done_callback(self._done)


class _Token(grpc.aio.ServerInterceptor):  # type: ignore[misc, unused-ignore]
    """Lets nobody in without the token, whatever the method."""

    def __init__(self, token: str) -> None:
        self._wanted = f"Bearer {token}".encode()

        async def refuse(_: Any, context: Any) -> None:
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "the token is missing or wrong")

        self._unary = grpc.unary_unary_rpc_method_handler(refuse)
        self._stream = grpc.stream_stream_rpc_method_handler(refuse)

    async def intercept_service(
        self, continuation: Callable[[Any], Awaitable[Any]], details: Any
    ) -> Any:
        given = dict(details.invocation_metadata).get("authorization", "")
        if hmac.compare_digest(str(given).encode(), self._wanted):
            return await continuation(details)
        streams = details.method == f"/{SERVICE}/Run" or details.method.endswith("/Watch")
        return self._stream if streams else self._unary


class TLS(NamedTuple):
    """What a server shows and demands, each PEM.

    Attributes:
        chain: Its certificates.
        key: Of the first of them.
        client_ca: Who must have signed the certificate of whoever calls; None: nobody is asked.
    """

    chain: bytes
    key: bytes
    client_ca: bytes | None = None


class Server:
    """The service behind a listening socket, with its health."""

    def __init__(self, definition: Definition, token: str = "") -> None:
        """Prepare the server in the running event loop.

        Args:
            definition: What to serve.
            token: What every call must bring; empty: none.
        """
        self.service = Service(definition)
        self.health = health.aio.HealthServicer()
        interceptors = [_Token(token)] if token else []
        self._grpc = grpc.aio.server(options=OPTIONS, interceptors=interceptors)
        handlers = {
            "Describe": grpc.unary_unary_rpc_method_handler(
                self.service.describe,
                request_deserializer=describe_pb2.DescribeRequest.FromString,
                response_serializer=describe_pb2.DescribeResponse.SerializeToString,
            ),
            "Run": grpc.stream_stream_rpc_method_handler(
                self.service.run,
                response_serializer=session_pb2.ServerMessage.SerializeToString,
            ),
        }
        generic = grpc.method_handlers_generic_handler(SERVICE, handlers)
        self._grpc.add_generic_rpc_handlers((generic,))
        health_pb2_grpc.add_HealthServicer_to_server(self.health, self._grpc)

    def listen(self, address: str, tls: TLS | None = None) -> int:
        """Bind to ``unix:PATH`` or ``host:port``.

        Args:
            address: Where.
            tls: None: plain.

        Returns:
            The port, 1 for a socket file.

        Raises:
            RuntimeError: The address is taken or cannot be bound.
        """
        if tls is None:
            return int(self._grpc.add_insecure_port(address))
        credentials = grpc.ssl_server_credentials(
            [(tls.key, tls.chain)],
            root_certificates=tls.client_ca,
            require_client_auth=tls.client_ca is not None,
        )
        return int(self._grpc.add_secure_port(address, credentials))

    async def start(self) -> None:
        """Begin to serve, and say so by health."""
        await self._grpc.start()
        for name in ("", SERVICE):
            await self.health.set(name, health_pb2.HealthCheckResponse.SERVING)

    async def stop(self, grace: float) -> None:
        """Tell health, end the sessions in order, then close."""
        await self.health.enter_graceful_shutdown()
        await self.service.stop(grace)
        await self._grpc.stop(min(grace, 1.0))
