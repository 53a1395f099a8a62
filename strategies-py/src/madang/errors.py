"""What can go wrong, as one tree.

::

    MadangError
    ├── DefinitionError   a strategy class says something that cannot be: also a TypeError
    ├── ParameterError    a parameter's value does not fit its schema: also a ValueError
    ├── ResultError       a result that no host would take: also a ValueError
    ├── HistoryError      history asked for in a way that has no answer: also a LookupError
    ├── SnapshotError     a state that cannot be saved, or bytes that are none: also a ValueError
    ├── ModelError        a model directory is not what it says: also a ValueError
    ├── DataError         a data file cannot be read: also a ValueError
    ├── ServeError        the server cannot start: address, files, rights
    ├── ProtocolError     the host broke the contract; ends the session
    └── FatalError        raise it in a hook to end the session instead of going on
"""

from __future__ import annotations


class MadangError(Exception):
    """Base of everything this package raises on purpose."""


class DefinitionError(MadangError, TypeError):
    """A strategy class that cannot be served: the text says what to change."""


class ParameterError(MadangError, ValueError):
    """A parameter that is unknown, of another type or out of its range."""


class ResultError(MadangError, ValueError):
    """A result that is not finite, out of range, or about nothing known."""


class HistoryError(MadangError, LookupError):
    """History that is ambiguous or not kept: the text says how to ask."""


class SnapshotError(MadangError, ValueError):
    """A state that cannot be saved, or bytes that are no state: the text says what to do."""


class ModelError(MadangError, ValueError):
    """A model directory that is not what it says: the text says which file, and what to do."""


class DataError(MadangError, ValueError):
    """A data file that cannot be read, with the line that is wrong."""


class ServeError(MadangError):
    """The server cannot start here."""


class ProtocolError(MadangError):
    """The host sent what the contract does not allow.

    Attributes:
        code: The gRPC status name the session ends with.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class FatalError(MadangError):
    """Raise it in a hook when going on makes no sense: the session ends with its text."""
