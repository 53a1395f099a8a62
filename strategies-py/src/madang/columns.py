"""Ticks as numpy columns, for strategies that judge many at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from madang._units import from_units
from madang.instruments import Instrument
from madang.model import Tick

Int64 = npt.NDArray[np.int64]


class Ticks:
    """A run of ticks, oldest first, as read-only columns over the received memory.

    Row *i* of every column is one tick. Where a run ends is an accident of the transport, so what a
    strategy answers must not depend on it: carry what is needed over to the next call, and judge
    each row by rows at or before it. :func:`madang.testing.check_cuts` looks for the mistake.

    Attributes:
        feed_time: By the feed's clock, ns since 1970 UTC.
        entry_time: Entry into the host, ns since 1970 UTC.
        instrument: The session's number of the instrument.
        price: At 10⁻⁸ of the quote currency: 70,100 won are 7,010,000,000,000.
        quantity: At 10⁻⁸.
        side: The aggressor: 0 unknown, 1 buyer, 2 seller.
    """

    __slots__ = (
        "_instruments",
        "_offset",
        "_position",
        "_previous",
        "entry_time",
        "feed_time",
        "instrument",
        "price",
        "quantity",
        "side",
    )

    def __init__(
        self,
        instruments: Mapping[int, Instrument],
        previous: int,
        offset: npt.NDArray[np.uint64],
        feed_time: Int64,
        entry_time: Int64,
        instrument: npt.NDArray[np.uint32],
        price: Int64,
        quantity: Int64,
        side: npt.NDArray[np.uint32],
    ) -> None:
        self._instruments = instruments
        self._previous = previous
        self._offset = offset
        self._position: npt.NDArray[np.uint64] | None = None
        self.feed_time = feed_time
        self.entry_time = entry_time
        self.instrument = instrument
        self.price = price
        self.quantity = quantity
        self.side = side

    def __len__(self) -> int:
        return len(self._offset)

    @property
    def position(self) -> npt.NDArray[np.uint64]:
        """The event numbers: what ``at=`` of a result names."""
        if self._position is None:
            self._position = self._offset + np.uint64(self._previous)
        return self._position

    def symbol(self, row: int) -> str:
        """Return the symbol of one row."""
        return self._instruments[int(self.instrument[row])].symbol

    def price_of(self, row: int) -> Decimal:
        """Return the price of one row, exact."""
        return from_units(int(self.price[row]))

    def by_symbol(self) -> Iterator[tuple[str, Ticks]]:
        """Yield the ticks of each instrument in turn, in order of their numbers."""
        numbers = self.instrument
        if not len(numbers):
            return
        if (numbers == numbers[0]).all():
            yield self._instruments[int(numbers[0])].symbol, self
            return
        for number in np.unique(numbers):
            symbol = self._instruments[int(number)].symbol
            yield symbol, self._rows(np.flatnonzero(numbers == number))

    def of(self, symbol: str) -> Ticks:
        """Return the ticks of one instrument; none if it is not known."""
        for number, instrument in self._instruments.items():
            if instrument.symbol == symbol:
                return self._rows(np.flatnonzero(self.instrument == number))
        return self._rows(slice(0, 0))

    def __getitem__(self, rows: slice) -> Ticks:
        return self._rows(rows)

    def __iter__(self) -> Iterator[Tick]:
        """Yield each tick as an object: convenient, and a thousand times slower than columns."""
        columns = (
            self.instrument, self.position, self.feed_time, self.entry_time, self.price,
            self.quantity, self.side,
        )  # fmt: skip
        for number, *row in zip(*(column.tolist() for column in columns), strict=True):
            yield Tick(self._instruments[number], *row)

    def _rows(self, rows: slice | npt.NDArray[np.intp]) -> Ticks:
        return Ticks(
            self._instruments,
            self._previous,
            self._offset[rows],
            self.feed_time[rows],
            self.entry_time[rows],
            self.instrument[rows],
            self.price[rows],
            self.quantity[rows],
            self.side[rows],
        )

    def __repr__(self) -> str:
        return f"Ticks({len(self)} rows)"
