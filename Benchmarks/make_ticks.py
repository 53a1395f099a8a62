"""Writes the ticks of bench/gen.py as columns, for bench/ceiling.c: ``make_ticks.py N PATH``."""

import importlib.util
import pathlib
import sys

import numpy as np

HOUSE = pathlib.Path(__file__).resolve().parents[1]


def main() -> None:
    """Generate, and put in place when whole."""
    spec = importlib.util.spec_from_file_location("gen", HOUSE / "bench" / "gen.py")
    assert spec is not None and spec.loader is not None
    gen = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(gen)
    columns = gen.ticks_np(int(sys.argv[1]))
    target = pathlib.Path(sys.argv[2])
    unfinished = target.with_suffix(".part.npy")
    np.save(unfinished, np.stack([columns[c] for c in ("ts", "sym", "price", "size", "side")]))
    unfinished.rename(target)


if __name__ == "__main__":
    main()
