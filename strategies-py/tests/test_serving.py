"""The server as a process: address, files, signals, the parent's pipe, TLS and token."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from host import Client, serving, socket_in, ticks

from madang import Outcome, ServeError, Strategy, Tick, buy
from madang._generated.strategy.v1 import session_pb2
from madang.serving import _beyond_this_machine

SOURCE = """
from madang import Strategy, buy, serve

class Mine(Strategy):
    inputs = ("ticks",)

    def on_tick(self, tick):
        if tick.price == 666:
            self.log.warning("hangs now")
            while True:
                pass
        return buy()

    def on_stop(self):
        self.log.info("goodbye")

serve(Mine)
"""


class Mine(Strategy):
    inputs = ("ticks",)

    def on_tick(self, tick: Tick) -> Outcome:
        return buy()


class Process:
    """A server started as the host starts one."""

    def __init__(self, folder: Path, *arguments: str, fd: int | None = None, **env: str) -> None:
        self.file = folder / "mine.py"
        self.file.write_text(textwrap.dedent(SOURCE))
        self.process = subprocess.Popen(
            [sys.executable, str(self.file), *arguments],
            cwd=folder,
            env=os.environ | env,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            pass_fds=() if fd is None else (fd,),
        )

    def line(self) -> str:
        """Wait for the next line of its log."""
        assert self.process.stderr is not None
        return self.process.stderr.readline()

    def listening(self) -> None:
        while "listens at" not in (line := self.line()):
            assert line, "the server ended"

    def rest(self) -> tuple[int, str]:
        """Wait for its end; return the exit code and what it still wrote."""
        _, text = self.process.communicate(timeout=20)
        return self.process.returncode, text


@contextlib.contextmanager
def started(folder: Path, *arguments: str, fd: int | None = None, **env: str) -> Iterator[Process]:
    server = Process(folder, *arguments, fd=fd, **env)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.process.kill()
        server.process.communicate()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


async def test_default_address_is_a_socket_in_a_private_folder(tmp_path: Path) -> None:
    with started(tmp_path, MADANG_ADDRESS="") as server:
        server.listening()
        path = tmp_path / ".madang/mine.sock"
        assert path.is_socket()
        assert path.parent.stat().st_mode & 0o777 == 0o700
        assert path.stat().st_mode & 0o077 == 0
        client = Client(f"unix:{path}")
        assert (await client.describe()).name == "mine"
        await client.channel.close()


async def test_the_host_names_the_address_by_environment(tmp_path: Path) -> None:
    address = socket_in(tmp_path)
    with started(tmp_path, MADANG_ADDRESS=address) as server:
        server.listening()
        client = Client(address)
        assert (await client.describe()).name == "mine"
        await client.channel.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_sessions_in_order(tmp_path: Path, number: int) -> None:
    address = socket_in(tmp_path)
    with started(tmp_path, "--address", address) as server:
        server.listening()
        client = Client(address)
        stub = health_pb2_grpc.HealthStub(client.channel)
        watch = stub.Watch(health_pb2.HealthCheckRequest(), timeout=10)
        assert (await watch.read()).status == health_pb2.HealthCheckResponse.SERVING
        stream = client.run()
        await stream.ready()
        await stream.send(events=ticks(0, [1, 2]))
        await stream.receive()
        server.process.send_signal(number)
        assert (await watch.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
        watch.cancel()
        message = await stream.receive()
        while message.WhichOneof("message") != "drained":
            message = await stream.receive()
        assert message.drained.position == 2
        assert (await stream.end())[0] is grpc.StatusCode.OK
        await client.channel.close()
        code, text = server.rest()
        assert code == 0
        assert "goodbye" in text
        assert not Path(address.removeprefix("unix:")).exists()


async def test_a_hung_hook_does_not_outlive_the_grace(tmp_path: Path) -> None:
    address = socket_in(tmp_path)
    with started(tmp_path, "--address", address, "--grace", "0.1") as server:
        server.listening()
        client = Client(address)
        stream = client.run()
        await stream.ready()
        await stream.send(events=ticks(0, [666]))
        while "hangs now" not in (line := server.line()):
            assert line, "the server ended"
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(20) == 1
        await client.channel.close()


def test_the_end_of_the_parents_pipe_ends_the_server(tmp_path: Path) -> None:
    read, write = os.pipe()
    with started(
        tmp_path, "--address", socket_in(tmp_path), fd=read, MADANG_PARENT_FD=str(read)
    ) as server:
        os.close(read)
        server.listening()
        os.close(write)
        code, text = server.rest()
        assert code == 0
        assert "started this server is gone" in text


def test_the_end_of_standard_input_ends_the_server(tmp_path: Path) -> None:
    with started(tmp_path, "--address", socket_in(tmp_path), "--parent-fd", "0") as server:
        assert server.rest()[0] == 0


def test_a_parents_pipe_that_is_not_open_is_refused(tmp_path: Path) -> None:
    with started(tmp_path, "--address", socket_in(tmp_path), "--parent-fd", "77") as server:
        code, text = server.rest()
        assert code == 1
        assert "descriptor 77" in text


async def test_a_socket_left_by_a_crash_is_replaced(tmp_path: Path) -> None:
    address = socket_in(tmp_path)
    with started(tmp_path, "--address", address) as server:
        server.listening()
        server.process.kill()
        server.process.wait()
        assert Path(address.removeprefix("unix:")).is_socket()
        async with serving(Mine, address) as client:
            assert (await client.describe()).name == "mine"


async def test_a_second_server_on_the_socket_is_refused(tmp_path: Path) -> None:
    address = socket_in(tmp_path)
    async with serving(Mine, address) as client:
        with started(tmp_path, "--address", address) as second:
            code, text = second.rest()
            assert code == 1
            assert f"another server uses {address}" in text
        assert (await client.describe()).name == "mine"


async def test_a_foreign_listener_on_the_socket_is_left_alone(tmp_path: Path) -> None:
    address = socket_in(tmp_path)
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(address.removeprefix("unix:"))
        other.listen()
        with pytest.raises(ServeError, match="another server listens"):
            async with serving(Mine, address):
                pass


async def test_a_file_in_place_of_the_socket_is_left_alone(tmp_path: Path) -> None:
    address = socket_in(tmp_path)
    Path(address.removeprefix("unix:")).write_text("mine")
    with pytest.raises(ServeError, match="is no socket"):
        async with serving(Mine, address):
            pass


async def test_a_second_server_on_the_port_is_refused() -> None:
    address = f"127.0.0.1:{free_port()}"
    async with serving(Mine, address):
        with pytest.raises(ServeError, match="cannot be bound"):
            async with serving(Mine, address):
                pass


async def test_a_folder_open_to_others_is_refused(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    with pytest.raises(ServeError, match="chmod 700"):
        async with serving(Mine, f"unix:{tmp_path}/open/s.sock"):
            pass


async def test_a_path_too_long_for_a_socket_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ServeError, match="107 bytes"):
        async with serving(Mine, f"unix:{tmp_path}/{'x' * 120}.sock"):
            pass


@pytest.mark.parametrize("address", ["0.0.0.0:5000", "[::]:5000", "10.1.2.3:5000", "myhost:5000"])
async def test_beyond_this_machine_needs_tls_and_a_token(address: str) -> None:
    with pytest.raises(
        ServeError, match="--tls-cert, --tls-key and --token-file or --tls-client-ca"
    ):
        async with serving(Mine, address):
            pass


@pytest.mark.parametrize("address", ["unix:a", "127.0.0.1:1", "[::1]:1", "localhost:1"])
def test_this_machine_is_known(address: str) -> None:
    assert not _beyond_this_machine(address)


@pytest.mark.parametrize("address", ["a", "a:b", ":99999", "/tmp/s"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ServeError, match="no address"):
        _beyond_this_machine(address)


def certified(folder: Path, name: str) -> tuple[Path, Path]:
    """Return a certificate that signs itself, and its key."""
    cert, key = folder / f"{name}.pem", folder / f"{name}-key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "1", "-subj", f"/CN={name}", "-addext",
         "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(cert)],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, key


async def test_a_client_certificate_lets_in_without_a_token(tmp_path: Path) -> None:
    cert, key = certified(tmp_path, "server")
    mine, my_key = certified(tmp_path, "host")
    others, other_key = certified(tmp_path, "other")
    address = f"0.0.0.0:{free_port()}"
    files = {"tls_cert": str(cert), "tls_key": str(key), "tls_client_ca": str(mine)}
    async with serving(Mine, address, **files):
        target = f"localhost:{address.rpartition(':')[2]}"

        async def check(*own: bytes) -> Any:
            credentials = grpc.ssl_channel_credentials(cert.read_bytes(), *own)
            async with grpc.aio.secure_channel(target, credentials) as channel:
                stub = health_pb2_grpc.HealthStub(channel)
                return await stub.Check(health_pb2.HealthCheckRequest(), timeout=10)

        answer = await check(my_key.read_bytes(), mine.read_bytes())
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
        for own in ((), (other_key.read_bytes(), others.read_bytes())):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await check(*own)
            assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_a_client_ca_needs_a_certificate_of_the_server(tmp_path: Path) -> None:
    with pytest.raises(ServeError, match="--tls-client-ca needs --tls-cert and --tls-key"):
        async with serving(Mine, "127.0.0.1:1", tls_client_ca=str(tmp_path / "ca.pem")):
            pass


async def test_token_and_tls_let_in_who_has_both(tmp_path: Path) -> None:
    cert, key = certified(tmp_path, "localhost")
    token = tmp_path / "token"
    token.write_text("a-token-of-some-length\n")
    address = f"0.0.0.0:{free_port()}"
    files = {"tls_cert": str(cert), "tls_key": str(key), "token_file": str(token)}
    async with serving(Mine, address, **files):
        target = f"localhost:{address.rpartition(':')[2]}"
        credentials = grpc.ssl_channel_credentials(cert.read_bytes())
        async with grpc.aio.secure_channel(target, credentials) as channel:
            stub = health_pb2_grpc.HealthStub(channel)
            request = health_pb2.HealthCheckRequest()
            for given in ((), (("authorization", "Bearer wrong"),)):
                with pytest.raises(grpc.aio.AioRpcError) as caught:
                    await stub.Check(request, metadata=given, timeout=10, wait_for_ready=True)
                assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
                run = channel.stream_stream(
                    "/madang.strategy.v1.StrategyServer/Run",
                    request_serializer=session_pb2.HostMessage.SerializeToString,
                )(metadata=given)
                assert await run.code() is grpc.StatusCode.UNAUTHENTICATED
            right = (("authorization", "Bearer a-token-of-some-length"),)
            answer = await stub.Check(request, metadata=right, timeout=10)
            assert answer.status == health_pb2.HealthCheckResponse.SERVING


async def test_a_short_token_is_refused(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("short")
    with pytest.raises(ServeError, match="16 characters"):
        async with serving(Mine, f"127.0.0.1:{free_port()}", token_file=str(tmp_path / "token")):
            pass
