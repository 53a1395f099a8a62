"""One case: a fault at one write, the starts behind it, and what is wrong in the end."""

import json
import random
import shutil
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import books
from scenes import Scenario, throw_kill_switch
from starts import PATIENCE, Fault, Outcome, Program
from venue import LOGIN, Venue

KILLS = ("before", "torn", "after")
ERRORS = ("eio", "eio-on", "enospc", "full")
STORE = 5  # the exit code for a store that cannot be written or read
THROWN_AT = 10  # lines of the first start, before the kill switch is thrown


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

    def points(self, how: str, is_sample: bool) -> int:
        """How many points a fault of this kind has; for a sample those that every run has."""
        counts = self.writes if how == "torn" else self.calls
        return min(counts) if is_sample else max(counts)


@dataclass(slots=True, kw_only=True)
class Case:
    """A fault of one kind at one point, and what came of it."""

    scenario: Scenario
    fault: Fault
    struck: str = ""
    """The call that it met; empty where the run had ended before."""
    second: str = ""
    """The call at which the second start was killed."""
    starts: int = 0
    longest: float = 0
    code: int | None = None
    """How the start with the error ended."""
    differences: list[str] = field(default_factory=list)

    def json(self) -> dict[str, object]:
        """For programs."""
        return {
            "scenario": self.scenario.name,
            "fault": self.fault.how,
            "at": self.fault.at,
            "call": self.struck,
            "second_crash": self.second,
            "starts": self.starts,
            "longest_start": round(self.longest, 3),
            "code": self.code,
            "differences": self.differences,
        }


