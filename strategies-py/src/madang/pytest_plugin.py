"""Fixtures for tests of strategies; pytest finds them by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from madang import testing


@pytest.fixture
def replay() -> Callable[..., testing.Replay]:
    """:func:`madang.testing.replay`: feed events to a strategy, get what it says."""
    return testing.replay


@pytest.fixture
def check_cuts() -> Callable[..., testing.Replay]:
    """:func:`madang.testing.check_cuts`: the same, with messages cut in several ways."""
    return testing.check_cuts


@pytest.fixture
def check_restore() -> Callable[..., testing.Replay]:
    """:func:`madang.testing.check_restore`: the same, stopped and restored at many places."""
    return testing.check_restore
