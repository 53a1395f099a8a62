"""``serve``: runs a strategy class as a server, from its command line to its last breath."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import fcntl
import ipaddress
import logging
import os
import signal
import socket
import stat
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from madang._own import files
from madang._reloading import announce, lifeline
from madang._server import TLS, Server
from madang.definition import Definition, define, identity
from madang.errors import DefinitionError, ModelError, ServeError
from madang.strategy import Strategy

_log = logging.getLogger("madang")
GRACE = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to serve.

    Attributes:
        address: ``unix:PATH`` or ``host:port``.
        tls_cert: PEM file of the certificate chain.
        tls_key: PEM file of its key.
        tls_client_ca: PEM file of the authorities that must have signed a caller's own certificate.
        token_file: File whose first line every call must bring as its bearer token.
        parent_fd: A pipe that ends when the process that started this one does.
        grace: Seconds for the sessions to end in order.
    """

    address: str
    tls_cert: str = ""
    tls_key: str = ""
    tls_client_ca: str = ""
    token_file: str = ""
    parent_fd: int | None = None
    grace: float = GRACE


def serve(
    strategy: type[Strategy], address: str | None = None, argv: Sequence[str] | None = None
) -> NoReturn:
    """Serve a strategy class until told to stop, then leave the process.

    The address is, in this order: ``--address`` on the command line, ``address``, the environment's
    ``MADANG_ADDRESS``, ``unix:.madang/<name>.sock``. SIGTERM and SIGINT end the sessions in order.
    If ``--parent-fd`` or ``MADANG_PARENT_FD`` names an inherited pipe, the server ends itself when
    that pipe does, so it never outlives the host that started it; 0 is standard input.

    Beyond this machine a TCP address needs ``--tls-cert``, ``--tls-key``, and ``--token-file`` or
    ``--tls-client-ca`` or both.

    Args:
        strategy: The class.
        address: ``unix:PATH`` or ``host:port``.
        argv: Command-line arguments; by default those of the process.
    """
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
    )
    try:
        definition = define(strategy)
        settings = _settings(definition, address, argv)
        announce(files(strategy), identity(definition))
        asyncio.run(run(definition, settings))
    except (DefinitionError, ModelError, ServeError) as e:
        sys.stderr.write(f"madang: {e}\n")
        sys.exit(1 if isinstance(e, ServeError) else 3)
    sys.exit(0)


async def run(
    definition: Definition, settings: Settings, ready: asyncio.Event | None = None
) -> None:
    """Serve until a signal, the end of the parent's pipe, or cancellation.

    Raises:
        ServeError: The address cannot be used.
    """
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    credentials, token = _secrets(settings)
    if settings.parent_fd is not None:
        check_pipe(settings.parent_fd)
    with _claimed(settings.address) as address:
        server = Server(definition, token)
        mask = os.umask(0o077)
        try:
            server.listen(address, credentials)
        except RuntimeError as e:
            raise ServeError(
                f"{settings.address} cannot be bound: another server uses it, or it is not an "
                "address of this machine"
            ) from e
        finally:
            os.umask(mask)
        with _signals(loop, stop, settings.grace):
            try:
                await server.start()
                inputs = ", ".join(definition.cls().inputs) or "as its hooks say"
                _log.info("%s listens at %s (%s)", definition.name, settings.address, inputs)
                if settings.parent_fd is not None:
                    _watch_parent(settings.parent_fd, loop, stop, settings.grace)
                if ready is not None:
                    ready.set()
                await stop.wait()
            finally:
                _log.info("%s stops", definition.name)
                await server.stop(settings.grace)


def _settings(definition: Definition, address: str | None, argv: Sequence[str] | None) -> Settings:
    parser = argparse.ArgumentParser(
        description=f"Serve the strategy {definition.name} to a Madang host."
    )
    parser.add_argument("--address", help="unix:PATH or host:port")
    parser.add_argument("--tls-cert", default="", help="PEM file of the certificate chain")
    parser.add_argument("--tls-key", default="", help="PEM file of its key")
    parser.add_argument(
        "--tls-client-ca",
        default="",
        help="PEM file of who must have signed a caller's certificate",
    )
    parser.add_argument("--token-file", default="", help="file with the token callers must bring")
    parser.add_argument("--parent-fd", type=int, help="end when this inherited pipe ends")
    parser.add_argument("--grace", type=float, default=GRACE, help="seconds to end in order")
    given = parser.parse_args(argv)
    default = f"unix:.madang/{definition.name}.sock"
    chosen = given.address or address or os.environ.get("MADANG_ADDRESS") or default
    parent = given.parent_fd if lifeline() is None else lifeline()
    parent = inherited_pipe() if parent is None else parent
    return Settings(
        address=chosen,
        tls_cert=given.tls_cert,
        tls_key=given.tls_key,
        tls_client_ca=given.tls_client_ca,
        token_file=given.token_file,
        parent_fd=parent,
        grace=given.grace,
    )


