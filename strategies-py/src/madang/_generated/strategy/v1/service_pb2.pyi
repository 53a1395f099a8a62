from madang._generated.strategy.v1 import describe_pb2 as _describe_pb2
from madang._generated.strategy.v1 import session_pb2 as _session_pb2
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor
