"""A strategy class, read once: what it is called, sees and needs."""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass

from madang._own import code
from madang.errors import DefinitionError, ParameterError
from madang.inputs import Input, Kind, parse
from madang.models import Frozen
from madang.parameters import Parameter, Value
from madang.strategy import Strategy, parameters_of, set_parameters

_HOOKS = ("on_tick", "on_ticks", "on_quote", "on_candle", "on_fill", "on_timer")
_STATE = ("save", "restore")
_NEEDS = {
    "on_tick": Kind.TICKS,
    "on_ticks": Kind.TICKS,
    "on_quote": Kind.QUOTES,
    "on_candle": Kind.CANDLES,
    "on_timer": Kind.TIMERS,
}
_CALLED = (*_HOOKS, "on_start", "on_stop", "on_join", "on_leave")


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What an instance with its parameters needs.

    Attributes:
        inputs: The kinds of events, with the length of the warm-up of each.
        model: Name, version and hash of its model.
    """

    inputs: dict[Input, int]
    model: tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A strategy class that can be served.

    Attributes:
        cls: The class.
        name: Of the strategy.
        parameters: Its schema.
        hooks: Which hooks it overrides.
        asynchronous: Whether any hook it overrides is async.
        reads_account: Whether results depend on fills or holdings.
        snapshot_every: Events between two snapshots; 0: none is taken.
        saves: Whether it keeps state of its own, by ``save`` and ``restore``.
        code: A hash of the author's files: what nobody saves goes on under the same code only.
    """

    cls: type[Strategy]
    name: str
    parameters: dict[str, Parameter]
    hooks: frozenset[str]
    asynchronous: bool
    reads_account: bool
    snapshot_every: int
    saves: bool
    code: str

    def make(self, values: Mapping[str, Value]) -> Strategy:
        """Return a new instance with these parameters."""
        strategy = self.cls()
        set_parameters(strategy, values)
        return strategy

    def needs(self, strategy: Strategy) -> Needs:
        """Return what an instance needs.

        Raises:
            DefinitionError: Inputs and hooks, or the warm-up, do not fit each other.
        """
        if isinstance(strategy.inputs, str):
            raise DefinitionError(
                f"{self.cls.__name__}.inputs is a text; write inputs = ({strategy.inputs!r},)"
            )
        inputs = [parse(text) for text in strategy.inputs] or self._implied()
        kinds = {item.kind for item in inputs}
        for hook in sorted(self.hooks & _NEEDS.keys()):
            if _NEEDS[hook] not in kinds:
                example = {Kind.CANDLES: "candles:1m", Kind.TIMERS: "timers:10s"}
                kind = _NEEDS[hook]
                raise DefinitionError(
                    f"{self.cls.__name__} has {hook}, but its inputs have no "
                    f"{example.get(kind, kind.name.lower())!r}"
                )
        if not inputs:
            raise DefinitionError(
                f"{self.cls.__name__} sees nothing: say inputs = ('candles:1m',) and override "
                "on_candle, for example"
            )
        if len({item.text for item in inputs}) != len(inputs):
            raise DefinitionError(f"{self.cls.__name__}.inputs names one input twice")
        model = (strategy.model_name, strategy.model_version, strategy.model_hash)
        return Needs(
            inputs={item: _warm_up(strategy, item, inputs) for item in inputs}, model=model
        )

    def _implied(self) -> list[Input]:
        found = []
        if self.hooks & {"on_tick", "on_ticks"}:
            found.append(Input(Kind.TICKS))
        if "on_quote" in self.hooks:
            found.append(Input(Kind.QUOTES))
        return found


