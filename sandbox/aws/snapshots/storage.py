"""From moto's memory to files and back, for one account in one service. All of it blocks, and is for a thread."""

from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from sandbox.aws.moto.bridge import moto_lock
from sandbox.aws.snapshots.backends import KEPT, objects_in_s3, put_back, taken
from sandbox.aws.snapshots.files import ContentFiles, Heading, snapshot_bytes, split_snapshot
from sandbox.aws.snapshots.graph import Body, Unreadable, read

_INLINE = 1024  # bytes: an object as small as this costs no more than what is known about it
_DIGEST = "_digest_of_body"  # where an object in S3 remembers the name of its file; moto never looks at it


class Storage:
    """What one sandbox keeps. `write` and `forget` are for one thread, one after the other."""

    def __init__(self, data_file: Path) -> None:
        self.files = ContentFiles(data_file)
        self._bodies: dict[str, set[str]] = {}  # of each account, those that are in its directory

    def restore(self, account: str, service: str) -> Heading | None:
        """Give moto what was kept; None where nothing was, or moto has something of it already.

        Raises:
            Unreadable: it is of another version, or damaged. It stays where it is until the account's next change.
        """
        try:
            whole = self.files.snapshot(account, service).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unreadable(f"It cannot be read ({error.strerror})") from error
        heading, content = split_snapshot(whole, account, service)
        found, bodies = read(content, account)
        give_bodies(bodies, lambda digest: self.files.read_body(account, digest))
        return heading if put_back(account, service, found) else None

    def write(self, account: str, service: str, *, samples: bool) -> int:
        """Write what moto has, and say how often it had been changed then.

        Raises:
            Unwritable: moto has something that no snapshot can hold.
            OSError: such as a full disk. What was kept before is still there.
        """
        if service != "s3":
            count, content = taken(account, service, lambda _: None)
            self.files.write_snapshot(account, service, snapshot_bytes(account, service, content, samples=samples))
            return count
        stored = self._bodies.setdefault(account, self.files.bodies(account))
        # One after the other, so that others are answered meanwhile and only one of them is in memory twice.
        for made in objects_in_s3(account):
            self._store(account, made, stored)
        late: dict[str, bytes] = {}
        named: set[str] = set()

        def body_of(made: Any) -> Body:
            body = _body(made)
            if body is None or len(body) <= _INLINE:
                return body
            digest = _digest(made, body)
            named.add(digest)
            if digest not in stored:
                late[digest] = body
            return digest

        count, content = taken(account, service, body_of)
        self.files.write_bodies(account, late.items())
        stored |= late.keys()
        self.files.write_snapshot(account, service, snapshot_bytes(account, service, content, samples=samples))
        self.files.delete_bodies(account, stored - named)
        stored &= named
        return count

    def _store(self, account: str, made: Any, stored: set[str]) -> None:
        if vars(made).get(_DIGEST) in stored or made.size <= _INLINE:
            return
        with moto_lock:
            body = _body(made)
        if body is not None:
            digest = _digest(made, body)
            if digest not in stored:
                self.files.write_bodies(account, [(digest, body)])
                stored.add(digest)

    def has(self, account: str, service: str) -> bool:
        """Whether something is kept, readable or not."""
        return self.files.snapshot(account, service).exists()

    def holds_anything(self, account: str) -> bool:
        """Whether anything is kept of the account, readable or not."""
        return any(self.files.snapshot(account, service).exists() for service in KEPT)

    def files_of(self, account: str) -> dict[str, Path]:
        """The name in an archive of each file that is good for this version -> where it is."""
        found = {}
        for service in KEPT:
            place = self.files.snapshot(account, service)
            with suppress(FileNotFoundError, Unreadable):
                split_snapshot(place.read_bytes(), account, service)
                found[place.name] = place
        if "s3.snapshot" in found:
            found |= {f"bodies/{digest}": self.files.body(account, digest) for digest in self.files.bodies(account)}
        return found

    def forget(self, account: str) -> None:
        """Delete all that is kept of an account."""
        self._bodies.pop(account, None)
        self.files.delete(account)


def give_bodies(bodies: list[tuple[Any, Body]], read_body: Callable[[str], bytes]) -> None:
    """Put their contents into objects that were read.

    Raises:
        Unreadable: one is missing, or is not as long as is known of it.
    """
    from tempfile import SpooledTemporaryFile
    from threading import Lock

    for made, body in bodies:
        content = read_body(body) if isinstance(body, str) else body
        made.lock = Lock()
        made._value_buffer = SpooledTemporaryFile(max_size=_buffer_size())  # noqa: SIM115 (moto closes it)
        if content is None:
            made.dispose()
            continue
        if type(content) is not bytes or len(content) != made.__dict__.get("contentsize"):
            raise Unreadable("The content of an object is not as long as it was")
        made._value_buffer.write(content)
        if isinstance(body, str):
            setattr(made, _DIGEST, body)


def _buffer_size() -> int:
    from moto.settings import get_s3_default_key_buffer_size

    return int(get_s3_default_key_buffer_size())


def _body(made: Any) -> bytes | None:
    """The content of an object; None where it was replaced or deleted. To be called while moto's lock is held."""
    return None if made.disposed else bytes(made.value)


def _digest(made: Any, body: bytes) -> str:
    known = vars(made).get(_DIGEST)
    if known is None:
        known = sha256(body).hexdigest()
        setattr(made, _DIGEST, known)
    return str(known)
