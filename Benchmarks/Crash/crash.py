"""Crashes at every write: what each costs a run of the real program.

Each write of a scenario is met by each kind of fault, once: killed before it, in its middle and
behind it; EIO and ENOSPC, once and from then on. After a kill the next start is killed too, at a
write that the seed chooses. The last start must end well and its books must be right.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path

from cases import ERRORS, Bench, Case
from life import KILLS, Outside, Reference
from scenes import SCENARIOS, Scenario
from starts import Fault, Program
from stores import Postgres
from table import show

MOST = 200  # differences that are printed


def progress(words: str) -> None:
    """Say where it is, on a terminal; nothing in a pipe."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{words}")
        sys.stderr.flush()


def points(count: int, sample: int, chance: random.Random) -> list[int]:
    """Return every point, or one of each of so many parts of the run."""
    if not sample or sample >= count:
        return list(range(1, count + 1))
    ends = [count * part // sample for part in range(sample + 1)]
    return [chance.randint(begin + 1, end) for begin, end in pairwise(ends)]


def cases(
    scenario: Scenario, kinds: list[str], reference: Reference, asked: argparse.Namespace
) -> Iterator[Fault]:
    """Yield what is to be done, in the order of the points."""
    for how in kinds:
        chance = random.Random(f"{asked.seed} {scenario.name} {how}")
        for at in points(reference.points(how, asked.points > 0), asked.points, chance):
            if asked.at in (None, at):
                yield Fault(how, at)


def kept(file: Path | None) -> dict[tuple[str, Fault], Case]:
    """Return the cases of an earlier call that was cut short."""
    found = {}
    scenarios = {each.name: each for each in SCENARIOS}
    for line in file.read_text().splitlines() if file and file.exists() else ():
        words = json.loads(line)
        case = Case(
            scenario=scenarios[words["scenario"]],
            fault=Fault(words["fault"], words["at"]),
            struck=words["call"],
            second=words["second_crash"],
            starts=words["starts"],
            longest=words["longest_start"],
            code=words["code"],
            differences=words["differences"],
        )
        found[case.scenario.name, case.fault] = case
    return found


def measure(
    asked: argparse.Namespace, folder: Path
) -> list[tuple[Scenario, Reference, list[Case]]]:
    """Measure what is asked for."""
    outside = Outside(
        program=Program(asked.madang, asked.faults), sim=asked.madang.parent / "madang-sim"
    )
    scenarios = [each for each in SCENARIOS if not asked.only or each.name in asked.only]
    found = []
    with ExitStack() as stack:
        if any(scenario.has_postgres for scenario in scenarios):
            outside = replace(outside, postgres=stack.enter_context(Postgres()))
        bench = Bench(outside, folder, asked.seed)
        for scenario in scenarios:
            found.append(measured(asked, bench, scenario))
    return found


def measured(
    asked: argparse.Namespace, bench: Bench, scenario: Scenario
) -> tuple[Scenario, Reference, list[Case]]:
    """Measure a scenario."""
    reference = bench.reference(scenario, 1 + scenario.is_same_again if asked.points else 3)
    faults = list(cases(scenario, asked.kind or [*KILLS, *ERRORS], reference, asked))
    known = kept(asked.keep)
    done = [case for (name, _), case in known.items() if name == scenario.name]
    faults = [fault for fault in faults if (scenario.name, fault) not in known]
    run = partial(bench.run_met if asked.points else bench.run, scenario, reference)
    begun = time.monotonic()
    with ThreadPoolExecutor(asked.jobs) as pool:
        for case in pool.map(run, faults):
            done.append(case)
            if asked.keep:
                with asked.keep.open("a") as file:
                    file.write(json.dumps(case.json()) + "\n")
            spent = time.monotonic() - begun
            wrong = sum(bool(each.differences) for each in done)
            progress(
                f"{scenario.name}: {case.fault.how} at {case.fault.at}, {len(done)} done,"
                f" {wrong} wrong, {spent / 60:.1f} min"
            )
            if case.differences and asked.verbose:
                print(json.dumps(case.json()), file=sys.stderr, flush=True)
    progress("")
    return scenario, reference, done


def words(case: Case) -> str:
    """Tell a case that went wrong."""
    place = f"{case.scenario.name} {case.fault.how} at {case.fault.at}"
    calls = f"{case.struck or 'met nothing'}, then {case.second or 'nothing'}"
    return f"\n{place} ({calls}):\n  " + "\n  ".join(case.differences)


def main() -> int:
    """Measure, and tell it."""
    names = [each.name for each in SCENARIOS]
    parser = argparse.ArgumentParser(prog="Tools/crash", description=__doc__)
    parser.add_argument("--only", action="append", choices=names, help="this scenario")
    parser.add_argument("--kind", action="append", choices=[*KILLS, *ERRORS], help="this fault")
    parser.add_argument(
        "--points", type=int, default=0, metavar="N", help="of each, all met; 0: every"
    )
    parser.add_argument("--at", type=int, metavar="N", help="this point alone, to look at it")
    parser.add_argument("--seed", type=int, default=1, help="of what is chosen (1)")
    parser.add_argument("--jobs", type=int, default=2, help="runs at a time (2)")
    parser.add_argument("--json", action="store_true", help="every case, as one object")
    parser.add_argument("--verbose", action="store_true", help="what is wrong, as it is found")
    parser.add_argument("--madang", type=Path, required=True, help="the program; madang-sim beside")
    parser.add_argument("--faults", type=Path, required=True, help="the library to preload")
    parser.add_argument(
        "--keep", type=Path, metavar="FILE", help="a line for each case; those there are not redone"
    )
    parser.add_argument("--folder", type=Path, help="where folders of what is wrong are kept")
    asked = parser.parse_args()
    asked.madang = asked.madang.resolve()
    asked.faults = asked.faults.resolve()
    folder = Path(tempfile.mkdtemp(prefix="madang-crash-", dir=asked.folder))
    found = measure(asked, folder)
    wrong = [case for _, _, done in found for case in done if case.differences]
    if asked.json:
        print(json.dumps([case.json() for _, _, done in found for case in done]))
    else:
        print(show(found))
        for case in wrong[:MOST]:
            print(words(case))
    (folder / "tables.db").unlink()
    if not any(folder.iterdir()):
        folder.rmdir()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
