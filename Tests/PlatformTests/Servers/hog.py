"""Takes memory: `hog.py SIZE CHILDREN` has each child touch SIZE MiB of its own, one MiB at a time.

Says `passed NS` when the last child has touched all of it, then waits.
"""

import os
import signal
import sys
import time

size, children = int(sys.argv[1]), int(sys.argv[2])
ready, done = os.pipe()
for _ in range(children):
    if os.fork() == 0:
        held = []
        for _ in range(size):
            held.append(b"\1" * (1 << 20))
        os.write(done, b".")
        while True:
            signal.pause()
left = children
while left > 0:
    left -= len(os.read(ready, left))
print("passed", time.monotonic_ns(), flush=True)
while True:
    signal.pause()
