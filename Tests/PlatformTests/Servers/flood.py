"""Writes 100 MB in lines of 100 bytes as fast as it can, then a last word on standard error."""

import sys

block = b"".join(b"%099d\n" % n for n in range(1000))
for _ in range(1000):
    sys.stdout.buffer.write(block)
sys.stdout.buffer.flush()
print("done", file=sys.stderr)
