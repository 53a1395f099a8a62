from madang._generated.strategy.v1 import events_pb2 as _events_pb2
from madang._generated.strategy.v1 import instrument_pb2 as _instrument_pb2
from madang._generated.strategy.v1 import session_pb2 as _session_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AccountUpdates(_message.Message):
    __slots__ = ["average_price", "cash", "fee", "instrument", "offset", "position", "price", "quantity", "side", "time"]
    AVERAGE_PRICE_FIELD_NUMBER: _ClassVar[int]
    CASH_FIELD_NUMBER: _ClassVar[int]
    FEE_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    average_price: bytes
    cash: bytes
    fee: bytes
    instrument: bytes
    offset: bytes
    position: bytes
    price: bytes
    quantity: bytes
    side: bytes
    time: bytes
    def __init__(self, offset: _Optional[bytes] = ..., time: _Optional[bytes] = ..., instrument: _Optional[bytes] = ..., side: _Optional[bytes] = ..., price: _Optional[bytes] = ..., quantity: _Optional[bytes] = ..., fee: _Optional[bytes] = ..., position: _Optional[bytes] = ..., average_price: _Optional[bytes] = ..., cash: _Optional[bytes] = ...) -> None: ...

class Candles(_message.Message):
    __slots__ = ["close", "close_time", "entry_time", "flags", "high", "instrument", "interval", "low", "offset", "open", "open_time", "volume", "volume_high"]
    CLOSE_FIELD_NUMBER: _ClassVar[int]
    CLOSE_TIME_FIELD_NUMBER: _ClassVar[int]
    ENTRY_TIME_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    OPEN_FIELD_NUMBER: _ClassVar[int]
    OPEN_TIME_FIELD_NUMBER: _ClassVar[int]
    VOLUME_FIELD_NUMBER: _ClassVar[int]
    VOLUME_HIGH_FIELD_NUMBER: _ClassVar[int]
    close: bytes
    close_time: bytes
    entry_time: bytes
    flags: bytes
    high: bytes
    instrument: bytes
    interval: bytes
    low: bytes
    offset: bytes
    open: bytes
    open_time: bytes
    volume: bytes
    volume_high: bytes
    def __init__(self, offset: _Optional[bytes] = ..., interval: _Optional[bytes] = ..., open_time: _Optional[bytes] = ..., close_time: _Optional[bytes] = ..., entry_time: _Optional[bytes] = ..., instrument: _Optional[bytes] = ..., open: _Optional[bytes] = ..., high: _Optional[bytes] = ..., low: _Optional[bytes] = ..., close: _Optional[bytes] = ..., volume: _Optional[bytes] = ..., volume_high: _Optional[bytes] = ..., flags: _Optional[bytes] = ...) -> None: ...

