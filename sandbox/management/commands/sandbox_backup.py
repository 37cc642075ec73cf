"""`python manage.py sandbox_backup take DIRECTORY` and `check DIRECTORY`: all that the sandbox has, as a DATA_DIR; and
`idle`: whether anybody has it open."""

import json
import secrets
import shutil
import sqlite3
import time
from argparse import ArgumentParser
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sandbox.aws.snapshots.backends import KEPT
from sandbox.aws.snapshots.files import ContentFiles, split_snapshot
from sandbox.aws.snapshots.graph import OtherVersion, UnreadableSnapshot
from sandbox.aws.snapshots.storage import SnapshotStorage
from sandbox.controls.backup import copy_all
from sandbox.core.config import SandboxConfig
from sandbox.core.migrations import SCHEMA_VERSION
from sandbox.management.asking import asked
from sandbox.management.commands.sandbox import config_from_settings

_LEFT_BEHIND = 3600  # seconds after which a copy under way is nobody's any more


class Command(BaseCommand):
    help = (
        "Copy everything that the sandbox has, while it runs or not, into a new directory, which is a DATA_DIR for "
        "another; or look through such a directory before it is used."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        take = actions.add_parser("take", help="copy everything, private keys too, into a new directory")
        take.add_argument("directory", type=Path, help="is made, readable for you only")
        check = actions.add_parser("check", help="say whether this version can go on with a copy")
        check.add_argument("directory", type=Path)
        actions.add_parser("idle", help="say whether nothing has the sandbox's file open")

    def handle(self, *args: Any, **options: Any) -> None:
        config = config_from_settings()
        if options["action"] == "check":
            check_copy(options["directory"] / config.data_file.name)
            self.stdout.write(f"This version can go on with what is in {options['directory']}.")
            return
        if options["action"] == "idle":
            require_idle(config)
            self.stdout.write(f"Nothing has {config.data_file} open.")
            return
        for sentence in take_copy(config, options["directory"]):
            self.stderr.write(sentence)
        self.stdout.write(f"The sandbox is in {options['directory']}, with its private keys: keep it as one.")


def take_copy(config: SandboxConfig, to: Path) -> list[str]:
    """Copy everything into a directory that is not there yet. Returns what could not be copied, as sentences.

    Raises:
        CommandError
    """
    if not config.data_file.is_file():
        raise CommandError(f"{config.data_file} is not there: no sandbox was started with this DATA_DIR yet.")
    if to.exists() or to.is_symlink():
        raise CommandError(f"{to} exists already.")
    _tidy(config.data_file.parent)
    beside = config.data_file.with_name(f".backup-{secrets.token_hex(8)}")
    try:
        beside.mkdir(mode=0o700)
        not_kept = _copied(config, beside)
        if not (beside / config.data_file.name).is_file():
            raise CommandError("The sandbox that answers has another DATA_DIR than this command.")
        shutil.move(beside, to)
    except (OSError, sqlite3.Error) as error:
        raise CommandError(f"The copy could not be written: {error}.") from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return not_kept


def check_copy(data_file: Path) -> None:
    """Pass where this version can go on with the file and with what lies beside it.

    Raises:
        CommandError: it is damaged, or of another version.
    """
    try:
        with closing(sqlite3.connect(f"{data_file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            schema = int(connection.execute("PRAGMA user_version").fetchone()[0])
            found = connection.execute("PRAGMA quick_check").fetchone()[0]
            keys = connection.execute("SELECT count(*) FROM installation_key").fetchone()[0] if found == "ok" else 0
    except sqlite3.Error as error:
        raise CommandError(f"{data_file.name} is not the file of a sandbox, or is damaged: {error}.") from None
    if schema > SCHEMA_VERSION:
        raise CommandError(
            f"{data_file.name} was written by a later version of the sandbox (its schema is {schema}, this version "
            f"knows those up to {SCHEMA_VERSION})."
        )
    if not keys:
        raise CommandError(f"{data_file.name} is damaged: {found}.")
    _check_content(ContentFiles(data_file))


def require_idle(config: SandboxConfig) -> None:
    """Pass where no process has the sandbox's file open.

    Raises:
        CommandError
    """
    with closing(sqlite3.connect(config.data_file, isolation_level=None, timeout=0.5)) as connection:
        if not _is_only(connection):
            raise CommandError(f"A sandbox has {config.data_file} open. Stop it first.")


def _check_content(files: ContentFiles) -> None:
    for account in files.accounts():
        for service in KEPT:
            place = files.snapshot(account, service)
            try:
                split_snapshot(place.read_bytes(), account, service)
            except FileNotFoundError:
                continue
            except OtherVersion as reason:
                told = "What accounts have in S3, DynamoDB and Systems Manager is good for one version of moto"
                raise CommandError(f"{told}. {reason}.") from None
            except (OSError, UnreadableSnapshot) as reason:
                raise CommandError(f"The {service} of account {account} is damaged: {reason}.") from None


def _copied(config: SandboxConfig, beside: Path) -> list[str]:
    """What could not be copied. A sandbox that runs is asked; of one that does not, nobody starts it meanwhile."""
    with closing(sqlite3.connect(config.data_file, isolation_level=None, timeout=0.5)) as connection:
        if _is_only(connection):
            left_out = copy_all(SnapshotStorage(config.data_file), config.data_file, beside, connection)
            return [f"{use[1]} of account {use[0]}: {reason}." for use, reason in left_out.items()]
    body = json.dumps({"directory": beside.name}).encode()
    return [str(sentence) for sentence in json.loads(asked(config, "POST", "backup", body))["notKept"]]


def _is_only(connection: sqlite3.Connection) -> bool:
    """Whether no other process has the file open, which none can then while the connection is there: a sandbox has it
    open as long as it runs."""
    connection.execute("PRAGMA locking_mode=EXCLUSIVE")
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        # Its lowest byte: others say why it is busy, such as that somebody just recovers the file.
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            return False
        raise
    return True


def _tidy(directory: Path) -> None:
    """Delete what a kill left of earlier copies."""
    for left in directory.glob(".backup-*"):
        with suppress(OSError):
            if left.stat().st_mtime < time.time() - _LEFT_BEHIND:
                shutil.rmtree(left, ignore_errors=True)
