"""What of a strategy is its author's own: state that only ``save`` can keep, and code."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import NoneType
from typing import Any

import numpy as np

from madang.history import Indicator
from madang.models import Frozen
from madang.parameters import Value
from madang.strategy import Strategy

# Exact types of values that nobody can change in place.
_PLAIN = frozenset(
    {NoneType, bool, int, float, complex, str, bytes, Decimal, Fraction, range}
    | {date, datetime, time, timedelta}
)
_INSTALLED = tuple(Path(each).resolve() for each in {sys.prefix, sys.base_prefix})
_PACKAGE = Path(__file__).resolve().parent


class Beginning:
    """A strategy as ``on_start`` left it, to tell later whether it has state of its own.

    What is as it was then a new process has after its own on_start: plain values, helpers, parts of
    a frozen model, and lists, tuples and dicts of these. Anything else may have changed in itself.
    """

    def __init__(self, strategy: Strategy, parameters: Mapping[str, Value]) -> None:
        """Look at a strategy behind its on_start."""
        self._strategy = strategy
        self._parameters = parameters
        self._frozen = _parts(type(strategy).model)
        self._then = {name: self._form(each, 0) for name, each in self._attributes().items()}
        # As long as these live no other object can have their place in memory.
        self._kept = _inside(list(self._attributes().values()))

    def changed(self) -> str:
        """Return the name of something that a new process would not have; empty: there is none."""
        now = self._attributes()
        for name in self._then.keys() - now.keys():
            return name
        for name, value in now.items():
            form = self._form(value, 0)
            if form is None or form != self._then.get(name):
                return name
        return ""

    def _attributes(self) -> dict[str, Any]:
        found = {
            name: value
            for name, value in vars(self._strategy).items()
            if name != "_runtime"
            and not (name in self._parameters and value == self._parameters[name])
        }
        for cls in type(self._strategy).__mro__:
            slots = cls.__dict__.get("__slots__", ())
            for name in (slots,) if isinstance(slots, str) else slots:
                if hasattr(self._strategy, name):
                    found[name] = getattr(self._strategy, name)
        return found

    def _form(self, value: Any, depth: int) -> Any:
        """Return what is equal as long as ``value`` is what it was; None: nobody can tell."""
        kind = type(value)
        if kind in _PLAIN or isinstance(value, Indicator) or id(value) in self._frozen:
            return id(value)
        if kind is np.ndarray and not value.flags.writeable and value.base is None:
            return id(value)
        if depth > 8 or kind not in (list, tuple, dict):
            return None
        items = [part for pair in value.items() for part in pair] if kind is dict else value
        forms = tuple(self._form(each, depth + 1) for each in items)
        return None if None in forms else (kind, forms)


def _parts(model: Frozen[Any] | None) -> frozenset[int]:
    """Return the ids of what a frozen model consists of: nobody changes that."""
    if not isinstance(model, Frozen):
        return frozenset()
    made = model.predictor
    inside = made.values() if isinstance(made, dict) else made if isinstance(made, tuple) else ()
    return frozenset(map(id, [model, model.verified, made, *inside]))


def _inside(value: Any) -> list[Any]:
    """Return a value with all that lists, tuples and dicts in it hold, each object once."""
    found: dict[int, Any] = {}
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if id(each) in found:
            continue
        found[id(each)] = each
        if type(each) is dict:
            waiting += [*each.keys(), *each.values()]
        elif type(each) in (list, tuple):
            waiting += each
    return list(found.values())


def files(cls: type) -> list[Path]:
    """Return the author's files: of the class, and of what is loaded from beside and below it."""
    home = _file(cls.__module__)
    if home is None:
        return []
    found = {_file(each.__module__) for each in cls.__mro__}
    found |= {_file(name) for name in list(sys.modules)}
    own = {each for each in found if each is not None and each.is_relative_to(home.parent)}
    return sorted(own | {home})


def code(cls: type) -> str:
    """Return a hash of the author's files, in hex; empty where there are none."""
    whole = hashlib.sha256()
    found = files(cls)
    for path in found:
        try:
            whole.update(hashlib.sha256(path.read_bytes()).digest())
        except OSError:  # gone since it was loaded: whatever comes next is other code
            whole.update(b"gone")
    return whole.hexdigest() if found else ""


def _file(module: str) -> Path | None:
    """Return where an author's module lies; None: it is built in, installed or ours."""
    name = getattr(sys.modules.get(module), "__file__", None)
    if not isinstance(name, str) or not name.endswith(".py"):
        return None
    path = Path(name).resolve()
    installed = "site-packages" in path.parts or any(map(path.is_relative_to, _INSTALLED))
    return None if installed or path.is_relative_to(_PACKAGE) else path
