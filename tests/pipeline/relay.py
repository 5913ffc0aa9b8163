"""The way from a container to the account, which listens on the loopback interface only."""

import asyncio
import threading
from asyncio import StreamReader, StreamWriter
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def relay(host: str, port: int) -> Iterator[int]:
    """Pass on what comes to an address of this machine to 127.0.0.1:port; the port that it listens on."""
    loop = asyncio.new_event_loop()

    async def connected(reader: StreamReader, writer: StreamWriter) -> None:
        account = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_copy(reader, account[1]), _copy(account[0], writer))

    server = loop.run_until_complete(asyncio.start_server(connected, host, 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


async def _copy(reader: StreamReader, writer: StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()
