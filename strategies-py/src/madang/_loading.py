"""Find the strategy class in a file."""

from __future__ import annotations

import importlib.util
import sys
import traceback
from pathlib import Path

from madang.errors import DefinitionError, MadangError
from madang.strategy import Strategy


def load(path: str | Path, name: str | None = None) -> type[Strategy]:
    """Return the strategy class that a Python file defines.

    Args:
        path: The file; it is run, but not as the main program.
        name: Of the class, where there are several.

    Raises:
        DefinitionError: The file defines none, or several and ``name`` says none of them, or it
            cannot be run.
    """
    path = Path(path)
    if not path.is_file():
        raise DefinitionError(f"{path} does not exist")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise DefinitionError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # so that its annotations can be resolved
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)  # as Python does for a program
    try:
        spec.loader.exec_module(module)
    except MadangError:
        raise
    except SyntaxError as e:
        raise DefinitionError(f"{e.filename}:{e.lineno}: {e.msg}") from e
    except Exception as e:
        raise DefinitionError(f"{_place(e, path)}: {type(e).__name__}: {e}") from e
    found = {
        each.__name__: each
        for each in vars(module).values()
        if isinstance(each, type)
        and issubclass(each, Strategy)
        and each.__module__ == module.__name__
    }
    if name is not None and name in found:
        return found[name]
    if name is None and len(found) == 1:
        return next(iter(found.values()))
    there = ", ".join(found) or "none"
    raise DefinitionError(f"{path}: which strategy? It defines {there}; say --strategy NAME")


def _place(error: Exception, path: Path) -> str:
    """Return where in the file, or in what it imports, the error was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [each for each in frames if Path(each.filename) == path]
    return f"{path}:{own[-1].lineno}" if own else str(path)
