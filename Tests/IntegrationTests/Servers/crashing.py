"""Starts a host as loose as the system lets it, looks at it, and makes it crash.

``crashing.py SIGNAL ENOUGH PROGRAM …`` waits for a line of the program with ENOUGH in it, and prints one JSON object: what the
program and its children may leave in a core file, and how it ended. What the program writes to its standard error goes on to this
script's own.
"""

import json
import os
import resource
import signal
import subprocess
import sys


def read(process: int, name: str) -> str:
    """Return a file of ``/proc``; nothing where it cannot be read."""
    try:
        with open(f"/proc/{process}/{name}", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def look(process: int) -> dict[str, object]:
    """Tell what a crash of a process would leave."""
    soft = next((line.split()[4] for line in read(process, "limits").splitlines() if "core file" in line), "")
    filtered = read(process, "coredump_filter").strip()
    return {"limit": soft, "filter": filtered, "command": read(process, "cmdline").replace("\0", " "),
            "environment": read(process, "environ").replace("\0", "\n")}


def children(process: int) -> list[int]:
    """Return the children of all its threads."""
    found = []
    for thread in os.listdir(f"/proc/{process}/task"):
        found += read(process, f"task/{thread}/children").split()
    return sorted(int(child) for child in found)


def main() -> None:
    """Do it."""
    number, enough, program = getattr(signal, sys.argv[1]), sys.argv[2], sys.argv[3:]
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    with open("/proc/self/coredump_filter", "w") as file:
        file.write("0x37")
    host = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert host.stdout is not None and host.stderr is not None
    while enough not in host.stdout.readline():
        assert host.poll() is None, "it ended"
    seen = {"own": look(os.getpid()), "host": look(host.pid), "children": [look(child) for child in children(host.pid)]}
    host.send_signal(number)
    # After its backtrace the program goes on, for nothing is wrong with it.
    for line in host.stderr:
        sys.stderr.write(line)
        if "Backtrace took" in line:
            host.kill()
    host.stdout.read()
    status = os.waitpid(host.pid, 0)[1]
    seen["signal"] = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    seen["hasCore"] = os.WCOREDUMP(status)
    print(json.dumps(seen))


main()
