"""A company's proxy: the only way out. It looks names up, and opens a tunnel to a far end on this machine for each."""

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Proxy:
    """Opens tunnels to the far end, whatever they are asked to lead to.

    Attributes:
        tunnels: the authorities that were asked for, as `host:port`.
        credentials: the Proxy-Authorization that came along.
    """

    port: int = 0
    tunnels: list[str] = field(default_factory=list)
    credentials: set[str] = field(default_factory=set)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


@contextmanager
def proxy_to(port_of: Callable[[str], int]) -> Iterator[Proxy]:
    """Serve one on loopback while the block runs.

    Args:
        port_of: of an authority, `host:port` -> the port of this machine that plays it.
    """
    made = Proxy()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            authority = self.rfile.readline().decode().split(" ")[1]
            while (line := self.rfile.readline().strip()) != b"":
                if line.lower().startswith(b"proxy-authorization:"):
                    made.credentials.add(line.partition(b":")[2].strip().decode())
            made.tunnels.append(authority)
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            with socket.socket() as far:
                far.connect(("127.0.0.1", port_of(authority)))
                threading.Thread(target=_pass_on, args=(self.connection, far), daemon=True).start()
                _pass_on(far, self.connection)

    with _Server(("127.0.0.1", 0), Handler) as server:
        made.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield made
        server.shutdown()


def _pass_on(source: socket.socket, to: socket.socket) -> None:
    try:
        while data := source.recv(65_536):
            to.sendall(data)
        to.shutdown(socket.SHUT_WR)
    except OSError:
        return  # one of the two has gone
