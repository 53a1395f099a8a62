"""What ``madang-py new`` writes."""

STRATEGY = '''"""{title}: say here what it does and when it is wrong."""

from typing import Annotated

from madang import Candle, Outcome, Range, Strategy, buy, sell, serve


class {cls}(Strategy):
    """Buys when the fast mean crosses above the slow one, sells below."""

    fast: Annotated[int, Range(1, 500), "candles in the fast mean"] = 20
    slow: Annotated[int, Range(2, 1000), "candles in the slow mean"] = 60
    inputs = ("candles:1m",)

    def check_parameters(self) -> None:
        """Refuse means that cannot cross."""
        if self.fast >= self.slow:
            raise ValueError(f"fast ({{self.fast}}) must be below slow ({{self.slow}})")

    @property
    def warm_up(self) -> int:
        """Enough history for the slow mean and a cross."""
        return self.slow + 1

    def on_candle(self, candle: Candle) -> Outcome:
        """Judge a closed candle."""
        fast = self.sma(candle.symbol, self.fast)
        slow = self.sma(candle.symbol, self.slow)
        if fast.crossed_above(slow):
            return buy(confidence=0.7, reason="fast over slow")
        if fast.crossed_below(slow):
            return sell(confidence=0.7, reason="fast under slow")
        return None


if __name__ == "__main__":
    serve({cls})
'''

TEST = '''"""Tests of {module}: run with pytest."""

from madang import Action
from madang.testing import candles, check_cuts, replay

from {module} import {cls}

FALL_AND_RISE = candles("A", [9, 8, 7, 6, 5, 6, 7, 8, 9])
SHORT = {{"fast": 2, "slow": 3}}


def test_buys_when_the_fall_turns_into_a_rise() -> None:
    """Expect one buy, after the turn."""
    run = replay({cls}, FALL_AND_RISE, parameters=SHORT)
    assert [(each.action, each.position) for each in run.results] == [(Action.BUY, 7)]


def test_says_nothing_while_nothing_turns() -> None:
    """Expect silence on a straight line."""
    assert replay({cls}, candles("A", range(1, 50)), parameters=SHORT).results == []


def test_does_not_depend_on_where_messages_end() -> None:
    """Expect the same results however the host batches."""
    check_cuts({cls}, FALL_AND_RISE, parameters=SHORT)
'''
