"""What is done to a server, one function a row: each is given the run and says when it began."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import certificates
from hosting import Host
from proxy import Proxy
from scene import Scene, launched

SPAN = 2.5


class Help:
    """What stands beside the host in a run: a server that it does not start, a cable, a folder."""

    def __init__(self, scene: Scene) -> None:
        """Begin with nothing."""
        self.scene = scene
        self.server: subprocess.Popen[bytes] | None = None
        self.proxy: Proxy | None = None
        self.port = 0

    def start_server(self, *arguments: str) -> None:
        """Start the victim at a port of this machine, and wait until it listens."""
        if not self.port:
            with socket.create_server(("127.0.0.1", 0)) as free:
                self.port = int(free.getsockname()[1])
        command, environment = launched(
            self.scene, ["--address", f"127.0.0.1:{self.port}", *arguments]
        )
        with (self.scene.folder / "victim.log").open("ab") as log:
            self.server = subprocess.Popen(command, env=environment, stderr=log)
        end = time.monotonic() + 30
        while time.monotonic() < end:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            time.sleep(0.02)
        raise SystemExit("the victim does not listen")

    def end_server(self) -> float:
        """Kill it, and tell when."""
        assert self.server is not None
        now = time.monotonic()
        self.server.kill()
        self.server.wait()
        return now

    @property
    def keys(self) -> Path:
        """Certificates, made at the first call."""
        folder = self.scene.folder / "tls"
        if not folder.exists():
            certificates.make(folder)
        return folder

    def close(self) -> None:
        """End what was started."""
        if self.server is not None and self.server.poll() is None:
            self.end_server()
        if self.proxy is not None:
            self.proxy.close()


Act = Callable[[Host, Help], float]


@dataclass(frozen=True)
class Disturbance:
    """A row of the table.

    Attributes:
        act: Does it; returns the monotonic time at which it began.
        memory: What the victim's results depend on besides their ticks: see ``marks.Memory``.
        ends: The states in which the victim may be at the end.
        may_gap: Ticks may be left unanswered: the server was refused, or is not asked again.
    """

    name: str
    what: str
    act: Act
    ends: tuple[str, ...] = ("live",)
    manner: str = ""
    memory: str = ""
    keys: dict[str, str] = field(default_factory=dict)
    remote: str = ""
    may_gap: bool = False
    kills_host: bool = False


def triggered(host: Host, help: Help) -> float:
    """Let the victim begin by itself; it says when it did."""
    (help.scene.folder / "victim" / "trigger").touch()
    began = help.scene.folder / "victim" / "began"
    end = time.monotonic() + 5
    while time.monotonic() < end:
        with contextlib.suppress(OSError, ValueError):
            return float(began.read_text())
        time.sleep(0.001)
    raise SystemExit("the victim never saw its trigger")


def killed(host: Host, help: Help) -> float:
    """SIGKILL."""
    return host.signal("victim", signal.SIGKILL)


def stopped(host: Host, help: Help) -> float:
    """SIGSTOP for a while."""
    process = host.child("victim")
    now = time.monotonic()
    os.kill(process, signal.SIGSTOP)
    time.sleep(SPAN)
    os.kill(process, signal.SIGCONT)
    return now


def refused_at_start(host: Host, help: Help) -> float:
    """Kill it; what is started in its place raises in on_start."""
    (help.scene.folder / "victim" / "trigger").touch()
    return killed(host, help)


def another_version(host: Host, help: Help) -> float:
    """Kill it; what is started in its place says another version."""
    (help.scene.folder / "victim" / "version").write_text("2")
    return killed(host, help)


def cut(host: Host, help: Help) -> float:
    """Cut the cable for a second."""
    assert help.proxy is not None
    now = time.monotonic()
    help.proxy.cut()
    time.sleep(1)
    help.proxy.mend()
    return now


def silent(host: Host, help: Help) -> float:
    """Let nothing through for a while."""
    assert help.proxy is not None
    now = time.monotonic()
    help.proxy.silence()
    time.sleep(SPAN)
    help.proxy.mend()
    return now


def expired(host: Host, help: Help) -> float:
    """Start it again with a certificate that has run out."""
    now = help.end_server()
    keys = help.keys
    help.start_server("--tls-cert", f"{keys}/expired.pem", "--tls-key", f"{keys}/key.pem")
    return now


def ended_in_history(host: Host, help: Help) -> float:
    """Kill it; what is started in its place ends in the middle of its warm-up."""
    (help.scene.folder / "victim" / "trigger").touch()
    return killed(host, help)


def host_killed(host: Host, help: Help) -> float:
    """SIGKILL the host itself."""
    now = time.monotonic()
    host.process.send_signal(signal.SIGKILL)
    return now


def host_killed_then_history(host: Host, help: Help) -> float:
    """SIGKILL the host; the first victim of the next one ends in the middle of its warm-up."""
    (help.scene.folder / "victim" / "trigger").touch()
    return host_killed(host, help)


@contextlib.contextmanager
def helped(row: Disturbance, scene: Scene) -> Iterator[Help]:
    """Prepare what the row needs before the scene is written."""
    help = Help(scene)
    try:
        if row.remote == "cable":
            help.start_server()
            help.proxy = Proxy(help.port)
            scene.remote = f"127.0.0.1:{help.proxy.port}"
        elif row.remote == "tls":
            keys = help.keys
            help.start_server("--tls-cert", f"{keys}/good.pem", "--tls-key", f"{keys}/key.pem")
            scene.remote = f"127.0.0.1:{help.port}"
            scene.keys["tls"] = f"{{ ca: {keys}/ca.pem }}"
        yield help
    finally:
        help.close()


ROWS = [
    Disturbance("sigkill", "SIGKILL", killed),
    Disturbance("sigstop", f"SIGSTOP for {SPAN} s", stopped),
    Disturbance("blocked", f"Python loop blocked for {SPAN} s", triggered, manner="blocked"),
    Disturbance(
        "exceptions", "exception in on_tick, on_candle, on_timer and save", triggered,
        manner="exceptions", may_gap=True,
    ),
    Disturbance(
        "start", "killed; then exceptions in on_start", refused_at_start, ("quarantined",),
        "start", may_gap=True,
    ),
    Disturbance("slow", "50 ms a tick", triggered, manner="slow"),
    Disturbance("flood", "64 results a tick, 5,000 at every tenth", triggered, manner="flood"),
    Disturbance(
        "garbage", "results that break the contract", triggered, ("quarantined",), "garbage",
        may_gap=True,
    ),
    Disturbance(
        "bytes", "bytes that are no message", triggered, ("quarantined",), "bytes", may_gap=True,
    ),
    Disturbance(
        "memory", "memory beyond 300 MiB", triggered, manner="memory",
        keys={"memory": "300MiB"},
    ),
    Disturbance(
        "cut", "connection cut for 1 s", cut, remote="cable", keys={"circuit": "{ probe: 1s }"},
    ),
    Disturbance("silence", f"connection without a byte for {SPAN} s", silent, remote="cable"),
    Disturbance(
        "version", "killed; then another version answers", another_version, ("quarantined",),
        may_gap=True,
    ),
    Disturbance(
        "certificate", "started again with an expired certificate", expired, ("quarantined",),
        remote="tls", keys={"circuit": "{ probe: 1s }"}, may_gap=True,
    ),
    Disturbance("state", "SIGKILL, with a state that its snapshots keep", killed, memory="chain"),
    Disturbance(
        "history", "killed; the next process ends in its warm-up", ended_in_history,
        manner="history", memory="window",
    ),
    Disturbance("host", "SIGKILL of the host", host_killed, kills_host=True),
    Disturbance(
        "host-state", "SIGKILL of the host, the server with a state", host_killed, memory="chain",
        kills_host=True,
    ),
    Disturbance(
        "host-history", "SIGKILL of the host, the server's next process ends in its warm-up",
        host_killed_then_history, manner="history", memory="window", kills_host=True,
    ),
]  # fmt: skip
