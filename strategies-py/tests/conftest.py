"""Servers in this process, at a unix socket and at a port."""

from __future__ import annotations

import contextlib
import importlib
import os
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from host import Client, Connect, serving, socket_in

from madang import Candle, Strategy

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples/model"
DATA = ROOT / ".madang/demo/daily.csv.gz"


@pytest.fixture(params=["unix", "tcp"])
def connect(request: pytest.FixtureRequest, tmp_path: Path) -> Connect:
    if request.param == "unix":
        address = socket_in(tmp_path)
    else:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{free.getsockname()[1]}"

    @contextlib.asynccontextmanager
    async def connect(strategy: type[Strategy]) -> AsyncIterator[Client]:
        async with serving(strategy, address) as client:
            yield client

    return connect


@pytest.fixture
def local(tmp_path: Path) -> Connect:
    def connect(strategy: type[Strategy]) -> contextlib.AbstractAsyncContextManager[Client]:
        return serving(strategy, socket_in(tmp_path))

    return connect


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Snapshots come by events alone: however slow this machine is just now, it counts as quick."""
    monkeypatch.setattr("madang._taking.NOTICEABLE", 60.0)


@pytest.fixture(scope="module")
def example_path() -> Iterator[None]:
    sys.path.insert(0, str(EXAMPLE))
    yield
    sys.path.remove(str(EXAMPLE))


@pytest.fixture(scope="module")
def daily(example_path: None) -> list[Candle]:
    if not DATA.exists():
        words = f"{DATA} is missing; make it: .venv/bin/python Tools/demo-data.py .madang/demo"
        if os.environ.get("CI"):
            pytest.fail(words)
        pytest.skip(words)
    found: list[Candle] = importlib.import_module("train").candles_of(DATA)
    return found
