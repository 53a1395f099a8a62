"""A terminal for tests: runs a program on one, follows a plan, tells what was to be seen.

``terminal.py ANSWER PLAN COMMAND...`` writes JSON to a file; the plan is a list of steps, each an object with one of

- ``until``: a pattern that the screen has to show,
- ``snapshot``: keeps the screen under this name,
- ``signal``: a signal's name, sent to the program,
- ``server``: the same for its child that has ``named`` in its command line,
- ``keys``: typed,
- ``size``: columns and rows, from now on,
- ``file``: waited for *without reading* what the program writes.
"""

import codecs
import ctypes
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
import unicodedata

LIMIT = 40.0
IN_MOVED_TO, IN_CREATE = 0x80, 0x100  # sys/inotify.h
# CAN ends a sequence that was cut off.
TOKEN = re.compile(
    r"\x1b\[([?0-9;]*)([A-Za-z])|\x1b\[?[?0-9;]*\x18|\x1b\[[?0-9;]*$|\x1b$|\x1b.|.", re.S
)


class Page:
    """Rows of characters; a wide one is followed by an empty cell."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = [[]]
        self.row = self.column = 0

    def put(self, character: str, width: int) -> None:
        """Write at the cursor."""
        while self.row >= len(self.rows):
            self.rows.append([])
        cells = self.rows[self.row]
        cells += [" "] * (self.column + width - len(cells))
        cells[self.column : self.column + width] = [character] + [""] * (width - 1)
        self.column += width

    def lines(self) -> list[str]:
        """Every row, without spaces at its end."""
        return ["".join(row).rstrip() for row in self.rows]


class Terminal:
    """As much of a terminal as a program may need; what it does not know is kept in ``unknown``."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.main, self.other = Page(), Page()
        self.page = self.main
        self.cursor = self.wrap = True
        self.entered = self.left = self.colours = 0
        self.widest = 0
        self.unknown: list[str] = []
        self.rest = ""

    def feed(self, text: str) -> None:
        """Take what the program wrote."""
        text = self.rest + text
        self.rest = ""
        for found in TOKEN.finditer(text):
            token = found.group()
            if found.group(2):
                self.sequence(found.group(1), found.group(2), token)
            elif token.endswith("\x18"):
                continue
            elif token.startswith("\x1b"):
                if found.end() == len(text):
                    self.rest = token
                else:
                    self.unknown.append(token)
            else:
                self.character(token)

    def character(self, token: str) -> None:
        """Print one, or move."""
        page = self.page
        if token == "\n":
            page.row += 1
        elif token == "\r":
            page.column = 0
        elif unicodedata.category(token) == "Cc":
            self.unknown.append(token)
        elif not unicodedata.combining(token):
            wide = 2 if unicodedata.east_asian_width(token) in "WF" else 1
            page.put(token, wide)
            if page is self.other:
                self.widest = max(self.widest, page.column - self.columns)

    def sequence(self, numbers: str, letter: str, token: str) -> None:
        """Obey an escape sequence."""
        page = self.page
        if letter == "m":
            codes = {int(code or 0) for code in numbers.split(";")}
            self.colours += bool(codes - {0})
        elif letter == "H":
            row, column = ([int(number or 1) for number in numbers.split(";")] + [1, 1])[:2]
            page.row, page.column = row - 1, column - 1
        elif letter == "K":
            while page.row >= len(page.rows):
                page.rows.append([])
            del page.rows[page.row][page.column :]
        elif token == "\x1b[2J":
            page.rows = [[]]
        elif token in ("\x1b[?1049h", "\x1b[?1049l"):
            self.entered += letter == "h"
            self.left += letter == "l"
            self.page = self.other if letter == "h" else self.main
        elif numbers in ("?25", "?7", "?2026"):
            if numbers == "?25":
                self.cursor = letter == "h"
            elif numbers == "?7":
                self.wrap = letter == "h"
        else:
            self.unknown.append(token)


