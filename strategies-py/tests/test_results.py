"""Results: what is taken, how it is rounded, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import pytest

from madang import Action, Result, ResultError, alert, buy, candidates, sell
from madang._units import from_units, span_to_ns, to_units


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: buy(message="x" * 1025), "message has 1025 bytes; at most 1024 are taken"),
        (lambda: alert("가" * 342), "message has 1026 bytes"),
        (lambda: sell(reason=["up", "x" * 2000]), "a reason has 2000 bytes"),
        (lambda: buy(reason=["up"] * 65), "65 reasons, 64 are allowed"),
        (lambda: buy(tags={"x" * 1025: ""}), "a tag's key has 1025 bytes"),
        (lambda: buy(tags={"x": "y" * 1025}), "a tag's value has 1025 bytes"),
        (lambda: candidates({"A": (9, "x" * 1025)}), "a reason has 1025 bytes"),
    ],
)
def test_a_text_that_the_host_refuses_is_refused_here(
    make: Callable[[], object], text: str
) -> None:
    with pytest.raises(ResultError, match=text):
        make()
    assert len(buy(message="가" * 341 + "x").message.encode()) == 1024


@pytest.mark.parametrize(
    ("confidence", "millionths"),
    [(0.7, 700_000), (1, 1_000_000), (0, 0), (0.0000005, 0), (0.0000015, 2), ("0.25", 250_000),
     (Decimal("0.0000025"), 2), (np.float64(0.5), 500_000)],
)  # fmt: skip
def test_confidence_is_rounded_to_nearest_ties_to_even(confidence: Any, millionths: int) -> None:
    assert buy(confidence=confidence).confidence == millionths


def test_sizes_and_limits_round_to_the_safe_side() -> None:
    assert buy(limit="1.234567899").limit_units == 123_456_789
    assert sell(limit="1.234567891").limit_units == 123_456_790
    assert buy(quantity="0.999999999").quantity_units == 99_999_999
    assert buy(quantity=10).quantity_units == 10 * 10**8
    assert sell(fraction=0.5).fraction == 500_000
    assert buy(weight=-0.1).weight == -100_000


def test_texts_and_times() -> None:
    result = buy("A", reason=["a", "b"], tags={"k": "v"}, valid_for="30s", at=np.uint64(7))
    assert (result.symbol, result.reasons, result.tags) == ("A", ("a", "b"), (("k", "v"),))
    assert (result.valid_for_ns, result.at) == (30 * 10**9, 7)
    assert buy(valid_for=timedelta(milliseconds=5)).valid_for_ns == 5_000_000
    assert alert("look", symbol="A").action is Action.ALERT


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: buy(confidence=float("nan")), "confidence must be finite"),
        (lambda: buy(confidence=float("inf")), "confidence must be finite"),
        (lambda: buy(confidence=1.1), "confidence must be between 0 and 1, not 1.1"),
        (lambda: buy(confidence=-0.1), "confidence must be between 0 and 1"),
        (lambda: buy(confidence=True), "confidence must be a number"),
        (lambda: buy(quantity=-1), "quantity must be above 0"),
        (lambda: buy(quantity=0), "quantity must be above 0"),
        (lambda: buy(quantity=10**12), "quantity is out of range"),
        (lambda: buy(quantity="1e999999"), "quantity is out of range"),
        (lambda: buy(quantity="ten"), "quantity must be a number, not 'ten'"),
        (lambda: buy(limit=Decimal("NaN")), "limit must be finite"),
        (lambda: buy(weight=11), "weight must be between -10 and 10"),
        (lambda: buy(weight=0.1, quantity=1), "quantity or weight, not both"),
        (lambda: sell(fraction=1.5), "fraction must be above 0 and at most 1"),
        (lambda: sell(fraction=0.5, quantity=1), "say one of"),
        (lambda: buy(valid_for="soon"), "'soon' is not a length of time"),
        (lambda: buy(tags={str(i): "" for i in range(17)}), "17 tags, 16 are allowed"),
    ],
)
def test_what_no_host_would_take_is_refused(make: Callable[[], Result], text: str) -> None:
    with pytest.raises(ResultError) as caught:
        make()
    assert text in str(caught.value)


@pytest.mark.parametrize("units", [0, 1, -1, 10**8, 123_456_789, 2**63 - 1, -(2**63), 2**100 + 1])
def test_units_come_back_exactly(units: int) -> None:
    with localcontext() as context:
        context.prec = 3  # the user's own context must not matter
        exact = from_units(units)
    with localcontext() as context:
        context.prec = 60
        assert exact.scaleb(8) == units
    if abs(units) < 2**63:
        assert to_units(exact, "x") == units


def test_prices_read_like_prices() -> None:
    assert [str(from_units(units)) for units in (70_100 * 10**8, 25_000_000, 10**8)] == [
        "70100", "0.25", "1",
    ]  # fmt: skip


def test_spans() -> None:
    assert span_to_ns("1d", "x") == 86_400 * 10**9
    for bad in ("", "m", "1", "1.5m", "-1s", "0s", "1mm", "٣s"):
        with pytest.raises(ValueError, match="x:"):
            span_to_ns(bad, "x")


def test_candidates_become_results_by_the_rule_of_the_host() -> None:
    results = candidates(
        {"A": 8.25, "B": (7, ["gap", "volume"]), "C": 6.999999, "D": "12", "E": (9, "news")},
        weight=0.05,
    )
    assert [(r.symbol, r.confidence, r.message, r.reasons) for r in results] == [
        ("A", 825_000, "score 8.25", ()),
        ("B", 700_000, "score 7", ("gap", "volume")),
        ("D", 1_000_000, "score 12", ()),
        ("E", 900_000, "score 9", ("news",)),
    ]
    assert {r.action for r in results} == {Action.BUY}
    assert {r.weight for r in results} == {50_000}
    assert {r.valid_for_ns for r in results} == {86_400 * 10**9}
    sales = candidates({"A": 80}, minimum=50, scale=100, action=Action.SELL, valid_for="1h")
    assert [(r.action, r.confidence, r.weight) for r in sales] == [(Action.SELL, 800_000, None)]
    assert candidates({}) == []


@pytest.mark.parametrize("score", [float("nan"), float("inf"), 1e13])
def test_a_score_that_is_no_number_is_refused_with_its_symbol(score: float) -> None:
    with pytest.raises(ResultError, match="score of X"):
        candidates({"A": 8, "X": score})


def test_a_scale_of_nothing_is_refused() -> None:
    with pytest.raises(ResultError, match="scale must be above 0"):
        candidates({"A": 8}, scale=0)
