"""The base class of strategies."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterable, Awaitable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, cast, dataclass_transform

from madang._runtime import Runtime
from madang.columns import Ticks
from madang.errors import DefinitionError, HistoryError, ParameterError
from madang.history import EMA, RSI, SMA, History
from madang.instruments import Holding, Instrument, Mode
from madang.model import Candle, Fill, Quote, Tick, Timer
from madang.models import Frozen
from madang.parameters import Parameter, Value, schema, unknown
from madang.results import Result

Outcome = Result | Iterable[Result | None] | None
"""What a hook may return: nothing, one result or several."""
Hook = Outcome | Awaitable[Outcome] | AsyncIterable[Result]
"""The same, also from an async hook or an async generator."""


SETTINGS = frozenset(
    {
        "name",
        "version",
        "reads_account",
        "independent_instruments",
        "largest_batch",
        "inputs",
        "warm_up",
        "model",
        "model_name",
        "model_version",
        "model_hash",
        "snapshot_every",
    }
)


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Strategy:
    """Subclass it, say what it sees in ``inputs``, override hooks, hand the class to ``serve``.

    A strategy is a dataclass of its parameters: annotated fields with a default, keyword-only,
    read-only in hooks, known to type checkers. The host may set them for each session. Set up
    state in :meth:`on_start`, not in ``__init__``: each session has its own instance, and one is
    made now and then only to be asked what it needs.

    Hooks are called one at a time, in order of position, in the thread that also serves the
    connection. What blocks for long blocks everything; the host notices and says so. An exception
    loses the results of that one call, is reported to the host's operator, and the next event
    follows; raise :class:`~madang.errors.FatalError` to end the session.

    Attributes:
        name: Of the strategy; by default the class name in lower case with underscores.
        version: The strategy's own version. Raise it when results change.
        inputs: ``"ticks"``, ``"quotes"``, ``"candles:1m"``, ``"candles:1m unfinished"``,
            ``"timers:10s"``.
        warm_up: Events of history wanted before the first live one, for each instrument and input;
            a number, or numbers by input. May be a property that reads parameters.
        reads_account: Whether a result depends on fills or holdings; None: if ``on_fill`` is there.
        independent_instruments: Whether each instrument is judged alone. Say False if not.
        largest_batch: The most events in one message; 0: as the host likes.
        model: The trained model behind the strategy, where there is one: a
            :class:`~madang.models.Frozen`. Read and verified before anything is served; gives
            the three that follow.
        model_name: Of the model; say it and the next two yourself if the model is no ``Frozen``.
        model_version: Its version.
        model_hash: SHA-256 of its weights in lower-case hex. May be a property.
        snapshot_every: Events between two snapshots; 0: none is taken. A strategy with state of its
            own has them by :meth:`save` and :meth:`restore`.
    """

    name: ClassVar[str] = ""
    version: ClassVar[str] = "0"
    reads_account: ClassVar[bool | None] = None
    independent_instruments: ClassVar[bool] = True
    largest_batch: ClassVar[int] = 0
    model: ClassVar[Frozen[Any] | None] = None
    snapshot_every: ClassVar[int] = 10_000

    _runtime: Runtime | None = None

    # Properties, so that a subclass may say either a plain value or a property of its own.

    @property
    def inputs(self) -> Sequence[str]:
        """What it sees."""
        return ()

    @property
    def warm_up(self) -> int | Mapping[str, int]:
        """History wanted before the first live event."""
        return 0

    @property
    def model_name(self) -> str:
        """The model behind the strategy."""
        return _told(self, "name")

    @property
    def model_version(self) -> str:
        """Its version."""
        return _told(self, "version")

    @property
    def model_hash(self) -> str:
        """SHA-256 of its weights."""
        return _told(self, "hash")

    def __init__(self, **parameters: Value) -> None:
        """Make an instance with some parameters set.

        Raises:
            ParameterError: A name is unknown or a value does not fit.
        """
        set_parameters(self, parameters)

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        for name, value in vars(cls).items():
            if isinstance(value, dict | list | set) and name not in ("inputs", "warm_up"):
                if name.startswith("__"):
                    continue
                raise DefinitionError(
                    f"{cls.__name__}.{name} would be shared by all sessions; "
                    f"set self.{name} in on_start"
                )

    # Hooks, to be overridden.

    def check_parameters(self) -> None:
        """Refuse values that do not go together: raise a ``ParameterError`` or a ``ValueError``.

        Called when each value fits its own field, before anything else; the host's operator and
        ``--set`` hear the text.
        """

    def on_start(self) -> Awaitable[None] | None:
        """Set up state: called once, before the first event and before any warm-up."""

    def on_stop(self) -> Awaitable[None] | None:
        """Give back what on_start took: called once, when the session ends in order."""

    def on_join(self, symbol: str) -> Awaitable[None] | None:
        """Set up what is kept of a symbol that joins later than :meth:`on_start`.

        Called before its history, which comes through the same hooks as any.
        """

    def on_leave(self, symbol: str) -> Awaitable[None] | None:
        """Forget what is kept of a symbol: it has left. One that comes back brings its history."""

    def on_tick(self, tick: Tick) -> Hook:
        """Judge a public trade."""

    def on_ticks(self, ticks: Ticks) -> Hook:
        """Judge a run of trades as numpy columns, instead of :meth:`on_tick`.

        Each result names its tick: ``buy(at=ticks.position[i])``.
        """

    def on_quote(self, quote: Quote) -> Hook:
        """Judge a change of the best bid or ask."""

    def on_candle(self, candle: Candle) -> Hook:
        """Judge a candle."""

    def on_fill(self, fill: Fill) -> Hook:
        """Hear of a fill of the account's own order."""

    def on_timer(self, timer: Timer) -> Hook:
        """Do what is due; results name their ``symbol``."""

    # A strategy with state of its own overrides both of these; one without needs neither.

    def save(self) -> dict[str, Any]:
        """Return the strategy's own state, so that another process can go on from here.

        Everything that a later result depends on and that :meth:`on_start` does not set up by
        itself. None, bool, int, float, str, bytes, Decimal, list,
        tuple, dict and numpy arrays, in each other. Helpers (``self.sma`` and kin), holdings and
        instruments are kept besides. Called between two events; must change nothing.
        """
        raise DefinitionError(f"{type(self).__name__} overrides no save")

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what :meth:`save` returned; called after :meth:`on_start`.

        Helpers, also those that on_start asked for, and holdings stand where they stood. What it
        raises is told, and the session begins without the snapshot.
        """
        raise DefinitionError(f"{type(self).__name__} overrides no restore")

    # What a hook may ask.

    def sma(self, symbol: str, length: int, *, on: str | None = None) -> SMA:
        """Return the plain mean of the last ``length`` prices, exact.

        Prices are the closes of final candles, or ticks. The helper follows its series by itself,
        whether it is asked or not, so it may be asked anywhere, in on_start too. The last 1,000
        prices of each series are kept; what is first asked for after that begins with these.
        ``self.sma(symbol, 1)`` is the price itself.

        Args:
            symbol: Of which instrument.
            length: How many prices.
            on: Which input, ``"candles:1d"``; needed where there are several.

        Raises:
            HistoryError: The symbol, the length or the input makes no sense.
        """
        return cast(SMA, self._session("sma").indicator("sma", symbol, length, on))

    def ema(self, symbol: str, length: int, *, on: str | None = None) -> EMA:
        """Return the exponential mean with factor 2/(length+1); see :meth:`sma`."""
        return cast(EMA, self._session("ema").indicator("ema", symbol, length, on))

    def rsi(self, symbol: str, length: int = 14, *, on: str | None = None) -> RSI:
        """Return Wilder's relative strength, 0 to 100; see :meth:`sma`."""
        return cast(RSI, self._session("rsi").indicator("rsi", symbol, length, on))

    def history(self, symbol: str, length: int, *, on: str | None = None) -> History:
        """Return the last ``length`` prices, oldest first; see :meth:`sma`."""
        return cast(History, self._session("history").indicator("history", symbol, length, on))

    def holding(self, symbol: str) -> Holding:
        """Return what the account holds; needs ``reads_account`` or ``on_fill``."""
        return self._session("holding").holding(symbol)

    @property
    def symbols(self) -> tuple[str, ...]:
        """The instruments of the session now, in order of their numbers."""
        return tuple(each.symbol for each in self._session("symbols").instruments.values())

    def instrument(self, symbol: str) -> Instrument:
        """Return what is known of an instrument: tick size, lot, market, currency.

        Raises:
            HistoryError: The session does not have it.
        """
        found = self._session("instrument").by_symbol.get(symbol)
        if found is None:
            raise HistoryError(f"{symbol!r} is not in this session")
        return found

    @property
    def mode(self) -> Mode:
        """How the host runs."""
        return self._session("mode").mode

    @property
    def log(self) -> logging.Logger:
        """A logger whose lines reach the server's log and, from INFO on, the host's."""
        return self._session("log").log

    def _session(self, what: str) -> Runtime:
        if self._runtime is None:
            raise HistoryError(
                f"{what} works inside a session only; to try hooks use madang.testing.replay"
            )
        return self._runtime


def _told(strategy: Strategy, what: str) -> str:
    # Of the class: a session that calls something of its own self.model changes nothing here.
    model = type(strategy).model
    return str(getattr(model, what)) if isinstance(model, Frozen) else ""


def parameters_of(cls: type[Strategy]) -> dict[str, Parameter]:
    """Return the schema of a class.

    Raises:
        DefinitionError: A field cannot be a parameter.
    """
    return schema(cls, Strategy, SETTINGS)


def set_parameters(strategy: Strategy, values: Mapping[str, Value]) -> None:
    """Set parameters of an instance.

    Raises:
        ParameterError: A name is unknown, a value does not fit, or they do not go together.
    """
    known = parameters_of(type(strategy))
    for name, value in values.items():
        if name not in known:
            raise unknown(name, known)
        setattr(strategy, name, known[name].check(value))
    try:
        strategy.check_parameters()
    except ParameterError:
        raise
    except ValueError as e:
        raise ParameterError(f"the parameters do not go together: {e}") from e
