from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DescribeRequest(_message.Message):
    __slots__ = ["host", "parameters", "revisions"]
    class ParametersEntry(_message.Message):
        __slots__ = ["key", "value"]
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    HOST_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    REVISIONS_FIELD_NUMBER: _ClassVar[int]
    host: str
    parameters: _containers.ScalarMap[str, str]
    revisions: RevisionRange
    def __init__(self, host: _Optional[str] = ..., revisions: _Optional[_Union[RevisionRange, _Mapping]] = ..., parameters: _Optional[_Mapping[str, str]] = ...) -> None: ...

class DescribeResponse(_message.Message):
    __slots__ = ["follows_instruments", "independent_instruments", "inputs", "instance_id", "keepalive_welcome", "largest_batch", "model", "name", "parameters", "reads_account", "revisions", "sdk", "version"]
    FOLLOWS_INSTRUMENTS_FIELD_NUMBER: _ClassVar[int]
    INDEPENDENT_INSTRUMENTS_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    INSTANCE_ID_FIELD_NUMBER: _ClassVar[int]
    KEEPALIVE_WELCOME_FIELD_NUMBER: _ClassVar[int]
    LARGEST_BATCH_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    READS_ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    REVISIONS_FIELD_NUMBER: _ClassVar[int]
    SDK_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    follows_instruments: bool
    independent_instruments: bool
    inputs: _containers.RepeatedCompositeFieldContainer[Input]
    instance_id: str
    keepalive_welcome: bool
    largest_batch: int
    model: Model
    name: str
    parameters: _containers.RepeatedCompositeFieldContainer[Parameter]
    reads_account: bool
    revisions: RevisionRange
    sdk: str
    version: str
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., instance_id: _Optional[str] = ..., model: _Optional[_Union[Model, _Mapping]] = ..., sdk: _Optional[str] = ..., revisions: _Optional[_Union[RevisionRange, _Mapping]] = ..., parameters: _Optional[_Iterable[_Union[Parameter, _Mapping]]] = ..., inputs: _Optional[_Iterable[_Union[Input, _Mapping]]] = ..., reads_account: bool = ..., independent_instruments: bool = ..., largest_batch: _Optional[int] = ..., keepalive_welcome: bool = ..., follows_instruments: bool = ...) -> None: ...

class Input(_message.Message):
    __slots__ = ["interval_ns", "kind", "unfinished", "warm_up"]
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = []
    CANDLES: Input.Kind
    INTERVAL_NS_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    KIND_UNSPECIFIED: Input.Kind
    QUOTES: Input.Kind
    TICKS: Input.Kind
    TIMERS: Input.Kind
    UNFINISHED_FIELD_NUMBER: _ClassVar[int]
    WARM_UP_FIELD_NUMBER: _ClassVar[int]
    interval_ns: int
    kind: Input.Kind
    unfinished: bool
    warm_up: int
    def __init__(self, kind: _Optional[_Union[Input.Kind, str]] = ..., interval_ns: _Optional[int] = ..., warm_up: _Optional[int] = ..., unfinished: bool = ...) -> None: ...

class Model(_message.Message):
    __slots__ = ["hash", "name", "version"]
    HASH_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    hash: str
    name: str
    version: str
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., hash: _Optional[str] = ...) -> None: ...

class Parameter(_message.Message):
    __slots__ = ["choices", "default_value", "help", "maximum", "minimum", "name", "type"]
    class Type(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = []
    BOOLEAN: Parameter.Type
    CHOICES_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_VALUE_FIELD_NUMBER: _ClassVar[int]
    HELP_FIELD_NUMBER: _ClassVar[int]
    INTEGER: Parameter.Type
    MAXIMUM_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    NUMBER: Parameter.Type
    TEXT: Parameter.Type
    TYPE_FIELD_NUMBER: _ClassVar[int]
    TYPE_UNSPECIFIED: Parameter.Type
    choices: _containers.RepeatedScalarFieldContainer[str]
    default_value: str
    help: str
    maximum: str
    minimum: str
    name: str
    type: Parameter.Type
    def __init__(self, name: _Optional[str] = ..., type: _Optional[_Union[Parameter.Type, str]] = ..., default_value: _Optional[str] = ..., minimum: _Optional[str] = ..., maximum: _Optional[str] = ..., choices: _Optional[_Iterable[str]] = ..., help: _Optional[str] = ...) -> None: ...

class RevisionRange(_message.Message):
    __slots__ = ["highest", "lowest"]
    HIGHEST_FIELD_NUMBER: _ClassVar[int]
    LOWEST_FIELD_NUMBER: _ClassVar[int]
    highest: int
    lowest: int
    def __init__(self, lowest: _Optional[int] = ..., highest: _Optional[int] = ...) -> None: ...
