"""A resolver of the test's own, and an AWS under the names that it tells: what a site in AWS mode finds by them."""

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from tests.flows.aws_wire import HOSTS, AwsWire

_A, _NO_SUCH_NAME = 1, 3  # RFC 1035, sections 3.2.2 and 4.1.1
_TRIES = 20


def free_address(*ports: tuple[int, socket.SocketKind]) -> str:
    """An address of loopback's with nobody at these ports: others on this machine may do the same at this moment.

    Skips the test where they are root's, or somebody has them at all addresses.
    """
    for _ in range(_TRIES):
        address = f"127.{random.randrange(1, 255)}.{random.randrange(256)}.{random.randrange(1, 255)}"  # noqa: S311
        with ExitStack() as opened, suppress(OSError):
            for port, kind in ports:
                opened.enter_context(socket.socket(socket.AF_INET, kind)).bind((address, port))
            return address
    pytest.skip("ports 53 and 443 are root's, or somebody has them")


class Names:
    """Answers questions for AWS's names with one address, and all others with: no such name (RFC 1035)."""

    def __init__(self, resolver: str, aws: str) -> None:
        self._resolver, self._aws = resolver, socket.inet_aton(aws)
        self._socket: socket.socket | None = None

    def begin(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((self._resolver, 53))
        threading.Thread(target=self._answer_all, args=(self._socket,), daemon=True).start()

    def end(self) -> None:
        """Nobody listens there any more: whoever asks is told so by the system."""
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)  # so that who waits there for the next question goes
            self._socket.close()
            self._socket = None

    def _answer_all(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                question, sender = listening.recvfrom(512)
                if not question:
                    return
                listening.sendto(self._answer(question), sender)

    def _answer(self, message: bytes) -> bytes:
        """The question again, which ends where its name does and four bytes later, and what there is to say."""
        end = message.index(0, 12) + 5
        asked, labels, at = message[12:end], list[str](), 12
        while length := message[at]:
            labels.append(message[at + 1 : at + 1 + length].decode())
            at += 1 + length
        known, wants_address = ".".join(labels).lower() in HOSTS, int.from_bytes(asked[-4:-2], "big") == _A
        answers = 1 if known and wants_address else 0
        flags = 0x8180 if known else 0x8180 | _NO_SUCH_NAME
        head = message[:2] + b"".join(number.to_bytes(2, "big") for number in (flags, 1, answers, 0, 0))
        # Its name is that at byte 12 (section 4.1.4); for as good as no time, so that nobody keeps it.
        record = b"\xc0\x0c\x00\x01\x00\x01" + (0).to_bytes(4, "big") + b"\x00\x04" + self._aws
        return head + asked + record * answers


@contextmanager
def amazon(directory: Path, address: str) -> Iterator[AwsWire]:
    """AWS at this address, which closes a connection with each answer: the next call looks its name up again."""
    wire = AwsWire(directory, (address, 443))
    for operation in ("GetId", "GetCredentialsForIdentity"):
        answer = wire.answers[operation]
        assert callable(answer)

        def closing(arrival, answer=answer):  # type: ignore[no-untyped-def]
            found = answer(arrival)
            found.headers["Connection"] = "close"
            return found

        wire.answers[operation] = closing
    try:
        yield wire
    finally:
        wire.close()
