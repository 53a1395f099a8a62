"""Replay, the look for accidents of batching, CSV files, the command line."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from madang import (
    Action,
    Candle,
    DataError,
    Fill,
    Mode,
    Outcome,
    Quote,
    Result,
    Side,
    Strategy,
    Tick,
    Ticks,
    Timer,
    buy,
    sell,
)
from madang.cli import main
from madang.data import read_csv, with_candles
from madang.testing import (
    START,
    HookFailed,
    Replay,
    candle,
    candles,
    check_cuts,
    fill,
    quote,
    tick,
    ticks,
    timer,
)
from madang.testing import replay as replay_events

ROOT = Path(__file__).resolve().parents[2]
RECORDED = ROOT.parent / "shared" / "market-data"


class All(Strategy):
    inputs = ("ticks", "quotes", "candles:1m", "timers:10s")

    def on_start(self) -> None:
        self.seen: list[object] = []

    def on_tick(self, tick: Tick) -> Outcome:
        assert (tick.price, tick.quantity, tick.side) == (Decimal("70.5"), 2, Side.SELL)
        assert tick.time == START
        return buy(quantity=1)

    def on_quote(self, quote: Quote) -> Outcome:
        assert (quote.bid, quote.ask, quote.bid_quantity) == (Decimal(9), None, 3)
        return None

    def on_candle(self, candle: Candle) -> Outcome:
        assert (candle.open, candle.high, candle.low, candle.close) == (1, 4, 1, 3)
        assert candle.volume == 2**70
        assert (candle.interval, candle.open_time) == ("1m", START)
        assert candle.time == START + timedelta(minutes=1)
        return sell(fraction=1)

    def on_timer(self, timer: Timer) -> Outcome:
        assert timer.interval == "10s"
        return [buy("B"), buy("B"), buy("A")]

    def on_fill(self, fill: Fill) -> Outcome:
        assert (fill.side, fill.price, fill.held) == (Side.BUY, 70, -3)
        assert self.holding("A").quantity == -3
        assert self.holding("B").quantity == 0
        assert self.mode is Mode.PAPER
        assert self.symbols == ("A", "B")
        return None


def test_every_kind_arrives_as_it_was_made(replay: Callable[..., Replay]) -> None:
    events = [
        tick("A", "70.5", 2, side=Side.SELL),
        quote("A", 9, 0, bid_quantity=3, ask_quantity=0),
        candle("A", 3, open=1, high=4, volume=2**70),
        timer("10s"),
        fill("A", Side.BUY, 70, 1, held=-3, average_price=70),
        candle("B", 3, interval="5m"),  # not asked for
    ]
    run = replay(All, events, mode=Mode.PAPER)
    placed = [(each.position, each.symbol, each.index, each.action) for each in run.results]
    assert placed == [
        (1, "A", 0, Action.BUY),
        (3, "A", 0, Action.SELL),
        (4, "B", 0, Action.BUY),
        (4, "B", 1, Action.BUY),
        (4, "A", 0, Action.BUY),
    ]
    assert run.events == 5
    assert run.results[0].event is events[0]


async def test_replay_works_inside_a_loop(replay: Callable[..., Replay]) -> None:
    class Buys(Strategy):
        async def on_tick(self, tick: Tick) -> Outcome:
            return buy()

    assert len(replay(Buys, ticks("A", [1, 2])).results) == 2


def test_generators_may_be_hooks() -> None:
    class Yields(Strategy):
        def on_tick(self, tick: Tick) -> Iterator[Result | None]:
            yield buy()
            yield None
            yield sell()

    class AlsoAsync(Strategy):
        async def on_tick(self, tick: Tick) -> Any:
            yield buy()
            yield sell()

    for strategy in (Yields, AlsoAsync):
        run = replay_events(strategy, ticks("A", [1]))
        assert [each.action for each in run.results] == [Action.BUY, Action.SELL]


def test_a_failing_hook_fails_the_test() -> None:
    class Breaks(Strategy):
        def on_tick(self, tick: Tick) -> Outcome:
            raise ZeroDivisionError("no")

    with pytest.raises(HookFailed, match="at event 1: on_tick: ZeroDivisionError: no"):
        replay_events(Breaks, ticks("A", [1]))
    run = replay_events(Breaks, ticks("A", [1, 2]), keep_failures=True)
    assert [position for position, _ in run.failures] == [1, 2]


def test_a_failure_names_the_line_of_the_strategy() -> None:
    class Breaks(Strategy):
        def on_tick(self, tick: Tick) -> Outcome:
            return buy() if tick.price * 1.5 > 1 else None  # type: ignore[operator]

    with pytest.raises(HookFailed, match=r"float\(price\) \(test_testing.py:\d+\)$") as caught:
        replay_events(Breaks, ticks("A", [1]))
    assert isinstance(caught.value.__cause__, TypeError)
    assert caught.value.__cause__.__traceback__ is not None
    assert caught.value.__cause__.__traceback__.tb_frame.f_code.co_name == "on_tick"


def test_what_is_logged_from_info_on_reaches_the_host() -> None:
    class Talks(Strategy):
        def on_tick(self, tick: Tick) -> Outcome:
            self.log.debug("not this")
            self.log.info("at %s", tick.price)
            return None

    assert replay_events(Talks, [tick("A", 1), tick("A", 2)]).logs == ["at 1", "at 2"]


def test_an_accident_of_batching_is_found() -> None:
    class LastOfBatch(Strategy):
        def on_ticks(self, ticks: Ticks) -> Outcome:
            return buy(at=ticks.position[-1])

    with pytest.raises(AssertionError, match="depend on where messages end"):
        check_cuts(LastOfBatch, ticks("A", range(1, 600)))


def test_results_of_on_ticks_must_say_which_tick() -> None:
    class Careless(Strategy):
        def on_ticks(self, ticks: Ticks) -> Outcome:
            return buy()

    class Wrong(Strategy):
        def on_ticks(self, ticks: Ticks) -> Outcome:
            return buy(at=99)

    with pytest.raises(HookFailed, match=r"buy\(at=ticks\.position\[i\]\)"):
        replay_events(Careless, ticks("A", [1]))
    with pytest.raises(HookFailed, match="at=99 is not the position"):
        replay_events(Wrong, ticks("A", [1]))


def test_ticks_come_apart_by_symbol() -> None:
    class Apart(Strategy):
        def on_ticks(self, ticks: Ticks) -> Outcome:
            runs = {symbol: run.price.tolist() for symbol, run in ticks.by_symbol()}
            assert runs == {"A": [10**8, 3 * 10**8], "B": [2 * 10**8]}
            assert [each.symbol for each in ticks] == ["A", "B", "A"]
            assert ticks.of("B").position.tolist() == [2]
            assert (len(ticks.of("C")), ticks.price_of(2), ticks.symbol(1)) == (0, 3, "B")
            with pytest.raises(ValueError, match="read-only"):
                ticks.price[0] = 1
            return None

    replay_events(Apart, [tick("A", 1), tick("B", 2), tick("A", 3)])


def test_warm_up_feeds_history_without_results() -> None:
    class Mean(Strategy):
        inputs = ("candles:1m",)
        warm_up = 2

        def on_candle(self, candle: Candle) -> Outcome:
            return buy() if self.sma("A", 3).value else None

    history, live = candles("A", [1, 2, 3, 4]), candles("A", [5])
    run = replay_events(Mean, live, warm_up=history, mode=Mode.LIVE)
    assert [each.position for each in run.results] == [1]


def test_the_momentum_example_does_not_depend_on_batches() -> None:
    from test_oracles import example

    prices = [1000 + (i * 7919 % 101) - 50 + 30 * ((i // 150) % 2) for i in range(3000)]
    events = [tick("AB"[i % 2], price) for i, price in enumerate(prices)]
    run = check_cuts(example("momentum_ticks").Momentum, events, parameters={"length": 5})
    assert {each.action for each in run.results} == {Action.BUY, Action.SELL}


def write(path: Path, text: str) -> Path:
    if path.suffix == ".gz":
        with gzip.open(path, "wt") as file:
            file.write(text)
    else:
        path.write_text(text)
    return path


def test_a_file_says_itself_what_it_holds(tmp_path: Path) -> None:
    bars = write(
        tmp_path / "a.csv.gz",
        "date,Open,High,Low,Close,Volume\n2024-01-02,1,2,0.5,1.5,10\n2024-01-03,1,2,1,2,20\n",
    )
    first, second = read_csv(bars, time_zone="Asia/Seoul")
    assert isinstance(first, Candle)
    assert (first.interval, first.low, first.symbol) == ("1d", Decimal("0.5"), "DATA")
    assert isinstance(second, Candle)
    assert second.open_time.isoformat() == "2024-01-03T00:00:00+09:00"
    trades = write(tmp_path / "t.csv", "ts,symbol,px,size,side\n1700000000123,A,1.5,2,sell\n")
    (trade,) = read_csv(trades, columns={"price": "px"})
    assert isinstance(trade, Tick)
    assert (trade.feed_time_ns, trade.side) == (1_700_000_000_123_000_000, Side.SELL)
    book = write(tmp_path / "q.csv", "time,bid,ask\n2014-05-08 4:00:08,1.1,1.2\n")
    (top,) = read_csv(book)
    assert isinstance(top, Quote)
    assert (top.bid, top.ask, top.time.hour) == (Decimal("1.1"), Decimal("1.2"), 4)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no rows"),
        ("ts,price\n", "no rows"),
        ("a,b\n1,2\n", "no column of times; say which, such as time=a"),
        ("ts,x\n1,2\n", "has neither open"),
        ("ts,price,size\n1,abc,1\n", ":2: price 'abc' is not a number"),
        ("ts,price,size\n1,1,1\n2,1\n", ":3: 2 fields, the header has 3"),
        ("ts,price,size\nyesterday,1,1\n", ":2: 'yesterday' is not a time"),
        ("ts,price,size\n1,nan,1\n", ":2: price 'nan' is not a number"),
        ("ts,open,high,low,close\n1,1,1,1,1\n", "how long is a candle?"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    path = write(tmp_path / "bad.csv", text)
    with pytest.raises(DataError) as caught:
        list(read_csv(path))
    assert told in str(caught.value)


def test_what_is_no_file_or_no_gzip_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No such file"):
        list(read_csv(tmp_path / "none.csv"))
    (tmp_path / "x.csv.gz").write_bytes(b"no gzip at all")
    with pytest.raises(DataError, match="gzip"):
        list(read_csv(tmp_path / "x.csv.gz"))


def test_ticks_grow_into_candles() -> None:
    times = [0, 10, 59, 60, 185]
    events = [tick("A", 5 + i, time=START + timedelta(seconds=s)) for i, s in enumerate(times)]
    mixed = list(with_candles(events, [60 * 10**9]))
    made = [each for each in mixed if isinstance(each, Candle)]
    shapes = [(each.open, each.high, each.low, each.close, each.volume) for each in made]
    assert shapes == [(5, 7, 5, 7, 3), (8, 8, 8, 8, 1)]
    assert mixed.index(made[0]) == 3  # before the tick that closes it
    assert mixed.index(made[1]) == 5


@pytest.mark.skipif(not RECORDED.is_dir(), reason="recorded market data are not beside the project")
@pytest.mark.parametrize(
    ("name", "columns", "kind", "count"),
    [
        ("krx-005930-daily-1985_2018.csv.gz", {}, Candle, 8826),
        ("btc-perp-1min-2022-01.csv.gz", {}, Candle, 45031),
        ("coinbase-btcusd-1min-2018-04-04_06.csv.gz", {}, Candle, 3887),
        ("binance-btc-trades-2024-08-08.csv.gz", {"time": "trade_ms"}, Tick, 46452),
        ("fx-quotes-oanda-eurusd-2014-05-08.csv.gz", {}, Quote, 87833),
    ],
)
def test_recorded_files_load(name: str, columns: dict[str, str], kind: type, count: int) -> None:
    events = list(read_csv(RECORDED / name, columns=columns))
    assert len(events) == count
    assert all(type(event) is kind for event in events)


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, list(arguments))
    return result.exit_code, result.output


def test_a_new_strategy_passes_its_own_test_and_replays(tmp_path: Path) -> None:
    file = tmp_path / "my_cross.py"
    code, text = run("new", str(file))
    assert code == 0, text
    assert "test_my_cross.py" in text
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout
    for check in (["mypy", "--strict"], ["ruff", "check", "--select", "E,F,W,I,B"]):
        done = subprocess.run(
            [sys.executable, "-m", *check, "my_cross.py", "test_my_cross.py"],
            capture_output=True, text=True, cwd=tmp_path, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
    assert run("new", str(file))[0] == 1
    bars = str(ROOT / "oracles/backtest/bars_5000.csv")
    code, text = run("replay", str(file), "--data", bars, "--check")
    assert code == 0, text
    assert "5,000 events" in text
    assert "the same results wherever messages end" in text


COUNTS = """
from madang import Strategy, buy