class Bench:
    """Runs cases of a scenario, each in a folder of its own."""

    def __init__(self, program: Program, sim: Path, folder: Path, seed: int) -> None:
        """Prepare; nothing runs yet."""
        self.program = program
        self.sim = sim
        self.folder = folder
        self.seed = seed
        self._count = 0
        self._lock = threading.Lock()
        self.tables = self._made_tables()

    def _made_tables(self) -> Path:
        """Tables as a short run has left them."""
        place = self._place()
        scenario = Scenario(name="tables", what="one price", ticks=1)
        scenario.write(place)
        outcome = self.program.start(place, "run", "--json")
        if outcome.code:
            raise SystemExit(f"no tables are made: {outcome.code}: {outcome.errors}")
        tables = self.folder / "tables.db"
        (place / ".madang" / "madang.db").rename(tables)
        shutil.rmtree(place)
        return tables

    def _place(self) -> Path:
        with self._lock:
            self._count += 1
            place = self.folder / f"{self._count}"
        place.mkdir(mode=0o700)
        return place

    def reference(self, scenario: Scenario, times: int = 3) -> Reference:
        """Run it undisturbed; where runs of it are the same again, they must be."""
        outcomes = []
        found: list[books.Rows] = []
        for _ in range(times):
            place = self._place()
            with ExitStack() as stack:
                life = Life(self, scenario, place, stack, HANG)
                outcome = life.start(Fault())
                wrong = life.differences(None)
            if outcome.code or wrong:
                raise SystemExit(
                    f"undisturbed it ends with {outcome.code}: {outcome.errors}{wrong}"
                )
            outcomes.append(outcome)
            found.append(books.tables(place))
            shutil.rmtree(place)
        if scenario.is_same_again:
            for rows in found[1:]:
                if wrong := books.difference(rows, found[0]):
                    raise SystemExit(f"two undisturbed runs are not the same: {wrong}")
        return Reference(
            calls=[each.calls for each in outcomes],
            writes=[each.writes for each in outcomes],
            seconds=max(each.seconds for each in outcomes),
            lines=outcomes[0].lines,
            rows=found[0],
            summary=books.summary(outcomes[0].lines),
        )

    def run_met(self, scenario: Scenario, reference: Reference, fault: Fault) -> Case:
        """Run one case that meets its fault: at an earlier point, where a run ended before it."""
        case = self.run(scenario, reference, fault)
        while not case.struck and not case.differences and fault.at > 1:
            fault = Fault(fault.how, fault.at * 3 // 4)
            case = self.run(scenario, reference, fault)
        return case

    def run(self, scenario: Scenario, reference: Reference, fault: Fault) -> Case:
        """Run one case to its end."""
        case = Case(scenario=scenario, fault=fault)
        chance = random.Random(f"{self.seed} {scenario.name} {fault.how} {fault.at}")
        place = self._place()
        with ExitStack() as stack:
            life = Life(self, scenario, place, stack, reference.seconds + PATIENCE)
            try:
                self._starts(case, life, reference, chance)
                if not case.differences:
                    case.differences += life.differences(reference)
            except Exception as error:
                case.differences.append(f"{type(error).__name__}: {error}")
            case.starts = len(life.outcomes)
            case.longest = max(each.seconds for each in life.outcomes)
        if not case.differences:
            shutil.rmtree(place)
        else:
            case.differences.append(f"kept in {place}")
        return case

    def _starts(
        self, case: Case, life: "Life", reference: Reference, chance: random.Random
    ) -> None:
        first = life.start(case.fault)
        case.struck = first.what if first.struck else ""
        how = case.fault.how
        if how in KILLS:
            if first.struck and not first.is_killed:
                case.differences.append(f"not killed, ended with {first.code}: {first.errors}")
        else:
            case.code = first.code
            if wrong := told_badly(first):
                case.differences.append(wrong)
        if first.is_hung:
            case.differences.append(f"the first start hung: {first.lines[-1:]}")
        if first.code == 0:
            return
        if how in KILLS:
            left = max(RECOVERY, max(reference.calls) - first.calls + 40)
            most = chance.choice([RECOVERY, left])
            again = Fault(chance.choice(KILLS), chance.randint(1, most))
            second = life.start(again)
            case.second = second.what if second.struck else ""
            if second.is_hung or second.code not in (0, -9):
                case.differences.append(
                    f"the second start, {again}: code {second.code}, hung {second.is_hung}:"
                    f" {second.errors}"
                )
            if second.code == 0:
                return
        last = life.start(Fault())
        if last.code or last.is_hung:
            case.differences.append(
                f"the last start: code {last.code}, hung {last.is_hung}: {last.errors}"
            )


HANG = 60.0
RECOVERY = 20  # writes of a start, before it goes on: half of the second crashes are there


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
        self, bench: Bench, scenario: Scenario, place: Path, stack: ExitStack, limit: float
    ) -> None:
        """Write the folder, and open the venue where there is one."""
        self.scenario = scenario
        self.place = place
        self.outcomes: list[Outcome] = []
        venue = stack.enter_context(Venue(bench.sim)) if scenario.has_venue else None
        self.venue = venue
        scenario.write(place, venue.broker if venue else "", bench.tables)
        self.program = Program(bench.program.madang, bench.program.faults, LOGIN, limit)
        self.is_thrown = False

    def start(self, fault: Fault) -> Outcome:
        """Start once more."""
        throws = self.scenario.is_killed and not self.is_thrown

        def on_line(index: int, line: str) -> None:
            if index == THROWN_AT and throws:
                self.is_thrown = True
                throw_kill_switch(self.place)

        if throws and self.outcomes:
            self.is_thrown = True
            throw_kill_switch(self.place)
        outcome = self.program.start(
            self.place, "run", "--json", fault=fault, on_line=on_line if throws else None
        )
        self.outcomes.append(outcome)
        return outcome

    def differences(self, reference: Reference | None) -> list[str]:
        """Return what is wrong now."""
        lines = [each.lines for each in self.outcomes]
        found = books.lost(self.place, lines) + books.doubled(self.place)
        if self.is_thrown and not self._is_thrown_too_late():
            found += books.opened_after_kill(self.place, 1)
        if self.venue:
            found += self.venue.differences(self.place)
        if reference and self.scenario.is_same_again:
            found += self._same(reference, lines)
        return found + books.checked(self.program, self.place, self.scenario.has_venue)

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
        found = books.difference(books.tables(self.place), reference.rows)
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
