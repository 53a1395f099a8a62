"""The form of a snapshot: exact both ways, refused in words when it is not whole."""

from __future__ import annotations

import hashlib
import json
import random
import struct
from collections import deque
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from madang import SnapshotError
from madang._snapshot import DEEPEST, pack, unpack

SOME: dict[str, Any] = {
    "plain": [None, True, False, 0, -1, 2**200, "", "가\ud800\x00", 0.1, -0.0, 5e-324],
    "odd": [float("inf"), float("-inf"), float("nan")],
    "decimal": [Decimal("70100"), Decimal("0E-8"), Decimal("-0"), Decimal("1.50"), Decimal("NaN")],
    "tuple": ((), (1, (2.5, [3])), [(), []]),
    "dict": {"a": {}, "$b": 1, "": 2},
    "keys": {1: "int", False: "no", None: 0, ("A", 60): [1], 2.5: b"", Decimal(3): {}},
    "bytes": [b"", b"\x00\xff", b"$blob"],
    "generator": np.random.default_rng(3).bit_generator.state,
    "random": random.Random(3).getstate(),
}
ARRAYS = [
    np.arange(24, dtype=np.int64).reshape(2, 3, 4),
    np.arange(6.0).reshape(2, 3).T,
    np.array([np.nan, -0.0, np.inf, 5e-324]),
    np.array(7, dtype=np.uint8),
    np.zeros((0, 3), dtype=np.float32),
    np.zeros((3, 0, 2), dtype=np.complex64, order="F"),
    np.array([True, False]),
    np.array(["2026-01-05", "NaT"], dtype="datetime64[ns]"),
    np.array([1, 2], dtype="timedelta64[s]"),
    np.array([1.5, 2.5], dtype=np.float16),
]