class Counts(Strategy):
    inputs = ("candles:1m",)

    def on_start(self):
        self.seen = 0

    def save(self):
        return {"seen": self.seen}

    def restore(self, state):
        self.seen = state["seen"]

    def on_candle(self, candle):
        self.seen += 1
        if self.seen % 7 == 0:
            return buy()
"""


def test_a_strategy_that_saves_is_restored_by_check(tmp_path: Path) -> None:
    bars = str(ROOT / "oracles/backtest/bars_5000.csv")
    file = tmp_path / "counts.py"
    file.write_text(COUNTS)
    code, text = run("replay", str(file), "--data", bars, "--check")
    assert code == 0, text
    assert "the same results when restored from a snapshot" in text
    file.write_text(COUNTS.replace('state["seen"]', "0"))
    code, text = run("replay", str(file), "--data", bars, "--check")
    assert code == 1, text
    assert "a strategy restored after event" in text
    assert "the same results when restored" not in run("replay", str(file), "--data", bars)[1]


def test_replay_prints_json_and_takes_parameters() -> None:
    bars = str(ROOT / "oracles/backtest/bars_5000.csv")
    example = str(ROOT / "examples/ma_cross.py")
    code, text = run("replay", example, "--data", bars, "--json", "--set", "fast=5")
    assert code == 0, text
    lines = [json.loads(line) for line in text.splitlines()]
    assert {line["action"] for line in lines} == {"buy", "sell"}
    assert lines[0].keys() >= {"position", "time", "symbol", "price", "confidence", "reasons"}


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (
            ["--set", "fats=5"],
            3,
            "there is no parameter 'fats' (did you mean 'fast'?); there are: fast, slow",
        ),
        (["--set", "fast=x"], 3, "parameter 'fast' cannot be 'x': it must be a whole number"),
        (["--set", "fast"], 2, "is not NAME=VALUE"),
        (["--interval", "1d"], 1, "holds candles of 1d, the strategy asks for candles:1m"),
        (["--columns", "time=nope"], 1, "no column 'nope'; there are ts, symbol"),
        (["--strategy", "Other"], 3, "which strategy? It defines Cross"),
    ],
)
def test_replay_says_what_is_wrong(arguments: list[str], code: int, told: str) -> None:
    bars = str(ROOT / "oracles/backtest/bars_5000.csv")
    got, text = run("replay", str(ROOT / "examples/ma_cross.py"), "--data", bars, *arguments)
    assert got == code
    assert told in " ".join(text.split())


def test_a_hook_that_always_fails_is_told_in_one_line(tmp_path: Path) -> None:
    strategy = tmp_path / "breaks.py"
    strategy.write_text(
        "from madang import Strategy\n\n\nclass Breaks(Strategy):\n"
        "    def on_tick(self, tick):\n        return nothing\n"
    )
    rows = "".join(f"{second},A,1\n" for second in range(600))
    (tmp_path / "day.csv").write_text("time,symbol,price\n" + rows)
    code, output = run("replay", str(strategy), "--data", str(tmp_path / "day.csv"))
    assert code == 1
    line = "failed at event 1, 600 times: on_tick: NameError: name 'nothing' is not defined"
    assert f"{line} (breaks.py:6)\n" in output
    assert output.count("failed at event") == 1
