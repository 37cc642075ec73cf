"""The sandbox's application behind protocols that are not the sandbox's: uvicorn's own, over an ASGI adapter.

Only tests use this. It says what the same application answers where somebody else has read the request from the wire.
"""

import asyncio
import threading
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from typing import Any, Literal
from urllib.parse import urlsplit

import uvicorn

from sandbox.config import SandboxConfig
from sandbox.core.http import Request, Response
from sandbox.server.http1 import HttpProtocol
from sandbox.server.lifecycle import SandboxApp, SandboxServer, listen
from sandbox.server.reader import Application

Message = MutableMapping[str, Any]
Protocol = Literal["ours", "httptools", "h11"]
THEIRS: tuple[Protocol, ...] = ("httptools", "h11")

_START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class AsgiAdapter:
    """An application of the sandbox as an ASGI application (https://asgi.readthedocs.io, HTTP 2.3)."""

    application: Application

    async def __call__(
        self,
        scope: Mapping[str, Any],
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        request = _request(scope)
        request.body = await _whole_body(receive)
        response = self.application.admit(request) or await self.application(request)
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in _headers(response)]
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": response.body})


def _request(scope: Mapping[str, Any]) -> Request:
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        headers[key] = f"{headers[key]},{text}" if key in headers else text
    path = scope["raw_path"].decode("ascii")
    if not path.startswith("/"):
        # uvicorn's h11 protocol leaves an address in absolute form (RFC 9112, section 3.2.2) to the application.
        path = urlsplit(path).path or "/"
    return Request(
        method=scope["method"],
        raw_path=path,
        query_string=scope["query_string"].decode("ascii"),
        headers=headers,
        body=b"",
        client=scope["client"][0],
        request_id=str(uuid.uuid4()),
    )


async def _whole_body(receive: Callable[[], Awaitable[Message]]) -> bytes:
    parts = []
    while (message := await receive())["type"] == "http.request":
        parts.append(message["body"])
        if not message.get("more_body"):
            return b"".join(parts)
    raise ConnectionError("The client is gone.")


def _headers(response: Response) -> list[tuple[str, str]]:
    """The answer's headers with the length, where there is one (RFC 9110, section 8.6)."""
    has_length = response.status in (204, 304) or any(name == "content-length" for name, _ in response.headers)
    return response.headers if has_length else [*response.headers, ("content-length", str(len(response.body)))]


# --- Servers ----------------------------------------------------------------------------------------------------------


class Listening:
    """uvicorn's server on a free port of loopback, with the sandbox's protocol or with one of uvicorn's own."""

    def __init__(self, application: Application, protocol: Protocol) -> None:
        self._listener = listen(SandboxConfig(data_file=Path("unused"), port=0))
        self.port: int = self._listener.getsockname()[1]
        self.server = uvicorn.Server(
            uvicorn.Config(
                application if protocol == "ours" else AsgiAdapter(application),
                http=HttpProtocol if protocol == "ours" else protocol,
                interface="asgi3",
                proxy_headers=False,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_keep_alive=65,
                timeout_graceful_shutdown=2,
            )
        )

    async def serve(self) -> None:
        await self.server.serve(sockets=[self._listener])


class Servers:
    """An application behind each protocol, in one event loop."""

    def __init__(self, applications: Mapping[Protocol, Application]) -> None:
        self._all = {protocol: Listening(application, protocol) for protocol, application in applications.items()}

    def run(self) -> None:
        async def serve() -> None:
            await asyncio.gather(*[one.serve() for one in self._all.values()])

        asyncio.run(serve())

    @property
    def ports(self) -> dict[Protocol, int]:
        return {protocol: one.port for protocol, one in self._all.items()}

    @property
    def started(self) -> bool:
        return all(one.server.started for one in self._all.values())

    def stop(self) -> None:
        for one in self._all.values():
            one.server.should_exit = True


class SandboxServers(SandboxServer):
    """One sandbox that answers by its own protocol, as always, and by uvicorn's, out of the same state."""

    def __init__(self, config: SandboxConfig) -> None:
        listener = listen(config)
        super().__init__(config, listener)
        self._beside = {protocol: Listening(SandboxApp(self.instance), protocol) for protocol in THEIRS}
        self.ports: dict[Protocol, int] = {
            "ours": listener.getsockname()[1],
            **{protocol: one.port for protocol, one in self._beside.items()},
        }

    async def _serve(self) -> None:
        await asyncio.gather(super()._serve(), *[one.serve() for one in self._beside.values()])

    @property
    def started(self) -> bool:
        return super().started and all(one.server.started for one in self._beside.values())

    def stop(self) -> None:
        super().stop()
        for one in self._beside.values():
            one.server.should_exit = True


@contextmanager
def running(make: Callable[[], Servers | SandboxServers]) -> Iterator[dict[Protocol, int]]:
    """Make servers in a thread, which a sandbox's store belongs to, and have them serve there: protocol -> port."""
    made: Queue[Servers | SandboxServers] = Queue()

    def serve() -> None:
        servers = make()
        made.put(servers)
        servers.run()

    thread = threading.Thread(target=serve, name="servers", daemon=True)
    thread.start()
    servers = made.get(timeout=_START_SECONDS)
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not servers.started:
            assert thread.is_alive()
            assert time.monotonic() < deadline
            time.sleep(0.005)
        yield servers.ports
    finally:
        servers.stop()
        thread.join(timeout=60)
