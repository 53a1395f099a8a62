"""Weights in the skops format: a zip of JSON and plain arrays that runs no code when it is read.

skops itself is imported when it is first needed: strategies without such a model do without it.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from madang.errors import ModelError

if TYPE_CHECKING:
    from madang.models import Model

_SCHEMA = "schema.json"


def from_skops(*, trusted: Sequence[str] = ()) -> Callable[[Model], Any]:
    """Return what turns the weights of a :class:`Model` into the object that was saved.

    Types of scikit-learn, numpy and scipy that skops has audited need no mention. A file with any
    other type is refused unless it is named here: read what the error says, look the type up, and
    name it if you trust its code.

    Args:
        trusted: Further types that may be made, by their full names.
    """

    def build(model: Model) -> Any:
        io_module = _skops()
        try:
            found = io_module.get_untrusted_types(data=model.weights)
            unknown = sorted(set(found) - set(trusted))
            if not unknown:
                return io_module.loads(model.weights, trusted=list(trusted))
        except Exception as e:  # a file of chance bytes fails in more ways than skops has names for
            raise ModelError(
                f"{model.path}: the weights are no skops file that this skops can read: "
                f"{type(e).__name__}: {e}"
            ) from e
        raise ModelError(
            f"{model.path}: the weights hold types that are not trusted: {', '.join(unknown)}. "
            "Trust only what you know: from_skops(trusted=[...])"
        )

    return build


def to_skops(value: Any) -> bytes:
    """Return an estimator, or a dictionary of estimators and arrays, in the skops format.

    skops numbers its parts by their addresses in memory and stamps them with the time. Here they
    are numbered in order instead, so the same model gives the same bytes and the same hash; and
    arrays with the same contents are kept once.

    Raises:
        ModelError: It holds something that skops cannot write.
    """
    io_module = _skops()
    try:
        raw = io_module.dumps(value)
    except Exception as e:
        raise ModelError(f"skops cannot write this: {type(e).__name__}: {e}") from e
    with zipfile.ZipFile(io.BytesIO(raw)) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    schema = json.loads(parts.pop(_SCHEMA))
    arrays: dict[bytes, str] = {}  # contents to new name
    _renumber(schema, parts, arrays)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for contents, name in arrays.items():
            _write(archive, name, contents)
        _write(archive, _SCHEMA, json.dumps(schema, separators=(",", ":")).encode())
    return target.getvalue()


def _renumber(schema: dict[str, Any], parts: Mapping[str, bytes], arrays: dict[bytes, str]) -> None:
    """Number the parts of ``schema`` in order of appearance, in place, and name the arrays."""
    numbers: dict[int, int] = {}
    waiting: list[Any] = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting.extend(reversed(part))
        elif isinstance(part, dict):
            if "__loader__" in part and isinstance(part.get("__id__"), int):
                part["__id__"] = numbers.setdefault(part["__id__"], len(numbers) + 1)
            if "__loader__" in part and isinstance(part.get("file"), str):
                ending = part["file"].rpartition(".")[2]
                name = f"{len(arrays) + 1:04}.{ending}"
                part["file"] = arrays.setdefault(parts[part["file"]], name)
            waiting.extend(reversed(part.values()))


def _write(archive: zipfile.ZipFile, name: str, contents: bytes) -> None:
    about = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    about.compress_type = zipfile.ZIP_DEFLATED
    about.external_attr = 0o600 << 16
    about.create_system = 3
    archive.writestr(about, contents)


def _skops() -> Any:
    try:
        import skops.io
    except ImportError as e:
        raise ModelError(
            "weights in the skops format take scikit-learn and skops: "
            "pip install './strategies-py[sklearn]'"
        ) from e
    return skops.io
