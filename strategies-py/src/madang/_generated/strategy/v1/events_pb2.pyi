from madang._generated.strategy.v1 import instrument_pb2 as _instrument_pb2
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
    average_price: _containers.RepeatedScalarFieldContainer[int]
    cash: _containers.RepeatedScalarFieldContainer[int]
    fee: _containers.RepeatedScalarFieldContainer[int]
    instrument: _containers.RepeatedScalarFieldContainer[int]
    offset: _containers.RepeatedScalarFieldContainer[int]
    position: _containers.RepeatedScalarFieldContainer[int]
    price: _containers.RepeatedScalarFieldContainer[int]
    quantity: _containers.RepeatedScalarFieldContainer[int]
    side: _containers.RepeatedScalarFieldContainer[int]
    time: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, offset: _Optional[_Iterable[int]] = ..., time: _Optional[_Iterable[int]] = ..., instrument: _Optional[_Iterable[int]] = ..., side: _Optional[_Iterable[int]] = ..., price: _Optional[_Iterable[int]] = ..., quantity: _Optional[_Iterable[int]] = ..., fee: _Optional[_Iterable[int]] = ..., position: _Optional[_Iterable[int]] = ..., average_price: _Optional[_Iterable[int]] = ..., cash: _Optional[_Iterable[int]] = ...) -> None: ...

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
    close: _containers.RepeatedScalarFieldContainer[int]
    close_time: _containers.RepeatedScalarFieldContainer[int]
    entry_time: _containers.RepeatedScalarFieldContainer[int]
    flags: _containers.RepeatedScalarFieldContainer[int]
    high: _containers.RepeatedScalarFieldContainer[int]
    instrument: _containers.RepeatedScalarFieldContainer[int]
    interval: _containers.RepeatedScalarFieldContainer[int]
    low: _containers.RepeatedScalarFieldContainer[int]
    offset: _containers.RepeatedScalarFieldContainer[int]
    open: _containers.RepeatedScalarFieldContainer[int]
    open_time: _containers.RepeatedScalarFieldContainer[int]
    volume: _containers.RepeatedScalarFieldContainer[int]
    volume_high: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, offset: _Optional[_Iterable[int]] = ..., interval: _Optional[_Iterable[int]] = ..., open_time: _Optional[_Iterable[int]] = ..., close_time: _Optional[_Iterable[int]] = ..., entry_time: _Optional[_Iterable[int]] = ..., instrument: _Optional[_Iterable[int]] = ..., open: _Optional[_Iterable[int]] = ..., high: _Optional[_Iterable[int]] = ..., low: _Optional[_Iterable[int]] = ..., close: _Optional[_Iterable[int]] = ..., volume: _Optional[_Iterable[int]] = ..., volume_high: _Optional[_Iterable[int]] = ..., flags: _Optional[_Iterable[int]] = ...) -> None: ...

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
    instrument_changes: InstrumentChanges
    previous: int
    quotes: Quotes
    ticks: Ticks
    timers: Timers
    def __init__(self, previous: _Optional[int] = ..., count: _Optional[int] = ..., ticks: _Optional[_Union[Ticks, _Mapping]] = ..., quotes: _Optional[_Union[Quotes, _Mapping]] = ..., candles: _Optional[_Union[Candles, _Mapping]] = ..., account_updates: _Optional[_Union[AccountUpdates, _Mapping]] = ..., timers: _Optional[_Union[Timers, _Mapping]] = ..., instrument_changes: _Optional[_Union[InstrumentChanges, _Mapping]] = ...) -> None: ...

class InstrumentChanges(_message.Message):
    __slots__ = ["added", "instruments", "offset"]
    ADDED_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENTS_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    added: _containers.RepeatedScalarFieldContainer[bool]
    instruments: _containers.RepeatedCompositeFieldContainer[_instrument_pb2.Instrument]
    offset: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, offset: _Optional[_Iterable[int]] = ..., added: _Optional[_Iterable[bool]] = ..., instruments: _Optional[_Iterable[_Union[_instrument_pb2.Instrument, _Mapping]]] = ...) -> None: ...

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
    ask_price: _containers.RepeatedScalarFieldContainer[int]
    ask_quantity: _containers.RepeatedScalarFieldContainer[int]
    bid_price: _containers.RepeatedScalarFieldContainer[int]
    bid_quantity: _containers.RepeatedScalarFieldContainer[int]
    entry_time: _containers.RepeatedScalarFieldContainer[int]
    feed_time: _containers.RepeatedScalarFieldContainer[int]
    instrument: _containers.RepeatedScalarFieldContainer[int]
    offset: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, offset: _Optional[_Iterable[int]] = ..., feed_time: _Optional[_Iterable[int]] = ..., entry_time: _Optional[_Iterable[int]] = ..., instrument: _Optional[_Iterable[int]] = ..., bid_price: _Optional[_Iterable[int]] = ..., bid_quantity: _Optional[_Iterable[int]] = ..., ask_price: _Optional[_Iterable[int]] = ..., ask_quantity: _Optional[_Iterable[int]] = ...) -> None: ...

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
    entry_time: _containers.RepeatedScalarFieldContainer[int]
    feed_time: _containers.RepeatedScalarFieldContainer[int]
    flags: _containers.RepeatedScalarFieldContainer[int]
    instrument: _containers.RepeatedScalarFieldContainer[int]
    offset: _containers.RepeatedScalarFieldContainer[int]
    price: _containers.RepeatedScalarFieldContainer[int]
    quantity: _containers.RepeatedScalarFieldContainer[int]
    side: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, offset: _Optional[_Iterable[int]] = ..., feed_time: _Optional[_Iterable[int]] = ..., entry_time: _Optional[_Iterable[int]] = ..., instrument: _Optional[_Iterable[int]] = ..., price: _Optional[_Iterable[int]] = ..., quantity: _Optional[_Iterable[int]] = ..., side: _Optional[_Iterable[int]] = ..., flags: _Optional[_Iterable[int]] = ...) -> None: ...

class Timers(_message.Message):
    __slots__ = ["interval", "offset", "time"]
    INTERVAL_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    interval: _containers.RepeatedScalarFieldContainer[int]
    offset: _containers.RepeatedScalarFieldContainer[int]
    time: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, offset: _Optional[_Iterable[int]] = ..., time: _Optional[_Iterable[int]] = ..., interval: _Optional[_Iterable[int]] = ...) -> None: ...
