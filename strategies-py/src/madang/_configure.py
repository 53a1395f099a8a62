"""What a Configure may say, and what of it must stay equal for a state to go on."""

from __future__ import annotations

from madang._generated.strategy.v1 import session_pb2
from madang.errors import ProtocolError
from madang.instruments import Mode

REVISIONS = (1, 1)
MODES = {1: Mode.LIVE, 2: Mode.PAPER, 3: Mode.REPLAY, 4: Mode.BACKTEST}


def check(configure: session_pb2.Configure) -> None:
    """Refuse a Configure that this server cannot follow.

    Raises:
        ProtocolError: Another revision, no session name, or an unknown mode.
    """
    lowest, highest = REVISIONS
    if not lowest <= configure.revision <= highest:
        raise ProtocolError(
            "FAILED_PRECONDITION",
            f"this server speaks protocol {lowest} to {highest}, the host asked for "
            f"{configure.revision}; install the SDK that comes with the host: "
            "pip install ./strategies-py",
        )
    if not configure.session:
        raise ProtocolError("INVALID_ARGUMENT", "configure.session is empty")
    if configure.mode not in MODES:
        raise ProtocolError("INVALID_ARGUMENT", f"configure.mode {configure.mode} is not known")


def signature(configure: session_pb2.Configure) -> tuple[object, ...]:
    """Return what must be equal for a state to go on."""
    return (
        configure.parameter_hash,
        tuple(sorted(configure.parameters.items())),
        configure.mode,
        configure.account,
    )
