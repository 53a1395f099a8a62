"""The starts of one case in one folder, with what lives outside of it."""

import json
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import books
from chat import Chat
from scenes import Scenario, throw_kill_switch
from starts import Fault, Outcome, Program
from stores import Postgres, SQLite, Store
from venue import LOGIN, Venue

STORE = 5  # the exit code for a store that cannot be written or read
KILLS = ("before", "torn", "after")
LEFT_STARTS = 8  # to tell what a start before them has left
THROWN_AT = 10  # lines of the first start, before the kill switch is thrown


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What a case needs and does not make: the programs, and what all cases share."""

    program: Program
    sim: Path
    tables: Path | None = None
    """Such as a run has left them."""
    postgres: Postgres | None = None


@dataclass(slots=True, kw_only=True)
class Reference:
    """What undisturbed runs of a scenario do."""

    calls: list[int]
    """Of each run: threads group their writes otherwise each time."""
    writes: list[int]
    seconds: float
    lines: list[str]
    rows: books.Rows
    summary: dict[str, object]
    letters: Counter[str]
    """Lines that the channel was told and that count; empty where there is none."""

    def points(self, how: str, is_sample: bool) -> int:
        """How many points a fault of this kind has; for a sample those that every run has."""
        counts = self.writes if how == "torn" else self.calls
        return min(counts) if is_sample else max(counts)


def told_badly(outcome: Outcome) -> str:
    """Whether a start that met an error ended otherwise than it should."""
    if outcome.code == 0:
        return ""  # it could do without that call
    if outcome.code != STORE:
        return f"ended with {outcome.code}: {outcome.errors.strip()}"
    lines = outcome.errors.rstrip("\n").split("\n")
    if len(lines) < 2 or not lines[1].startswith("  "):
        return f"no advice in: {outcome.errors.strip()}"
    if len([line for line in lines if not line.startswith("  ")]) != 1:
        return f"more than one error: {outcome.errors.strip()}"
    if ".madang" not in lines[0]:
        return f"the file is not named: {outcome.errors.strip()}"
    return ""


class Life:
    """The starts of one case in one folder, with its venue."""

    def __init__(
        self, outside: Outside, scenario: Scenario, place: Path, stack: ExitStack, limit: float
    ) -> None:
        """Write the folder, and open the venue, the channel and the store that it names."""
        self.scenario = scenario
        self.place = place
        self.outcomes: list[Outcome] = []
        self.venue = stack.enter_context(Venue(outside.sim)) if scenario.has_venue else None
        self.chat = stack.enter_context(Chat()) if scenario.has_server else None
        self.store: Store = SQLite(place / scenario.database)
        if scenario.has_postgres and outside.postgres:
            self.store = stack.enter_context(outside.postgres.schema(f"case_{place.name}"))
        scenario.write(
            place,
            broker=self.venue.broker if self.venue else "",
            store=self.store.settings,
            channel=self.chat.channel if self.chat else "",
            tables=outside.tables,
        )
        words = LOGIN | (self.chat.words if self.chat else {})
        self.program = Program(outside.program.madang, outside.program.faults, words, limit)
        self.is_thrown = False

    def start(self, fault: Fault, trace: Path | None = None) -> Outcome:
        """Start once more; ``trace`` gets a line for each call."""
        throws = self.scenario.is_killed and not self.is_thrown

        def on_line(index: int, line: str) -> None:
            if index == THROWN_AT and throws:
                self.is_thrown = True
                throw_kill_switch(self.place)

        if throws and self.outcomes:
            self.is_thrown = True
            throw_kill_switch(self.place)
        outcome = self.program.start(
            self.place,
            "run",
            "--json",
            fault=fault,
            on_line=on_line if throws else None,
            trace=trace,
        )
        self.outcomes.append(outcome)
        return outcome

    def differences(self, reference: Reference | None) -> list[str]:
        """Return what is wrong now."""
        lines = [each.lines for each in self.outcomes]
        found = books.lost(self.store, lines) + books.doubled(self.store)
        if self.is_thrown and not self._is_thrown_too_late():
            found += books.opened_after_kill(self.store, 1)
        if self.venue:
            found += self.venue.differences(self.store)
        if reference and self.scenario.is_same_again:
            found += self._same(reference, lines)
        found += books.checked(self.program, self.place, self.scenario.has_venue)
        if reference and self.chat:
            found += self._told(reference, self.chat)
        return found + self._left()

    def untouched(self, trace: str) -> list[str]:
        """Return what this scenario is there for and the run did not write."""
        return [f"{part} is not written" for part in self.scenario.touches if part not in trace]

    def _told(self, reference: Reference, chat: Chat) -> list[str]:
        """Return what the channel lacks or has twice, once starts have told what was left.

        A start behind a run that was over before it was killed begins another, which tells it all.
        """
        ((runs,),) = books.query(self.store, "SELECT count(DISTINCT run) FROM ledger")
        last = self.outcomes[-1]
        for _ in range(LEFT_STARTS):
            if not any("left for the next" in line for line in last.lines):
                break
            last = self.program.start(self.place, "run", "--json", "-c", "few.yaml")
            if last.code:
                return [f"what is left is not told: {last.code}: {last.errors}"]
        letters = {line: count * runs for line, count in reference.letters.items()}
        return chat.differences(Counter(letters))

    def _left(self) -> list[str]:
        """Return processes and files that a start should have taken with it or closed to others."""
        found = []
        for process in Path("/proc").iterdir():
            if not process.name.isdigit():
                continue
            try:
                words = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
            except OSError:
                continue
            if f"{self.place}/".encode() in words:
                found.append(f"process {process.name} is left: {words[:200]!r}")
        folder = self.place / ".madang"
        for file in (*folder.glob(".*.*.*"), *folder.glob("runs/*/.*.*.*")):
            found.append(f"{file.relative_to(folder)} is left")
        for file in (folder, *folder.rglob("*")):
            if file.lstat().st_mode & 0o077:
                found.append(f"{file.relative_to(self.place)} is open to others")
        return found

    def _is_thrown_too_late(self) -> bool:
        """Whether the first start had come to its last price while we reached for the switch."""
        if (self.place / ".madang" / "kill-switch.heard.json").exists():
            return False
        first = [json.loads(line) for line in self.outcomes[0].lines]
        later = [json.loads(line) for each in self.outcomes[1:] for line in each.lines]
        return any(line["event"] == "finished" for line in first) or any(
            line.get("resumed_at") == self.scenario.ticks for line in later
        )

    def _same(self, reference: Reference, lines: Sequence[Sequence[str]]) -> list[str]:
        found = books.difference(books.tables(self.store), reference.rows)
        mine = books.summary(lines[-1])
        for name in ("ledger_hash", "state_hash", "orders", "fills", "ticks"):
            if mine.get(name) != reference.summary.get(name):
                found.append(f"{name} is {mine.get(name)}, not {reference.summary.get(name)}")
        known = set(reference.lines)
        for line in (line for each in lines for line in each):
            if json.loads(line)["event"] in ("fill", "order") and line not in known:
                found.append(f"told and never so: {line}")
        ledger = self.program.start(self.place, "ledger", "--json")
        if len(ledger.lines) != mine.get("fills"):
            found.append(f"madang ledger has {len(ledger.lines)} lines")
        return found
