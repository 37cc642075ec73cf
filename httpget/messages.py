"""HTTP/1.1 over a connection that is open: h11 knows the protocol, and each read is ours, so that it can be limited."""

from collections.abc import Iterable
from socket import socket

import h11

from httpget.answers import Answer, NoAnswer, TimedOut, TooLarge
from httpget.deadlines import Deadline

_CHUNK = 64 * 1024
_LONGEST_HEAD = 64 * 1024
_MOST_INTERIM = 100  # answers of 1xx before the one that counts

Headers = Iterable[tuple[str, str]]


def exchange(
    sock: socket, method: str, target: str, headers: Headers, body: bytes, *, deadline: Deadline, largest: int
) -> Answer:
    """Send one request and read its whole answer. The connection is the caller's to close.

    Args:
        headers: with a Host. largest: bytes that the body may have; a head may have 64 KB.

    Raises:
        NoAnswer
    """
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LONGEST_HEAD)
    try:
        request = h11.Request(method=method, target=target, headers=list(headers))
        data = [connection.send(request), connection.send(h11.Data(body)), connection.send(h11.EndOfMessage())]
        deadline.limit(sock)
        sock.sendall(b"".join(part for part in data if part))
        return _received(sock, connection, deadline, largest)
    except TimeoutError as error:
        raise TimedOut("The answer was not complete in time.") from error
    except (OSError, h11.ProtocolError) as error:
        raise NoAnswer("The connection broke, or what came back is not HTTP.") from error


def _received(sock: socket, connection: h11.Connection, deadline: Deadline, largest: int) -> Answer:
    """The answer that comes after any interim ones."""
    head: h11.Response | None = None
    body, interim = bytearray(), 0
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            deadline.limit(sock)
            connection.receive_data(sock.recv(_CHUNK))
        elif isinstance(event, h11.Response):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > largest:
                raise TooLarge(f"The answer is longer than {largest} bytes.")
        elif isinstance(event, h11.InformationalResponse):
            interim += 1
            if interim > _MOST_INTERIM:
                raise TooLarge("One interim answer follows the other.")
        else:  # the end, of the message or of a tunnel's head
            break
    if head is None:
        raise NoAnswer("The connection was closed without an answer.")
    named = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers.raw_items())
    return Answer(head.status_code, head.reason.decode("latin-1"), named, bytes(body))
