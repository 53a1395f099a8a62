"""A strategy server that knows no message: a test reads what it got, and says what it answers.

Beside the contract's service it serves ``/test.Puppet``: ``Hear`` returns the next thing that
happened to a Run call (``O``: it opened, ``M`` and the bytes of a message, ``E``: it ended),
``Say`` sends bytes to the host, ``End`` ends the call with ``CODE text``, ``Most`` says how many
messages (a number in text) of the next Run calls are read, the rest waits in the socket. It prints
``listening``, and ends with the pipe that MADANG_PARENT_FD names.
"""

from __future__ import annotations

import argparse
import os
import queue
import threading
from collections.abc import Iterator
from concurrent import futures

import grpc

OPTIONS = [("grpc.so_reuseport", 0), ("grpc.max_send_message_length", 64 * 2**20)]


class Puppet(grpc.GenericRpcHandler):
    """Every method of both services, found by its name."""

    def __init__(self, description: bytes) -> None:
        """Begin with nothing heard."""
        self.description = description
        self.heard: queue.Queue[bytes] = queue.Queue()
        self.words: queue.Queue[bytes | tuple[str, str] | None] = queue.Queue()
        self.most = 0

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        """Find the handler of a call; ``None`` makes it UNIMPLEMENTED."""
        name = details.method.rpartition("/")[2]
        if name == "Run":
            return grpc.stream_stream_rpc_method_handler(self.run)
        handler = {
            "Describe": lambda request, context: self.description,
            "Hear": lambda request, context: self.heard.get(),
            "Say": self.say,
            "End": self.end,
            "Most": self.read_most,
        }.get(name)
        return grpc.unary_unary_rpc_method_handler(handler) if handler else None

    def say(self, message: bytes, context: grpc.ServicerContext) -> bytes:
        """Send bytes to the host."""
        self.words.put(message)
        return b""

    def end(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        """End the Run call; ``OK`` ends it in order."""
        code, _, text = request.decode().partition(" ")
        self.words.put((code, text))
        return b""

    def read_most(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        """Read so many messages of a Run call; 0: all."""
        self.most = int(request)
        return b""

    def run(self, requests: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
        """Pass messages on, both ways."""
        words = self.words = queue.Queue()
        self.heard.put(b"O")
        gone = threading.Event()
        context.add_callback(gone.set)
        most = self.most

        def read() -> None:
            try:
                for count, message in enumerate(requests, 1):
                    self.heard.put(b"M" + message)
                    if count == most:
                        gone.wait()
            except grpc.RpcError:
                pass
            self.heard.put(b"E")
            words.put(None)

        threading.Thread(target=read, daemon=True).start()
        while (word := words.get()) is not None:
            if isinstance(word, bytes):
                yield word
            elif word[0] == "OK":
                return
            else:
                context.abort(grpc.StatusCode[word[0]], word[1])


def main() -> None:
    """Serve until the parent is gone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--listen", required=True)
    parser.add_argument("--description", required=True, help="bytes of DescribeResponse in hex")
    arguments = parser.parse_args()
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8), options=OPTIONS)
    puppet = Puppet(bytes.fromhex(arguments.description))
    server.add_generic_rpc_handlers((puppet,))
    server.add_insecure_port(arguments.listen)
    server.start()
    print("listening", flush=True)
    while os.read(int(os.environ["MADANG_PARENT_FD"]), 1):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
