"""Classes, parameters, inputs: what is read from them and what is refused in which words."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import grpc
import pytest
from host import Connect

from madang import (
    Candle,
    DefinitionError,
    Fill,
    Outcome,
    ParameterError,
    Quote,
    Range,
    Strategy,
    Tick,
    Ticks,
)
from madang._describe import description
from madang._generated.strategy.v1 import describe_pb2
from madang.definition import define
from madang.inputs import Kind
from madang.parameters import read
from madang.strategy import parameters_of


class Everything(Strategy):
    length: Annotated[int, Range(1, 500), "how long"] = 20
    share: Annotated[float, Range(0.0, 1.0)] = 0.1
    step: Decimal = Decimal("0.5")
    loud: bool = False
    kind: Literal["mean", "median"] = "mean"
    name_of_model: str = "a"
    shared: ClassVar[int] = 3
    _own: int = 4
    inputs = ("candles:1m", "candles:5m unfinished", "quotes", "timers:10s")
    warm_up = {"candles:1m": 60}  # noqa: RUF012

    def on_candle(self, candle: Candle) -> Outcome:
        return None

    def on_quote(self, quote: Quote) -> Outcome:
        return None


def test_annotated_fields_become_the_schema() -> None:
    told = description(define(Everything), describe_pb2.DescribeRequest(), "id")
    rows = [
        (each.name, each.type, each.default_value, each.minimum, each.maximum, each.help)
        for each in told.parameters
    ]
    kinds = describe_pb2.Parameter
    assert rows == [
        ("length", kinds.INTEGER, "20", "1", "500", "how long"),
        ("share", kinds.NUMBER, "0.1", "0.0", "1.0", ""),
        ("step", kinds.NUMBER, "0.5", "", "", ""),
        ("loud", kinds.BOOLEAN, "false", "", "", ""),
        ("kind", kinds.TEXT, "mean", "", "", ""),
        ("name_of_model", kinds.TEXT, "a", "", "", ""),
    ]
    assert list(told.parameters[4].choices) == ["mean", "median"]
    inputs = [(each.kind, each.interval_ns, each.warm_up, each.unfinished) for each in told.inputs]
    minute = 60 * 10**9
    assert inputs == [
        (3, minute, 60, False),
        (3, 5 * minute, 0, True),
        (2, 0, 0, False),
        (4, 10 * 10**9, 0, False),
    ]


def test_text_becomes_values() -> None:
    texts = {"length": "7", "share": "0.25", "step": "1.5", "loud": "true", "kind": "median"}
    values = read(parameters_of(Everything), texts)
    assert values == {
        "length": 7, "share": 0.25, "step": Decimal("1.5"), "loud": True, "kind": "median",
        "name_of_model": "a",
    }  # fmt: skip
    strategy = Everything(length=7, share=1)
    assert (strategy.length, strategy.share, type(strategy.share)) == (7, 1.0, float)


LENGTH = "it must be a whole number from 1 to 500"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("length", "7.5", f"parameter 'length' cannot be '7.5': {LENGTH}"),
        ("length", "1_0", f"parameter 'length' cannot be '1_0': {LENGTH}"),
        ("length", "", f"parameter 'length' cannot be '': {LENGTH}"),
        ("length", "501", f"parameter 'length' cannot be 501: {LENGTH}"),
        ("length", "0", f"parameter 'length' cannot be 0: {LENGTH}"),
        ("free", "9" * 30, f"cannot be {'9' * 30}: it must be a whole number that fits 64 bits"),
        ("share", "nan", "parameter 'share' cannot be nan: it must be a number from 0.0 to 1.0"),
        ("share", "x", "parameter 'share' cannot be 'x': it must be a number from 0.0 to 1.0"),
        ("step", "inf", "parameter 'step' cannot be Infinity: it must be a number"),
        ("above", "-1", "parameter 'above' cannot be -1: it must be a whole number from 0"),
        ("below", "1", "parameter 'below' cannot be 1.0: it must be a number up to 0.5"),
        ("loud", "yes", "parameter 'loud' cannot be 'yes': it must be true or false"),
        ("kind", "mode", "parameter 'kind' cannot be 'mode': it must be one of mean, median"),
        ("days", "6", "parameter 'days' cannot be 6: it must be one of 5, 10, 20"),
        ("days", "five", "parameter 'days' cannot be 'five': it must be one of 5, 10, 20"),
        ("lenght", "3", "there is no parameter 'lenght' (did you mean 'length'?); there are: le"),
        ("zzz", "3", "there is no parameter 'zzz'; there are: length, share"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_what_is_allowed(
    name: str, text: str, told: str
) -> None:
    class More(Everything):
        free: int = 0
        above: Annotated[int, Range(0)] = 3
        below: Annotated[float, Range(None, 0.5)] = 0.1
        days: Literal[5, 10, 20] = 5

    with pytest.raises(ParameterError) as caught:
        read(parameters_of(More), {name: text})
    assert told in str(caught.value)
    if name in More.__annotations__:
        value = {"free": 10**40, "above": -1, "below": 1.0, "days": 6}[name]
        with pytest.raises(ParameterError, match="it must be"):
            More(**{name: value})  # type: ignore[arg-type]


def test_chosen_numbers_are_described_by_their_extent() -> None:
    class Chosen(Everything):
        days: Annotated[Literal[10, 5, 20], "days ahead"] = 10

    assert Chosen(days=20).days == 20
    told = description(define(Chosen), describe_pb2.DescribeRequest(), "id").parameters[-1]
    assert (told.type, told.default_value) == (describe_pb2.Parameter.INTEGER, "10")
    assert (told.minimum, told.maximum, list(told.choices)) == ("5", "20", [])


class Ordered(Strategy):
    fast: Annotated[int, Range(1, 500)] = 20
    slow: Annotated[int, Range(2, 1000)] = 60
    inputs = ("ticks",)

    def check_parameters(self) -> None:
        if self.fast >= self.slow:
            raise ValueError(f"fast ({self.fast}) must be below slow ({self.slow})")


def test_parameters_that_do_not_go_together_are_refused() -> None:
    told = r"the parameters do not go together: fast \(60\) must be below slow \(60\)"
    with pytest.raises(ParameterError, match=told):
        Ordered(fast=60)
    assert Ordered(fast=60, slow=61).fast == 60  # together, not one after the other
    assert define(Ordered).make({"fast": 70, "slow": 90}).check_parameters() is None  # type: ignore[func-returns-value]

    class Never(Ordered):
        fast: int = 61

    with pytest.raises(DefinitionError, match=r"Never, as it stands: .*fast \(61\)"):
        define(Never)


async def test_a_host_hears_why_parameters_are_refused(local: Connect) -> None:
    async with local(Ordered) as client:
        assert (await client.describe(fast="60")).parameters[0].default_value == "20"
        for parameters, told in (
            ({"fast": "60"}, "parameters: the parameters do not go together: fast (60) must be"),
            ({"fast": "0"}, "parameters: parameter 'fast' cannot be 0: it must be a whole number"),
        ):
            stream = client.run()
            await stream.configure(parameters=parameters)
            code, text = await stream.end()
            assert code is grpc.StatusCode.INVALID_ARGUMENT
            assert text.startswith(told)


if TYPE_CHECKING:  # mypy is the test: an ignored error that is none is an error

    class Typed(Strategy):
        fast: Annotated[int, Range(1, 500), "candles"] = 20
        inputs = ("ticks",)

        def on_start(self) -> None:
            self.fast = 3  # type: ignore[misc]  # read-only

    Typed(fast=5)
    Typed(fats=5)  # type: ignore[call-arg]
    Typed(fast="5")  # type: ignore[arg-type]
    Typed(5)  # type: ignore[call-arg]


def test_parameters_are_inherited() -> None:
    class More(Everything):
        extra: int = 1

    assert list(parameters_of(More))[-2:] == ["name_of_model", "extra"]


def make(body: dict[str, Any]) -> type[Strategy]:
    return type("Made", (Strategy,), body)


def hook(self: Strategy, event: object) -> None: ...


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"inputs": ("ticks",), "__annotations__": {"x": int}}, "Made.x needs a default"),
        (
            {"inputs": ("ticks",), "__annotations__": {"x": int}, "x": "a"},
            "the default of parameter 'x' cannot be 'a': it must be a whole number",
        ),
        (
            {"inputs": ("ticks",), "__annotations__": {"x": Annotated[str, Range(1)]}, "x": "a"},
            "Made.x has a Range, and is no number to choose",
        ),
        (
            {"inputs": ("ticks",), "__annotations__": {"x": dict[str, int]}, "x": None},
            "set self.x in on_start",
        ),
        ({"inputs": ("ticks",), "__annotations__": {"sma": int}, "sma": 3}, "hides Strategy.sma"),
        ({"inputs": "ticks"}, "write inputs = ('ticks',)"),
        ({"inputs": ("candle:1m",)}, "'candle:1m' is none of"),
        ({"inputs": ("candles",)}, "'candles' is none of"),
        ({"inputs": ("ticks:1m",)}, "'ticks:1m' is none of"),
        ({"inputs": ("candles:1x",)}, "'1x' is not a length of time"),
        ({"inputs": ("ticks", "ticks")}, "names one input twice"),
        ({}, "sees nothing"),
        ({"on_candle": hook}, "has on_candle, but its inputs have no 'candles:1m'"),
        ({"inputs": ("quotes",), "on_tick": hook}, "has on_tick, but its inputs have no 'ticks'"),
        ({"on_tick": hook, "on_ticks": hook}, "both on_tick and on_ticks"),
        (
            {"inputs": ("ticks",), "on_fill": hook, "reads_account": False},
            "has on_fill, but reads_account = False",
        ),
        ({"inputs": ("ticks",), "name": "a b"}, "letters, digits"),
        ({"inputs": ("ticks",), "warm_up": {"quotes": 3}}, "names 'quotes'"),
        ({"inputs": ("ticks",), "warm_up": -1}, "warm_up is -1"),
        ({"inputs": ("ticks",), "warm_up": 1_000_001}, "not a count up to 1000000"),
    ],
)
def test_a_class_that_cannot_be_served_says_what_to_change(body: dict[str, Any], told: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        define(make(body))
    assert told in str(caught.value)


def test_state_on_the_class_is_refused() -> None:
    with pytest.raises(DefinitionError, match=r"set self\.seen in on_start"):
        make({"seen": {}})


def test_an_init_of_ones_own_works_if_it_takes_nothing() -> None:
    class Own(Strategy):
        length: int = 3

        def __init__(self) -> None:
            self.memory: list[int] = []

        def on_tick(self, tick: Tick) -> Outcome:
            return None

    made = define(Own).make({"length": 5})
    assert isinstance(made, Own)
    assert (made.length, made.memory) == (5, [])

    class Needy(Own):
        def __init__(self, path: str) -> None:
            super().__init__()

    with pytest.raises(DefinitionError, match="in on_start instead of __init__"):
        define(Needy)


def test_names_and_account_follow_from_the_class() -> None:
    class MeanReversion2(Strategy):
        def on_ticks(self, ticks: Ticks) -> Outcome:
            return None

        def on_fill(self, fill: Fill) -> Outcome:
            return None

    definition = define(MeanReversion2)
    assert (definition.name, definition.reads_account) == ("mean_reversion2", True)
    inputs = definition.needs(definition.make({})).inputs
    assert [item.kind for item in inputs] == [Kind.TICKS]


def test_a_hook_with_a_typo_is_refused_with_the_nearest() -> None:
    class Typo(Strategy):
        inputs = ("candles:1m",)

        def on_candel(self, candle: Candle) -> None:
            """Would never be called."""

    with pytest.raises(DefinitionError, match=r"Typo\.on_candel .* did you mean on_candle\?"):
        define(Typo)


def save(self: Strategy) -> dict[str, Any]:
    return {}


def restore(self: Strategy, state: dict[str, Any]) -> None:
    pass


async def wait(self: Strategy, state: Any = None) -> dict[str, Any]:
    return {}


@pytest.mark.parametrize(
    ("attributes", "text"),
    [
        ({"save": save}, "has save, but not restore: .* override both or neither"),
        ({"restore": restore}, "has restore, but not save"),
        ({"save": wait, "restore": restore}, "save is async; .* must not wait"),
        ({"save": save, "restore": wait}, "restore is async"),
        ({"save": restore, "restore": restore}, r"save is called as save\(self\): missing"),
        ({"save": save, "restore": save}, r"restore is called as restore\(self, state\): too many"),
        ({"save": 5, "restore": restore}, "save is 5, not a method"),
        ({"save": staticmethod(save), "restore": property(save)}, "restore is .*, not a method"),
        ({"on_save": save}, "on_save would never be called; did you mean save"),
        ({"on_restore": restore}, "on_restore would never be called; did you mean restore"),
        ({"snapshot_every": -1}, "snapshot_every is -1, not a number of events"),
        ({"snapshot_every": True}, "snapshot_every is True"),
        ({"snapshot_every": 1e4}, "snapshot_every is 10000.0"),
    ],
)
def test_what_cannot_be_saved_is_refused(attributes: dict[str, Any], text: str) -> None:
    with pytest.raises(DefinitionError, match=text):
        define(type("Kept", (Everything,), attributes))


def test_how_often_is_up_to_the_class() -> None:
    both = {"save": save, "restore": restore}
    for attributes, saves in (({}, False), (both, True)):
        every: Any
        for every in ({}, {"snapshot_every": 5}, {"snapshot_every": 0}):
            definition = define(type("Kept", (Everything,), {**attributes, **every}))
            assert definition.snapshot_every == every.get("snapshot_every", 10_000)
            assert definition.saves is saves
    assert "snapshot_every" not in define(Everything).parameters
