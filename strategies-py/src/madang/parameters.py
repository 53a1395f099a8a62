"""Parameters: annotated class fields become a schema, and text becomes their values."""

from __future__ import annotations

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
        choices: Of a text; empty: any.
        help: One line for people.
    """

    name: str
    type: type[Any]
    default: Value
    bounds: Range = Range()
    choices: tuple[str, ...] = ()
    help: str = ""

    def parse(self, text: str) -> Value:
        """Return the value that ``text`` stands for.

        Raises:
            ParameterError: It is of another type or out of range.
        """
        try:
            value = self._read(text)
        except (ValueError, ArithmeticError) as e:
            raise ParameterError(f"{self.name}: {text!r} is not {self._noun()}") from e
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
            raise ParameterError(f"{self.name}: {value!r} is not {self._noun()}")
        if isinstance(value, float | Decimal) and not math.isfinite(value):
            raise ParameterError(f"{self.name}: {value} is not finite")
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise ParameterError(f"{self.name}: {value} does not fit 64 bits")
        low, high = self.bounds.minimum, self.bounds.maximum
        if not isinstance(value, str):
            if low is not None and value < low:
                raise ParameterError(f"{self.name}: {value} is below {low}")
            if high is not None and value > high:
                raise ParameterError(f"{self.name}: {value} is above {high}")
        elif self.choices and value not in self.choices:
            raise ParameterError(f"{self.name}: {value!r} is none of {', '.join(self.choices)}")
        return value

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

    def _noun(self) -> str:
        nouns = {
            int: "a whole number",
            float: "a number",
            Decimal: "a number",
            bool: "true or false",
            str: "text",
        }
        return nouns[self.type]


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
    choices: tuple[str, ...] = ()
    if get_origin(hint) is Literal and all(isinstance(arg, str) for arg in get_args(hint)):
        choices, hint = get_args(hint), str
    if hint not in (int, float, bool, str, Decimal):
        shown = hint.__name__ if isinstance(hint, type) else str(hint)
        if isinstance(hint, types.GenericAlias):
            shown = str(hint)
        raise DefinitionError(
            f"{cls.__name__}.{name} is annotated {shown}; a parameter is an int, float, Decimal, "
            "bool, str or Literal of texts. For state of the strategy's own leave the annotation "
            f"out and set self.{name} in on_start, or begin its name with an underscore"
        )
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
    unknown = sorted(set(texts) - set(parameters))
    if unknown:
        known = ", ".join(parameters) or "none"
        raise ParameterError(f"{unknown[0]!r} is not a parameter; there are: {known}")
    return {
        name: parameter.parse(texts[name]) if name in texts else parameter.default
        for name, parameter in parameters.items()
    }