class Session:
    """A program on a terminal."""

    def __init__(self, command: list[str], columns: int = 100, rows: int = 30) -> None:
        self.terminal = Terminal(columns)
        self.snapshots: dict[str, list[str]] = {}
        self.raw = b""
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.deadline = time.monotonic() + LIMIT
        ready, go = os.pipe()
        self.id, self.master = pty.fork()
        if self.id == 0:
            os.read(ready, 1)
            os.execvp(command[0], command)
        self.size(columns, rows)
        self.before = termios.tcgetattr(self.master)
        os.write(go, b"!")

    def size(self, columns: int, rows: int) -> None:
        """Make the window so large."""
        self.terminal.columns = columns
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self) -> bool:
        """Take what comes next; False at the end."""
        left = self.deadline - time.monotonic()
        if left <= 0 or not select.select([self.master], [], [], left)[0]:
            os.kill(self.id, signal.SIGKILL)
            sys.exit(f"time is over; on the screen:\n{self.shown()}\nraw: {self.raw[-2000:]!r}")
        try:
            new = os.read(self.master, 65536)
        except OSError:  # the other side is closed
            return False
        self.raw += new
        self.terminal.feed(self.decoder.decode(new))
        return bool(new)

    def shown(self) -> str:
        """Give what is on the screen."""
        return "\n".join(self.terminal.page.lines())

    def step(self, step: dict) -> None:
        """Do one step of the plan."""
        if "until" in step:
            while not re.search(step["until"], self.shown()):
                if not self.read():
                    sys.exit(f"it ended before {step['until']!r}:\n{self.shown()}")
        elif "snapshot" in step:
            self.snapshots[step["snapshot"]] = self.terminal.page.lines()
        elif "signal" in step:
            os.kill(self.id, signal.Signals[step["signal"]])
        elif "server" in step:
            os.kill(self.child(step["named"]), signal.Signals[step["server"]])
        elif "keys" in step:
            os.write(self.master, step["keys"].encode())
        elif "size" in step:
            self.size(*step["size"])
            # What a window shows when its size has changed is nobody's promise.
            self.terminal.other.rows = [list("stale") for _ in range(step["size"][1])]
        elif "file" in step:
            if not appears(step["file"], self.deadline):
                os.kill(self.id, signal.SIGKILL)
                sys.exit(f"no {step['file']} while nobody reads")
        else:
            sys.exit(f"no such step: {step}")

    def child(self, word: str) -> int:
        """Find a child of the program."""
        for name in os.listdir("/proc"):
            try:
                with open(f"/proc/{name}/stat") as file:
                    parent = int(file.read().rpartition(")")[2].split()[1])
                with open(f"/proc/{name}/cmdline") as file:
                    line = file.read()
            except (OSError, ValueError, IndexError):
                continue
            if parent == self.id and word in line:
                return int(name)
        sys.exit(f"no child with {word!r}")


def appears(path: str, deadline: float) -> bool:
    """Wait for a file; its folder is there. False: not by then."""
    libc = ctypes.CDLL(None, use_errno=True)
    watch = libc.inotify_init1(os.O_CLOEXEC)
    folder = os.fsencode(os.path.dirname(path) or ".")
    if watch < 0 or libc.inotify_add_watch(watch, folder, IN_CREATE | IN_MOVED_TO) < 0:
        sys.exit(f"{path} cannot be waited for: {os.strerror(ctypes.get_errno())}")
    try:
        while not os.path.exists(path):  # looked at behind the watch, so nothing is missed
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([watch], [], [], left)[0]:
                return False
            os.read(watch, 65536)
        return True
    finally:
        os.close(watch)


def main() -> None:
    """Follow the plan to the program's end."""
    plan = json.loads(sys.argv[2])
    session = Session(sys.argv[3:])
    for step in plan:
        session.step(step)
    # What a shell would find: asked before the last program on it is gone for good.
    while session.read():
        pass
    after = termios.tcgetattr(session.master)
    _, status = os.waitpid(session.id, 0)
    terminal = session.terminal
    answer = {
        "exit": os.waitstatus_to_exitcode(status),
        "entered": terminal.entered,
        "left": terminal.left,
        "isOnMain": terminal.page is terminal.main,
        "hasCursor": terminal.cursor,
        "wraps": terminal.wrap,
        "isRestored": after == session.before,
        "colours": terminal.colours,
        "excess": max(0, terminal.widest),
        "unknown": terminal.unknown,
        "lines": terminal.main.lines(),
        "snapshots": session.snapshots,
        "bytes": len(session.raw),
        "escapes": session.raw.count(b"\x1b"),
    }
    with open(sys.argv[1], "w") as file:
        json.dump(answer, file)


main()
