"""A strategy server whose manner stands in the file ``manner`` of its folder, read at each start.

``crumbs`` answers one message and dies at the next; ``dies`` dies at the first; ``hangs`` answers
nothing and still serves; the manners of ``misbehaving.py`` break the contract. ``honest`` says
SELL at every tick: so one that was mended has the same name and version as before. It tells
where it was asked to go on.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import misbehaving
from misbehaving import TOLD, Answer, Context, Requests, Server

from madang._generated.strategy.v1 import results_pb2, session_pb2


def honest(_number: int, batch: list[int]) -> Iterator[Answer]:
    """Say SELL at every tick, and close the batch."""
    wanted = [misbehaving.result(at) for at in batch]
    yield Answer(results=results_pb2.Results(results=wanted))
    yield misbehaving.watermark(batch[-1])


def crumbs(number: int, batch: list[int]) -> Iterator[Answer]:
    """Answer one message, and die at the next."""
    if number == 1:
        os._exit(3)
    yield from honest(number, batch)


def dies(_number: int, _batch: list[int]) -> Iterator[Answer]:
    """Die without a word."""
    os._exit(3)


class Unruly(Server):
    """Goes on where the host asks it to, in its manner."""

    def run(self, requests: Requests, context: Context) -> Iterator[bytes]:
        """Serve one session."""
        configure = session_pb2.HostMessage.FromString(next(requests)).configure
        print(f"goes on behind {configure.watermark}", flush=True)
        ready = misbehaving.ready(configure.epoch, after=configure.watermark)
        yield ready.SerializeToString()
        for number, batch in enumerate(misbehaving.batches(requests)):
            if self.manner == "hangs":
                self.never.wait()
            for answer in MANNERS[self.manner](number, batch):
                yield answer.SerializeToString()
        yield Answer(drained=session_pb2.Drained()).SerializeToString()


MANNERS = {**TOLD, "honest": honest, "crumbs": crumbs, "dies": dies, "hangs": dies}


if __name__ == "__main__":
    misbehaving.main(Unruly(Path("manner").read_text(encoding="utf-8").strip()))
