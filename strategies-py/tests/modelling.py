"""Model directories to try."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from madang import models
from madang.models import save

FEATURES = ("a", "b")
PERIOD = (date(2001, 2, 3), date(2004, 5, 6))


def saved(folder: Path, weights: bytes = b"1 2 3", **changes: Any) -> models.Model:
    given: dict[str, Any] = {
        "name": "line",
        "version": "3",
        "weights": weights,
        "file": "weights.txt",
        "trained": PERIOD,
        "features": FEATURES,
        "libraries": ["numpy"],
        "seed": 5,
        "figures": {"accuracy": 0.5},
    }
    return save(folder, **(given | changes))


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "model.json"
    contents = json.loads(path.read_text())
    change(contents)
    path.write_text(json.dumps(contents))
