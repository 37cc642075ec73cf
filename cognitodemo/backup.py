"""A class as one file, taken while it runs, and a data directory made of such a file on another machine.

What is copied is the whole data directory, of one moment: the application's rows by SQLite's online backup, and then
the sandbox's with what accounts have in it, by the sandbox itself (docs/sandbox.md, "A copy of all of it"). In that
order, because the sandbox never knows less then than the application's rows say.
"""

import json
import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db.migrations.loader import MigrationLoader

from cognitodemo import backup_file, class_settings, secret_key
from cognitodemo.backup_file import ClassIn, Manifest, Unusable
from training.models import CohortState, Role

# What the rows and the accounts depend on, beside SECRET_KEY: the secret and the number of the sandbox's administrator,
# and the region of the seeded pools.
CARRIED = ("SANDBOX_SECRET_ACCESS_KEY", "SANDBOX_ACCESS_KEY_ID", "SANDBOX_ACCOUNT_ID", "AWS_REGION")
_SQLITE = "django.db.backends.sqlite3"
_TAKE_OUT = "Take it out of .env or the environment."
_KEPT_KEY = "secret_key.before"  # of a directory in which there was nothing else


@dataclass(frozen=True, slots=True)
class Taken:
    """A backup that was written: its size in bytes, the classes in it, and sentences about what could not be copied."""

    size: int
    classes: list[ClassIn]
    not_kept: list[str]


def take(path: Path) -> Taken:
    """Write a backup of the data directory while web server and sandbox serve, or while they do not.

    A backup of that name is replaced; nothing else is.

    Raises:
        CommandError
    """
    app = _app_file()
    if not app.is_file():
        raise CommandError(f"{settings.DATA_DIR} holds no class yet.")
    _require_replaceable(path)
    try:
        with _beside() as directory:
            copy = directory / backup_file.APP
            _copy_rows(app, copy)
            heard = StringIO()
            place = directory / "sandbox"
            call_command("sandbox_backup", "take", place, stdout=StringIO(), stderr=heard, no_color=True)
            files = {str(file.relative_to(place)): file for file in sorted(place.rglob("*")) if file.is_file()}
            files[backup_file.APP] = copy
            kept = settings.DATA_DIR / backup_file.ACCOUNTS
            if kept.is_file():
                files[backup_file.ACCOUNTS] = kept
            texts = {
                backup_file.SECRET_KEY: settings.SECRET_KEY.encode(),
                backup_file.SETTINGS: json.dumps({name: getattr(settings, name) for name in CARRIED}).encode(),
            }
            manifest = _manifest(copy)
            size = backup_file.write(path, manifest, files, texts)
    except (OSError, sqlite3.Error) as error:
        raise CommandError(f"The backup could not be written: {_reason(error)}.") from None
    return Taken(size, manifest.classes, heard.getvalue().splitlines())


def restore(path: Path, address: str, *, content: bool = True) -> list[str]:
    """Make the data directory of a backup, and write into `.env` what it depends on, for this machine.

    Nothing is there before all of it is known to be whole, and nothing that was there is touched but `.env`, of which a
    copy is kept.

    Args:
        address: of this machine, as for `class_settings.wanted_settings`.
        content: whether to take over what accounts have in S3, DynamoDB and Systems Manager.

    Returns:
        Sentences about what is otherwise than it was.

    Raises:
        CommandError
    """
    target = Path(settings.DATA_DIR)
    try:
        with backup_file.opened(path) as found:
            _require_known(found.manifest)
            carried = _carried(found)
            _require_room(target, found.read(backup_file.SECRET_KEY).decode(), carried)
            for left in target.parent.glob(f".{target.name}.restoring-*"):
                shutil.rmtree(left, ignore_errors=True)  # by a restore that was killed
            staging = target.with_name(f".{target.name}.restoring-{secrets.token_hex(8)}")
            try:
                found.unpack(staging, content=content)
                _require_whole(staging)
                _put_in_place(staging, target)
            finally:
                shutil.rmtree(staging, ignore_errors=True)
            also = _also_set(found.manifest)
    except Unusable as reason:
        raise CommandError(f"{reason} Nothing was changed.") from None
    except OSError as error:
        raise CommandError(f"{path} could not be restored: {_reason(error)}. Nothing was changed.") from None
    try:
        return [*_write_settings(address, carried), *also]
    except OSError as error:
        told = f"{target} is there, but {settings.ENV_FILE} could not be written: {_reason(error)}."
        raise CommandError(f"{told} Move {target} away and restore again when it can.") from None


