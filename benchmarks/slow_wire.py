"""A TCP proxy on loopback that holds back whatever the server sends, as a network does: nothing else sleeps."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import SimpleQueue

_CHUNK = 65_536


@contextmanager
def delayed(port: int, seconds: float) -> Iterator[int]:
    """A port that leads to `port`; every answer arrives so many seconds later. Requests are passed on at once."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        threading.Thread(target=_accept, args=(listening, port, seconds), daemon=True).start()
        yield int(listening.getsockname()[1])


def _accept(listening: socket.socket, port: int, seconds: float) -> None:
    while True:
        try:
            caller, _ = listening.accept()
        except OSError:
            return
        server = socket.create_connection(("127.0.0.1", port))
        for end in (caller, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _start(_pass_on, caller, server, 0.0)
        _start(_pass_on, server, caller, seconds)


def _pass_on(giving: socket.socket, taking: socket.socket, seconds: float) -> None:
    """What comes in several pieces is late once: each goes on so many seconds after it came."""
    pieces: SimpleQueue[tuple[float, bytes]] = SimpleQueue()
    _start(_deliver, pieces, taking)
    with suppress(OSError):
        while piece := giving.recv(_CHUNK):
            pieces.put((time.monotonic() + seconds, piece))
    pieces.put((time.monotonic() + seconds, b""))


def _deliver(pieces: "SimpleQueue[tuple[float, bytes]]", taking: socket.socket) -> None:
    with suppress(OSError):
        while True:
            due, piece = pieces.get()
            time.sleep(max(0.0, due - time.monotonic()))
            if not piece:
                taking.shutdown(socket.SHUT_WR)
                return
            taking.sendall(piece)


def _start(work: object, *given: object) -> None:
    threading.Thread(target=work, args=given, daemon=True).start()  # type: ignore[arg-type]