def define(cls: type[Strategy]) -> Definition:
    """Read and check a strategy class.

    Raises:
        DefinitionError: It cannot be served; the text says what to change.
        ModelError: Its model is not what it says.
    """
    if not (isinstance(cls, type) and issubclass(cls, Strategy)) or cls is Strategy:
        raise DefinitionError(f"{cls!r} is not a subclass of madang.Strategy")
    name = cls.name or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", name):
        raise DefinitionError(f"{cls.__name__}.name is {name!r}: letters, digits, _ . - up to 64")
    if len(cls.version.encode()) > 64:
        raise DefinitionError(f"{cls.__name__}.version is longer than 64 bytes")
    hooks = frozenset(hook for hook in _HOOKS if getattr(cls, hook) is not getattr(Strategy, hook))
    if {"on_tick", "on_ticks"} <= hooks:
        raise DefinitionError(f"{cls.__name__} has both on_tick and on_ticks; keep one")
    for attribute in dir(cls):
        if attribute.startswith("on_") and attribute not in _CALLED:
            near = [name for name in _STATE if attribute == f"on_{name}"]
            near += difflib.get_close_matches(attribute, _CALLED, 1)
            if near:
                raise DefinitionError(
                    f"{cls.__name__}.{attribute} would never be called; did you mean {near[0]}?"
                )
    told = [
        hook
        for hook in ("on_join", "on_leave")
        if getattr(cls, hook) is not getattr(Strategy, hook)
    ]
    called = [getattr(cls, hook) for hook in (*hooks, *told)]
    asynchronous = any(
        inspect.iscoroutinefunction(hook) or inspect.isasyncgenfunction(hook) for hook in called
    )
    reads = "on_fill" in hooks if cls.reads_account is None else cls.reads_account
    if "on_fill" in hooks and not reads:
        raise DefinitionError(f"{cls.__name__} has on_fill, but reads_account = False")
    definition = Definition(
        cls=cls,
        name=name,
        parameters=parameters_of(cls),
        hooks=hooks,
        asynchronous=asynchronous,
        reads_account=reads,
        snapshot_every=_snapshot_every(cls),
        saves=cls.save is not Strategy.save,
        code=code(cls),
    )
    if isinstance(cls.model, Frozen):
        cls.model.prepare()
    try:
        strategy = definition.make({})
    except TypeError as e:
        raise DefinitionError(
            f"{cls.__name__}() failed: {e}; set up state in on_start instead of __init__"
        ) from e
    except ParameterError as e:
        raise DefinitionError(f"{cls.__name__}, as it stands: {e}") from e
    definition.needs(strategy)
    return definition


def identity(definition: Definition) -> dict[str, str]:
    """Return what a host at work holds a server to: another answer is another build to it."""
    needs = definition.needs(definition.make({}))
    return {
        "name": definition.name,
        "version": definition.cls.version,
        "model": "@".join(each for each in needs.model if each) or "none",
        "inputs": ", ".join(
            f"{item.text} after {warm_up}" if warm_up else item.text
            for item, warm_up in needs.inputs.items()
        ),
        "parameters": ", ".join(
            f"{name}={each.text(each.default)}" for name, each in definition.parameters.items()
        )
        or "none",
    }


def _snapshot_every(cls: type[Strategy]) -> int:
    """Return how often a class is saved, in events."""
    name, every = cls.__name__, cls.snapshot_every
    if isinstance(every, bool) or not isinstance(every, int) or every < 0:
        raise DefinitionError(
            f"{name}.snapshot_every is {every!r}, not a number of events (0: no snapshots)"
        )
    own = [hook for hook in _STATE if getattr(cls, hook) is not getattr(Strategy, hook)]
    if len(own) == 1:
        other = _STATE[1 - _STATE.index(own[0])]
        raise DefinitionError(
            f"{name} has {own[0]}, but not {other}: what one writes the other must read; "
            "override both or neither"
        )
    for hook, given in (("save", ["self"]), ("restore", ["self", "state"])) if own else ():
        function = getattr(cls, hook)
        if not inspect.isfunction(function):
            raise DefinitionError(f"{name}.{hook} is {function!r}, not a method of the strategy")
        if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
            raise DefinitionError(
                f"{name}.{hook} is async; it is called between two events and must not wait"
            )
        try:
            inspect.signature(function).bind(*given)
        except TypeError as e:
            form = "save(self)" if hook == "save" else "restore(self, state)"
            raise DefinitionError(f"{name}.{hook} is called as {form}: {e}") from e
    return every


# Events of history of each input and instrument that a host takes.
LONGEST_WARM_UP = 1_000_000


def _warm_up(strategy: Strategy, item: Input, inputs: list[Input]) -> int:
    wanted = strategy.warm_up
    if isinstance(wanted, Mapping):
        unknown = set(wanted) - {each.text for each in inputs}
        if unknown:
            raise DefinitionError(f"warm_up names {unknown.pop()!r}, which inputs does not have")
        wanted = wanted.get(item.text, 0)
    elif item.kind is Kind.TIMERS:
        return 0
    if not isinstance(wanted, int) or not 0 <= wanted <= LONGEST_WARM_UP:
        raise DefinitionError(
            f"{type(strategy).__name__}.warm_up is {wanted!r}, not a count up to {LONGEST_WARM_UP}"
        )
    return wanted
