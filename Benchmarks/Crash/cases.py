"""One case: a fault at one write, the starts behind it, and what is wrong in the end."""

import random
import shutil
import threading
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import books
from life import KILLS, Life, Outside, Reference, told_badly
from scenes import Scenario
from starts import PATIENCE, Fault, Program

ERRORS = ("eio", "eio-on", "enospc", "full")
HANG = 60.0
RECOVERY = 10  # writes of a start, before it goes on: half of the second crashes are there


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

    def __init__(self, outside: Outside, folder: Path, seed: int) -> None:
        """Prepare; nothing runs yet."""
        self.folder = folder
        self.seed = seed
        self._count = 0
        self._lock = threading.Lock()
        self.outside = replace(outside, tables=self._made_tables(outside.program))

    def _made_tables(self, program: Program) -> Path:
        """Tables as a short run has left them."""
        place = self._place()
        scenario = Scenario(name="tables", what="one price", ticks=1)
        scenario.write(place)
        outcome = program.start(place, "run", "--json")
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
        letters: Counter[str] = Counter()
        for _ in range(times):
            place = self._place()
            with ExitStack() as stack:
                life = Life(self.outside, scenario, place, stack, HANG)
                trace = self.folder / f"{place.name}.trace"
                outcome = life.start(Fault(), trace)
                wrong = life.differences(None) + life.untouched(trace.read_text())
                trace.unlink()
                if not wrong:
                    found.append(books.tables(life.store))
                if life.chat:
                    letters = life.chat.heard()[0]
            if outcome.code or wrong:
                raise SystemExit(
                    f"undisturbed it ends with {outcome.code}: {outcome.errors}{wrong}"
                )
            outcomes.append(outcome)
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
            letters=letters,
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
            life = Life(self.outside, scenario, place, stack, reference.seconds + PATIENCE)
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

    def _starts(self, case: Case, life: Life, reference: Reference, chance: random.Random) -> None:
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
