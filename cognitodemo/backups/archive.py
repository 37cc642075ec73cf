"""The one file that a backup is: a ZIP archive with a data directory and what says of it that it is whole.

    manifest.json         what it is, when, by which version and of which classes it was made, and size and SHA-256 of
                          every other member
    app.sqlite3           the application's rows, or
    app.dump              the same in PostgreSQL's custom format
    sandbox.sqlite3       the sandbox's, with its keys, where there is a sandbox
    sandbox.content/...   what accounts have in S3, DynamoDB and Systems Manager
    secret_key            what codes are made of, where the lab made it and nobody chose one
    demo-accounts         the trainer's sign-in, where there is one
    settings.json         settings on which the above depends, among them the secret of the sandbox's administrator
                          where nobody chose it

Whoever has the file has all that; it is encrypted no more than the data directory is. Whoever restores one has got it
from somewhere: names, sizes and digests are compared before anything is put where it counts.
"""

import os
import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

FORMAT = 2  # 1 had no PostgreSQL, always a key and a sandbox, and no counts
PRODUCT = "Identity Pools Lab backup"
MANIFEST, APP, DUMP, SANDBOX, SECRET_KEY, SETTINGS = (
    "manifest.json", "app.sqlite3", "app.dump", "sandbox.sqlite3", "secret_key", "settings.json",
)  # fmt: skip
ACCOUNTS = "demo-accounts"
CONTENT = "sandbox.content"
SQLITE, POSTGRESQL = "sqlite", "postgresql"
ROWS = {SQLITE: APP, POSTGRESQL: DUMP}  # the kind of the database -> the member with its rows
_NAMES = {APP, DUMP, SANDBOX, SECRET_KEY, SETTINGS, ACCOUNTS}
_OF_CONTENT = re.compile(rf"{re.escape(CONTENT)}/[0-9]{{12}}/(?:[a-z0-9]{{1,16}}\.snapshot|bodies/[0-9a-f]{{64}})")
_LARGEST_MANIFEST = 64 * 1024 * 1024
_CHUNK = 1024 * 1024


class UnusableBackup(Exception):
    """The file cannot be restored. Its text is meant for people."""


class ArchivedFile(Struct, frozen=True):
    """One file in the archive; `size` in bytes."""

    size: Annotated[int, Meta(ge=0)]
    sha256: str


class ClassIn(Struct, frozen=True):
    """A class that is in the backup."""

    name: str
    public_id: str
    open: bool
    seats: int
    people: int


class ManifestHead(Struct, frozen=True):
    """What every version of the manifest says."""

    product: str
    format: int


class Manifest(ManifestHead, frozen=True, kw_only=True):
    """What a backup says of itself.

    Attributes:
        migrations: those that the application's rows have, as `training.0001_classes`.
        also_set: names of settings of `.env` that are not in the backup.
        version: of the lab that made it.
        engine: SQLITE or POSTGRESQL, of whose major version `engine_version` is.
        sandbox_schema: of the sandbox's file; None where there is none.
        rows: each of the application's tables -> how many rows of it are in the backup.
        left_out: tables whose rows are not.
        proofs: the name of each setting that is not in it, and that has to be the same -> what `proof_of` said of it.
    """

    made: datetime
    classes: list[ClassIn]
    migrations: list[str]
    also_set: list[str]
    files: dict[str, ArchivedFile]
    version: str = ""
    engine: str = SQLITE
    engine_version: int = 0
    sandbox_schema: int | None = None
    rows: dict[str, int] = {}
    left_out: list[str] = []
    proofs: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was opened: what it says of itself fits together."""

    manifest: Manifest
    _zip: zipfile.ZipFile

    def read(self, name: str) -> bytes:
        """The bytes of a small member.

        Raises:
            UnusableBackup: it is damaged.
        """
        return b"".join(self._chunks(name))

    def holds(self, name: str) -> bool:
        """Whether there is a member of that name."""
        return name in self.manifest.files

    def check(self) -> None:
        """Read all of it, and pass where every byte is what it was.

        Raises:
            UnusableBackup: it is damaged.
        """
        for name in self.manifest.files:
            for _ in self._chunks(name):
                pass

    def unpack(self, to: Path, *, content: bool = True) -> None:
        """Write all files into a new directory, but for the settings. Without `content`, not what accounts have in S3,
        DynamoDB and Systems Manager.

        Raises:
            UnusableBackup: a file is damaged, or more than the disk has room for.
            OSError: such as a full disk.
        """
        names = [name for name in self.manifest.files if name != SETTINGS]
        if not content:
            names = [name for name in names if not name.startswith(CONTENT)]
        size = sum(self.manifest.files[name].size for name in names)
        if size > shutil.disk_usage(to.parent).free:
            raise UnusableBackup(f"There is no room for it: it needs {size // 1_000_000 + 1} MB.")
        to.mkdir(mode=0o700)
        for name in names:
            place = to / name
            _make(place.parent)
            with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                for chunk in self._chunks(name):
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())

    def _chunks(self, name: str) -> Iterator[bytes]:
        """A member's bytes, never more than the manifest says."""
        expected, digest, size = self.manifest.files[name], sha256(), 0
        try:
            with self._zip.open(name) as member:
                while chunk := member.read(_CHUNK):
                    size += len(chunk)
                    if size > expected.size:
                        break
                    digest.update(chunk)
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
            raise UnusableBackup(f"The file is damaged: {name} cannot be read.") from error
        if size != expected.size or digest.hexdigest() != expected.sha256:
            raise UnusableBackup(f"The file is damaged: {name} is not what it was.")


