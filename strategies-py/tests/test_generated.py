"""The generated messages are those of ``Protos/``."""

from __future__ import annotations

import filecmp
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[1] / "tools"
sys.path.insert(0, str(TOOLS))

import generate  # noqa: E402

from madang._generated.columns.v1 import host_pb2 as columns_pb  # noqa: E402
from madang._generated.strategy.v1 import events_pb2, session_pb2  # noqa: E402


@pytest.mark.skipif(
    not generate.protoc_version().startswith(generate.PROTOC),
    reason=f"protoc {generate.PROTOC}x is not installed",
)
def test_checked_in_code_is_what_protos_give(tmp_path: Path) -> None:
    generate.generate(tmp_path / "new")

    def listing(folder: Path) -> list[str]:
        found = (path for path in folder.rglob("*") if path.is_file())
        return sorted(str(path.relative_to(folder)) for path in found if path.suffix != ".pyc")

    files = listing(tmp_path / "new")
    assert files == listing(generate.GENERATED)
    _, stale, errors = filecmp.cmpfiles(tmp_path / "new", generate.GENERATED, files, shallow=False)
    assert (stale, errors) == ([], []), "run tools/generate.py"


def test_the_twin_reads_columns_as_bytes() -> None:
    public = session_pb2.HostMessage(
        events=events_pb2.Events(
            previous=7,
            count=2,
            ticks=events_pb2.Ticks(offset=[1, 2], price=[-1, 2**40], instrument=[3, 4]),
        )
    )
    twin = columns_pb.HostMessage.FromString(public.SerializeToString())
    ticks = twin.events.ticks
    assert memoryview(ticks.price).cast("q").tolist() == [-1, 2**40]
    assert memoryview(ticks.instrument).cast("I").tolist() == [3, 4]
    assert twin.SerializeToString() == public.SerializeToString()