def same(a: Any, b: Any) -> bool:
    """Whether two values are equal to the bit, types and order included."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray | np.generic):
        one, other = (
            (each.dtype, each.shape, each.tobytes("A"), each.flags.f_contiguous) for each in (a, b)
        )
        return one == other
    if isinstance(a, dict):
        return len(a) == len(b) and all(
            same(*keys) and same(*values)
            for keys, values in zip(
                zip(a, b, strict=True), zip(a.values(), b.values(), strict=True), strict=True
            )
        )
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, float):
        return struct.pack("<d", a) == struct.pack("<d", b)
    return bool(a == b) or str(a) == str(b) == "NaN"


@pytest.mark.parametrize("name", SOME)
def test_values_come_back_as_they_were(name: str) -> None:
    assert same(unpack(pack({name: SOME[name]})), {name: SOME[name]})


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype}{array.shape}")
def test_arrays_come_back_as_they_were(array: np.ndarray[Any, Any]) -> None:
    found = unpack(pack({"a": [array, {"b": array}]}))["a"]
    assert same(found[0], array)
    assert same(found[1]["b"], array)
    assert found[0].flags.writeable
    found[0][...] = 0
    assert same(found[1]["b"], array)  # each its own memory


@pytest.mark.parametrize(
    "number", [np.float64(0.1), np.int32(-5), np.bool_(True), np.uint64(2**64 - 1), np.float32(1)]
)
def test_numbers_of_numpy_stay_what_they_are(number: Any) -> None:
    assert same(unpack(pack({"a": {"b": number}})), {"a": {"b": number}})


def test_views_and_other_byte_orders_are_kept_by_value() -> None:
    views = [np.arange(10)[::3], np.arange(5, dtype=">i4"), np.arange(6).reshape(2, 3)[:, 1]]
    for view, found in zip(views, unpack(pack({"a": views}))["a"], strict=True):
        assert (found == view).all()
        assert found.dtype == view.dtype.newbyteorder("<")


def test_the_same_state_gives_the_same_bytes() -> None:
    state = SOME | {"arrays": ARRAYS}
    assert pack(state) == pack(state) == pack(unpack(pack(state)))


def test_what_is_deep_is_kept_as_deep() -> None:
    for wrap in (lambda each: [each], lambda each: (each,), lambda each: {1: each}):
        value: Any = "end"
        for _ in range(DEEPEST):
            value = wrap(value)
        assert same(unpack(pack({"a": value})), {"a": value})
        with pytest.raises(SnapshotError, match="more than 64 levels deep: does it hold itself"):
            pack({"a": wrap(value)})


class Odd(dict):  # type: ignore[type-arg]
    """A subclass: what it adds would be lost."""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({1, 2}, r"state\['x'\] is of type set, .* save sorted"),
        (deque([1]), "deque, .* save list"),
        (bytearray(b""), r"bytearray, .* save bytes"),
        (datetime.now(UTC), r"datetime, .* save .isoformat"),
        (object(), "of type object, .* keep what it is made of"),
        (Odd(), "of type Odd"),
        (lambda: 1, "of type function"),
        ([1, {"y": [{3}]}], r"state\['x'\]\[1\]\['y'\]\[0\] is of type set"),
        ({("k", 1): {4}}, r"state\['x'\]\[\('k', 1\)\] is of type set"),
        ({frozenset(): 4}, r"the key state\['x'\].* is of type frozenset"),
        (np.array([object()]), "array of object"),
        (np.array(["text"]), "array of <U4"),
        (np.zeros(2, dtype=[("a", "i4")]), "array of .*'a'"),
        (np.longdouble(1), "array of float128|array of float64|array of longdouble"),
        (np.ma.array([1], mask=[True]), "of type MaskedArray"),
    ],
)
def test_what_cannot_be_kept_is_named(value: Any, text: str) -> None:
    with pytest.raises(SnapshotError, match=text):
        pack({"state": {"x": value}})


def test_a_number_without_end_is_named() -> None:
    with pytest.raises(SnapshotError, match=r"cannot be written: .*4300 digits"):
        pack({"state": 10**5000})


SMALL = pack({"a": [1, 2.5, "x", Decimal(1), b"raw"], "b": np.arange(3)})


@pytest.mark.parametrize("at", range(len(SMALL)))
def test_every_damaged_byte_is_found(at: int) -> None:
    for bit in (0x01, 0x80, 0xFF):
        damaged = bytearray(SMALL)
        damaged[at] ^= bit
        with pytest.raises(SnapshotError):
            unpack(bytes(damaged))


def test_every_cut_and_every_addition_is_found() -> None:
    for length in range(len(SMALL)):
        with pytest.raises(SnapshotError):
            unpack(SMALL[:length])
        with pytest.raises(SnapshotError):
            unpack(SMALL[length + 1 :])
    with pytest.raises(SnapshotError, match="says that it has"):
        unpack(SMALL + b"\x00")


def forged(document: Any, blobs: bytes = b"", size: int | None = None) -> bytes:
    """Bytes with a checksum that fits, whatever they say."""
    text = document if isinstance(document, bytes) else json.dumps(document).encode()
    rest = struct.pack("<Q", len(text) if size is None else size) + text + blobs
    head = struct.pack("<8sQ32s", b"madangpy", 48 + len(rest), hashlib.sha256(rest).digest())
    return head + rest


def holding(state: Any, *blobs: Any) -> dict[str, Any]:
    return {"blobs": list(blobs), "state": {"a": state}}


def array(**fields: Any) -> dict[str, Any]:
    return {"dtype": "<i8", "shape": [1], "order": "C"} | fields


@pytest.mark.parametrize(
    ("document", "blobs", "text"),
    [
        (b"{", b"", "no JSON"),
        (b'{"blobs": [], "state": {"a": NaN}}', b"", "NaN is no JSON"),
        (b"\xff", b"", "no JSON"),
        (b"[" * 100_000, b"", "no JSON"),
        ([], b"", "not of blobs and state"),
        ({"blobs": []}, b"", "not of blobs and state"),
        ({"blobs": {}, "state": {}}, b"", "blobs are no list"),
        ({"blobs": [], "state": 5}, b"", "not by name"),
        ({"blobs": [], "state": {"$dict": [[1, 2]]}}, b"", "not by name"),
        (holding({"$blob": 0}), b"", "blob 0 is not the next"),
        (holding([{"$blob": 0}] * 2, {"bytes": 1}), b"x", "blob 0 is not the next"),
        (holding({"$blob": 1}, {"bytes": 1}, {"bytes": 1}), b"xy", "blob 1 is not the next"),
        (holding({"$blob": True}, {"bytes": 1}), b"x", "not the next"),
        (holding(0, {"bytes": 5}), b"1234", "longer than what is there"),
        (holding(0, {"bytes": 5}), b"123456", "1 bytes behind"),
        (holding(0, {"bytes": -1}), b"", "no length: -1"),
        (holding(0, {"bytes": 1.0}), b"x", "no length: 1.0"),
        (holding(0, {"bytes": 2**70}), b"", "no length"),
        (holding(0, 5), b"", "neither bytes nor an array"),
        (holding(0, array(dtype="|O")), b"12345678", r"arrays of '\|O' are not read"),
        (holding(0, array(dtype=["a", "<i4"])), b"12345678", "are not read"),
        (holding(0, array(dtype="<M8[999999s]")), b"12345678", "are not read"),
        (holding(0, array(dtype=">i8")), b"12345678", "are not read"),
        (holding(0, array(shape=[2])), b"12345678", "longer than what is there"),
        (holding(0, array(shape=[-1])), b"12345678", "no length: -1"),
        (holding(0, array(shape="1")), b"12345678", "no shape"),
        (holding(0, array(shape=[1] * 65)), b"12345678", "no shape"),
        (holding(0, array(shape=[0, 2**61])), b"", "no shape|an array of"),
        (holding(0, array(shape=[0, 2**58])), b"", "never used"),
        (holding(0, array(order="K")), b"12345678", "no shape"),
        (holding(0, array(dtype="|b1")), b"\x02", "neither true nor false"),
        (holding({"$decimal": "x"}), b"", "no Decimal"),
        (holding({"$decimal": 1}), b"", "no text"),
        (holding({"$float": "00"}), b"", "no float"),
        (holding({"$float": "zz"}), b"", "no hex"),
        (holding({"$tuple": 1}), b"", "no list"),
        (holding({"$dict": [[1]]}), b"", "not of pairs"),
        (holding({"$dict": [[[], 1]]}), b"", "cannot be a key"),
        (holding({"$number": ["<f8", "00"]}), b"", "has 8 bytes, not 1"),
        (holding({"$number": ["|V8", "00" * 8]}), b"", "are not read"),
        (holding({"$number": ["<f8"]}), b"", "dtype and bytes"),
        (holding({"$pickle": "x"}), b"", "'.pickle' is not known"),
        (holding({"$tuple": [], "b": 1}), b"", "'.tuple' is not known"),
    ],
)
def test_what_lies_about_itself_is_refused(document: Any, blobs: bytes, text: str) -> None:
    with pytest.raises(SnapshotError, match=text):
        unpack(forged(document, blobs))


def test_a_text_longer_than_the_whole_is_refused() -> None:
    with pytest.raises(SnapshotError, match="longer than the whole"):
        unpack(forged({}, size=2**63))
    assert unpack(forged(holding(1))) == {"a": 1}


@pytest.mark.parametrize("seed", range(20))
def test_forged_at_random_it_is_read_or_refused(seed: int) -> None:
    source = random.Random(seed)
    text = SMALL[56 : 56 + struct.unpack_from("<Q", SMALL, 48)[0]]
    blobs = SMALL[56 + len(text) :]
    read = 0
    for _ in range(300):
        bad = bytearray(text)
        for _ in range(source.randint(1, 3)):
            bad[source.randrange(len(bad))] = source.choice(b'0123456789{}[],:"$-.abcdeinu')
        try:
            unpack(forged(bytes(bad), blobs))
            read += 1
        except SnapshotError:
            pass
    assert read < 300
