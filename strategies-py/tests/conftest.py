"""Servers in this process, at a unix socket and at a port."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from host import Client, Connect, serving, socket_in

from madang import Strategy


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
