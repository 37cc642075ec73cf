"""What a backup holds, put where nothing is: the data directory, and the rows of PostgreSQL's database.

Nothing is there before all of it is known to be whole. What was there is refused, or put aside where the caller says
so, and never deleted.
"""

import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError
from django.db.migrations.loader import MigrationLoader

from cognitodemo import class_settings, secret_key
from cognitodemo.backups import archive, postgres, rows, serving
from cognitodemo.backups.archive import Manifest, UnusableBackup
from cognitodemo.backups.taking import CARRIED, SECRET, proof_of, reason_of

_TAKE_OUT = "Take it out of .env or the environment."
_ASIDE = "before-restore-"
_SAME = "The backup was made with {name} set to another value than here. Set the one that you have kept."


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and sentences about what is otherwise than it was."""

    manifest: Manifest
    told: list[str]


def look(path: Path) -> Manifest:
    """Read all of a backup, and pass where it is whole and this version knows what is in it. Nothing is changed.

    Raises:
        CommandError
    """
    try:
        with archive.opened(path) as found:
            _require_known(found.manifest)
            found.check()
            return found.manifest
    except UnusableBackup as reason:
        raise CommandError(str(reason)) from None
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {reason_of(error)}.") from None


def restore(path: Path, address: str = "", *, content: bool = True, replace: bool = False) -> Restored:
    """Make the data directory of a backup, and write into `.env` what it depends on.

    Nothing that was there is touched but `.env`, of which a copy is kept.

    Args:
        address: of this machine, as for `class_settings.wanted_settings`; without one, nothing is set for it.
        content: whether to take over what accounts have in S3, DynamoDB and Systems Manager.
        replace: whether what is there may be put aside.

    Raises:
        CommandError
    """
    target = Path(settings.DATA_DIR)
    was_there = target.is_dir()
    try:
        with archive.opened(path) as found:
            _require_known(found.manifest)
            carried = _carried(found)
            _require_room(target, found, carried, replace=replace)
            target.mkdir(mode=0o700, parents=True, exist_ok=True)
            with serving.alone(target):
                _require_nobody(target)
                told = _unpack_beside(found, target, content=content)
            told += _also_told(found.manifest)
            manifest = found.manifest
    except (UnusableBackup, postgres.NoTool, serving.Busy) as reason:
        raise CommandError(f"{reason} Nothing was changed.") from None
    except (OSError, DatabaseError) as error:
        raise CommandError(f"{path} could not be restored: {reason_of(error)}. Nothing was changed.") from None
    finally:
        if not was_there:
            _remove_where_empty(target)
    try:
        return Restored(manifest, [*_write_settings(address, carried), *told])
    except OSError as error:
        raise CommandError(
            f"{target} is there, but {settings.ENV_FILE} could not be written: {reason_of(error)}. Move {target} away "
            "and restore again when it can."
        ) from None


def _unpack_beside(found: archive.Backup, target: Path, *, content: bool) -> list[str]:
    """Unpack beside what is there, look at all of it, and only then put it where it counts."""
    for left in target.glob(".restoring-*"):
        shutil.rmtree(left, ignore_errors=True)  # by a restore that was killed
    staging = target / f".restoring-{secrets.token_hex(8)}"
    now = f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
    try:
        found.unpack(staging, content=content)
        _require_whole(staging, found)
        dump = staging / archive.DUMP
        aside = f"{postgres.ASIDE}{now.replace('-', '_')}" if rows.is_there() else ""
        manifest = found.manifest
        has_dump = dump.exists()
        with rows.put_back(dump, manifest.engine_version, manifest.rows, aside) if has_dump else nullcontext():
            dump.unlink(missing_ok=True)
            put_aside = _put_in_place(staging, target, target / f"{_ASIDE}{now}")
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    told = [f"What was in {target} is kept in {put_aside}."] if put_aside else []
    if has_dump and aside:
        told.append(
            f"The tables that were in the database are kept in its schema {aside}; DROP SCHEMA … CASCADE ends it."
        )
    return told


def _require_known(manifest: Manifest) -> None:
    """Pass where every migration of the rows is known here; those that they have not are made at the start.

    Raises:
        UnusableBackup
    """
    if newer := sorted(set(manifest.migrations) - _known()):
        raise UnusableBackup(
            f"The backup was made by a newer version of the lab (it has {newer[0]}). Install that version here."
        )
    if manifest.engine not in archive.ROWS:
        raise UnusableBackup(
            "The backup was made by a newer version of the lab, with a database that this one does not know."
        )


def _known() -> set[str]:
    return {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}


def _carried(found: archive.Backup) -> dict[str, str]:
    chosen = found.manifest.proofs.keys()
    try:
        values = json.loads(found.read(archive.SETTINGS))
        carried = {name: str(values[name]) for name in CARRIED if name not in chosen}
    except (ValueError, KeyError, TypeError):
        raise UnusableBackup("The backup is damaged: its settings cannot be read.") from None
    if not all(value.isprintable() for value in carried.values()):
        raise UnusableBackup("The backup is damaged: its settings cannot be read.")
    return carried


def _require_room(target: Path, found: archive.Backup, carried: dict[str, str], *, replace: bool) -> None:
    """Pass where the directory and the rows can be made, and no setting of somebody's own contradicts them.

    Raises:
        UnusableBackup
    """
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise UnusableBackup(
            f"{target} is not a directory. Move it away, or set DATA_DIR to one that is not there yet."
        )
    if not replace and {entry.name for entry in _there(target)} - {archive.SECRET_KEY}:
        raise UnusableBackup(
            f"{target} is in use: it holds another installation, or this one since an earlier restore. Move it away "
            f"(mv {target} {target}-before), set DATA_DIR to a directory that is not there yet, or say --replace, "
            "which puts aside what is there."
        )
    _require_database(target, found.manifest, replace=replace)
    _require_key(target, found, replace=replace)
    fixed = class_settings.own_names(Path(settings.ENV_FILE)) | set(settings.SET_OUTSIDE)
    for name, value in carried.items():
        if name in fixed and getattr(settings, name) != value:
            raise UnusableBackup(f"{name} is set here, and the backup brings its own. {_TAKE_OUT}")


def _require_database(target: Path, manifest: Manifest, *, replace: bool) -> None:
    if manifest.engine == archive.POSTGRESQL:
        if rows.engine() != archive.POSTGRESQL:
            raise UnusableBackup("The backup's rows are of PostgreSQL. Set DATABASE_URL to a database of PostgreSQL.")
        postgres.require("pg_restore", max(manifest.engine_version, postgres.server_version()))
        if rows.is_there() and not replace:
            raise UnusableBackup(
                "The database of DATABASE_URL has tables. Restore into an empty one (createdb), or say --replace, "
                "which puts them aside in a schema of their own."
            )
    elif rows.engine() != archive.SQLITE or Path(settings.DATABASES["default"]["NAME"]) != target / archive.APP:
        raise UnusableBackup(f"DATABASE_URL is set, and a backup of SQLite goes into DATA_DIR. {_TAKE_OUT}")


def _require_key(target: Path, found: archive.Backup, *, replace: bool) -> None:
    for name in found.manifest.proofs:
        if proof_of(name, getattr(settings, name), settings.SECRET_KEY) != found.manifest.proofs[name]:
            raise UnusableBackup(_SAME.format(name="SECRET_KEY" if "SECRET_KEY" in found.manifest.proofs else name))
    if not found.holds(archive.SECRET_KEY):
        return
    own = target / archive.SECRET_KEY
    allowed = {found.read(archive.SECRET_KEY).decode().strip(), own.read_text().strip() if own.is_file() else ""}
    if settings.SECRET_KEY not in allowed:
        raise UnusableBackup(f"SECRET_KEY is set here, and the backup brings its own. {_TAKE_OUT}")


def _require_nobody(target: Path) -> None:
    """Pass where no sandbox has the directory, and nobody is at the database of PostgreSQL.

    Raises:
        UnusableBackup
    """
    if (target / archive.SANDBOX).is_file():
        try:
            call_command("sandbox_backup", "idle", stdout=StringIO())
        except CommandError as reason:
            raise UnusableBackup(str(reason)) from None
    if rows.engine() == archive.POSTGRESQL and (others := rows.others_at_the_database()):
        raise UnusableBackup(
            f"Others are at the database: {others} connection{'s' if others > 1 else ''} to it are open. Stop the web "
            "server, and whatever else uses it, first."
        )


def _require_whole(staging: Path, found: archive.Backup) -> None:
    """Pass where this version can go on with both files and the content.

    Raises:
        UnusableBackup
    """
    file = staging / archive.APP
    if file.exists() and (problem := rows.damage_of(file)):
        raise UnusableBackup(f"The application's rows are damaged: {problem}.")
    if not found.holds(archive.SANDBOX):
        return
    try:
        call_command("sandbox_backup", "check", staging, stdout=StringIO())
    except CommandError as reason:
        hint = " Install the version of the lab that made the backup." if "version" in str(reason) else ""
        if "moto" in str(reason):
            hint += " Or restore without them, with --without-content: accounts have their samples then."
        raise UnusableBackup(f"{reason}{hint}") from None


def _there(target: Path) -> list[Path]:
    """What of an installation is in the directory: not `.env`, where that is in it, nor what an earlier restore put
    aside."""
    if not target.is_dir():
        return []
    found = [entry for entry in target.iterdir() if not entry.name.startswith((_ASIDE, "."))]
    return sorted(entry for entry in found if entry.absolute() != Path(settings.ENV_FILE).absolute())


def _put_in_place(staging: Path, target: Path, aside: Path) -> Path | None:
    """Move the new files to their places; says where those are now that were there.

    Only names change here, within one file system, and where one of them does not, all go back.
    """
    lone = target / archive.SECRET_KEY
    if lone in secret_key.MADE:
        lone.unlink(missing_ok=True)  # made by this process, to no purpose: it is not to serve
    with _moves() as move:
        before = _there(target)
        if before:
            aside.mkdir(mode=0o700)
        for entry in before:
            move(entry, aside / entry.name)
        for entry in sorted(staging.iterdir()):
            move(entry, target / entry.name)
    return aside if before else None


class _Moves:
    def __init__(self) -> None:
        self._done: list[tuple[Path, Path]] = []

    def __call__(self, entry: Path, to: Path) -> None:
        os.replace(entry, to)
        self._done.append((entry, to))

    def back(self) -> None:
        for entry, to in reversed(self._done):
            with suppress(OSError):
                os.replace(to, entry)


@contextmanager
def _moves() -> Iterator[_Moves]:
    moves = _Moves()
    try:
        yield moves
    except BaseException:
        moves.back()
        raise


def _remove_where_empty(directory: Path) -> None:
    with suppress(OSError):
        if {entry.name for entry in directory.iterdir()} <= {serving.LOCK}:
            shutil.rmtree(directory)


def _write_settings(address: str, carried: dict[str, str]) -> list[str]:
    path = Path(settings.ENV_FILE)
    secret = carried.get(SECRET, settings.SANDBOX_SECRET_ACCESS_KEY)
    wanted = class_settings.wanted_settings(address, settings.WEB_PORT, secret) if address else {}
    others = {name: value for name, value in carried.items() if getattr(settings, name) != value}
    told = []
    if not others and not wanted:
        return []
    if path.is_file():
        copy = next(one for one in _copies_of(path) if not one.exists())
        copy.touch(mode=0o600)
        shutil.copyfile(path, copy)
        told.append(f"{path.name} as it was is kept in {copy}.")
    if wanted.get(SECRET, secret) != secret:
        told.append("The sandbox had a secret that everybody knows, and has a new one: so have all accounts.")
    class_settings.write(path, others | wanted, settings.SET_OUTSIDE)
    return told


def _copies_of(path: Path) -> Iterator[Path]:
    number = 0
    while True:
        yield path.with_name(f"{path.name}.before-restore{f'-{number}' if number else ''}")
        number += 1


def _also_told(manifest: Manifest) -> list[str]:
    told = []
    if manifest.also_set:
        told.append(f"Not in the backup, and set where it was made: {', '.join(manifest.also_set)}.")
    if manifest.left_out:
        told.append("Not in the backup, on purpose: secrets of the hour before it and sessions. People sign in again.")
    if _known() - set(manifest.migrations):
        told.append(
            "It is of an earlier version: manage.py migrate brings it up to date; demo and class do it themselves."
        )
    return told
