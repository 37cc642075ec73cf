"""TLS in front of a server that speaks plain HTTP, as a proxy puts it there."""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

_MOST_BYTES = 65_536


@contextmanager
def tls_in_front_of(port: int, certificate: Path) -> Iterator[int]:
    """Takes TLS connections on a free port of loopback, and passes what comes on to that port as it is.

    Args:
        certificate: with its private key, as `tests.certificates.certify` writes them.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    start = asyncio.start_server(partial(_serve, port), "127.0.0.1", 0, ssl=context)
    server = asyncio.run_coroutine_threadsafe(start, loop).result(timeout=60)
    yield server.sockets[0].getsockname()[1]
    loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(timeout=60)


async def _serve(port: int, near_reader: asyncio.StreamReader, near_writer: asyncio.StreamWriter) -> None:
    far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.gather(_pass_on(near_reader, far_writer), _pass_on(far_reader, near_writer))


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):  # one of the two has gone
        while data := await reader.read(_MOST_BYTES):
            writer.write(data)
            await writer.drain()
    writer.close()
