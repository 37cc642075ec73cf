"""`POST /_sandbox/backup`: everything that the sandbox has, of one moment, while it serves.

It is copied into a directory that is a DATA_DIR for another sandbox: same accounts, same keys of the installation, so
that session tokens and administrators' secrets are good there too. Whoever asks has made the directory beside the
sandbox's file, and takes it away: without access to this machine's disk nothing can be written to it.
"""

import re
import sqlite3
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import Any

from sandbox.aws.snapshots.snapshots import Snapshots
from sandbox.aws.snapshots.storage import SnapshotStorage
from sandbox.controls.accounts import require_home
from sandbox.core.errors import AwsError
from sandbox.core.instance import Instance
from sandbox.core.store import copy_store

_NAME = re.compile(r"\.backup-[0-9a-f]{16}")


async def take_backup(instance: Instance, account: str, params: dict[str, Any]) -> dict[str, Any]:
    """Copy everything into `directory`, and say in `notKept`, as sentences, what could not be copied.

    Raises:
        AwsError: AccessDeniedException for other accounts than home; ValidationException where there is no such
            directory, or something is in it; ServiceUnavailableException where the disk takes no more.
    """
    require_home(instance, account)
    directory = _directory(instance, params)
    snapshots, path = instance.part(Snapshots), instance.store.path
    numbers = {instance.accounts.home, *(one.number for one in instance.accounts.made())}
    await snapshots.keep_all()
    try:
        async with AsyncExitStack() as turns:
            # Nobody makes, resets or removes an account meanwhile: of each, rows and content are of one life.
            for number in sorted(numbers):
                await turns.enter_async_context(instance.accounts.turn(number))
            left_out = await snapshots.copied(lambda storage: copy_all(storage, path, directory))
    except (OSError, sqlite3.Error) as error:
        raise AwsError("ServiceUnavailableException", f"The copy could not be written: {error}.", 503) from None
    not_kept = {use: reason.rstrip(".") for use, reason in (left_out | snapshots.problems()).items()}
    return {
        "accounts": len(numbers),
        "notKept": [f"{use[1]} of account {use[0]}: {reason}." for use, reason in not_kept.items()],
    }


def copy_all(
    storage: SnapshotStorage, path: Path, directory: Path, source: sqlite3.Connection | None = None
) -> dict[tuple[str, str], str]:
    """Copy the sandbox's file at `path`, and what accounts have in S3, DynamoDB and Systems Manager. Blocks.

    Args:
        source: a connection to the file, where there is one.

    Returns:
        (account, service) -> why what is kept of it was left out.

    Raises:
        OSError, sqlite3.Error: such as a full disk.
    """
    to = directory / path.name
    # The content first: rows of later say no more than that samples were given, and those come again.
    left_out = storage.copy_to(to)
    if source is not None:
        copy_store(source, to)
        return left_out
    with closing(sqlite3.connect(path, isolation_level=None)) as own:
        copy_store(own, to)
    return left_out


def _directory(instance: Instance, params: dict[str, Any]) -> Path:
    name = params.get("directory")
    if not isinstance(name, str) or not _NAME.fullmatch(name) or len(params) > 1:
        raise AwsError("ValidationException", "'directory' must be .backup- and sixteen hexadecimal digits.")
    found = instance.store.path.with_name(name)
    if found.is_symlink() or not found.is_dir() or any(found.iterdir()):
        raise AwsError("ValidationException", "There is no such empty directory beside this sandbox's file.")
    return found
