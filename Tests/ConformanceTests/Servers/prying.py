"""Strategy servers whose results depend on what they should not: ``raw_server.py`` that pries.

``--pry NAME`` chooses how, ``--at N`` from which event of a session on, counted from 1. Of each
event from there it says one word more, which tells what it has found out.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import pathlib
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

sys.dont_write_bytecode = True  # beside the sources

from broken_says import RAW, raw  # noqa: E402

from madang.strategy.v1 import results_pb2  # noqa: E402

LOCAL = threading.local()
# Behind which price each event of an earlier session stood.
PAST: dict[tuple[int, int], int] = {}


class PryingSession(raw.Session):
    """The raw strategy, and a word more."""

    def __init__(self, *arguments: Any) -> None:
        """Begin to count."""
        super().__init__(*arguments)
        self.count = 0
        self.seen: list[tuple[int, int, int]] = []
        self.heard = time.monotonic()
        self.waits: list[float] = []

    def events(self, events: Any) -> Any:
        """Process a message with an eye on what else is there."""
        if events.previous != self.position:
            raise raw.End("FAILED_PRECONDITION", "these events follow others")
        now = time.monotonic()
        self.waits.append(now - self.heard)
        self.heard = now
        results = []
        found = raw.rows(events, self.numbers)
        for index, (position, kind, event) in enumerate(found):
            self.count += 1
            self.seen.append((event["instrument"], event["feed_time"], event["price"]))
            said = self.judge(position, kind, event)
            if self.count >= WISH.at and (word := self.pry(index, found, event)):
                result = results_pb2.Result(
                    position=position,
                    instrument=event["instrument"],
                    index=len(said),
                    action="ALERT",
                    message=word if WISH.pry != "year" else "",
                    confidence=len(word),
                )
                said = [*said, result]
            results += said
            self.position = position
        self.kept += results
        return self.answer(results)

    def pry(self, index: int, found: list[Any], event: dict[str, Any]) -> str:
        """Find out what should not be known of this event."""
        is_last = index == len(found) - 1
        match WISH.pry:
            case "chance":
                return os.urandom(1 + os.urandom(1)[0] % 9).hex()
            case "pace" if self.count == WISH.at:
                # Most of its messages: a busy machine makes some of them late, and a pace all.
                return "late" if statistics.median(self.waits) > 0.1 else "soon"
            case "zone":
                return time.strftime("%H:%M", time.localtime(0))
            case "date":
                return str(time.gmtime().tm_year)
            case "process":
                return str(hash("a set's order"))
            case "memory":
                return str(PAST.get((event["instrument"], event["feed_time"]), ""))
            case "ends" if is_last:
                return "the last of its message"
            case "message" if not is_last:
                return "up" if found[index + 1][2]["price"] > event["price"] else "down"
            case "waits" if is_last:
                return self.wait_for_more(event)
            case "table":
                return TABLE.get(f"{event['instrument']}/{event['feed_time']}", "")
            case "year":
                return "x" * (time.gmtime(event["feed_time"] // 10**9).tm_year % 100)
            case "count" if self.count % 3 == 0:
                return "as learnt by heart"
        return ""

    def wait_for_more(self, event: dict[str, Any]) -> str:
        """Look whether another message comes soon, and what is in it."""
        inbox = LOCAL.stream.inbox

        def is_there() -> bool:
            first = inbox.queue[0] if inbox.queue else None
            return first is not None and first.WhichOneof("message") == "events"

        with inbox.not_empty:
            if not inbox.not_empty.wait_for(is_there, 0.3):
                return ""
            after = inbox.queue[0].events.ticks.price[0]
        return "up" if after > event["price"] else "down"

    def remember(self) -> None:
        """Keep for later sessions what came behind each event."""
        for one, other in itertools.pairwise(self.seen):
            PAST[one[:2]] = other[2]


class PryingStream(raw.Stream):
    """A stream that the strategy can look into."""

    def next(self) -> Any:
        """Return the next message, and remember who asked."""
        LOCAL.stream = self
        return super().next()


class PryingServer(raw.Server):
    """The raw server, perhaps one answer behind."""

    def serve(self, stream: Any, configure: Any) -> Iterator[Any]:
        """Answer, or hold each answer back until the next message has come."""
        held = None
        for message in super().serve(stream, configure):
            kind = message.WhichOneof("message")
            session = self.sessions.get(configure.session)
            if session is not None:
                LAST[configure.session] = session
            elif configure.session in LAST:
                LAST.pop(configure.session).remember()
            if WISH.pry != "holds-back":
                yield message
                continue
            if held is not None:
                yield held
            held = message if kind == "results" else None
            if held is None:
                yield message


LAST: dict[str, PryingSession] = {}
TABLE: dict[str, str] = {}
WISH = argparse.Namespace(pry="", at=1)


def main() -> None:
    """Serve, and pry."""
    global WISH
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--pry", required=True)
    parser.add_argument("--at", type=int, default=1)
    parser.add_argument("--table", type=pathlib.Path)
    WISH, rest = parser.parse_known_args()
    if WISH.table:
        TABLE.update(json.loads(WISH.table.read_text()))
    raw.Session = PryingSession
    raw.Stream = PryingStream
    raw.Server = PryingServer
    sys.argv = [str(RAW), *rest]
    raw.main()


if __name__ == "__main__":
    main()
