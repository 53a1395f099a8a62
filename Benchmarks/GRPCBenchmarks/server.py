"""A strategy server on grpc.aio that answers every message of events with one result.

``server.py unix:PATH`` prints a line of JSON when it listens, and ends when its standard input
closes. It is as small as a server in Python can be: what it takes is the floor of any of them.
"""

import asyncio
import sys
from collections.abc import AsyncIterator

import grpc
import grpc.aio

from madang._generated.strategy.v1 import (
    describe_pb2,
    results_pb2,
    session_pb2,
)

Context = grpc.aio.ServicerContext


async def describe(
    request: describe_pb2.DescribeRequest, context: Context
) -> describe_pb2.DescribeResponse:
    """Say who it is."""
    return describe_pb2.DescribeResponse(name="echo", version="1.0", instance_id="bench")


async def run(
    requests: AsyncIterator[session_pb2.HostMessage], context: Context
) -> AsyncIterator[session_pb2.ServerMessage]:
    """One result and the watermark for each message."""
    async for request in requests:
        events = request.events
        ticks = events.ticks
        last = events.previous + ticks.offset[-1]
        result = results_pb2.Result(
            position=last,
            instrument=ticks.instrument[-1],
            action=results_pb2.Result.BUY,
            confidence=700_000,
        )
        results = results_pb2.Results(results=[result], watermark=last)
        yield session_pb2.ServerMessage(results=results)


HANDLERS = {
    "Describe": grpc.unary_unary_rpc_method_handler(
        describe,
        request_deserializer=describe_pb2.DescribeRequest.FromString,
        response_serializer=describe_pb2.DescribeResponse.SerializeToString,
    ),
    "Run": grpc.stream_stream_rpc_method_handler(
        run,
        request_deserializer=session_pb2.HostMessage.FromString,
        response_serializer=session_pb2.ServerMessage.SerializeToString,
    ),
}


async def serve(address: str) -> None:
    """Serve until standard input closes."""
    server = grpc.aio.server()
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("madang.strategy.v1.StrategyServer", HANDLERS),)
    )
    server.add_insecure_port(address)
    await server.start()
    print('{"listening": true}', flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await server.stop(0)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
