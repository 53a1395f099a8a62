"""Says something about every tick: BUY, or with ``value: nan`` what no host takes."""

from typing import Literal

from madang import Result, Strategy, Tick, buy, serve


class Teller(Strategy):
    """One result for each tick."""

    value: Literal["half", "nan"] = "half"
    inputs = ("ticks",)

    def on_tick(self, tick: Tick) -> Result:
        """Buy, with the confidence asked for."""
        return buy(confidence=0.5 if self.value == "half" else float("nan"), reason="as told")


if __name__ == "__main__":
    serve(Teller)
