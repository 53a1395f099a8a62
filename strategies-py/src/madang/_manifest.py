"""``model.json``: what a model directory says of its weights, read and written strictly."""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from madang.errors import ModelError

FORMAT = 1
LARGEST = 1_000_000  # bytes of a manifest; it holds words, not weights
_REQUIRED = (
    "format",
    "name",
    "version",
    "weights",
    "sha256",
    "trained",
    "features",
    "libraries",
    "seed",
)
_OPTIONAL = ("figures",)
# "@" joins name, version and hash in the ledger, so it may not be part of them.
_NAME = re.compile(r"[A-Za-z0-9_.+-]{1,64}")
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,127}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The contents of ``model.json``, checked.

    Attributes:
        name: Of the model.
        version: Its version.
        weights: The file beside it that holds the weights.
        sha256: Of that file, lower-case hex.
        trained: The first and the last day of the training data, labels included.
        features: What the model takes, in order.
        libraries: The versions it was trained with, by the name of the distribution.
        seed: Of the training.
        figures: What training measured, by name.
    """

    name: str
    version: str
    weights: str
    sha256: str
    trained: tuple[date, date]
    features: tuple[str, ...]
    libraries: Mapping[str, str]
    seed: int
    figures: Mapping[str, float]

    def text(self) -> str:
        """Return it as the file is written: the same contents, the same bytes."""
        first, last = self.trained
        contents = {
            "format": FORMAT,
            "name": self.name,
            "version": self.version,
            "weights": self.weights,
            "sha256": self.sha256,
            "trained": {"from": first.isoformat(), "until": last.isoformat()},
            "features": list(self.features),
            "libraries": dict(sorted(self.libraries.items())),
            "seed": self.seed,
        }
        if self.figures:
            contents["figures"] = dict(self.figures)
        return json.dumps(contents, indent=2, ensure_ascii=False) + "\n"


def read(path: Path) -> Manifest:
    """Read a manifest.

    Raises:
        ModelError: It is missing, no JSON, or says too little, too much or nonsense.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except FileNotFoundError as e:
        raise ModelError(
            f"{path} is missing: a model directory has a model.json beside its weights; "
            "madang.models.save writes both"
        ) from e
    except OSError as e:
        raise ModelError(f"{path} cannot be read: {e.strerror}") from e
    if len(raw) > LARGEST:
        raise ModelError(f"{path} is larger than {LARGEST:,} bytes, so it is no manifest")
    return parse(raw, str(path))


def parse(raw: bytes, where: str) -> Manifest:
    """Check the bytes of a manifest.

    Raises:
        ModelError: They say too little, too much or nonsense; the text begins with ``where``.
    """
    try:
        contents = json.loads(raw, object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError) as e:
        raise ModelError(f"{where} is not JSON as a manifest writes it: {e}") from e
    if not isinstance(contents, dict):
        raise ModelError(f"{where} is not an object with the keys {', '.join(_REQUIRED)}")
    _check_keys(contents, where, required=_REQUIRED, optional=_OPTIONAL)
    if contents["format"] != FORMAT or isinstance(contents["format"], bool):
        raise ModelError(
            f"{where}: format is {contents['format']!r}, this SDK reads {FORMAT}; the model was "
            "saved by another version of madang: install that one, or save it again"
        )
    field = _Fields(contents, where)
    return Manifest(
        name=field.text("name", _NAME, "letters, digits, _ . + - up to 64"),
        version=field.text("version", _NAME, "letters, digits, _ . + - up to 64"),
        weights=field.text("weights", _FILE, "the name of a file beside model.json"),
        sha256=field.text("sha256", re.compile("[0-9a-f]{64}"), "64 lower-case hex digits"),
        trained=field.period("trained"),
        features=field.names("features"),
        libraries=field.texts("libraries"),
        seed=field.whole("seed"),
        figures=field.numbers("figures"),
    )


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} is there twice")
    return found


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is not a number")


def _check_keys(
    contents: Mapping[str, Any], where: str, *, required: tuple[str, ...], optional: tuple[str, ...]
) -> None:
    known = (*required, *optional)
    for key in contents:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
            raise ModelError(f"{where}: {key!r} is not a key of a manifest; {hint}")
    missing = [key for key in required if key not in contents]
    if missing:
        raise ModelError(f"{where}: {', '.join(map(repr, missing))} missing")


class _Fields:
    """The fields of a manifest, each with its own words when it is wrong."""

    def __init__(self, contents: Mapping[str, Any], where: str) -> None:
        self._contents = contents
        self._where = where

    def _wrong(self, key: str, allowed: str) -> ModelError:
        shown = json.dumps(self._contents[key], ensure_ascii=False)
        shown = shown if len(shown) <= 60 else shown[:57] + "..."
        return ModelError(f"{self._where}: {key} is {shown}, not {allowed}")

    def text(self, key: str, form: re.Pattern[str], allowed: str) -> str:
        value = self._contents[key]
        if not isinstance(value, str) or not form.fullmatch(value):
            raise self._wrong(key, allowed)
        return value

    def period(self, key: str) -> tuple[date, date]:
        allowed = 'a period, {"from": "1999-01-04", "until": "2008-12-31"}'
        value = self._contents[key]
        if not isinstance(value, dict) or value.keys() != {"from", "until"}:
            raise self._wrong(key, allowed)
        try:
            first, last = (date.fromisoformat(value[name]) for name in ("from", "until"))
        except (TypeError, ValueError) as e:
            raise self._wrong(key, allowed) from e
        if first > last:
            raise self._wrong(key, "a period: it ends before it begins")
        return first, last

    def names(self, key: str) -> tuple[str, ...]:
        value = self._contents[key]
        if not isinstance(value, list) or not value or not all(_is_text(each) for each in value):
            raise self._wrong(key, "a list of names")
        if len(set(value)) < len(value):
            raise self._wrong(key, "a list of names, each once")
        return tuple(value)

    def texts(self, key: str) -> dict[str, str]:
        value = self._contents[key]
        if not isinstance(value, dict) or not all(map(_is_text, [*value, *value.values()])):
            raise self._wrong(key, 'versions by name, {"scikit-learn": "1.9.1"}')
        return value

    def whole(self, key: str) -> int:
        value = self._contents[key]
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._wrong(key, "a whole number")
        return value

    def numbers(self, key: str) -> dict[str, float]:
        value = self._contents.get(key, {})
        if not isinstance(value, dict) or not all(map(_is_number, value.values())):
            raise self._wrong(key, 'numbers by name, {"accuracy": 0.54}')
        return value


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
