"""Leaves its group and session, lets go of the lifeline, and is deaf to everything but SIGKILL."""

import os
import signal

os.setsid()
os.close(3)
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(number, signal.SIG_IGN)
print(os.getpid(), flush=True)
while True:
    signal.pause()