class Events(_message.Message):
    __slots__ = ["account_updates", "candles", "count", "instrument_changes", "previous", "quotes", "ticks", "timers"]
    ACCOUNT_UPDATES_FIELD_NUMBER: _ClassVar[int]
    CANDLES_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_CHANGES_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_FIELD_NUMBER: _ClassVar[int]
    QUOTES_FIELD_NUMBER: _ClassVar[int]
    TICKS_FIELD_NUMBER: _ClassVar[int]
    TIMERS_FIELD_NUMBER: _ClassVar[int]
    account_updates: AccountUpdates
    candles: Candles
    count: int
    instrument_changes: _events_pb2.InstrumentChanges
    previous: int
    quotes: Quotes
    ticks: Ticks
    timers: Timers
    def __init__(self, previous: _Optional[int] = ..., count: _Optional[int] = ..., ticks: _Optional[_Union[Ticks, _Mapping]] = ..., quotes: _Optional[_Union[Quotes, _Mapping]] = ..., candles: _Optional[_Union[Candles, _Mapping]] = ..., account_updates: _Optional[_Union[AccountUpdates, _Mapping]] = ..., timers: _Optional[_Union[Timers, _Mapping]] = ..., instrument_changes: _Optional[_Union[_events_pb2.InstrumentChanges, _Mapping]] = ...) -> None: ...

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
    acknowledged: _session_pb2.Acknowledged
    beat: _session_pb2.Beat
    configure: _session_pb2.Configure
    drain: _session_pb2.Drain
    events: Events
    skipped: _session_pb2.Skipped
    snapshot: _session_pb2.SnapshotPart
    warm_up: WarmUp
    def __init__(self, configure: _Optional[_Union[_session_pb2.Configure, _Mapping]] = ..., snapshot: _Optional[_Union[_session_pb2.SnapshotPart, _Mapping]] = ..., warm_up: _Optional[_Union[WarmUp, _Mapping]] = ..., events: _Optional[_Union[Events, _Mapping]] = ..., beat: _Optional[_Union[_session_pb2.Beat, _Mapping]] = ..., acknowledged: _Optional[_Union[_session_pb2.Acknowledged, _Mapping]] = ..., skipped: _Optional[_Union[_session_pb2.Skipped, _Mapping]] = ..., drain: _Optional[_Union[_session_pb2.Drain, _Mapping]] = ...) -> None: ...

class Quotes(_message.Message):
    __slots__ = ["ask_price", "ask_quantity", "bid_price", "bid_quantity", "entry_time", "feed_time", "instrument", "offset"]
    ASK_PRICE_FIELD_NUMBER: _ClassVar[int]
    ASK_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    BID_PRICE_FIELD_NUMBER: _ClassVar[int]
    BID_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    ENTRY_TIME_FIELD_NUMBER: _ClassVar[int]
    FEED_TIME_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    ask_price: bytes
    ask_quantity: bytes
    bid_price: bytes
    bid_quantity: bytes
    entry_time: bytes
    feed_time: bytes
    instrument: bytes
    offset: bytes
    def __init__(self, offset: _Optional[bytes] = ..., feed_time: _Optional[bytes] = ..., entry_time: _Optional[bytes] = ..., instrument: _Optional[bytes] = ..., bid_price: _Optional[bytes] = ..., bid_quantity: _Optional[bytes] = ..., ask_price: _Optional[bytes] = ..., ask_quantity: _Optional[bytes] = ...) -> None: ...

class Ticks(_message.Message):
    __slots__ = ["entry_time", "feed_time", "flags", "instrument", "offset", "price", "quantity", "side"]
    ENTRY_TIME_FIELD_NUMBER: _ClassVar[int]
    FEED_TIME_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    entry_time: bytes
    feed_time: bytes
    flags: bytes
    instrument: bytes
    offset: bytes
    price: bytes
    quantity: bytes
    side: bytes
    def __init__(self, offset: _Optional[bytes] = ..., feed_time: _Optional[bytes] = ..., entry_time: _Optional[bytes] = ..., instrument: _Optional[bytes] = ..., price: _Optional[bytes] = ..., quantity: _Optional[bytes] = ..., side: _Optional[bytes] = ..., flags: _Optional[bytes] = ...) -> None: ...

class Timers(_message.Message):
    __slots__ = ["interval", "offset", "time"]
    INTERVAL_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    interval: bytes
    offset: bytes
    time: bytes
    def __init__(self, offset: _Optional[bytes] = ..., time: _Optional[bytes] = ..., interval: _Optional[bytes] = ...) -> None: ...

class WarmUp(_message.Message):
    __slots__ = ["events", "instruments", "last", "position"]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENTS_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    events: Events
    instruments: _containers.RepeatedCompositeFieldContainer[_instrument_pb2.Instrument]
    last: bool
    position: int
    def __init__(self, events: _Optional[_Union[Events, _Mapping]] = ..., last: bool = ..., position: _Optional[int] = ..., instruments: _Optional[_Iterable[_Union[_instrument_pb2.Instrument, _Mapping]]] = ...) -> None: ...
