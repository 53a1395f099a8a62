"""``madang-py``: try strategies without a host, serve them, begin new ones."""

from __future__ import annotations

import itertools
import json
import logging
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any, NoReturn

import click
from rich.console import Console
from rich.table import Table

from madang import serving
from madang._encode import Event
from madang._loading import load
from madang._reloading import Reloading
from madang._template import STRATEGY, TEST
from madang._units import ns_to_span, span_to_ns
from madang._version import VERSION
from madang.data import read_csv, with_candles
from madang.definition import Definition, define
from madang.errors import (
    DataError,
    DefinitionError,
    MadangError,
    ModelError,
    ParameterError,
)
from madang.inputs import Kind
from madang.model import Candle, Fill, Quote, Tick, Timer
from madang.parameters import read as read_parameters
from madang.results import RESULTS_PER_EVENT
from madang.testing import PlacedResult, Replay, check_cuts, check_restore
from madang.testing import replay as replay_events


class Refused(click.ClickException):
    """Something the user can put right."""


class Unfit(Refused):
    """A strategy or a parameter that makes no sense."""

    exit_code = 3


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="madang-py")
def main() -> None:
    """Try strategies without a host, serve them, begin new ones."""


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def new(file: Path) -> None:
    """Write a strategy to FILE, and a test beside it.

    Example: madang-py new my_strategy.py
    """
    module = file.stem
    if file.suffix != ".py" or not module.isidentifier():
        raise click.BadParameter(f"{file.name} is not a module's name, such as my_strategy.py")
    test = file.with_name(f"test_{file.name}")
    for path in (file, test):
        if path.exists():
            raise click.ClickException(f"{path} exists; choose another name")
    words = [word for word in re.split(r"_+", module) if word]
    cls = "".join(word[0].upper() + word[1:] for word in words)
    file.write_text(STRATEGY.format(title=" ".join(words).capitalize(), cls=cls))
    test.write_text(TEST.format(module=module, cls=cls))
    click.echo(f"wrote {file} and {test}\n")
    click.echo(f"  try it    madang-py replay {file} --data day.csv.gz")
    click.echo(f"  test it   pytest {test}")
    click.echo(f"  serve it  madang-py serve {file} --reload")


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--reload", is_flag=True, help="take up changes of the code while it serves")
@click.option("--strategy", default=None, help="the class, where the file defines several")
@click.option("--address", default=None, help="unix:PATH or host:port")
@click.option("--tls-cert", default=None, help="PEM file of the certificate chain")
@click.option("--tls-key", default=None, help="PEM file of its key")
@click.option(
    "--tls-client-ca", default=None, help="PEM file of who must have signed a caller's certificate"
)
@click.option("--token-file", default=None, help="file with the token callers must bring")
@click.option("--parent-fd", type=int, default=None, help="end when this inherited pipe ends")
@click.option("--grace", type=float, default=None, help="seconds to end in order")
def serve(file: Path, reload: bool, strategy: str | None, **options: Any) -> None:
    """Serve the strategy in FILE to a host, as running the file does.

    Example: madang-py serve my_strategy.py --reload
    """
    given = [
        word
        for name, value in options.items()
        if value is not None
        for word in (f"--{name.replace('_', '-')}", str(value))
    ]
    try:
        if reload:
            _reload(file, strategy, given, options["parent_fd"])
        serving.serve(load(file, strategy), argv=given)
    except (DefinitionError, ModelError) as e:
        raise Unfit(str(e)) from e
    except MadangError as e:
        raise Refused(str(e)) from e


