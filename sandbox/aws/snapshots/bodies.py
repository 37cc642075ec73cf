"""The contents of objects in S3: in which file each is, and which files are still needed.

What is new is written together, in one file of some megabytes, since each file costs time; a large content has a file
of its own. A file is named by its SHA-256 and never written again. It is deleted with the last object whose content is
in it; one of which less than half is needed is given up, and what is needed of it written anew with what comes next.
"""

import re
from collections import Counter
from collections.abc import Mapping
from hashlib import sha256
from tempfile import SpooledTemporaryFile
from threading import Lock
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from sandbox.aws.moto.bridge import moto_lock
from sandbox.aws.snapshots.files import ContentFiles
from sandbox.aws.snapshots.graph import Body, UnreadableSnapshot
from sandbox.core.limits import MB

_INLINE = 1024  # bytes: an object as small as this costs no more than what is known about it
_OWN_FILE = 256 * 1024  # bytes, from which on a content has a file of its own
_TOGETHER = 8 * MB
_PLACE = re.compile(r"([0-9a-f]{64})/([0-9]{1,12})/([0-9]{1,12})")


class BodyPlace(NamedTuple):
    """Where a content is: the digest of a file, and which of its bytes."""

    digest: str
    offset: int
    size: int

    def __str__(self) -> str:
        return f"{self.digest}/{self.offset}/{self.size}"


def place_of(body: str) -> BodyPlace:
    """What stands for a content in a snapshot, read.

    Raises:
        UnreadableSnapshot
    """
    found = _PLACE.fullmatch(body)
    if found is None:
        raise UnreadableSnapshot("The content of an object is nowhere")
    return BodyPlace(found[1], int(found[2]), int(found[3]))


class Bodies:
    """The contents of one account's objects. For one thread.

    Attributes:
        late: digest -> content of those that came while the snapshot was made. Each has a file of its own.
    """

    def __init__(self, account: str, files: ContentFiles) -> None:
        self._account, self._files = account, files
        self._places: WeakKeyDictionary[Any, BodyPlace] = WeakKeyDictionary()
        self._sizes: dict[str, int] = files.bodies(account)
        self._given_up: set[str] = set()
        self._needed: Counter[str] = Counter()
        self.late: dict[str, bytes] = {}

    def store(self, objects: list[Any]) -> None:
        """Write those contents that are in no file yet, a few megabytes at a time: others are answered meanwhile.

        Raises:
            OSError: such as a full disk.
        """
        ahead = [made for made in objects if made.size > _INLINE and not self._is_stored(made)]
        while ahead:
            some: list[tuple[Any, bytes]] = []
            size = 0
            # Not for each by itself: others want the lock, and whoever waits for it may wait long.
            with moto_lock:
                while ahead and size < _TOGETHER:
                    made = ahead.pop()
                    body = _current(made)
                    if body is not None:
                        some.append((made, body))
                        size += len(body)
            small = [(made, body) for made, body in some if len(body) < _OWN_FILE]
            self._write([body for _, body in small], [made for made, _ in small])
            for made, body in some:
                if len(body) >= _OWN_FILE:
                    self._write([body], [made])

    def _write(self, bodies: list[bytes], objects: list[Any]) -> None:
        if not bodies:
            return
        content = b"".join(bodies)
        digest = sha256(content).hexdigest()
        if digest not in self._sizes:
            self._files.write_bodies(self._account, [(digest, content)])
            self._sizes[digest] = len(content)
        self._given_up.discard(digest)
        offset = 0
        for made, body in zip(objects, bodies, strict=True):
            self._places[made] = BodyPlace(digest, offset, len(body))
            offset += len(body)

    def _is_stored(self, made: Any) -> bool:
        place = self._places.get(made)
        return place is not None and place.digest in self._sizes and place.digest not in self._given_up

    def begin(self) -> None:
        """A snapshot is about to be made."""
        self._needed.clear()
        self.late.clear()

    def body_of(self, made: Any) -> Body:
        """What stands for an object's content in the snapshot. To be called while moto's lock is held."""
        place = self._places.get(made)
        if place is None or place.digest not in self._sizes or made.disposed:
            body = _current(made)
            if body is None or len(body) <= _INLINE:
                return body
            place = self._places[made] = BodyPlace(sha256(body).hexdigest(), 0, len(body))
            self.late[place.digest] = body
        self._needed[place.digest] += place.size
        return str(place)

    def store_late(self) -> None:
        """Write what the snapshot names and is in no file yet, before it is written itself.

        Raises:
            OSError
        """
        self._files.write_bodies(self._account, self.late.items())
        self._sizes |= {digest: len(body) for digest, body in self.late.items()}

    def end(self) -> None:
        """The snapshot is written: delete what it does not name."""
        self._files.delete_bodies(self._account, self._sizes.keys() - self._needed.keys())
        self._sizes = {digest: size for digest, size in self._sizes.items() if digest in self._needed}
        self._give_up()
        self.late.clear()

    def _give_up(self) -> None:
        self._given_up = {digest for digest, size in self._sizes.items() if 2 * self._needed[digest] < size}

    def give(self, objects: list[tuple[Any, Body]]) -> None:
        """Put their contents into objects that were read.

        Raises:
            UnreadableSnapshot: one is missing, or is not as long as is known of it.
        """
        contents: Mapping[str, bytes] = {}
        for made, body in sorted(objects, key=lambda one: one[1] if isinstance(one[1], str) else ""):
            content = body
            if isinstance(body, str):
                place = place_of(body)
                if place.digest not in contents:
                    contents = {place.digest: self._files.read_body(self._account, place.digest)}
                content = contents[place.digest][place.offset : place.offset + place.size]
                self._places[made] = place
                self._needed[place.digest] += place.size
            _give(made, content)
        self._give_up()


def _give(made: Any, content: Any) -> None:
    from moto.settings import get_s3_default_key_buffer_size

    made.lock = Lock()
    made._value_buffer = SpooledTemporaryFile(max_size=get_s3_default_key_buffer_size())  # noqa: SIM115 (moto closes it)
    if content is None:
        made.dispose()
        return
    if type(content) is not bytes or len(content) != vars(made).get("contentsize"):
        raise UnreadableSnapshot("The content of an object is not as long as it was")
    made._value_buffer.write(content)


def _current(made: Any) -> bytes | None:
    """The content of an object; None where it was replaced or deleted. To be called while moto's lock is held."""
    return None if made.disposed else bytes(made.value)
