"""A cable that can be cut: passes bytes between the host and a server until it is told not to."""

import contextlib
import select
import socket
import struct
import threading


class Proxy:
    """Listens on a port of this machine; every connection is passed on to another one."""

    def __init__(self, target: int) -> None:
        """Begin to listen."""
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._flows = threading.Event()
        self._flows.set()
        self._refuses = False
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Reset every connection, and refuse new ones until :meth:`mend`."""
        self._refuses = True
        for pair in self._pairs:
            for end in pair:
                with contextlib.suppress(OSError):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    end.shutdown(socket.SHUT_RDWR)
        self._pairs.clear()

    def silence(self) -> None:
        """Pass nothing on, and say nothing of it, until :meth:`mend`."""
        self._flows.clear()

    def mend(self) -> None:
        """Be a cable again."""
        self._refuses = False
        self._flows.set()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                if self._refuses:
                    raise ConnectionRefusedError
                far = socket.create_connection(("127.0.0.1", self._target), 2)
            except OSError:
                near.close()
                continue
            for end in (near, far):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._pairs.append((near, far))
            threading.Thread(target=self._carry, args=(near, far), daemon=True).start()

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        others = {near: far, far: near}
        try:
            while True:
                for end in select.select(list(others), [], [])[0]:
                    self._flows.wait()
                    data = end.recv(65_536)
                    if not data:
                        return
                    others[end].sendall(data)
        except OSError:
            return
        finally:
            for end in others:
                end.close()

    def close(self) -> None:
        """Stop listening and drop what is left."""
        self._listener.close()
        self._flows.set()
        self.cut()