def inherited_pipe() -> int | None:
    """Return the descriptor that ``MADANG_PARENT_FD`` names.

    Raises:
        ServeError: It names none.
    """
    text = os.environ.get("MADANG_PARENT_FD", "")
    if text and not (text.isascii() and text.isdigit()):
        raise ServeError(f"MADANG_PARENT_FD is {text!r}, not the number of a descriptor")
    return int(text) if text else None


def _secrets(settings: Settings) -> tuple[TLS | None, str]:
    """Read certificate, key and token, and insist on them where the address asks for it."""
    if bool(settings.tls_cert) != bool(settings.tls_key):
        raise ServeError("--tls-cert and --tls-key go together")
    if settings.tls_client_ca and not settings.tls_cert:
        raise ServeError("--tls-client-ca needs --tls-cert and --tls-key")
    token = ""
    credentials = None
    try:
        if settings.token_file:
            token = Path(settings.token_file).read_text(encoding="ascii").strip()
        if settings.tls_cert:
            ca = settings.tls_client_ca
            credentials = TLS(
                Path(settings.tls_cert).read_bytes(),
                Path(settings.tls_key).read_bytes(),
                Path(ca).read_bytes() if ca else None,
            )
    except (OSError, UnicodeDecodeError) as e:
        raise ServeError(f"a certificate, key or token cannot be read: {e}") from e
    if settings.token_file and len(token) < 16:
        raise ServeError(f"{settings.token_file}: a token has at least 16 characters")
    known = credentials is not None and (token or credentials.client_ca is not None)
    if _beyond_this_machine(settings.address) and not known:
        raise ServeError(
            f"{settings.address} can be reached from other machines: give --tls-cert, --tls-key "
            "and --token-file or --tls-client-ca, or listen at 127.0.0.1 or a unix socket"
        )
    return credentials, token


def _beyond_this_machine(address: str) -> bool:
    if address.startswith("unix:"):
        return False
    host, colon, port = address.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise ServeError(f"{address!r} is no address: unix:PATH or host:port")
    try:
        return not ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host != "localhost"


@contextlib.contextmanager
def _claimed(address: str) -> Iterator[str]:
    """Make sure the address is ours to bind, and yield the form to bind.

    A socket file has a lock file beside it, held for the life of the server: so a file left by a
    crash is told from one in use, and two servers started at once cannot both win.
    """
    if not address.startswith("unix:"):
        host, _, port = address.rpartition(":")
        yield f"127.0.0.1:{port}" if host == "localhost" else address
        return
    path = Path(address.removeprefix("unix:"))
    if len(os.fsencode(path)) > 107:
        raise ServeError(f"{path}: a socket's path has at most 107 bytes; choose a shorter one")
    try:
        _private_folder(path.parent)
        lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as e:
        raise ServeError(f"{path}: {e.strerror}") from e
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as e:
            raise ServeError(
                f"another server uses {address}; stop it, or choose another --address"
            ) from e
        _clear(path, address)
        yield f"unix:{path}"
        path.unlink(missing_ok=True)
    finally:
        os.close(lock)


def _private_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.stat()
    if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise ServeError(
            f"{folder} can be entered by others: a socket lives in a folder of your own, "
            f"chmod 700 {folder}"
        )


def _clear(path: Path, address: str) -> None:
    """Remove a socket file that nobody listens at."""
    if not path.exists() and not path.is_socket():
        return
    if not path.is_socket():
        raise ServeError(f"{path} exists and is no socket; move it away")
    probe = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            path.unlink(missing_ok=True)
            return
        except OSError as e:
            raise ServeError(f"{path}: {e}") from e
    raise ServeError(f"another server listens at {address}; stop it, or choose another --address")


@contextlib.contextmanager
def _signals(loop: asyncio.AbstractEventLoop, stop: asyncio.Event, grace: float) -> Iterator[None]:
    """Stop in order on SIGTERM and SIGINT; the second one, or a hung hook, ends the process."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked = False

    def handle(number: int, _: object) -> None:
        nonlocal asked
        if asked:
            os._exit(128 + number)
        asked = True
        _exit_after(grace + 2, 1)
        loop.call_soon_threadsafe(stop.set)

    before = {each: signal.signal(each, handle) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _exit_after(seconds: float, code: int) -> None:
    """End the process whatever hangs in it."""
    timer = threading.Timer(seconds, os._exit, (code,))
    timer.daemon = True
    timer.start()


def check_pipe(fd: int) -> None:
    """Keep the parent's pipe to this process.

    Raises:
        ServeError: It is not open.
    """
    try:
        os.set_inheritable(fd, False)
    except OSError as e:
        raise ServeError(f"descriptor {fd} of the parent's pipe is not open") from e


def _watch_parent(
    fd: int, loop: asyncio.AbstractEventLoop, stop: asyncio.Event, grace: float
) -> None:
    """Stop when the pipe from the parent ends, for then the parent is gone."""

    def watch() -> None:
        with contextlib.suppress(OSError):
            while os.read(fd, 4096):
                pass
        _log.warning("the process that started this server is gone")
        _exit_after(min(grace, 2.0), 0)
        with contextlib.suppress(RuntimeError):  # the loop may have closed already
            loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=watch, name="parent", daemon=True).start()
