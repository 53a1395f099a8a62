"""Make the demonstration's data: recorded daily candles, and a generated session of ticks.

The candles are those of the S&P 500 and the NASDAQ Composite that the Python package `arch`
(University of Illinois/NCSA licence) carries; only their dates are rewritten as ISO. The ticks
are generated from a seed by bench/gen.py, on the KRX price ladder: no market ever saw them.
"""

import csv
import datetime
import gzip
import importlib.util
import io
import pathlib
import subprocess
import sys
import tempfile
import zipfile

TICKS = 96_000


def candles(target: pathlib.Path) -> None:
    """Write both indices as one file in the order of dates: date, symbol, open … volume."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        subprocess.run([*command, "--dest", folder, "arch==8.0.0"], check=True)
        (wheel,) = pathlib.Path(folder).glob("arch-*")
        with zipfile.ZipFile(wheel) as archive:
            rows = []
            for symbol in ("sp500", "nasdaq"):
                packed = archive.read(f"arch/data/{symbol}/{symbol}.csv.gz")
                text = io.StringIO(gzip.decompress(packed).decode())
                for row in csv.DictReader(text):
                    month, day, year = map(int, row["Date"].split("/"))
                    date = datetime.date(year, month, day).isoformat()
                    prices = [row[name] for name in ("Open", "High", "Low", "Close", "Volume")]
                    rows.append([date, symbol.upper(), *prices])
    rows.sort(key=lambda row: (row[0], row[1]))
    write(target, ["date", "symbol", "open", "high", "low", "close", "volume"], rows)


def ticks(target: pathlib.Path) -> None:
    """Write the generated session: ts (ns), symbol, price (won), size, side."""
    path = pathlib.Path(__file__).parent.parent / "bench" / "gen.py"
    spec = importlib.util.spec_from_file_location("gen", path)
    assert spec is not None and spec.loader is not None
    gen = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(gen)
    write(target, ["ts", "symbol", "price", "size", "side"], gen.ticks_py(TICKS))


def write(target: pathlib.Path, head: list[str], rows: object) -> None:
    """Write the file whole or not at all."""
    part = target.with_suffix(".part")
    with gzip.open(part, "wt", newline="", compresslevel=6) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)  # type: ignore[arg-type]
    part.rename(target)


def main() -> None:
    """Make what is missing in the folder named on the command line."""
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # sockets will live there too
    for name, make in (("daily.csv.gz", candles), ("generated-ticks.csv.gz", ticks)):
        if not (folder / name).exists():
            print(f"  making {folder / name}", flush=True)
            make(folder / name)


if __name__ == "__main__":
    main()