@contextmanager
def opened(path: Path) -> Iterator[Backup]:
    """A backup, as long as the block runs.

    Raises:
        UnusableBackup: it is not a whole one, or one of a newer version.
        OSError: it cannot be read.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError) as error:
        raise UnusableBackup(f"{path} is not a backup, or not a whole one.") from error
    with archive:
        yield Backup(_manifest(path, archive), archive)


def write(path: Path, manifest: Manifest, files: Mapping[str, Path], texts: Mapping[str, bytes]) -> int:
    """Write a backup, for its owner only; returns its size in bytes. What was there under that name is replaced, by a
    whole file or not at all.

    Args:
        manifest: without its files.
        files: the name of each member -> where it lies.
        texts: the name of each further member -> its bytes.

    Raises:
        OSError: such as a full disk; nothing stays.
    """
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.unlink(missing_ok=True)  # what a kill left of an earlier one
        with os.fdopen(os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            members = {}
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                for name, text in texts.items():
                    archive.writestr(name, text)
                    members[name] = ArchivedFile(len(text), sha256(text).hexdigest())
                for name, place in files.items():
                    members[name] = _add(archive, name, place)
                whole = msgspec.structs.replace(manifest, files=members)
                archive.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(whole), indent=1))
            size = file.seek(0, os.SEEK_END)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return size


def _make(directory: Path) -> None:
    """Make a directory and those above it; the mode of `mkdir` would be for the last one only."""
    if not directory.exists():
        _make(directory.parent)
        directory.mkdir(mode=0o700)


def _add(archive: zipfile.ZipFile, name: str, place: Path) -> ArchivedFile:
    digest, size = sha256(), 0
    info = zipfile.ZipInfo.from_file(place, name)
    info.compress_type = zipfile.ZIP_DEFLATED
    with place.open("rb") as source, archive.open(info, "w", force_zip64=True) as target:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            digest.update(chunk)
            target.write(chunk)
    return ArchivedFile(size, digest.hexdigest())


def _manifest(path: Path, archive: zipfile.ZipFile) -> Manifest:
    """What the archive says of itself, when that is what it holds.

    Raises:
        UnusableBackup
    """
    try:
        if archive.getinfo(MANIFEST).file_size > _LARGEST_MANIFEST:
            raise UnusableBackup(f"{path} is not a backup: its manifest is too large.")
        text = archive.read(MANIFEST)
        kind = msgspec.json.decode(text, type=ManifestHead)
    except KeyError:
        raise UnusableBackup(f"{path} is a ZIP archive, and not a backup of this lab.") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise UnusableBackup(f"{path} is damaged: its manifest cannot be read.") from error
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise UnusableBackup(f"{path} is a ZIP archive, and not a backup of this lab.") from None
    if kind.product != PRODUCT:
        raise UnusableBackup(f"{path} is a ZIP archive, and not a backup of this lab.")
    if kind.format > FORMAT:
        raise UnusableBackup(
            f"{path} was made by a newer version of the lab (its format is {kind.format}, this version reads "
            f"{FORMAT}). Install that version here."
        )
    try:
        found = msgspec.json.decode(text, type=Manifest)
    except msgspec.DecodeError:
        raise UnusableBackup(f"{path} is damaged: its manifest cannot be read.") from None
    names = [name for name in archive.namelist() if name != MANIFEST]
    if len(set(names)) < len(names) or set(names) != found.files.keys() or not set(names) >= _needed(found):
        raise UnusableBackup(f"{path} is damaged: it does not hold what its manifest names.")
    if strange := [name for name in names if name not in _NAMES and not _OF_CONTENT.fullmatch(name)]:
        raise UnusableBackup(f"{path} has a member {strange[0][:80]!r}, which is none of a backup's.")
    return found


def _needed(manifest: Manifest) -> set[str]:
    """The members without which a backup is none."""
    if manifest.format == 1:
        return {APP, SANDBOX, SECRET_KEY, SETTINGS}
    return {ROWS.get(manifest.engine, ""), SETTINGS}
