"""All that an installation has as one file, taken while it serves.

What is copied is of one moment each: the application's rows by SQLite's online backup or by pg_dump, and then the
sandbox's with what accounts have in it, by the sandbox itself (docs/sandbox.md, "A copy of all of it"). In that order,
because the sandbox never knows less then than the application's rows say.

Not in it is what lives for an hour at most (cognitodemo.backups.rows), and what somebody chose themselves: SECRET_KEY
and the sandbox's secret in `.env` or the environment are theirs to keep, and a backup beside them would be a second
place to lose them from. What the lab made by itself is in it, since without that the rest is worth nothing.
"""

import hmac
import json
import secrets
import shutil
import sqlite3
import tomllib
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError

from cognitodemo import class_settings
from cognitodemo.backups import archive, postgres, rows
from cognitodemo.backups.archive import ClassIn, Manifest, UnusableBackup
from training.services.pinned import names_of_pinned

# What the rows and the accounts depend on, beside SECRET_KEY: the secret and the number of the sandbox's administrator,
# and the region of the seeded pools.
CARRIED = ("SANDBOX_SECRET_ACCESS_KEY", "SANDBOX_ACCESS_KEY_ID", "SANDBOX_ACCOUNT_ID", "AWS_REGION")
SECRET = "SANDBOX_SECRET_ACCESS_KEY"  # noqa: S105 - a name


@dataclass(frozen=True, slots=True)
class WrittenBackup:
    """A backup that was written.

    Attributes:
        size: in bytes.
        not_kept: sentences about what should be in it and is not.
        elsewhere: sentences about sandboxes that are saved where they run, and not with this.
    """

    path: Path
    size: int
    manifest: Manifest
    not_kept: list[str]
    elsewhere: list[str]

    @property
    def classes(self) -> list[ClassIn]:
        return self.manifest.classes


def place_of(where: Path) -> Path:
    """The file that is meant: in a directory, one whose name says when it is made."""
    if where.is_dir():
        return where / f"identity-pools-lab-{datetime.now(UTC):%Y%m%d-%H%M%S}.zip"
    return where


def take(path: Path, *, replace: bool = False, sandbox: bool = True) -> WrittenBackup:
    """Write a backup of this installation while it serves, or while it does not.

    Args:
        replace: whether a backup of that name may be replaced; nothing else ever is.
        sandbox: whether the site's sandbox belongs in it, rather than into a backup of its own.

    Raises:
        CommandError
    """
    if not rows.is_there():
        raise CommandError(f"{settings.DATA_DIR} holds nothing yet: nobody has started the lab with it.")
    _require_free(path, replace=replace)
    try:
        with _beside() as directory:
            copied = rows.copy(directory)
            files, not_kept = _sandbox(directory / "sandbox") if sandbox else ({}, [])
            files[archive.ROWS[copied.engine]] = copied.file
            kept = Path(settings.DATA_DIR) / archive.ACCOUNTS
            if kept.is_file():
                files[archive.ACCOUNTS] = kept
            manifest = _manifest(copied, files.get(archive.SANDBOX))
            size = archive.write(path, manifest, files, _texts())
    except postgres.NoTool as reason:
        raise CommandError(str(reason)) from None
    except (OSError, sqlite3.Error, DatabaseError) as error:
        raise CommandError(f"The backup could not be written: {reason_of(error)}.") from None
    elsewhere = [] if sandbox or settings.APP_MODE != "sandbox" else [_saved_where_it_runs()]
    return WrittenBackup(path, size, manifest, not_kept, elsewhere + not_of_this_machine())


def _saved_where_it_runs() -> str:
    command = (
        f"DATA_DIR=… SANDBOX_PORT={settings.SANDBOX_PORT} .venv/bin/python manage.py sandbox_backup take DIRECTORY"
    )
    return f"the site's sandbox, left out as you asked. With its own DATA_DIR: {command}"


def not_of_this_machine() -> list[str]:
    """A sentence for each sandbox that classes are pinned to, with the command that saves it where it runs: its files
    are out of reach here, and may be on another machine."""
    names = names_of_pinned()
    classes: dict[str, list[str]] = {}
    for public_id, (endpoint, _) in settings.CLASS_SANDBOXES.items():
        if public_id in names:
            classes.setdefault(endpoint, []).append(f"“{names[public_id]}”")
    return [
        f"the sandbox of {' and '.join(called)} at {endpoint}. Where it runs: DATA_DIR=… SANDBOX_PORT="
        f"{urlsplit(endpoint).port or '…'} .venv/bin/python manage.py sandbox_backup take DIRECTORY"
        for endpoint, called in classes.items()
    ]


