"""What strangers may hold of one sandbox: connections, and bytes of bodies and answers that are under way.

A request of at most `SMALL` bytes is never refused for what others hold: its connection's place is its share. Only what
is larger is counted here, so that whoever fills the shares cannot keep anybody from a call of the AWS API.
"""

import ipaddress
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum

MB = 1024 * 1024
SMALL = 64 * 1024  # bytes
LARGEST_ARCHIVE = 160 * MB  # of a whole account


class HeadProof(IntEnum):
    """How much is known of a request when its head is complete.

    A claim is an `Authorization` that cannot be checked before the body is there; anybody can write one. Proven is a
    signature over a stated hash, which S3's uploads have.
    """

    STRANGER = 0
    CLAIMED = 1
    PROVEN = 2


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that may be held at a time.

    Attributes:
        total: bytes under way over all connections.
        of_proof: bytes of all requests whose heads prove the same, of which one peer may hold `of_peer`.
        connections: at the same time, of which one peer may have `connections_of_peer`. A class of 24 behind one
            address, each browser with six connections, and an application's pools fit; 1024 is the usual limit of open
            files.
    """

    total: int = 256 * MB
    of_proof: tuple[int, int, int] = (32 * MB, 96 * MB, 256 * MB)
    of_peer: tuple[int, int, int] = (16 * MB, 64 * MB, 192 * MB)
    connections: int = 800
    connections_of_peer: int = 400


@dataclass(slots=True)
class BytesHeld:
    """The bytes that all connections hold together, as far as they are counted."""

    limits: Limits
    total: int = 0
    _of_proof: Counter[HeadProof] = field(default_factory=Counter)
    _peer: Counter[tuple[HeadProof, str]] = field(default_factory=Counter)

    def share(self, peer: str, proof: HeadProof) -> "Share":
        return Share(self, peer, proof)

    def add(self, peer: str, proof: HeadProof, size: int) -> bool:
        """Count `size` more bytes; False, and nothing counted, where they are too many."""
        limits, mine = self.limits, (proof, peer)
        fits = (
            self.total + size <= limits.total
            and self._of_proof[proof] + size <= limits.of_proof[proof]
            and self._peer[mine] + size <= limits.of_peer[proof]
        )
        if fits:
            self.total += size
            self._of_proof[proof] += size
            self._peer[mine] += size
        return fits

    def remove(self, peer: str, proof: HeadProof, size: int) -> None:
        self.total -= size
        self._of_proof[proof] -= size
        self._peer[proof, peer] -= size
        if not self._peer[proof, peer]:
            del self._peer[proof, peer]


@dataclass(slots=True)
class Share:
    """What one request, or one answer, holds of the bytes under way."""

    _all: BytesHeld
    _peer: str
    _proof: HeadProof
    size: int = 0

    def grow(self, size: int) -> bool:
        """Hold `size` bytes more; False where that is too much."""
        if not self._all.add(self._peer, self._proof, size):
            return False
        self.size += size
        return True

    def release(self) -> None:
        if self.size:
            self._all.remove(self._peer, self._proof, self.size)
            self.size = 0


def peer_of(address: str) -> str:
    """Whose connections are counted together: an IPv4 address, or the /64 that one owner of IPv6 addresses has."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4 or parsed.is_loopback:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def plain_address(address: str) -> str:
    """The address as policies know it: an IPv4 caller of an IPv6 socket is `::ffff:a.b.c.d` to the kernel (RFC 4291,
    section 2.5.5.2), and a link-local one has its interface behind it."""
    address = address.partition("%")[0]
    mapped = address.removeprefix("::ffff:")
    return mapped if "." in mapped else address


@dataclass(slots=True)
class OpenConnections:
    """The connections that are open, by peer, and who may have one more."""

    limits: Limits
    _of_peer: dict[str, dict[object, None]] = field(default_factory=dict)
    count: int = 0

    def enter(self, peer: str, connection: object, evict: Callable[[list[object]], bool]) -> bool:
        """Count a connection; False where it would be one too many.

        Args:
            evict: is asked to end one of the given connections, longest there first, where this one would be too many.
        """
        mine = self._of_peer.setdefault(peer, {})
        if len(mine) >= self.limits.connections_of_peer and not evict(list(mine)):
            return False
        if self.count >= self.limits.connections and not evict(self._of_largest()):
            return False
        self._of_peer.setdefault(peer, {})[connection] = None
        self.count += 1
        return True

    def leave(self, peer: str, connection: object) -> None:
        mine = self._of_peer.get(peer, {})
        if connection in mine:
            del mine[connection]
            self.count -= 1
        if not mine:
            self._of_peer.pop(peer, None)

    def _of_largest(self) -> list[object]:
        peer = max(self._of_peer, key=lambda peer: len(self._of_peer[peer]))
        return list(self._of_peer[peer])
