"""The one file in which an account travels: a ZIP archive with a description, its rows and its content.

    account.json           what it is, and of which account
    rows.json              the rows of every table (sandbox.controls.account_rows)
    content/s3.snapshot    what it has in S3, DynamoDB and Systems Manager, as in its directory (sandbox.aws.snapshots)
    content/bodies/DIGEST

The file holds the private keys of the account's issuers. Whoever reads one has got it from somewhere: names, sizes and
digests are compared before anything is believed.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from sandbox.aws.snapshots.backends import KEPT
from sandbox.aws.snapshots.bodies import place_of
from sandbox.aws.snapshots.foreign import read_foreign
from sandbox.aws.snapshots.graph import OtherVersion, UnreadableSnapshot
from sandbox.controls.account_rows import Rows, Unacceptable, rows_from_json, rows_to_json
from sandbox.core.limits import LARGEST_ARCHIVE, MB
from sandbox.core.migrations import SCHEMA_VERSION

FORMAT = 1
_LARGEST_UNPACKED = 512 * MB
_LARGEST_ROWS = 64 * MB
_LARGEST_SNAPSHOT = 64 * MB
_MOST_MEMBERS = 200_000
_PRODUCT = "Identity Pools Lab account"
_ACCOUNT, _ROWS, _CONTENT = "account.json", "rows.json", "content/"
_SNAPSHOTS = {f"{_CONTENT}{service}.snapshot": service for service in KEPT}
_BODY = re.compile(rf"{_CONTENT}bodies/([0-9a-f]{{64}})")
_NUMBER = re.compile(r"[0-9]{12}")


@dataclass(frozen=True, slots=True)
class Description:
    """What an archive says of itself; `seeded` is whether the account is to have what accounts have from the start."""

    product: str
    format: int
    schema: int
    account: str
    name: str
    seeded: bool


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that was read.

    Attributes:
        rows: as they stand there: what they may be depends on where they are to go.
        dropped: sentences about content that cannot be taken over, since another moto wrote it.
    """

    description: Description
    rows: Any
    dropped: tuple[str, ...]
    _zip: zipfile.ZipFile
    _names: tuple[str, ...]

    def content(self) -> Iterator[tuple[str, bytes]]:
        """The files of the account's directory, by their names in it.

        Raises:
            Unacceptable: one is not what its name says.
        """
        for name in self._names:
            found = _member(self._zip, name)
            body = _BODY.fullmatch(name)
            if body and sha256(found).hexdigest() != body[1]:
                raise Unacceptable("The content of an object in the archive is damaged.")
            yield name.removeprefix(_CONTENT), found


def packed(account: str, name: str, rows: Rows, files: dict[str, Path], *, seeded: bool) -> bytes:
    """The archive of an account.

    Args:
        files: of its directory, by their names there.

    Raises:
        Unacceptable: it has more than an archive holds.
    """
    text = rows_to_json(rows)
    if len(text) > _LARGEST_ROWS:
        raise Unacceptable(f"The account has more rows than an archive holds ({_LARGEST_ROWS // MB} MB).")
    file = io.BytesIO()
    description = Description(_PRODUCT, FORMAT, SCHEMA_VERSION, account, name, seeded)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(_ACCOUNT, msgspec.json.encode(asdict(description)))
        archive.writestr(_ROWS, text)
        for path_name, path in files.items():
            archive.write(path, f"{_CONTENT}{path_name}")
            if file.tell() > LARGEST_ARCHIVE:
                break
    if file.tell() > LARGEST_ARCHIVE:
        raise Unacceptable(f"The account has more content than an archive holds ({LARGEST_ARCHIVE // MB} MB).")
    return file.getvalue()


def unpacked(data: bytes) -> Archive:
    """What an archive holds, as far as it can be judged without knowing where it is to go.

    Raises:
        Unacceptable
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        _require_members(archive.infolist())
        description = _description(_member(archive, _ACCOUNT))
        rows = rows_from_json(_member(archive, _ROWS))
        return _with_content(archive, description, rows)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OverflowError) as error:
        raise Unacceptable("This is no archive of an account, or not a whole one.") from error


def _require_members(members: list[zipfile.ZipInfo]) -> None:
    names = [member.filename for member in members]
    known = {_ACCOUNT, _ROWS, *_SNAPSHOTS}
    if len(names) > _MOST_MEMBERS or len(set(names)) != len(names):
        raise Unacceptable("The archive has too many members, or two of one name.")
    if not {_ACCOUNT, _ROWS} <= set(names):
        raise Unacceptable("This is no archive of an account.")
    for member in members:
        if member.filename not in known and not _BODY.fullmatch(member.filename):
            raise Unacceptable(f"The archive has a member {member.filename[:80]!r}, which is unknown here.")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or member.flag_bits & 1:
            raise Unacceptable("The archive is packed in a way that is unknown here.")
    largest = {_ROWS: _LARGEST_ROWS, _ACCOUNT: MB, **dict.fromkeys(_SNAPSHOTS, _LARGEST_SNAPSHOT)}
    too_large = [member for member in members if member.file_size > largest.get(member.filename, _LARGEST_UNPACKED)]
    if too_large or sum(member.file_size for member in members) > _LARGEST_UNPACKED:
        raise Unacceptable("The archive has more inside than the sandbox takes.")


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    """A member's bytes: never more than it says, and its checksum is compared."""
    try:
        return archive.read(name)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError, zlib.error) as error:
        raise Unacceptable("The archive is damaged.") from error


def _description(text: bytes) -> Description:
    try:
        found = msgspec.json.decode(text, type=Description)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Unacceptable("What the archive says of itself cannot be read.") from None
    if found.product != _PRODUCT or found.format != FORMAT:
        raise Unacceptable("The archive is of another kind or format than this version reads.")
    if found.schema != SCHEMA_VERSION:
        raise Unacceptable(
            f"The archive was written by another version of the sandbox (its schema is {found.schema}, here it is "
            f"{SCHEMA_VERSION})."
        )
    if not _NUMBER.fullmatch(found.account):
        raise Unacceptable("The archive does not say of which account it is.")
    return found


def _with_content(archive: zipfile.ZipFile, description: Description, rows: Any) -> Archive:
    """The archive with the content that this moto can take over.

    Raises:
        Unacceptable: a snapshot is damaged, or made by hand.
    """
    sizes = {member.filename: member.file_size for member in archive.infolist()}
    kept, dropped, used = [], [], set()
    for name, service in _SNAPSHOTS.items():
        if name not in sizes:
            continue
        try:
            _, objects = read_foreign(_member(archive, name), description.account, service)
        except OtherVersion as other:
            dropped.append(f"What the account had in {service} was dropped: {other}.")
            continue
        except UnreadableSnapshot as reason:
            raise Unacceptable(f"The archive's {service} cannot be taken over: {reason}.") from None
        kept.append(name)
        for size, body in objects:
            if isinstance(body, str):
                used.add(_file_with(body, size, sizes))
    return Archive(description, rows, tuple(dropped), archive, (*kept, *sorted(used)))


def _file_with(body: str, size: int, sizes: Mapping[str, int]) -> str:
    """The name of the member that has an object's content.

    Raises:
        Unacceptable: it is not there, or not as long.
    """
    try:
        place = place_of(body)
    except UnreadableSnapshot as reason:
        raise Unacceptable(f"The archive's s3 cannot be taken over: {reason}.") from None
    name = f"{_CONTENT}bodies/{place.digest}"
    if place.size != size or place.offset + place.size > sizes.get(name, -1):
        raise Unacceptable("The content of an object is not in the archive.")
    return name
