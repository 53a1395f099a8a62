"""Write a trading strategy, serve it to a Madang host.

::

    from madang import Candle, Strategy, buy, sell, serve
"""

from madang._version import VERSION as __version__
from madang.columns import Ticks
from madang.errors import (
    DataError,
    DefinitionError,
    FatalError,
    HistoryError,
    MadangError,
    ModelError,
    ParameterError,
    ProtocolError,
    ResultError,
    ServeError,
    SnapshotError,
)
from madang.instruments import Holding, Instrument, Mode, Side
from madang.model import Candle, Fill, Quote, Tick, Timer
from madang.parameters import Range
from madang.results import Action, Result, alert, buy, candidates, sell
from madang.serving import serve
from madang.strategy import Outcome, Strategy

__all__ = [
    "Action",
    "Candle",
    "DataError",
    "DefinitionError",
    "FatalError",
    "Fill",
    "HistoryError",
    "Holding",
    "Instrument",
    "MadangError",
    "Mode",
    "ModelError",
    "Outcome",
    "ParameterError",
    "ProtocolError",
    "Quote",
    "Range",
    "Result",
    "ResultError",
    "ServeError",
    "Side",
    "SnapshotError",
    "Strategy",
    "Tick",
    "Ticks",
    "Timer",
    "__version__",
    "alert",
    "buy",
    "candidates",
    "sell",
    "serve",
]
