from madang._generated.strategy.v1 import events_pb2 as _events_pb2
from madang._generated.strategy.v1 import instrument_pb2 as _instrument_pb2
from madang._generated.strategy.v1 import results_pb2 as _results_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Acknowledged(_message.Message):
    __slots__ = ["position"]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    position: int
    def __init__(self, position: _Optional[int] = ...) -> None: ...

class Beat(_message.Message):
    __slots__ = ["number"]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    number: int
    def __init__(self, number: _Optional[int] = ...) -> None: ...

class Configure(_message.Message):
    __slots__ = ["account", "epoch", "instruments", "known", "limits", "mode", "parameter_hash", "parameters", "revision", "session", "snapshot_follows", "watermark"]
    class Mode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = []
    class ParametersEntry(_message.Message):
        __slots__ = ["key", "value"]
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    BACKTEST: Configure.Mode
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENTS_FIELD_NUMBER: _ClassVar[int]
    KNOWN_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    LIVE: Configure.Mode
    MODE_FIELD_NUMBER: _ClassVar[int]
    MODE_UNSPECIFIED: Configure.Mode
    PAPER: Configure.Mode
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    PARAMETER_HASH_FIELD_NUMBER: _ClassVar[int]
    REPLAY: Configure.Mode
    REVISION_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FOLLOWS_FIELD_NUMBER: _ClassVar[int]
    WATERMARK_FIELD_NUMBER: _ClassVar[int]
    account: str
    epoch: int
    instruments: _containers.RepeatedCompositeFieldContainer[_instrument_pb2.Instrument]
    known: int
    limits: Limits
    mode: Configure.Mode
    parameter_hash: str
    parameters: _containers.ScalarMap[str, str]
    revision: int
    session: str
    snapshot_follows: bool
    watermark: int
    def __init__(self, revision: _Optional[int] = ..., session: _Optional[str] = ..., epoch: _Optional[int] = ..., mode: _Optional[_Union[Configure.Mode, str]] = ..., parameters: _Optional[_Mapping[str, str]] = ..., parameter_hash: _Optional[str] = ..., limits: _Optional[_Union[Limits, _Mapping]] = ..., instruments: _Optional[_Iterable[_Union[_instrument_pb2.Instrument, _Mapping]]] = ..., watermark: _Optional[int] = ..., known: _Optional[int] = ..., snapshot_follows: bool = ..., account: _Optional[str] = ...) -> None: ...