def _reload(file: Path, strategy: str | None, given: list[str], parent: int | None) -> NoReturn:
    """Serve with one process after the other, each with the code of its time."""
    if not file.is_file():
        raise DefinitionError(f"{file} does not exist")
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
    )
    command = [sys.executable, "-m", "madang", "serve", str(file), *given]
    command += [] if strategy is None else ["--strategy", strategy]
    parent = serving.inherited_pipe() if parent is None else parent
    if parent is not None:
        serving.check_pipe(parent)
    sys.exit(Reloading(command, file).run(parent))


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--data", required=True, type=click.Path(path_type=Path), help="CSV file, also .gz")
@click.option("--columns", default="", help="unusual column names: time=ts,price=px")
@click.option("--interval", default=None, help="length of the file's candles: 1m, 1d")
@click.option("--symbol", default="DATA", help="of rows where the file has no symbol column")
@click.option("--time-zone", default="UTC", help="of times without one: Asia/Seoul")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="a parameter")
@click.option("--strategy", default=None, help="the class, where the file defines several")
@click.option("--last", default=20, show_default=True, help="how many results to show")
@click.option(
    "--results-per-event",
    "most",
    type=click.IntRange(min=1),
    default=RESULTS_PER_EVENT,
    show_default=True,
    help="what the host takes, if its configuration says another number",
)
@click.option(
    "--check",
    is_flag=True,
    help="also check that messages may end anywhere, and that snapshots restore",
)
@click.option("--json", "as_json", is_flag=True, help="every result as a line of JSON")
def replay(
    file: Path,
    data: Path,
    columns: str,
    interval: str | None,
    symbol: str,
    time_zone: str,
    settings: tuple[str, ...],
    strategy: str | None,
    last: int,
    most: int,
    check: bool,
    as_json: bool,
) -> None:
    """Replay market data through the strategy in FILE.

    Example: madang-py replay my_strategy.py --data day.csv.gz --set fast=10
    """
    logging.getLogger("madang").addFilter(_once)
    try:
        definition = define(load(file, strategy))
        texts = dict(_pair(text, "--set") for text in settings)
        values = read_parameters(definition.parameters, texts)
        length = None if interval is None else span_to_ns(interval, "--interval")
        rows = read_csv(
            data,
            columns=dict(_pair(text, "--columns") for text in columns.split(",") if text),
            interval_ns=length,
            symbol=symbol,
            time_zone=time_zone,
        )
        events = list(_suited(rows, definition, values, data))
        run = replay_events(
            definition.cls,
            events,
            parameters=values,
            keep_failures=True,
            results_per_event=most,
        )
        if check:
            check_cuts(definition.cls, events, parameters=values, results_per_event=most)
        restored = ""
        if check and definition.snapshot_every > 0 and events:
            restored = _restored(definition, events, values, most)
    except (DefinitionError, ModelError, ParameterError) as e:
        raise Unfit(str(e)) from e
    except (MadangError, AssertionError, ValueError) as e:
        raise Refused(str(e)) from e
    if as_json:
        for placed in run.results:
            click.echo(json.dumps(_plain(placed), ensure_ascii=False))
    else:
        _show(run, last, check, restored)
    sys.exit(1 if run.failures else 0)


def _restored(
    definition: Definition, events: list[Event], values: dict[str, Any], most: int
) -> str:
    """Return what a trial of snapshots came to, in words."""
    try:
        check_restore(definition.cls, events, parameters=values, stops=20, results_per_event=most)
    except DefinitionError as e:
        return f"no snapshots: {e}"
    return "the same results when restored from a snapshot"


def _once(record: logging.LogRecord) -> bool:
    """Whether the log need say it: not that a hook fails again, which is counted at the end."""
    return record.module != "_engine" or record.exc_info is not None


