"""Whose fault an error is, in a line."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

_PACKAGE = Path(__file__).parent


def of_the_strategy(error: Exception) -> tuple[tuple[str, int] | None, TracebackType | None]:
    """Return file and line of the innermost frame outside this package, and the traceback there.

    The traceback begins at the outermost such frame. Without one it stays whole: the fault may
    be ours.
    """
    where, begin = None, None
    step = error.__traceback__
    while step is not None:
        path = Path(step.tb_frame.f_code.co_filename)
        if path.parent != _PACKAGE:
            where, begin = (path.name, step.tb_lineno), begin or step
        step = step.tb_next
    return where, begin or error.__traceback__


def in_a_line(error: Exception) -> str:
    """Return what it says, and what to write instead where that is known."""
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, TypeError) and "'decimal.Decimal'" in text and "'float'" in text:
        text += "; a price is a Decimal: write Decimal('1.5') for 1.5, or float(price)"
    return text
