"""`/_sandbox/archive`: an account as one file, and an account made of such a file.

Everything of the account is in it, secrets as well: rows, what it has in S3, DynamoDB and Systems Manager, its issuers'
private keys. The installation's own keys are not, so what they sealed (session tokens, the administrator's secret) is
over where the account is imported; identities, pools, roles, users, objects and their IDs go on.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

from sandbox.aws.moto.bridge import import_moto
from sandbox.aws.snapshots.graph import UnreadableSnapshot
from sandbox.aws.snapshots.snapshots import Snapshots
from sandbox.controls.account_rows import AlreadyHeld, Rows, Unacceptable, checked_rows, insert_rows, read_rows
from sandbox.controls.accounts import require_can_be_made, require_home, require_name, with_key
from sandbox.controls.archive_file import Archive, packed, unpacked
from sandbox.controls.reserved import is_reserved
from sandbox.controls.reset import empty_account, forget_cached
from sandbox.core.errors import AwsError
from sandbox.core.facts import IDENTITY_POOLS
from sandbox.core.instance import Instance
from sandbox.core.signing_keys import require_key
from sandbox.seed import seed_account

log = logging.getLogger(__name__)
T = TypeVar("T")

_SEEDING = "imported"  # what an account is seeded for until it is seeded where it was imported


async def export_archive(instance: Instance, account: str, number: str) -> bytes:
    """The archive of the account `number`, for `account`, whose administrator asks for it.

    Raises:
        AwsError: AccessDeniedException where it is neither the own account nor asked for by the home administrator;
            ValidationException where the account holds more than an archive.
    """
    if number != account:
        require_home(instance, account)
    known = instance.accounts.find(number)
    seeded = known.seeded is not None
    async with instance.accounts.turn(number):
        rows = await _in_thread(instance, _rows_of, instance.store.path, number)

        def pack(files: dict[str, Path]) -> bytes:
            return packed(number, known.name, rows, files, seeded=seeded)

        try:
            return await instance.part(Snapshots).packed(number, pack)
        except (Unacceptable, UnreadableSnapshot) as reason:
            raise AwsError("ValidationException", f"The account cannot be exported. {reason}") from None


async def import_archive(instance: Instance, account: str, data: bytes) -> dict[str, Any]:
    """Make the account that an archive holds: the account, its key, and `notKept`, what could not be taken over.

    Raises:
        AwsError: AccessDeniedException for other accounts than home; ValidationException for what is no whole archive
            of this version, or holds what an account cannot hold; ResourceConflictException where its number or one of
            its IDs is held here; LimitExceededException. Nothing is changed then.
    """
    require_home(instance, account)
    try:
        await _in_thread(instance, import_moto)
        archive = await _in_thread(instance, unpacked, data)
        async with instance.accounts.turn(archive.description.account):
            return await _imported(instance, archive)
    except AlreadyHeld as reason:
        raise AwsError("ResourceConflictException", str(reason), 409) from None
    except Unacceptable as reason:
        raise AwsError("ValidationException", str(reason)) from None


async def _imported(instance: Instance, archive: Archive) -> dict[str, Any]:
    number, snapshots = archive.description.account, instance.part(Snapshots)
    require_name(archive.description.name)
    _require_free(instance, number)
    rows = await _in_thread(instance, _checked, instance.store.path, number, archive.rows, instance.accounts.home)
    prepared = await _in_thread(instance, snapshots.prepare, number, archive.content)
    try:
        _require_free(instance, number)
        # What has neither rows nor content, as faults, may be left of whoever signed with the number before.
        await empty_account(instance, number)
        _require_free(instance, number)
        _insert(instance, archive, rows, prepared)
    except BaseException:
        snapshots.discard(prepared)
        raise
    forget_cached(instance, number)
    not_kept = list(archive.dropped)
    if archive.description.seeded:
        try:
            await seed_account(instance, number)
        except Exception:  # what was imported may be in any state; it is tried again at the next start
            log.exception("Account %s was imported and could not be seeded", number)
            not_kept.append("The account could not be given what is new here; the log says why.")
        not_kept += _left_in_another_region(instance, number)
    return {**with_key(instance, number), "imported": True, "notKept": not_kept}


def _insert(instance: Instance, archive: Archive, rows: Rows, prepared: Path) -> None:
    number = archive.description.account
    try:
        with instance.store.transaction() as connection:
            insert_rows(connection, number, rows)
            instance.accounts.make(number, archive.description.name)
            instance.accounts.set_seeded(number, _SEEDING if archive.description.seeded else None)
            # Last, so that the directory is not there unless the rows are.
            instance.part(Snapshots).take_over(prepared, number)
    except BaseException:
        instance.accounts.reload(number)
        raise


def _left_in_another_region(instance: Instance, number: str) -> list[str]:
    """What to say where the account was seeded for another `AWS_REGION`: its seeded roles went along to this one."""
    lab = instance.config.lab(number)
    rows = instance.store.connection.execute("SELECT pool_id FROM identity_pool WHERE account = ?", (number,))
    regions = {
        region
        for (pool_id,) in rows
        if (region := pool_id.partition(":")[0]) != lab.region
        and pool_id in {pool.pool_id(region, number, lab.home) for pool in IDENTITY_POOLS}
    }
    return [
        f"The seeded pools of {region} are here, and their roles are now for the seeded pools of {lab.region}. "
        f"Start this sandbox with AWS_REGION={region} to have them as they were."
        for region in sorted(regions)
    ]


def _require_free(instance: Instance, number: str) -> None:
    require_can_be_made(instance, number)
    if instance.part(Snapshots).holds_anything(number):
        raise AlreadyHeld(f"Account {number} has something in S3, DynamoDB or Systems Manager here.")


def _rows_of(path: Path, number: str) -> Rows:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN")  # one moment for all tables
        return read_rows(connection, number)


def _checked(path: Path, number: str, rows: Any, home: str) -> Rows:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        found = checked_rows(connection, number, rows, lambda value: is_reserved(value, number, home))
    _require_keys(found)
    return found


def _require_keys(rows: Rows) -> None:
    """Have issuers' keys checked once, here: they are read often, and trusted then.

    Raises:
        Unacceptable
    """
    keys = rows.get("idp_key", {"columns": [], "rows": []})
    for row in keys["rows"]:
        try:
            require_key(dict(zip(keys["columns"], row, strict=True)).get("pem") or b"")
        except (ValueError, TypeError):
            raise Unacceptable("A signing key of the archive cannot be used.") from None


async def _in_thread(instance: Instance, function: Callable[..., T], *args: Any) -> T:
    return await asyncio.get_running_loop().run_in_executor(instance.threads, function, *args)
