"""The form of a snapshot, ``madang-py/1``: plain values and numpy arrays, checked to the last byte.

::

    8 bytes   b"madangpy"
    8 bytes   length of the whole, little-endian, as are the other numbers
    32 bytes  SHA-256 of all that follows
    8 bytes   length of the text
    text      JSON, UTF-8: {"blobs": [...], "state": ...}
    blobs     one behind the other, in the order in which the state names them

A blob is ``{"bytes": 12}`` or ``{"dtype": "<f8", "shape": [2, 3], "order": "C"}``. In the state
JSON stands for itself; what JSON cannot say is an object with one key that begins with ``$``:

=============  =======================================================================
``$blob``      number of a blob: bytes or an array
``$decimal``   a Decimal, as text
``$float``     a float that is not finite: its 8 bytes in hex
``$tuple``     a tuple, as a list
``$dict``      a dict whose keys are not all texts, or begin with ``$``: pairs in a list
``$number``    a number of numpy: dtype, its bytes in hex
=============  =======================================================================

Nothing in it is code, and nothing is run when it is read. The same state gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import struct
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

import numpy as np

from madang.errors import SnapshotError

FORMAT = "madang-py/1"
_MAGIC = b"madangpy"
_HEAD = struct.Struct("<8sQ32s")
_LENGTH = struct.Struct("<Q")
_DTYPE = re.compile(
    r"[|]b1|[|][iu]1|<[iu][248]|<f[248]|<c(8|16)|<[mM]8(\[\d{0,4}(Y|M|W|D|h|m|s|ms|us|ns)\])?"
)
DEEPEST = 64
_MOST_DIMENSIONS = 32
_ADVICE: dict[str, str] = {
    "set": "save sorted(...) and make the set again in restore",
    "frozenset": "save sorted(...) and make the set again in restore",
    "bytearray": "save bytes(...)",
    "deque": "save list(...) and make the deque again in restore",
    "datetime": "save .isoformat()",
    "DataFrame": "save its columns as numpy arrays",
    "Series": "save .to_numpy()",
}


def pack(state: dict[str, Any]) -> bytes:
    """Return ``state`` as bytes.

    Args:
        state: By name: None, bool, int, float, str, bytes, Decimal, list, tuple, dict, numpy
            arrays of numbers, in each other. Names are texts that do not begin with ``$``.

    Raises:
        SnapshotError: It holds something else; the text says where, and what to do.
    """
    packer = _Packer()
    plain = {name: packer.plain(each, name, 0) for name, each in state.items()}
    try:
        text = json.dumps(
            {"blobs": packer.described, "state": plain}, allow_nan=False, separators=(",", ":")
        ).encode()
    except ValueError as e:  # an int of more digits than Python prints
        raise SnapshotError(f"the state cannot be written: {e}") from e
    rest = b"".join([_LENGTH.pack(len(text)), text, *packer.blobs])
    return _HEAD.pack(_MAGIC, _HEAD.size + len(rest), hashlib.sha256(rest).digest()) + rest


def unpack(data: bytes) -> dict[str, Any]:
    """Return the state that ``data`` holds.

    Raises:
        SnapshotError: It is damaged, or no snapshot.
    """
    if len(data) < _HEAD.size + _LENGTH.size:
        raise SnapshotError(f"it is cut off: {len(data)} bytes are no snapshot")
    magic, length, digest = _HEAD.unpack_from(data)
    if magic != _MAGIC:
        raise SnapshotError("it does not begin as a snapshot does")
    if length != len(data):
        raise SnapshotError(f"it has {len(data)} bytes, and says that it has {length}")
    rest = memoryview(data)[_HEAD.size :]
    if hashlib.sha256(rest).digest() != digest:
        raise SnapshotError("it is damaged: the checksum is another")
    (size,) = _LENGTH.unpack_from(rest)
    if size > len(rest) - _LENGTH.size:
        raise SnapshotError("its text is longer than the whole")
    text, blobs = rest[_LENGTH.size : _LENGTH.size + size], rest[_LENGTH.size + size :]
    try:
        document = json.loads(bytes(text).decode(), parse_constant=_constant)
    except (ValueError, RecursionError) as e:
        raise SnapshotError(f"its text is no JSON: {e}") from e
    if not isinstance(document, dict) or document.keys() != {"blobs", "state"}:
        raise SnapshotError("its text is not of blobs and state")
    unpacker = _Unpacker(document["blobs"], blobs)
    state = unpacker.value(document["state"], 0)
    unpacker.end()
    if type(state) is not dict or not all(type(name) is str for name in state):
        raise SnapshotError("its state is not by name")
    return state


class _Packer:
    """Takes values apart into what JSON can say and blobs."""

    def __init__(self) -> None:
        self.described: list[dict[str, Any]] = []
        self.blobs: list[bytes] = []

    def plain(self, value: Any, what: str, depth: int) -> Any:
        # Exact types: what a subclass adds would be lost in silence.
        kind = type(value)
        if value is None or kind in (bool, int, str):
            return value
        if kind is float:
            return value if math.isfinite(value) else {"$float": struct.pack("<d", value).hex()}
        if kind is Decimal:
            return {"$decimal": str(value)}
        if kind is bytes:
            return self._blob({"bytes": len(value)}, value)
        if kind is np.ndarray:
            return self._array(value, what)
        if isinstance(value, np.generic):
            array = _little(np.asarray(value), what)
            return {"$number": [array.dtype.str, array.tobytes().hex()]}
        if depth == DEEPEST:
            raise SnapshotError(
                f"{what[:40]}... is more than {DEEPEST} levels deep: does it hold itself?"
            )
        if kind in (list, tuple):
            items = [self.plain(each, f"{what}[{i}]", depth + 1) for i, each in enumerate(value)]
            return items if kind is list else {"$tuple": items}
        if kind is dict:
            return self._dict(value, what, depth + 1)
        raise SnapshotError(_refused(value, what))

    def _dict(self, value: dict[Any, Any], what: str, depth: int) -> Any:
        if all(type(key) is str and not key.startswith("$") for key in value):
            return {key: self.plain(each, f"{what}[{key!r}]", depth) for key, each in value.items()}
        pairs = []
        for key, each in value.items():
            name = f"{what}[{key!r}]"
            pairs.append([self.plain(key, f"the key {name}", depth), self.plain(each, name, depth)])
        return {"$dict": pairs}

    def _array(self, value: np.ndarray[Any, Any], what: str) -> Any:
        array = _little(value, what)
        # Sums differ in the last bit with the order in memory, so that is kept too.
        order: Literal["C", "F"] = (
            "F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C"
        )
        described = {"dtype": array.dtype.str, "shape": list(array.shape), "order": order}
        return self._blob(described, array.tobytes(order=order))

    def _blob(self, described: dict[str, Any], data: bytes) -> Any:
        self.described.append(described)
        self.blobs.append(data)
        return {"$blob": len(self.blobs) - 1}


def _little(array: np.ndarray[Any, Any], what: str) -> np.ndarray[Any, Any]:
    array = array.astype(array.dtype.newbyteorder("<"), copy=False)
    if not _DTYPE.fullmatch(array.dtype.str):
        raise SnapshotError(
            f"{what} is an array of {array.dtype}; numbers, Booleans and times of numpy are kept"
        )
    return array


def _refused(value: Any, what: str) -> str:
    name = type(value).__name__
    advice = _ADVICE.get(name) or (
        "keep what it is made of: None, bool, int, float, str, bytes, Decimal, list, tuple, dict "
        "or numpy arrays"
    )
    return f"{what} is of type {name}, which a snapshot does not keep; {advice}"


def _constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON")


class _Unpacker:
    """Puts values together again; believes nothing that it is told of a length or a type."""

    def __init__(self, described: Any, data: memoryview) -> None:
        if not isinstance(described, list):
            raise SnapshotError("its blobs are no list")
        self._blobs: list[Any] = []
        at = 0
        for number, each in enumerate(described):
            size, read = _blob(each, number)
            if size > len(data) - at:
                raise SnapshotError(f"blob {number} is longer than what is there")
            self._blobs.append(read(data[at : at + size]))
            at += size
        if at != len(data):
            raise SnapshotError(f"{len(data) - at} bytes behind the last blob")
        self._used = 0
        self._kinds: dict[str, Callable[[Any, int], Any]] = {
            "$blob": self._take,
            "$decimal": self._decimal,
            "$float": self._float,
            "$tuple": lambda given, depth: tuple(self.value(_list(given), depth)),
            "$dict": self._dict,
            "$number": self._number,
        }

    def value(self, plain: Any, depth: int) -> Any:
        if depth > 2 * DEEPEST + 2:
            raise SnapshotError("it is too deep")
        if isinstance(plain, list):
            return [self.value(each, depth + 1) for each in plain]
        if not isinstance(plain, dict):
            return plain
        for key in plain:
            if key.startswith("$"):
                if len(plain) > 1 or key not in self._kinds:
                    raise SnapshotError(f"{key!r} is not known")
                return self._kinds[key](plain[key], depth + 1)
        return {key: self.value(each, depth + 1) for key, each in plain.items()}

    def end(self) -> None:
        """Refuse blobs that nothing has named."""
        if self._used < len(self._blobs):
            raise SnapshotError(f"blob {self._used} is never used")

    def _take(self, number: Any, _depth: int) -> Any:
        # In order and once each, so that no two names stand for one array.
        if type(number) is not int or number != self._used or number >= len(self._blobs):
            raise SnapshotError(f"blob {number!r} is not the next one")
        self._used += 1
        return self._blobs[number]

    def _decimal(self, text: Any, _depth: int) -> Decimal:
        try:
            return Decimal(_text(text))
        except InvalidOperation as e:
            raise SnapshotError(f"{text!r} is no Decimal") from e

    def _float(self, text: Any, _depth: int) -> float:
        data = _bytes(text)
        if len(data) != 8:
            raise SnapshotError(f"{text!r} is no float")
        return float(struct.unpack("<d", data)[0])

    def _number(self, given: Any, _depth: int) -> Any:
        if not isinstance(given, list) or len(given) != 2:
            raise SnapshotError("a number of numpy is a dtype and bytes")
        dtype, data = _dtype(given[0]), _bytes(given[1])
        if len(data) != dtype.itemsize:
            raise SnapshotError(f"a {dtype} has {dtype.itemsize} bytes, not {len(data)}")
        return _read_array(memoryview(data), dtype, (), "C")[()]

    def _dict(self, pairs: Any, depth: int) -> dict[Any, Any]:
        found = {}
        for pair in _list(pairs):
            if not isinstance(pair, list) or len(pair) != 2:
                raise SnapshotError("a dict is not of pairs")
            key = self.value(pair[0], depth + 1)
            try:
                found[key] = self.value(pair[1], depth + 1)
            except TypeError as e:
                raise SnapshotError(f"{key!r} cannot be a key") from e
        return found


def _blob(described: Any, number: int) -> tuple[int, Callable[[memoryview], Any]]:
    """Return how many bytes a blob has, and what makes its value of them."""
    if isinstance(described, dict) and described.keys() == {"bytes"}:
        return _size(described["bytes"], number), bytes
    if not isinstance(described, dict) or described.keys() != {"dtype", "shape", "order"}:
        raise SnapshotError(f"blob {number} is neither bytes nor an array")
    dtype, order, shape = _dtype(described["dtype"]), described["order"], described["shape"]
    if not isinstance(shape, list) or len(shape) > _MOST_DIMENSIONS or order not in ("C", "F"):
        raise SnapshotError(f"blob {number} has no shape")
    sizes = tuple(_size(each, number) for each in shape)
    # An empty array may name a length that memory could not hold were the other one not 0.
    if math.prod(max(each, 1) for each in sizes) * dtype.itemsize >= 2**62:
        raise SnapshotError(f"blob {number} has no shape that memory could hold")
    return math.prod(sizes) * dtype.itemsize, lambda data: _read_array(data, dtype, sizes, order)


def _read_array(data: memoryview, dtype: Any, shape: tuple[int, ...], order: Any) -> Any:
    flat = np.frombuffer(data, dtype=dtype) if len(data) else np.empty(0, dtype=dtype)
    if dtype.kind == "b" and flat.size and int(flat.view(np.uint8).max()) > 1:
        raise SnapshotError("a Boolean that is neither true nor false")
    try:
        return np.array(flat.reshape(shape, order=order), order=order, copy=True)
    except ValueError as e:  # a length that numpy does not hold, beside one that is 0
        raise SnapshotError(f"an array of {shape}: {e}") from e


def _dtype(text: Any) -> Any:
    if not isinstance(text, str) or not _DTYPE.fullmatch(text):
        raise SnapshotError(f"arrays of {text!r} are not read")
    try:
        return np.dtype(text)
    except (TypeError, ValueError) as e:
        raise SnapshotError(f"arrays of {text!r} are not read: {e}") from e


def _size(number: Any, blob: int) -> int:
    if type(number) is not int or not 0 <= number < 2**62:
        raise SnapshotError(f"blob {blob} has no length: {number!r}")
    return number


def _list(given: Any) -> list[Any]:
    if not isinstance(given, list):
        raise SnapshotError(f"{given!r} is no list")
    return given


def _text(given: Any) -> str:
    if not isinstance(given, str):
        raise SnapshotError(f"{given!r} is no text")
    return given


def _bytes(given: Any) -> bytes:
    try:
        return bytes.fromhex(_text(given))
    except ValueError as e:
        raise SnapshotError(f"{given!r} is no hex") from e
