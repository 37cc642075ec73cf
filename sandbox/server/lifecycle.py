"""The sandbox's HTTP server: one process and one event loop, run by uvicorn, with a protocol of the sandbox's own."""

import asyncio
import gc
import logging
import socket
import sys
from collections.abc import Callable
from contextlib import suppress

import uvicorn

from sandbox.aws.endpoint.dispatch import answer
from sandbox.aws.endpoint.request_limits import largest_body, proof_of_head, too_busy, too_large
from sandbox.aws.endpoint.services import SCHEMAS
from sandbox.aws.moto.state import moto_in_use
from sandbox.aws.samples.samples import Samples
from sandbox.aws.snapshots.snapshots import Snapshots
from sandbox.core.config import SandboxConfig
from sandbox.core.http import Request, Response, plain
from sandbox.core.instance import Instance
from sandbox.core.limits import BytesHeld, HeadProof, Limits, OpenConnections
from sandbox.idp.stand_ins import endpoint_map
from sandbox.seed import seed_changed_accounts, seed_home_account
from sandbox.server.hosts import HostNames
from sandbox.server.http1 import HttpProtocol
from sandbox.server.pages import page_for

_NO_NAME = plain(400, "This is not a host name of the sandbox.")


class SandboxApp:
    """Answers requests. `seen`, where given, is called with every one as it arrived."""

    def __init__(self, instance: Instance, seen: Callable[[Request], None] | None = None) -> None:
        self.instance = instance
        self._seen = seen
        self._names = HostNames(instance.config)
        limits = Limits()
        self.connections = OpenConnections(limits)
        self.bytes_held = BytesHeld(limits)

    def admit(self, request: Request) -> Response | None:
        site = self._names.site(request.headers["host"])
        if site is None:
            # A page of another site that has its name resolve to this machine could otherwise talk to the sandbox.
            return _NO_NAME
        request.site = site
        return None

    def largest_body(self, request: Request) -> int:
        return largest_body(request)

    def proof(self, request: Request) -> HeadProof | Response:
        return proof_of_head(self.instance, request)

    def too_large(self, request: Request, largest: int) -> Response:
        return too_large(request, largest)

    def busy(self, request: Request) -> Response:
        return too_busy(request)

    async def __call__(self, request: Request) -> Response:
        if self._seen is not None:
            self._seen(request)
        page = page_for(request)
        return await (page or answer)(self.instance, request)


def listen(config: SandboxConfig) -> socket.socket:
    """The listening socket.

    Raises:
        OSError: the port is taken, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the socket names its protocol; with it, each answer waits 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":  # There the option would let a second process take the same port.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((config.host.strip("[]"), config.port))
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    return listener


class SandboxServer:
    """A sandbox that serves until `stop`. Made in the thread that runs it: the store's connection belongs to it.

    Raises:
        StaleStore: the sandbox's file is of another version.
    """

    def __init__(
        self, config: SandboxConfig, listener: socket.socket, seen: Callable[[Request], None] | None = None
    ) -> None:
        self.instance = Instance(config, SCHEMAS, endpoint_map)
        self._listener = listener
        settings = uvicorn.Config(
            SandboxApp(self.instance, seen),
            loop="auto",  # uvloop, where there is one
            http=HttpProtocol,
            # Nobody stands before the sandbox; a policy's aws:SourceIp must not be what the client says it is.
            proxy_headers=False,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=65,
            timeout_graceful_shutdown=2,
        )
        # An access log would hold query strings, and those hold codes and tokens.
        logging.getLogger("uvicorn.access").disabled = True
        self._server = uvicorn.Server(settings)

    def run(self) -> None:
        """Serve. Ends after `stop`, or on SIGINT or SIGTERM in the main thread."""
        try:
            # uvicorn passes the interrupt on when it has ended; it has done its work then.
            loop_factory = self._server.config.get_loop_factory()
            with moto_in_use(), suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=loop_factory) as runner:
                runner.run(self._serve())
        finally:
            self.instance.close()

    async def _serve(self) -> None:
        if self.instance.config.seed:
            await seed_home_account(self.instance)
        behind = asyncio.ensure_future(self._seed_behind())
        try:
            await self._server.serve(sockets=[self._listener])
        finally:
            behind.cancel()
            await asyncio.gather(behind, return_exceptions=True)
            await self.instance.part(Samples).wait_for_all()
            await self.instance.part(Snapshots).close()

    async def _seed_behind(self) -> None:
        """What the first answer does not wait for."""
        if self.instance.config.seed:
            await self.instance.part(Samples).ensure(self.instance.config.account_id, "s3")
        # What is there now stays; the collector would walk through all of moto again and again.
        gc.freeze()
        await seed_changed_accounts(self.instance)

    @property
    def started(self) -> bool:
        return bool(self._server.started)

    def stop(self) -> None:
        """May be called from any thread."""
        self._server.should_exit = True