def _pair(text: str, option: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise click.BadParameter(f"{text!r} is not NAME=VALUE", param_hint=option)
    return name.strip(), value.strip()


def _suited(rows: Any, definition: Definition, values: Any, data: Path) -> Any:
    """Give the strategy what it asks for, as far as the data hold it."""
    inputs = definition.needs(definition.make(values)).inputs
    wanted = [item.interval_ns for item in inputs if item.kind is Kind.CANDLES]
    first = next(rows)
    rows = itertools.chain([first], rows)
    if isinstance(first, Candle):
        if first.interval_ns not in wanted:
            asked = ", ".join(item.text for item in inputs)
            raise DataError(
                f"{data} holds candles of {ns_to_span(first.interval_ns)}, the strategy asks for "
                f"{asked}; with --interval you may say that they are something else"
            )
        return rows
    kinds = {item.kind for item in inputs}
    if isinstance(first, Quote) and Kind.QUOTES not in kinds:
        raise DataError(f"{data} holds quotes, which the strategy does not ask for")
    if isinstance(first, Tick) and not wanted and Kind.TICKS not in kinds:
        raise DataError(f"{data} holds ticks, which the strategy does not ask for")
    return with_candles(rows, wanted) if wanted else rows


def _size(placed: PlacedResult) -> str:
    result = placed.result
    if result.quantity_units is not None:
        return f"{result.quantity_units / 1e8:g}"
    if result.weight is not None:
        return f"{result.weight / 1e4:g} % of equity"
    return "" if result.fraction is None else f"{result.fraction / 1e4:g} % of holding"


def _price(event: Event) -> str:
    match event:
        case Candle():
            return str(event.close)
        case Tick() | Fill():
            return str(event.price)
        case Quote():
            return f"{event.bid} / {event.ask}"
        case Timer():
            return ""


def _plain(placed: PlacedResult) -> dict[str, Any]:
    result = placed.result
    return {
        "position": placed.position,
        "index": placed.index,
        "time": placed.event.time.isoformat(),
        "symbol": placed.symbol,
        "action": result.action.name.lower(),
        "price": _price(placed.event),
        "size": _size(placed),
        "confidence": result.confidence / 1e6,
        "reasons": list(result.reasons),
        "message": result.message,
    }


def _show(run: Replay, last: int, check: bool, restored: str) -> None:
    console = Console(highlight=False)
    shown = run.results[-last:] if last > 0 else []
    if shown:
        table = Table(box=None, pad_edge=False)
        for name in ("time", "symbol", "action", "price", "size", "sure", "why"):
            right = name in ("price", "size", "sure")
            table.add_column(name, justify="right" if right else "left", overflow="fold")
        for placed in shown:
            why = placed.result.message or ", ".join(placed.result.reasons)
            color = {"BUY": "green", "SELL": "red"}.get(placed.action.name, "yellow")
            table.add_row(
                f"{placed.event.time:%Y-%m-%d %H:%M:%S}", placed.symbol,
                f"[{color}]{placed.action.name}[/]", _price(placed.event), _size(placed),
                f"{placed.result.confidence / 1e6:.2f}", why,
            )  # fmt: skip
        if len(run.results) > len(shown):
            console.print(f"... {len(run.results) - len(shown)} earlier results", style="dim")
        console.print(table)
        console.print()
    for line in run.logs[-last:]:
        console.print(f"log: {line}", markup=False)
    times = Counter(text for _, text in run.failures)
    first = {text: position for position, text in reversed(run.failures)}
    for text in list(times)[:last]:
        often = f", {times[text]:,} times" if times[text] > 1 else ""
        line = f"failed at event {first[text]}{often}: {text}"
        console.print(line, style="red", markup=False, soft_wrap=True)
    if len(times) > last:
        console.print(f"... and failed in {len(times) - last:,} other ways", style="red")
    counts = Counter(placed.action.name.lower() for placed in run.results)
    said = ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "no results"
    rate = run.events / run.seconds if run.seconds else 0
    console.print(
        f"{run.events:,} events, {said}, {len(run.failures):,} failures, "
        f"{run.seconds:.2f} s ({rate:,.0f} events/s)"
    )
    if not run.events:
        console.print("the data hold nothing that the strategy asks for", style="yellow")
    if check:
        console.print("the same results wherever messages end", style="green")
    if restored:
        console.print(restored, style="green", markup=False, soft_wrap=True)
