"""Parameters: annotated class fields become a schema, and text becomes their values."""

from __future__ import annotations

import difflib
import inspect
import math
import types
from collections.abc import Mapping, Set
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, get_args, get_origin, get_type_hints

from madang.errors import DefinitionError, ParameterError

Value = int | float | Decimal | bool | str


@dataclass(frozen=True, slots=True)
class Range:
    """Inclusive bounds of a number: ``fast: Annotated[int, Range(1, 500)] = 20``."""

    minimum: float | Decimal | None = None
    maximum: float | Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a strategy.

    Attributes:
        name: The field's name.
        type: int, float, Decimal, bool or str.
        default: The value where the host sends none.
        bounds: Of a number.
        choices: Of a text or a whole number; empty: any.
        help: One line for people.
    """

    name: str
    type: type[Any]
    default: Value
    bounds: Range = Range()
    choices: tuple[str, ...] | tuple[int, ...] = ()
    help: str = ""

    @property
    def allowed(self) -> str:
        """What a value must be, in words: ``a whole number from 1 to 500``."""
        if self.choices:
            return f"one of {', '.join(map(str, self.choices))}"
        nouns = {int: "a whole number", bool: "true or false", str: "a text"}
        low, high = self.bounds.minimum, self.bounds.maximum
        first = "" if low is None else f" from {self.text(low)}"
        last = "" if high is None else f" {'to' if first else 'up to'} {self.text(high)}"
        return nouns.get(self.type, "a number") + first + last

    @property
    def extent(self) -> tuple[float | Decimal | None, float | Decimal | None]:
        """The lowest and the highest value; of chosen numbers those that enclose them."""
        numbers = [each for each in self.choices if isinstance(each, int)]
        if numbers:
            return min(numbers), max(numbers)
        return self.bounds.minimum, self.bounds.maximum

    def parse(self, text: str) -> Value:
        """Return the value that ``text`` stands for.

        Raises:
            ParameterError: It is of another type or out of range.
        """
        try:
            value = self._read(text)
        except (ValueError, ArithmeticError) as e:
            raise self._refusal(text) from e
        return self.check(value)

    def check(self, value: Value) -> Value:
        """Return ``value`` if it fits the schema.

        Raises:
            ParameterError: It is of another type or out of range.
        """
        if self.type is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if self.type is Decimal and isinstance(value, int | str) and not isinstance(value, bool):
            return self.parse(str(value)) if isinstance(value, str) else self.check(Decimal(value))
        if type(value) is not self.type:
            raise self._refusal(value)
        if isinstance(value, float | Decimal) and not math.isfinite(value):
            raise self._refusal(value)
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise self._refusal(value, " that fits 64 bits")
        if self.choices and value not in self.choices:
            raise self._refusal(value)
        low, high = self.bounds.minimum, self.bounds.maximum
        if not isinstance(value, str) and (
            (low is not None and value < low) or (high is not None and value > high)
        ):
            raise self._refusal(value)
        return value

    def _refusal(self, value: object, more: str = "") -> ParameterError:
        shown = repr(value) if isinstance(value, str) else str(value)
        return ParameterError(
            f"parameter {self.name!r} cannot be {shown:.80}: it must be {self.allowed}{more}"
        )

    def text(self, value: Value) -> str:
        """Return ``value`` as it travels."""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, float):
            return format(Decimal(repr(value)), "f")
        return format(value, "f") if isinstance(value, Decimal) else str(value)

    def _read(self, text: str) -> Value:
        if self.type is bool:
            if text not in ("true", "false"):
                raise ValueError(text)
            return text == "true"
        if self.type is str:
            return text
        if not text.isascii() or "_" in text or text != text.strip():
            raise ValueError(text)
        value: Value = self.type(text)
        return value


def schema(cls: type, base: type, settings: Set[str]) -> dict[str, Parameter]:
    """Read the parameters of a strategy class, those of its bases first.

    Args:
        cls: The class.
        base: ``Strategy``: what it has cannot be a parameter.
        settings: Fields of it that a class may set, annotated or not.

    Raises:
        DefinitionError: A field has a type that cannot travel, or no default.
    """
    found: dict[str, Parameter] = {}
    hints: dict[str, Any] | None = None
    for owner in reversed(cls.__mro__):
        if owner in base.__mro__:
            continue
        for name in inspect.get_annotations(owner):
            if name.startswith("_") or name in settings:
                continue
            if hints is None:
                hints = _hints(cls)
            if get_origin(hints[name]) is ClassVar:
                continue
            if hasattr(base, name):
                raise DefinitionError(f"{cls.__name__}.{name} hides Strategy.{name}; rename it")
            found[name] = _parameter(cls, name, hints[name])
    return found


def _hints(cls: type) -> dict[str, Any]:
    try:
        return get_type_hints(cls, include_extras=True)
    except NameError as e:
        raise DefinitionError(
            f"{cls.__name__}: an annotation names {e.name!r}, which the module does not know"
        ) from e


def _parameter(cls: type, name: str, hint: Any) -> Parameter:
    bounds, text = Range(), ""
    if get_origin(hint) is Annotated:
        hint, *extras = get_args(hint)
        for extra in extras:
            if isinstance(extra, Range):
                bounds = extra
            elif isinstance(extra, str):
                text = extra
    choices: tuple[Any, ...] = ()
    if get_origin(hint) is Literal and len({type(arg) for arg in get_args(hint)}) == 1:
        kind = type(get_args(hint)[0])
        if kind in (int, str):
            choices, hint = get_args(hint), kind
    if hint not in (int, float, bool, str, Decimal):
        shown = hint.__name__ if isinstance(hint, type) else str(hint)
        if isinstance(hint, types.GenericAlias):
            shown = str(hint)
        raise DefinitionError(
            f"{cls.__name__}.{name} is annotated {shown}; a parameter is an int, float, Decimal, "
            "bool, str or a Literal of texts or whole numbers. For state of the strategy's own "
            f"leave the annotation out and set self.{name} in on_start, or begin its name with an "
            "underscore"
        )
    if bounds != Range() and (choices or hint in (bool, str)):
        raise DefinitionError(f"{cls.__name__}.{name} has a Range, and is no number to choose")
    if not hasattr(cls, name):
        raise DefinitionError(f"{cls.__name__}.{name} needs a default: {name}: ... = value")
    parameter = Parameter(
        name=name, type=hint, default=getattr(cls, name), bounds=bounds, choices=choices, help=text
    )
    try:
        default = parameter.check(parameter.default)
    except ParameterError as e:
        raise DefinitionError(f"{cls.__name__}: the default of {e}") from e
    return Parameter(
        name=name, type=hint, default=default, bounds=bounds, choices=choices, help=text
    )


def read(parameters: Mapping[str, Parameter], texts: Mapping[str, str]) -> dict[str, Value]:
    """Return the value of every parameter, from text where given, else its default.

    Raises:
        ParameterError: A name is unknown, or a value does not fit.
    """
    for name in sorted(set(texts) - set(parameters)):
        raise unknown(name, parameters)
    return {
        name: parameter.parse(texts[name]) if name in texts else parameter.default
        for name, parameter in parameters.items()
    }


def unknown(name: str, parameters: Mapping[str, Parameter]) -> ParameterError:
    """Return the error for a name that is none of ``parameters``."""
    near = difflib.get_close_matches(name, parameters, 1)
    meant = f" (did you mean {near[0]!r}?)" if near else ""
    known = ", ".join(parameters) or "none"
    return ParameterError(f"there is no parameter {name!r}{meant}; there are: {known}")
