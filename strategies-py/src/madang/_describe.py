"""The answer to Describe."""

from __future__ import annotations

import logging
from typing import Any

from madang._configure import REVISIONS
from madang._generated.strategy.v1 import describe_pb2
from madang._version import VERSION
from madang.definition import Definition
from madang.errors import ParameterError
from madang.inputs import Input
from madang.parameters import Value

_log = logging.getLogger("madang")


def description(
    definition: Definition, request: describe_pb2.DescribeRequest, instance: str
) -> describe_pb2.DescribeResponse:
    """Describe a strategy class under the parameters of ``request``, as far as they fit."""
    values: dict[str, Value] = {}
    for name, text in request.parameters.items():
        parameter = definition.parameters.get(name)
        if parameter is not None:
            try:
                values[name] = parameter.parse(text)
            except ParameterError as e:
                _log.info("Describe passes over a parameter: %s", e)
    cls = definition.cls
    try:
        strategy = definition.make(values)
    except ParameterError as e:
        _log.info("Describe passes over the parameters: %s", e)
        strategy = definition.make({})
    needs = definition.needs(strategy)
    name, version, model_hash = needs.model
    response = describe_pb2.DescribeResponse(
        name=definition.name,
        version=cls.version,
        instance_id=instance,
        model=describe_pb2.Model(name=name, version=version, hash=model_hash),
        sdk=f"madang-python {VERSION}",
        revisions=describe_pb2.RevisionRange(lowest=REVISIONS[0], highest=REVISIONS[1]),
        reads_account=definition.reads_account,
        independent_instruments=cls.independent_instruments,
        largest_batch=cls.largest_batch,
        keepalive_welcome=True,
        follows_instruments=True,
    )
    for item, warm_up in needs.inputs.items():
        response.inputs.append(_input(item, warm_up))
    for parameter in definition.parameters.values():
        low, high = parameter.extent
        response.parameters.append(
            describe_pb2.Parameter(
                name=parameter.name,
                type=_TYPES[parameter.type.__name__],
                default_value=parameter.text(parameter.default),
                minimum="" if low is None else parameter.text(low),
                maximum="" if high is None else parameter.text(high),
                choices=[each for each in parameter.choices if isinstance(each, str)],
                help=parameter.help,
            )
        )
    return response


_TYPES: dict[str, Any] = {
    "int": describe_pb2.Parameter.INTEGER,
    "float": describe_pb2.Parameter.NUMBER,
    "Decimal": describe_pb2.Parameter.NUMBER,
    "bool": describe_pb2.Parameter.BOOLEAN,
    "str": describe_pb2.Parameter.TEXT,
}


def _input(item: Input, warm_up: int) -> describe_pb2.Input:
    kind: Any = item.kind.value
    return describe_pb2.Input(
        kind=kind, interval_ns=item.interval_ns, warm_up=warm_up, unfinished=item.unfinished
    )
