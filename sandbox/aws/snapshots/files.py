"""Where snapshots lie: a directory beside the sandbox's file, in it one for each account.

    sandbox.content/111122223333/s3.snapshot    a line that says what it is, a line about it (`Heading`), the bytes
    sandbox.content/111122223333/bodies/DIGEST  contents of objects in S3 (sandbox.aws.snapshots.bodies), by SHA-256

A file is written beside its place, brought to the disk and then renamed, so that at every moment there is a whole one.
All are for their owner only, as is the sandbox's file.
"""

import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import msgspec

from sandbox.aws.snapshots.graph import OtherVersion, UnreadableSnapshot

FORMAT = 1  # of what is written here; another one is not read
_BESIDE = ".new"  # ends the name of what is being written
_MAGIC = b"Identity Pools Lab content\n"
_ACCOUNT = re.compile(r"[0-9]{12}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands at the beginning of a snapshot.

    Attributes:
        moto: the version of moto whose objects these are.
        samples: whether the samples had been put before; where they have not, a seeded account gets them.
        digest: SHA-256 of the bytes that follow.
    """

    format: int
    moto: str
    account: str
    service: str
    samples: bool
    digest: str


def moto_version() -> str:
    """The version of moto that is installed."""
    return version("moto")


def snapshot_bytes(account: str, service: str, content: bytes, *, samples: bool) -> bytes:
    """A whole snapshot: heading and content."""
    heading = Heading(FORMAT, moto_version(), account, service, samples, sha256(content).hexdigest())
    return b"".join([_MAGIC, msgspec.json.encode(asdict(heading)), b"\n", content])


def split_snapshot(whole: bytes, account: str, service: str) -> tuple[Heading, bytes]:
    """Heading and content of a snapshot.

    Raises:
        UnreadableSnapshot: it is no whole one of this account and service, or of another version.
    """
    heading_, newline, content = whole.removeprefix(_MAGIC).partition(b"\n")
    if not whole.startswith(_MAGIC) or not newline:
        raise UnreadableSnapshot("It is no snapshot")
    try:
        heading = msgspec.json.decode(heading_, type=Heading)
    except msgspec.DecodeError:
        raise UnreadableSnapshot("Its heading cannot be read") from None
    if heading.format != FORMAT:
        raise OtherVersion(f"It has format {heading.format}, and this version reads format {FORMAT}")
    if heading.moto != moto_version():
        raise OtherVersion(f"It was written with moto {heading.moto[:40]}, and this is moto {moto_version()}")
    if (heading.account, heading.service) != (account, service):
        raise UnreadableSnapshot("It is that of another account or service")
    if sha256(content).hexdigest() != heading.digest:
        raise UnreadableSnapshot("It is incomplete or damaged")
    return heading, content


class ContentFiles:
    """The files of one sandbox. Whoever writes is one thread at a time for an account."""

    def __init__(self, data_file: Path) -> None:
        self.root = data_file.with_name(f"{data_file.stem}.content")

    def of(self, account: str) -> Path:
        """The directory of an account, which may not be there."""
        if not _ACCOUNT.fullmatch(account):
            raise ValueError("An account is twelve digits.")
        return self.root / account

    def accounts(self) -> list[str]:
        """Of whom there is a directory."""
        found = self.root.iterdir() if self.root.is_dir() else ()
        return sorted(directory.name for directory in found if _ACCOUNT.fullmatch(directory.name))

    def snapshot(self, account: str, service: str) -> Path:
        """The place of a snapshot, which may not be there."""
        return self.of(account) / f"{service}.snapshot"

    def read_body(self, account: str, digest: str) -> bytes:
        """The bytes of one of the files with contents.

        Raises:
            UnreadableSnapshot: it is not there, or is another.
        """
        try:
            body = self.body(account, digest).read_bytes()
        except (OSError, ValueError):
            raise UnreadableSnapshot("The content of an object is missing") from None
        if sha256(body).hexdigest() != digest:
            raise UnreadableSnapshot("The content of an object is incomplete or damaged")
        return body

    def body(self, account: str, digest: str) -> Path:
        """The place of a file with contents, which may not be there.

        Raises:
            ValueError: this is no digest.
        """
        if not _DIGEST.fullmatch(digest):
            raise ValueError("A digest is 64 hexadecimal digits.")
        return self.of(account) / "bodies" / digest

    def bodies(self, account: str) -> dict[str, int]:
        """The digests of all that are there, and their sizes. What a kill left half written is deleted."""
        directory = self.of(account) / "bodies"
        if not directory.is_dir():
            return {}
        for path in directory.glob(f".*{_BESIDE}"):
            path.unlink(missing_ok=True)
        return {path.name: path.stat().st_size for path in directory.iterdir() if _DIGEST.fullmatch(path.name)}

    def write_bodies(self, account: str, bodies: Iterable[tuple[str, bytes]]) -> None:
        """Write files with contents, by their digests.

        Raises:
            OSError: such as a full disk; nothing is half there.
        """
        _write_all((self.body(account, digest), body) for digest, body in bodies)

    def write_snapshot(self, account: str, service: str, whole: bytes) -> None:
        """Put a snapshot in the place of the one before.

        Raises:
            OSError: as `write_bodies`.
        """
        _write_all([(self.snapshot(account, service), whole)])

    def delete_bodies(self, account: str, digests: Iterable[str]) -> None:
        for digest in digests:
            self.body(account, digest).unlink(missing_ok=True)

    def link(self, account: str, files: Mapping[str, Path]) -> None:
        """Have files of another directory here too, by the names that they are given in the account's.

        Where the disk allows it they are second names of the same bytes, which nobody ever writes again.

        Raises:
            OSError: such as a full disk.
        """
        for name, path in files.items():
            place = self.of(account) / name
            _make(place.parent)
            try:
                os.link(path, place)
            except OSError:
                shutil.copyfile(path, place)
                place.chmod(0o600)

    def prepare(self, account: str, files: Iterable[tuple[str, bytes]]) -> Path:
        """Write an account's files, by their names in an archive, beside the place where they are to be.

        Raises:
            OSError: as `write_bodies`; nothing stays.
        """
        beside = self.root / f".{account}{_BESIDE}"
        shutil.rmtree(beside, ignore_errors=True)
        try:
            _write_all((beside / name, content) for name, content in files)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
        return beside

    def take_over(self, prepared: Path, account: str) -> None:
        """Put what was prepared in its place, where nothing is."""
        if prepared.exists():
            prepared.rename(self.of(account))

    def tidy(self) -> None:
        """Delete what a kill left of an import."""
        if self.root.is_dir():
            for beside in self.root.glob(f".*{_BESIDE}"):
                shutil.rmtree(beside, ignore_errors=True)

    def delete(self, account: str) -> None:
        """Remove all that is kept of an account."""
        shutil.rmtree(self.of(account), ignore_errors=True)


def _write_all(files: Iterable[tuple[Path, bytes]]) -> None:
    """Write files so that each is there whole or as it was."""
    begun: list[tuple[Path, Path]] = []
    try:
        for place, content in files:
            _make(place.parent)
            beside = place.with_name(f".{place.name}{_BESIDE}")
            begun.append((beside, place))
            with _opened(beside) as descriptor:
                _write(descriptor, content)
                os.fsync(descriptor)
        for beside, place in begun:
            beside.replace(place)
        for directory in {place.parent for _, place in begun}:
            _names_to_disk(directory)
    except BaseException:
        for beside, _ in begun:
            beside.unlink(missing_ok=True)
        raise


def _make(directory: Path) -> None:
    """Make a directory and those above it; the mode of `mkdir` would be for the last one only."""
    if not directory.exists():
        _make(directory.parent)
        directory.mkdir(mode=0o700, exist_ok=True)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _write(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _names_to_disk(directory: Path) -> None:
    """That a file was renamed is on the disk when its directory is; Windows has no such thing."""
    if os.name != "posix":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