def left_to_you(taken: WrittenBackup) -> list[str]:
    """Sentences about what is deliberately not in a backup."""
    mine = sorted(taken.manifest.proofs)
    told = ["Deliberately not in it: sealed secrets of the last hour and sessions, so people sign in again."]
    if mine:
        told.append(f"You have chosen {' and '.join(mine)}: keep that with care, a restore asks for the same.")
    if taken.manifest.also_set:
        told.append(f"Set in .env, and yours to keep: {', '.join(taken.manifest.also_set)}.")
    return told


def proof_of(name: str, value: str, key: str) -> str:
    """What tells, with the installation's SECRET_KEY alone, whether a setting has the same value."""
    return hmac.new(key.encode(), f"backup {name} {value}".encode(), "sha256").hexdigest()


def reason_of(error: Exception) -> str:
    return " ".join(str(getattr(error, "strerror", None) or error).split()).rstrip(".")


def _require_free(path: Path, *, replace: bool) -> None:
    if not path.exists():
        if not path.parent.is_dir():
            raise CommandError(f"There is no directory {path.parent}.")
        return
    try:
        with archive.opened(path):
            pass
    except (UnusableBackup, OSError):
        raise CommandError(f"{path} is there already, and is not a backup. Choose another name.") from None
    if not replace:
        raise CommandError(f"{path} is a backup already. Choose another name, or say --replace.")


@contextmanager
def _beside() -> Iterator[Path]:
    """A directory in the data directory, as long as the block runs. The sandbox's command deletes what a kill leaves of
    it."""
    directory = Path(settings.DATA_DIR) / f".backup-{secrets.token_hex(8)}"
    directory.mkdir(mode=0o700, parents=True)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _sandbox(place: Path) -> tuple[dict[str, Path], list[str]]:
    """The sandbox's files by their names in a backup, and sentences about what could not be copied of it."""
    if settings.APP_MODE != "sandbox":
        return {}, []
    if not (Path(settings.DATA_DIR) / archive.SANDBOX).is_file():
        return {}, [
            f"the sandbox: {settings.DATA_DIR} has no {archive.SANDBOX}. Where the server has another DATA_DIR, set it "
            "here, too, and back up again. Where the sandbox has one of its own and is backed up there, say "
            "--without-sandbox. Where neither is so, it is gone: an earlier backup has it."
        ]
    heard = StringIO()
    call_command("sandbox_backup", "take", place, stdout=StringIO(), stderr=heard, no_color=True)
    files = {str(file.relative_to(place)): file for file in sorted(place.rglob("*")) if file.is_file()}
    return files, heard.getvalue().splitlines()


def _names_set_by_hand() -> set[str]:
    """The names that somebody has set themselves, in `.env` or the environment."""
    return class_settings.own_names(Path(settings.ENV_FILE)) | set(settings.SET_OUTSIDE)


def _chosen() -> set[str]:
    """The secrets that somebody chose themselves."""
    chosen = (
        {SECRET} & _names_set_by_hand() if settings.SANDBOX_SECRET_ACCESS_KEY not in class_settings.KNOWN else set()
    )
    with suppress(OSError):
        if (Path(settings.DATA_DIR) / archive.SECRET_KEY).read_text().strip() == settings.SECRET_KEY:
            return chosen
    return chosen | {"SECRET_KEY"}


def _texts() -> dict[str, bytes]:
    chosen = _chosen()
    carried = {name: getattr(settings, name) for name in CARRIED if name not in chosen}
    texts = {archive.SETTINGS: json.dumps(carried).encode()}
    if "SECRET_KEY" not in chosen:
        texts[archive.SECRET_KEY] = settings.SECRET_KEY.encode()
    return texts


def _manifest(copied: rows.Copied, sandbox: Path | None) -> Manifest:
    of_address = class_settings.wanted_settings("127.0.0.1", 8000, "").keys()
    also = class_settings.own_names(Path(settings.ENV_FILE)) - of_address - {*CARRIED, "SECRET_KEY", "DATA_DIR"}
    return Manifest(
        product=archive.PRODUCT,
        format=archive.FORMAT,
        made=datetime.now(UTC),
        classes=copied.classes,
        migrations=copied.migrations,
        also_set=sorted(also),
        files={},
        version=_version(),
        engine=copied.engine,
        engine_version=copied.engine_version,
        sandbox_schema=_schema_of(sandbox) if sandbox else None,
        rows=copied.rows,
        left_out=sorted(rows.LEFT_OUT),
        proofs={name: proof_of(name, getattr(settings, name), settings.SECRET_KEY) for name in sorted(_chosen())},
    )


def _version() -> str:
    """The lab's own version; empty where its files are not beside it."""
    try:
        return str(tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]["version"])
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        return ""


def _schema_of(file: Path) -> int:
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])
