"""Print what TA-Lib says of the bars on standard input: one column for each indicator asked for.

Input: CSV with open,high,low,close,volume. Arguments: what to ask, as `madang indicators --of` has
it. Output: CSV, full precision, empty where there is no value. What TA-Lib does not have (VWAP,
Keltner, Donchian) is put together here from its parts, or from the definition.
"""

import sys

import numpy as np
import talib

names = sys.stdin.readline().strip().split(",")
table = np.loadtxt(sys.stdin, delimiter=",", ndmin=2)
o, h, l, c, v = (np.ascontiguousarray(table[:, names.index(n)]) for n in ("open", "high", "low", "close", "volume"))
t = (h + l + c) / 3


def windows(x, n):
    return np.lib.stride_tricks.sliding_window_view(x, n)


def padded(x):
    return np.concatenate([np.full(len(c) - len(x), np.nan), x])


def vwap(n):
    if n == 0:
        with np.errstate(invalid="ignore"):
            return np.cumsum(t * v) / np.cumsum(v)
    with np.errstate(invalid="ignore"):
        return padded(windows(t * v, n).sum(axis=1) / windows(v, n).sum(axis=1))


def together(*columns):
    """All outputs begin where the last of them does."""
    empty = np.any([np.isnan(x) for x in columns], axis=0)
    return [np.where(empty, np.nan, x) for x in columns]


def keltner(n, factor, m):
    middle = talib.EMA(c, int(n))
    reach = factor * talib.ATR(h, l, c, int(m))
    return together(middle + reach, middle, middle - reach)


def donchian(n):
    upper, lower = talib.MAX(h, n), talib.MIN(l, n)
    return [upper, (upper + lower) / 2, lower]


def ma(x, n):
    """TA-Lib refuses averages of one value."""
    return x if n == 1 else talib.SMA(x, n)


def stochastic(n, k, d):
    fast = np.nan_to_num(0 * c)
    if n > 1:
        return talib.STOCH(h, l, c, n, k, 0, d, 0)
    fast = np.where(h > l, 100 * (c - l) / np.where(h > l, h - l, 1), 0)
    smooth = padded(windows(fast, k).mean(axis=1))
    return together(smooth, padded(windows(smooth, d).mean(axis=1)))


def roc(n):
    return np.where(np.isnan(talib.ROC(c, n)), np.nan, talib.ROC(c, n))


ASK = {
    "sma": lambda n: [ma(c, n)],
    "ema": lambda n: [c if n == 1 else talib.EMA(c, n)],
    "wma": lambda n: [c if n == 1 else talib.WMA(c, n)],
    "vwap": lambda n: [vwap(n)],
    "highest": lambda n: [h if n == 1 else talib.MAX(h, n)],
    "lowest": lambda n: [l if n == 1 else talib.MIN(l, n)],
    "rsi": lambda n: [talib.RSI(c, n)],
    "macd": lambda f, s, g: talib.MACD(c, f, s, g),
    "stochastic": stochastic,
    "adx": lambda n: together(talib.ADX(h, l, c, n), talib.PLUS_DI(h, l, c, n), talib.MINUS_DI(h, l, c, n)),
    "cci": lambda n: [talib.CCI(h, l, c, n)],
    "roc": lambda n: [roc(n)],
    "bollinger": lambda n, k: talib.BBANDS(c, n, k, k),
    "donchian": donchian,
    "keltner": keltner,
    "atr": lambda n: [talib.ATR(h, l, c, n)],
    "stddev": lambda n: [talib.STDDEV(c, n)],
    "obv": lambda: [talib.OBV(c, v)],
    "volume_average": lambda n: [ma(v, n)],
}

columns = []
for request in sys.argv[1:]:
    name, *written = request.split(":")
    numbers = [float(x) if name in ("bollinger", "keltner") and i == 1 else int(x) for i, x in enumerate(written)]
    columns += list(ASK[name](*numbers))
for row in zip(*columns):
    print(",".join("" if np.isnan(x) else repr(float(x)) for x in row))
