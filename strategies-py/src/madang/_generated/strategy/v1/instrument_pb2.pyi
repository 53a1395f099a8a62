from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class Instrument(_message.Message):
    __slots__ = ["currency", "lot", "market", "number", "symbol", "tick_size", "time_zone"]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    LOT_FIELD_NUMBER: _ClassVar[int]
    MARKET_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    TICK_SIZE_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    currency: str
    lot: int
    market: str
    number: int
    symbol: str
    tick_size: int
    time_zone: str
    def __init__(self, number: _Optional[int] = ..., symbol: _Optional[str] = ..., market: _Optional[str] = ..., currency: _Optional[str] = ..., tick_size: _Optional[int] = ..., lot: _Optional[int] = ..., time_zone: _Optional[str] = ...) -> None: ...
