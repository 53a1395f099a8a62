"""Touches 64 MiB, then shares them with three children; says their numbers, and waits."""

import os
import signal

held = b"\1" * (64 << 20)
ids = []
for _ in range(3):
    child = os.fork()
    if child == 0:
        while True:
            signal.pause()
    ids.append(child)
print(os.getpid(), *ids, flush=True)
while True:
    signal.pause()
