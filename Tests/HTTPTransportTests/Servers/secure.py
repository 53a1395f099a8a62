"""A WebSocket server on TLS that says back the first frame of each line, and then closes it.

``secure.py CERTIFICATE KEY`` prints its port when it listens, and ends when its standard input
closes.
"""

import asyncio
import base64
import hashlib
import ssl
import sys

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Shake hands, say one frame of at most 125 bytes back, close."""
    head = await reader.readuntil(b"\r\n\r\n")
    headers = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
    key = {name.lower(): value for name, value in headers.items()}[b"sec-websocket-key"]
    accepted = base64.b64encode(hashlib.sha1(key + GUID).digest())
    writer.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accepted + b"\r\n\r\n"
    )
    first, length = await reader.readexactly(2)
    mask = await reader.readexactly(4)
    masked = await reader.readexactly(length & 127)
    payload = bytes(byte ^ mask[place % 4] for place, byte in enumerate(masked))
    writer.write(bytes([first, len(payload)]) + payload + b"\x88\x02\x03\xe8")
    await writer.drain()
    await reader.read()
    writer.close()


async def main() -> None:
    """Serve until standard input closes."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(sys.argv[1], sys.argv[2])
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
