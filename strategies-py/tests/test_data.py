"""CSV files, and candles that grow out of ticks."""

from __future__ import annotations

import gzip
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from madang import (
    Candle,
    DataError,
    Quote,
    Side,
    Tick,
)
from madang.data import read_csv, with_candles
from madang.testing import (
    START,
    tick,
)

ROOT = Path(__file__).resolve().parents[2]
RECORDED = ROOT.parent / "shared" / "market-data"


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
