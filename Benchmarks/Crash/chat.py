"""A channel's other side: takes whatever a webhook of Discord is sent, and counts its lines."""

import json
import re
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

REPEATED = " (may be a repetition)"


def plain(line: str) -> str:
    """Return a line without its time, ids and mark: the same for the same event."""
    line = re.sub(r"\\([\\*_~`|>])", r"\1", line)
    line = re.sub(r"^\d\d:\d\d:\d\d ", "", line)
    line = re.sub(r" \(\d\d:\d\d:\d\d\)", "", line)
    return re.sub(r" #[0-9a-f]{6}", "", line).replace(REPEATED, "")


def counts(line: str) -> bool:
    """Whether a line must come as often as its event did: fills and alerts."""
    return " filled " in line or line.startswith("Alert ")


class Chat:
    """A webhook for the life of a ``with``. It answers at once and sets no pace."""

    def __init__(self) -> None:
        """Listen on a port of the system's choice."""
        letters = self._letters = list[str]()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(length)
                if len(body) < length:
                    return  # who wrote it is dead: a service would not have taken it
                letters.append(json.loads(body)["content"])
                answer = b'{"id": "1"}'
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass  # it hung up: it was killed

        self._server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        port = self._server.server_address[1]
        self.channel = 'desk: { kind: discord, webhook: "${WEBHOOK}" }'
        self.words = {"WEBHOOK": f"http://127.0.0.1:{port}/api/webhooks/123/not-a-real-token"}

    def __enter__(self) -> Self:
        """Lend it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        """Hang up."""
        self._server.shutdown()
        self._server.server_close()

    def heard(self) -> tuple[Counter[str], Counter[str], int]:
        """Lines told as new, those told as possible repetitions, and how many were only counted."""
        told, repeated, counted = Counter[str](), Counter[str](), 0
        for letter in list(self._letters):
            lines = letter.split("\n")
            into = repeated if REPEATED in plain_mark(lines[0]) else told
            for line in lines:
                if more := re.match(r"… and ([\d,]+) more", line):
                    counted += int(more[1].replace(",", ""))
                elif counts(words := plain(line)):
                    into[words] += 1
        return told, repeated, counted

    def differences(self, expected: Counter[str]) -> list[str]:
        """What is lost, doubled or made up, where an undisturbed run tells ``expected``."""
        told, repeated, counted = self.heard()
        found = [f"told twice: {line}" for line in told - expected]
        found += [f"told and never so: {line}" for line in repeated if line not in expected]
        missing = expected - (told + repeated)
        if missing.total() > counted:
            found.append(f"{missing.total()} not told, {counted} counted: {next(iter(missing))}")
        return found


def plain_mark(line: str) -> str:
    """Return a line without the backslashes of a webhook's text."""
    return re.sub(r"\\([\\*_~`|>])", r"\1", line)
