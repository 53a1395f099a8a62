"""What stands behind a strategy at work: its instruments, series and holdings."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace

from madang.errors import HistoryError, ProtocolError, ResultError
from madang.history import EMA, RSI, SMA, History, Indicator, Series, window
from madang.inputs import Input, Kind
from madang.instruments import Holding, Instrument, Mode

_log = logging.getLogger("madang")
MAKERS: dict[str, tuple[Callable[[Series, int], Indicator], int]] = {
    "sma": (SMA, 1),
    "ema": (EMA, 0),
    "rsi": (RSI, 1),
    "history": (History, 0),
}


class Runtime:
    """The session as one strategy sees it. Used from the session's thread alone."""

    def __init__(
        self, inputs: Iterable[Input], *, mode: Mode, reads_account: bool, vector: bool, name: str
    ) -> None:
        """Begin without instruments.

        Args:
            inputs: What the strategy sees.
            mode: How the host runs.
            reads_account: Whether holdings are known.
            vector: Whether ticks come as columns, which keeps no series of them.
            name: For the log.
        """
        self.mode = mode
        self.reads_account = reads_account
        self.instruments: dict[int, Instrument] = {}
        self.by_symbol: dict[str, Instrument] = {}
        self.holdings: dict[int, Holding] = {}
        self.log = logging.Logger(f"madang.{name}")
        self.log.parent = _log
        # What is for the host must not depend on how this process has set up its own log.
        self.log.setLevel(min(logging.INFO, _log.getEffectiveLevel()))
        # Interval → series by instrument number; ticks are interval 0.
        self.series: dict[int, dict[int, Series]] = {}
        self._inputs: dict[str, int] = {}
        self._vector = vector
        # Helper by what, symbol, length and input, as they were asked for.
        self.asked: dict[tuple[str, str, int, str | None], Indicator] = {}
        for item in inputs:
            prices = item.kind is Kind.CANDLES or (item.kind is Kind.TICKS and not vector)
            if prices:
                self._inputs[item.text] = item.interval_ns
                self.series[item.interval_ns] = {}

    def add(self, instrument: Instrument) -> None:
        """Take an instrument into the session.

        Raises:
            ProtocolError: Its number stands for another one.
        """
        known = self.instruments.get(instrument.number)
        if known is not None:
            if known.symbol not in (instrument.symbol, qualified(instrument)):
                raise ProtocolError(
                    "INVALID_ARGUMENT",
                    f"instrument {instrument.number} is {known.symbol}, "
                    f"it cannot become {instrument.symbol}",
                )
            return
        if instrument.symbol in self.by_symbol:
            instrument = replace(instrument, symbol=qualified(instrument))
        self.instruments[instrument.number] = instrument
        self.by_symbol[instrument.symbol] = instrument
        for series in self.series.values():
            series[instrument.number] = Series()

    def remove(self, number: int) -> None:
        """Forget an instrument and what was kept of it; nothing happens if it is not known."""
        instrument = self.instruments.pop(number, None)
        if instrument is None:
            return
        del self.by_symbol[instrument.symbol]
        self.holdings.pop(number, None)
        for series in self.series.values():
            gone = series.pop(number, None)
            if gone is not None:
                gone.end(instrument.symbol)
        for key in [key for key in self.asked if key[1] == instrument.symbol]:
            del self.asked[key]

    def number_of(self, symbol: str) -> int:
        """Return the number of a symbol a result names.

        Raises:
            ResultError: The session does not have it.
        """
        instrument = self.by_symbol.get(symbol)
        if instrument is None:
            raise ResultError(f"a result names {symbol!r}; {self._known()}")
        return instrument.number

    def indicator(self, what: str, symbol: str, length: int, on: str | None) -> Indicator:
        """Return the helper for a symbol, length and input; the same one each time.

        Raises:
            HistoryError: The symbol, the input or the length makes no sense.
        """
        key = (what, symbol, length, on)
        found = self.asked.get(key)
        if found is not None:
            return found
        window(length, what)
        interval = self._interval(what, on)
        instrument = self.by_symbol.get(symbol)
        if instrument is None:
            raise HistoryError(f"{what} of {symbol!r}; {self._known()}")
        series = self.series[interval][instrument.number]
        maker, more = MAKERS[what]
        if series.want(length + more) and what != "history":
            self.log.warning(
                "%s(%s, %d) was first asked for after %d prices, of which %d are kept: it begins "
                "with these; ask for it in on_start to have it from the first",
                what, symbol, length, series.count, len(series.values),
            )  # fmt: skip
        found = maker(series, length)
        series.indicators.append(found)
        self.asked[key] = found
        return found

    def holding(self, symbol: str) -> Holding:
        """Return what the account holds of a symbol.

        Raises:
            HistoryError: The strategy did not ask for account state, or has no such symbol.
        """
        if not self.reads_account:
            raise HistoryError("holding needs reads_account = True in the strategy's class")
        instrument = self.by_symbol.get(symbol)
        if instrument is None:
            raise HistoryError(f"holding of {symbol!r}; {self._known()}")
        return self.holdings.get(instrument.number, Holding())

    def _interval(self, what: str, on: str | None) -> int:
        if on is not None:
            interval = self._inputs.get(on)
            if interval is None:
                raise HistoryError(f"{what}: on={on!r} is no price series; {self._choice()}")
            return interval
        if len(self._inputs) != 1:
            raise HistoryError(f"{what}: say which prices with on=...; {self._choice()}")
        return next(iter(self._inputs.values()))

    def _choice(self) -> str:
        if self._inputs:
            return f"there are {', '.join(self._inputs)}"
        if self._vector:
            return "on_ticks keeps no series: use the columns, or on_tick, or candles"
        return "inputs has neither candles nor ticks"

    def _known(self) -> str:
        names = sorted(self.by_symbol)
        shown = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
        return f"this session's instruments are {shown or 'none'}"


def qualified(instrument: Instrument) -> str:
    """Return a symbol with its market before it, as two markets' equal symbols are told apart."""
    return f"{instrument.market}:{instrument.symbol}"