class Drain(_message.Message):
    __slots__ = ["reason", "within_ns"]
    REASON_FIELD_NUMBER: _ClassVar[int]
    WITHIN_NS_FIELD_NUMBER: _ClassVar[int]
    reason: str
    within_ns: int
    def __init__(self, within_ns: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class Drained(_message.Message):
    __slots__ = ["position"]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    position: int
    def __init__(self, position: _Optional[int] = ...) -> None: ...

class Failure(_message.Message):
    __slots__ = ["message", "position", "recoverable"]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    RECOVERABLE_FIELD_NUMBER: _ClassVar[int]
    message: str
    position: int
    recoverable: bool
    def __init__(self, position: _Optional[int] = ..., recoverable: bool = ..., message: _Optional[str] = ...) -> None: ...

class HostMessage(_message.Message):
    __slots__ = ["acknowledged", "beat", "configure", "drain", "events", "skipped", "snapshot", "warm_up"]
    ACKNOWLEDGED_FIELD_NUMBER: _ClassVar[int]
    BEAT_FIELD_NUMBER: _ClassVar[int]
    CONFIGURE_FIELD_NUMBER: _ClassVar[int]
    DRAIN_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    WARM_UP_FIELD_NUMBER: _ClassVar[int]
    acknowledged: Acknowledged
    beat: Beat
    configure: Configure
    drain: Drain
    events: _events_pb2.Events
    skipped: Skipped
    snapshot: SnapshotPart
    warm_up: WarmUp
    def __init__(self, configure: _Optional[_Union[Configure, _Mapping]] = ..., snapshot: _Optional[_Union[SnapshotPart, _Mapping]] = ..., warm_up: _Optional[_Union[WarmUp, _Mapping]] = ..., events: _Optional[_Union[_events_pb2.Events, _Mapping]] = ..., beat: _Optional[_Union[Beat, _Mapping]] = ..., acknowledged: _Optional[_Union[Acknowledged, _Mapping]] = ..., skipped: _Optional[_Union[Skipped, _Mapping]] = ..., drain: _Optional[_Union[Drain, _Mapping]] = ...) -> None: ...

class Limits(_message.Message):
    __slots__ = ["candles_deadline_ns", "credit", "deadline_ns", "fills_deadline_ns", "logs_per_second", "message_bytes", "results_per_event", "results_per_second", "snapshot_bytes", "text_bytes", "timers_deadline_ns"]
    CANDLES_DEADLINE_NS_FIELD_NUMBER: _ClassVar[int]
    CREDIT_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_NS_FIELD_NUMBER: _ClassVar[int]
    FILLS_DEADLINE_NS_FIELD_NUMBER: _ClassVar[int]
    LOGS_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    RESULTS_PER_EVENT_FIELD_NUMBER: _ClassVar[int]
    RESULTS_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_BYTES_FIELD_NUMBER: _ClassVar[int]
    TEXT_BYTES_FIELD_NUMBER: _ClassVar[int]
    TIMERS_DEADLINE_NS_FIELD_NUMBER: _ClassVar[int]
    candles_deadline_ns: int
    credit: int
    deadline_ns: int
    fills_deadline_ns: int
    logs_per_second: int
    message_bytes: int
    results_per_event: int
    results_per_second: int
    snapshot_bytes: int
    text_bytes: int
    timers_deadline_ns: int
    def __init__(self, message_bytes: _Optional[int] = ..., results_per_event: _Optional[int] = ..., results_per_second: _Optional[int] = ..., text_bytes: _Optional[int] = ..., logs_per_second: _Optional[int] = ..., credit: _Optional[int] = ..., deadline_ns: _Optional[int] = ..., snapshot_bytes: _Optional[int] = ..., candles_deadline_ns: _Optional[int] = ..., timers_deadline_ns: _Optional[int] = ..., fills_deadline_ns: _Optional[int] = ...) -> None: ...

class Log(_message.Message):
    __slots__ = ["level", "text"]
    class Level(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = []
    DEBUG: Log.Level
    ERROR: Log.Level
    INFO: Log.Level
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    LEVEL_UNSPECIFIED: Log.Level
    TEXT_FIELD_NUMBER: _ClassVar[int]
    WARNING: Log.Level
    level: Log.Level
    text: str
    def __init__(self, level: _Optional[_Union[Log.Level, str]] = ..., text: _Optional[str] = ...) -> None: ...

class Ready(_message.Message):
    __slots__ = ["after", "epoch", "instance_id", "model_hash", "needs_warm_up", "version"]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    INSTANCE_ID_FIELD_NUMBER: _ClassVar[int]
    MODEL_HASH_FIELD_NUMBER: _ClassVar[int]
    NEEDS_WARM_UP_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    after: int
    epoch: int
    instance_id: str
    model_hash: str
    needs_warm_up: bool
    version: str
    def __init__(self, epoch: _Optional[int] = ..., instance_id: _Optional[str] = ..., version: _Optional[str] = ..., model_hash: _Optional[str] = ..., after: _Optional[int] = ..., needs_warm_up: bool = ...) -> None: ...

class ServerMessage(_message.Message):
    __slots__ = ["drained", "failure", "log", "ready", "results", "snapshot", "watermark"]
    DRAINED_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    LOG_FIELD_NUMBER: _ClassVar[int]
    READY_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    WATERMARK_FIELD_NUMBER: _ClassVar[int]
    drained: Drained
    failure: Failure
    log: Log
    ready: Ready
    results: _results_pb2.Results
    snapshot: SnapshotPart
    watermark: Watermark
    def __init__(self, ready: _Optional[_Union[Ready, _Mapping]] = ..., results: _Optional[_Union[_results_pb2.Results, _Mapping]] = ..., watermark: _Optional[_Union[Watermark, _Mapping]] = ..., snapshot: _Optional[_Union[SnapshotPart, _Mapping]] = ..., failure: _Optional[_Union[Failure, _Mapping]] = ..., log: _Optional[_Union[Log, _Mapping]] = ..., drained: _Optional[_Union[Drained, _Mapping]] = ...) -> None: ...

class Skipped(_message.Message):
    __slots__ = ["reason", "runs"]
    class Run(_message.Message):
        __slots__ = ["first", "last"]
        FIRST_FIELD_NUMBER: _ClassVar[int]
        LAST_FIELD_NUMBER: _ClassVar[int]
        first: int
        last: int
        def __init__(self, first: _Optional[int] = ..., last: _Optional[int] = ...) -> None: ...
    REASON_FIELD_NUMBER: _ClassVar[int]
    RUNS_FIELD_NUMBER: _ClassVar[int]
    reason: str
    runs: _containers.RepeatedCompositeFieldContainer[Skipped.Run]
    def __init__(self, runs: _Optional[_Iterable[_Union[Skipped.Run, _Mapping]]] = ..., reason: _Optional[str] = ...) -> None: ...

class SnapshotPart(_message.Message):
    __slots__ = ["data", "format", "last", "part", "position"]
    DATA_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    format: str
    last: bool
    part: int
    position: int
    def __init__(self, position: _Optional[int] = ..., format: _Optional[str] = ..., part: _Optional[int] = ..., last: bool = ..., data: _Optional[bytes] = ...) -> None: ...

class WarmUp(_message.Message):
    __slots__ = ["events", "instruments", "last", "position"]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENTS_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    events: _events_pb2.Events
    instruments: _containers.RepeatedCompositeFieldContainer[_instrument_pb2.Instrument]
    last: bool
    position: int
    def __init__(self, events: _Optional[_Union[_events_pb2.Events, _Mapping]] = ..., last: bool = ..., position: _Optional[int] = ..., instruments: _Optional[_Iterable[_Union[_instrument_pb2.Instrument, _Mapping]]] = ...) -> None: ...

class Watermark(_message.Message):
    __slots__ = ["beat", "position"]
    BEAT_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    beat: int
    position: int
    def __init__(self, position: _Optional[int] = ..., beat: _Optional[int] = ...) -> None: ...
