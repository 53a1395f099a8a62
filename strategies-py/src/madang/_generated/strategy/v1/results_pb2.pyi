from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Result(_message.Message):
    __slots__ = ["action", "confidence", "fraction", "index", "instrument", "limit_price", "message", "position", "quantity", "reasons", "tags", "target_weight", "valid_for_ns"]
    class Action(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = []
    class TagsEntry(_message.Message):
        __slots__ = ["key", "value"]
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ACTION_FIELD_NUMBER: _ClassVar[int]
    ACTION_UNSPECIFIED: Result.Action
    ALERT: Result.Action
    BUY: Result.Action
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    FRACTION_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    LIMIT_PRICE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    SELL: Result.Action
    TAGS_FIELD_NUMBER: _ClassVar[int]
    TARGET_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    VALID_FOR_NS_FIELD_NUMBER: _ClassVar[int]
    action: Result.Action
    confidence: int
    fraction: int
    index: int
    instrument: int
    limit_price: int
    message: str
    position: int
    quantity: int
    reasons: _containers.RepeatedScalarFieldContainer[str]
    tags: _containers.ScalarMap[str, str]
    target_weight: int
    valid_for_ns: int
    def __init__(self, position: _Optional[int] = ..., instrument: _Optional[int] = ..., index: _Optional[int] = ..., action: _Optional[_Union[Result.Action, str]] = ..., quantity: _Optional[int] = ..., target_weight: _Optional[int] = ..., fraction: _Optional[int] = ..., limit_price: _Optional[int] = ..., confidence: _Optional[int] = ..., valid_for_ns: _Optional[int] = ..., message: _Optional[str] = ..., reasons: _Optional[_Iterable[str]] = ..., tags: _Optional[_Mapping[str, str]] = ...) -> None: ...

class Results(_message.Message):
    __slots__ = ["beat", "results", "watermark"]
    BEAT_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    WATERMARK_FIELD_NUMBER: _ClassVar[int]
    beat: int
    results: _containers.RepeatedCompositeFieldContainer[Result]
    watermark: int
    def __init__(self, results: _Optional[_Iterable[_Union[Result, _Mapping]]] = ..., watermark: _Optional[int] = ..., beat: _Optional[int] = ...) -> None: ...