def _app_file() -> Path:
    """The application's own file.

    Raises:
        CommandError: its rows are elsewhere.
    """
    database = settings.DATABASES["default"]
    if database["ENGINE"] != _SQLITE:
        raise CommandError(
            "The application's rows are in PostgreSQL, of which this makes no backup: pg_dump does, and "
            "`manage.py sandbox_backup take` copies the sandbox (docs/training.md, “A backup”)."
        )
    return Path(database["NAME"])


def _require_replaceable(path: Path) -> None:
    if not path.exists():
        if not path.parent.is_dir():
            raise CommandError(f"There is no directory {path.parent}.")
        return
    try:
        with backup_file.opened(path):
            return
    except (Unusable, OSError):
        raise CommandError(f"{path} is there already, and is not a backup. Choose another name.") from None


@contextmanager
def _beside() -> Iterator[Path]:
    """A directory in the data directory, as long as the block runs. The sandbox's command deletes what a kill leaves of
    it."""
    directory = Path(settings.DATA_DIR) / f".backup-{secrets.token_hex(8)}"
    directory.mkdir(mode=0o700)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _copy_rows(source: Path, to: Path) -> None:
    """As of one moment, whoever writes meanwhile."""
    os.close(os.open(to, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    with closing(sqlite3.connect(source, timeout=30)) as rows, closing(sqlite3.connect(to)) as copy:
        rows.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")


def _manifest(copy: Path) -> Manifest:
    """What is said of the backup. The classes are those of the copy, not those of a moment later."""
    with closing(sqlite3.connect(copy)) as rows:
        migrations = [f"{app}.{name}" for app, name in rows.execute("SELECT app, name FROM django_migrations")]
        found = rows.execute(
            "SELECT name, public_id, state, seats, (SELECT count(*) FROM training_membership member"
            " WHERE member.cohort_id = cohort.id AND member.role = ?)"
            " FROM training_cohort cohort WHERE state != ? ORDER BY created_at DESC, id DESC",
            (Role.LEARNER, CohortState.ARCHIVED),
        )
        classes = [
            ClassIn(name, public_id, state == CohortState.OPEN, seats, people)
            for name, public_id, state, seats, people in found
        ]
    of_address = class_settings.wanted_settings("127.0.0.1", 8000, "").keys()
    also = class_settings.own_names(Path(settings.ENV_FILE)) - of_address - {*CARRIED, "SECRET_KEY", "DATA_DIR"}
    return Manifest(
        product=backup_file.PRODUCT,
        format=backup_file.FORMAT,
        made=datetime.now(UTC),
        classes=classes,
        migrations=sorted(migrations),
        also_set=sorted(also),
        files={},
    )


def _require_known(manifest: Manifest) -> None:
    """Pass where every migration of the rows is known here; those that they have not are made at the start.

    Raises:
        Unusable
    """
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if newer := sorted(set(manifest.migrations) - known):
        raise Unusable(
            f"The backup was made by a newer version of the lab (it has {newer[0]}). Install that version here."
        )


def _carried(found: backup_file.Backup) -> dict[str, str]:
    try:
        values = json.loads(found.read(backup_file.SETTINGS))
        carried = {name: str(values[name]) for name in CARRIED}
    except (ValueError, KeyError, TypeError):
        raise Unusable("The backup is damaged: its settings cannot be read.") from None
    if not all(value.isprintable() for value in carried.values()):
        raise Unusable("The backup is damaged: its settings cannot be read.")
    return carried


def _require_room(target: Path, brought_key: str, carried: dict[str, str]) -> None:
    """Pass where the directory can be made, and no setting of somebody's own contradicts it.

    Raises:
        Unusable
    """
    held = {entry.name for entry in target.iterdir()} if target.is_dir() else set()
    if target.is_symlink() or held - {backup_file.SECRET_KEY} or (target.exists() and not target.is_dir()):
        raise Unusable(
            f"{target} is in use: it holds another installation, or this class since an earlier restore. Move it away "
            f"(mv {target} {target}-before), or set DATA_DIR in .env to a directory that is not there yet."
        )
    database = settings.DATABASES["default"]
    if database["ENGINE"] != _SQLITE or Path(database["NAME"]) != target / backup_file.APP:
        raise Unusable(f"DATABASE_URL is set, and a backup goes into DATA_DIR. {_TAKE_OUT}")
    own_key = (target / backup_file.SECRET_KEY).read_text().strip() if held else ""
    if settings.SECRET_KEY not in (own_key, brought_key):
        raise Unusable(f"SECRET_KEY is set here, and the backup brings its own. {_TAKE_OUT}")
    fixed = class_settings.own_names(Path(settings.ENV_FILE)) | set(settings.SET_OUTSIDE)
    for name, value in carried.items():
        if name in fixed and getattr(settings, name) != value:
            raise Unusable(f"{name} is set here, and the backup brings its own. {_TAKE_OUT}")


def _require_whole(staging: Path) -> None:
    """Pass where this version can go on with both files and the content.

    Raises:
        Unusable
    """
    rows = staging / backup_file.APP
    try:
        with closing(sqlite3.connect(f"{rows.absolute().as_uri()}?mode=ro", uri=True)) as found:
            problem = found.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.Error as error:
        problem = str(error)
    if problem != "ok":
        raise Unusable(f"The application's rows are damaged: {problem}.")
    try:
        call_command("sandbox_backup", "check", staging, stdout=StringIO())
    except CommandError as reason:
        hint = " Install the version of the lab that made the backup." if "version" in str(reason) else ""
        if "moto" in str(reason):
            hint += " Or restore without them, with --without-content: accounts have their samples then."
        raise Unusable(f"{reason}{hint}") from None


def _put_in_place(staging: Path, target: Path) -> None:
    """Put the new directory in its place, where nothing is but the key that this installation's start has made."""
    lone = target / backup_file.SECRET_KEY
    if lone in secret_key.MADE:
        lone.unlink(missing_ok=True)  # to no purpose: this process is not to serve
    elif lone.exists():
        lone.replace(staging / _KEPT_KEY)
    try:
        if os.name != "posix" and target.exists():
            target.rmdir()
        # Elsewhere a directory is renamed to an empty one only, whatever came there meanwhile.
        staging.rename(target)
    except OSError:
        if (staging / _KEPT_KEY).exists():
            (staging / _KEPT_KEY).replace(lone)
        raise


def _write_settings(address: str, carried: dict[str, str]) -> list[str]:
    path = Path(settings.ENV_FILE)
    told = []
    if path.is_file():
        copy = next(one for one in _copies_of(path) if not one.exists())
        copy.touch(mode=0o600)
        shutil.copyfile(path, copy)
        told.append(f"{path.name} as it was is kept in {copy}.")
    secret = carried["SANDBOX_SECRET_ACCESS_KEY"]
    wanted = class_settings.wanted_settings(address, settings.WEB_PORT, secret)
    if wanted["SANDBOX_SECRET_ACCESS_KEY"] != secret:
        told.append("The sandbox had a secret that everybody knows, and has a new one: so have all accounts.")
    others = {name: value for name, value in carried.items() if getattr(settings, name) != value}
    class_settings.write(path, others | wanted, settings.SET_OUTSIDE)
    return told


def _copies_of(path: Path) -> Iterator[Path]:
    number = 0
    while True:
        yield path.with_name(f"{path.name}.before-restore{f'-{number}' if number else ''}")
        number += 1


def _also_set(manifest: Manifest) -> list[str]:
    if not manifest.also_set:
        return []
    return [f"Not in the backup, and set where it was made: {', '.join(manifest.also_set)}."]


def _reason(error: OSError | sqlite3.Error) -> str:
    return str(getattr(error, "strerror", None) or error)
