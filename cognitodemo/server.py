"""The web server: granian before the WSGI application, one for `manage.py demo` and for `manage.py serve`."""

import asyncio
import gc
import logging
import multiprocessing
import signal
import socket
import sys
import threading
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import DatabaseError, InterfaceError, connections
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server as ManyProcesses
from granian.server.embed import Server as OneProcess

from cognitodemo import database, env
from cognitodemo.bridge import Bridge
from training.services import beside

CONNECTIONS = 4096  # of one process, where the system lets it have as many files
FILES = 256  # that are no connections: the database, calls to AWS
HEAD_SECONDS = 10  # for a request's head, and for the next request on a connection
# A load balancer keeps connections for use (AWS's: 60 s), and one that we close first is an error to its client.
HEAD_SECONDS_OF_A_PROXY = 75
STOP_SECONDS = 5  # for requests under way
RENEW_SECONDS = 10  # on SIGHUP, for a new worker to be ready before the old one is stopped
FLUSH_SECONDS = 0.3  # for the last answers to leave

log = logging.getLogger("lab.server")


class WebServer:
    """Serves on `host` and `port` until Ctrl-C, SIGTERM or close(), in this process and its main thread."""

    def __init__(self, host: str, port: int) -> None:
        self._bridge = bridge()
        self._server = OneProcess(self._bridge, **_options(host, port))
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = threading.Event()
        self._stopping = asyncio.Event()

    def run(self) -> None:
        let_go_of_the_dead()
        asyncio.run(self._run())
        database.settle()

    def close(self) -> None:
        """Stop serving. May be called from any thread, at any time."""
        self._closed.set()
        if self._loop:
            with suppress(RuntimeError):  # it has ended already
                self._loop.call_soon_threadsafe(self._stopping.set)

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self.close())
        if self._closed.is_set():
            return
        serving = asyncio.create_task(self._server.serve())
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
        self._server.stop()  # type: ignore[no-untyped-call]
        # granian waits for connections; we, for answers that are being made. What is left ends with the process.
        deadline = self._loop.time() + STOP_SECONDS
        while not serving.done() and self._bridge.busy and self._loop.time() < deadline:
            await asyncio.sleep(0.05)
        await asyncio.wait((serving,), timeout=FLUSH_SECONDS)
        if serving.done():
            serving.result()


def serve(host: str, port: int, workers: int) -> None:
    """Serve until Ctrl-C or SIGTERM: in this process, or in `workers` others; one that dies is replaced."""
    if workers == 1 or sys.platform == "win32":
        return WebServer(host, port).run()
    # Not forked: a worker that is made on SIGHUP loads the code that is there then.
    multiprocessing.set_start_method("spawn", force=True)
    options = _options(host, port) | {"workers": workers, "respawn_failed_workers": True}
    ManyProcesses(
        "cognitodemo.worker:worker",
        factory=True,
        workers_kill_timeout=STOP_SECONDS,
        respawn_interval=RENEW_SECONDS,
        **options,
    ).serve()
    return None


def bridge() -> Bridge:
    beside.in_a_process()
    return Bridge(_application(), settings.WEB_THREADS)


def let_go_of_the_dead() -> None:
    """Free what processes that were killed had in hand, so that this one can go on with it."""
    from training.services import restart  # whose models are there once the applications are loaded

    try:
        restart.let_go_of_the_dead()
    except (DatabaseError, InterfaceError):  # pages say so, and leases run out by themselves
        log.exception("What processes before had in hand could not be freed")
    finally:
        connections.close_all()


def is_taken(host: str, port: int) -> bool:
    """Whether something listens there. granian's sockets share a port, so that it would not notice."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if sys.platform != "win32":  # where it would mean sharing
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def _application() -> Any:
    env.give_up_names_soon()
    database.limit_requests()
    get_wsgi_application()  # loads the applications
    from cognitodemo.wsgi import application

    # What is there now stays to the end, and a page makes thousands of objects that go at once: to look through all of
    # them after every seven hundred, as Python does otherwise, takes a twentieth of a page's time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    return application


def _options(host: str, port: int) -> dict[str, Any]:
    head = HEAD_SECONDS_OF_A_PROXY if settings.TRUSTED_PROXIES else HEAD_SECONDS
    return {
        "address": host,
        "port": port,
        "interface": Interfaces.RSGI,
        "http": HTTPModes.http1,
        "websockets": False,
        "backlog": CONNECTIONS,
        "backpressure": _connections(),
        "http1_settings": HTTP1Settings(header_read_timeout=head * 1000, max_buffer_size=64 * 1024),
        # Its own lines would be of another format; errors go the way of ours.
        "log_level": LogLevels.error,
        "log_dictconfig": {"formatters": {}, "handlers": {}, "loggers": {"_granian": {"propagate": True}}},
    }


def _connections() -> int:
    """As many connections as there may be open files, whose number is raised as far as we may."""
    try:
        import resource
    except ImportError:  # Windows counts otherwise
        return CONNECTIONS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + FILES
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
            soft = allowed
    return CONNECTIONS if soft == resource.RLIM_INFINITY else max(1, min(CONNECTIONS, soft - FILES))
