"""What every server of these runs says of a tick: so that a result can be told from any other.

A result's message is the tick's own time, its confidence a number that only this tick gives. Who
reads the tables later needs the recording alone to know what must stand there.
"""

SIDES = ("BUY", "SELL")


def mark(time_ns: int, price_units: int) -> int:
    """Confidence of the result for a tick, in millionths: below a third, so nothing is traded."""
    mixed = time_ns // 1_000_000 * 2_654_435_761 + price_units // 100_000_000 * 40_503
    return (mixed >> 8) % 300_000 + 1


def side(time_ns: int, price_units: int) -> str:
    """BUY or SELL."""
    return SIDES[mark(time_ns, price_units) % 2]


class Memory:
    """What a result depends on besides its tick.

    Attributes:
        kind: Empty: nothing; ``chain``: every tick before; ``window``: the last ``WINDOW`` ticks.
        state: All that it keeps.
    """

    def __init__(self, kind: str = "", state: list[int] | None = None) -> None:
        """Begin with nothing, or with what another one kept."""
        self.kind = kind
        self.state: list[int] = list(state or [])

    def sure(self, time_ns: int, price_units: int) -> int:
        """Take a tick, and return the confidence of the result for it, in millionths."""
        own = mark(time_ns, price_units)
        if not self.kind:
            return own
        if self.kind == "chain":
            before = self.state[0] if self.state else 0
            self.state = [(before * 31 + own) % 300_000]
        else:
            self.state = [*self.state, own][-WINDOW:]
        return sum(self.state) % 300_000 + 1


WINDOW = 20
