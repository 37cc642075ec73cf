"""Snapshots: what an account has in S3, DynamoDB and Systems Manager is in a file within a second of its last change.

A change is noticed after each request that may write (sandbox.aws.moto.changes); the snapshot is then written by a
thread of its own, one after the other. While moto's objects become bytes nothing else can change them: other calls to
moto wait, and the event loop does not. Contents of more than a kilobyte in S3 are in files of their own, written once.
"""

import asyncio
import logging
import shutil
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TypeVar

from sandbox.aws.moto.bridge import moto_lock
from sandbox.aws.moto.changes import (
    add_listener,
    changes_of,
    count_change,
    hold,
    release,
    remove_listener,
    set_filled,
)
from sandbox.aws.moto.state import forget_account, forget_service
from sandbox.aws.snapshots.files import Heading
from sandbox.aws.snapshots.graph import UnreadableSnapshot, Unwritable
from sandbox.aws.snapshots.storage import SnapshotStorage
from sandbox.core.instance import Instance

log = logging.getLogger(__name__)
T = TypeVar("T")

Use = tuple[str, str]  # an account's, of a service

_SOONEST = 0.2  # seconds from a change to its snapshot, so that what comes together is written together
_AGAIN = 5.0  # seconds after one that failed


@dataclass(slots=True)
class _Watched:
    """What one account has in one service, as this instance keeps it.

    Attributes:
        samples: whether it has its samples.
        written: how often it had been changed when it was last written or read.
        seconds: how long the last writing took.
        due: whether a writing is ahead.
        failed: whether the last one failed, and is to be tried again without a further change.
    """

    samples: bool
    written: int = 0
    seconds: float = 0.0
    due: bool = False
    failed: bool = False


class Snapshots:
    """What one instance keeps of the accounts that use it. Belongs to the event loop but for `restore`."""

    def __init__(self, instance: Instance) -> None:
        self._storage = SnapshotStorage(instance.config.data_file)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sandbox-content")
        self._loop = asyncio.get_running_loop()
        self._watched: dict[Use, _Watched] = {}
        self._lost: dict[Use, str] = {}  # what could not be taken over: told until the sandbox or the account ends
        self._problems: dict[Use, str] = {}  # what could not be written: told until it could
        self._unread: set[Use] = set()  # what is kept of them is of no use, and stays until they change
        self._tasks: set[asyncio.Task[None]] = set()
        add_listener(self._heard)

    def restore(self, account: str, service: str) -> Heading | None:
        """Give moto what was kept, if anything was and moto has nothing of it yet. Blocks; for a thread."""
        try:
            return self._storage.restore(account, service)
        except UnreadableSnapshot as reason:
            self._unread.add((account, service))
            sentence = f"What was kept could not be taken over, and is forgotten: {reason}."
            self._tell(self._lost, (account, service), sentence)
            return None

    def watch(self, account: str, service: str, *, samples: bool, added: bool) -> None:
        """Keep what is changed from now on: the account has in the service what it begins with.

        Args:
            samples: whether it has its samples, or what became of them.
            added: whether they were put there now.
        """
        watched = self._watched.get((account, service))
        if watched is None:
            hold(account, service)
            watched = self._watched[account, service] = _Watched(samples)
        if changes_of(account, service) < watched.written:
            watched.written = 0  # it was emptied
        with moto_lock:
            set_filled(account, service)
            is_kept = self._storage.has(account, service) and (account, service) not in self._unread
            if added and (is_kept or changes_of(account, service)):
                count_change(account, service)  # what is kept does not have them
        watched.samples = watched.samples or samples
        self._plan(account, service)

    def _heard(self, account: str, service: str) -> None:
        """Something may have changed. Called in whichever thread asked moto."""
        watched = self._watched.get((account, service))
        if watched is not None and not watched.due:
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._plan, account, service)

    def _plan(self, account: str, service: str) -> None:
        watched = self._watched.get((account, service))
        if watched is None or watched.due or watched.written == changes_of(account, service):
            return
        watched.due = True
        # What takes long to write is written less often, so that moto is free at least half of the time.
        delay = _AGAIN if watched.failed else max(_SOONEST, watched.seconds)
        self._loop.call_later(delay, self._begin, account, service)

    def _begin(self, account: str, service: str) -> None:
        if (account, service) in self._watched:
            task = asyncio.ensure_future(self._write_one(account, service))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _write_one(self, account: str, service: str) -> None:
        await self._in_thread(self._write, account, service)
        self._plan(account, service)

    def _write(self, account: str, service: str) -> None:
        """Write the snapshot if anything has changed. The sandbox goes on when that fails; `problems` tells it."""
        watched = self._watched.get((account, service))
        if watched is None:
            return
        watched.due = False  # what changes from here on needs another one
        count = changes_of(account, service)
        if watched.written == count:
            return
        began = monotonic()
        watched.failed = False
        try:
            watched.written = self._storage.write(account, service, samples=watched.samples)
        except Unwritable as reason:
            watched.written = count  # it stays so until something changes
            self._tell(self._problems, (account, service), f"What changed is not kept: {reason}.")
        except OSError as error:
            watched.failed = True
            self._tell(self._problems, (account, service), f"What changed could not be written: {error.strerror}.")
        except Exception as error:  # moto's objects can be in any state
            watched.written = count
            log.warning("A snapshot failed", exc_info=True)
            self._tell(self._problems, (account, service), f"What changed is not kept: {type(error).__name__}.")
        else:
            self._problems.pop((account, service), None)
            self._unread.discard((account, service))
        watched.seconds = monotonic() - began

    def _tell(self, told: dict[Use, str], use: Use, sentence: str) -> None:
        if told.get(use) != sentence:
            log.warning("%s of account %s: %s", use[1], use[0], sentence)
        told[use] = sentence

    def problems(self) -> dict[Use, str]:
        """What could not be kept, or taken over, and why: sentences."""
        return self._lost | self._problems

    def _changed(self, account: str) -> list[Use]:
        """Those that have to be written, of one account or of every one."""
        return [
            use
            for use, watched in list(self._watched.items())
            if account in ("", use[0]) and watched.written != changes_of(*use)
        ]

    def holds_anything(self, account: str) -> bool:
        """Whether the account has put anything into one of the services."""
        return bool(self._changed(account)) or self._storage.holds_anything(account)

    async def packed(self, account: str, pack: Callable[[dict[str, Path]], T]) -> T:
        """What `pack` makes of the account's files, whose names in an archive it is given. No file changes meanwhile.

        Raises:
            UnreadableSnapshot: what the account has could not be written.
        """
        return await self._in_thread(self._packed, account, pack)

    def _packed(self, account: str, pack: Callable[[dict[str, Path]], T]) -> T:
        for use in [use for use in self._watched if use[0] == account]:
            self._write(*use)
            if use in self._problems:
                raise UnreadableSnapshot(self._problems[use])
        return pack(self._storage.files_of(account))

    async def keep_all(self) -> None:
        """Write now what is to be written of every account. What cannot be written, `problems` tells."""
        for use in self._changed(""):
            await self._in_thread(self._write, *use)

    async def copied(self, copy: Callable[[SnapshotStorage], T]) -> T:
        """What `copy` makes of all that is kept, with everything that was changed until now. No file changes
        meanwhile."""
        await self.keep_all()
        return await self._in_thread(copy, self._storage)

    def prepare(self, account: str, files: Callable[[], Iterable[tuple[str, bytes]]]) -> Path:
        """Write the files of an account, by their names in an archive, beside their place. Blocks; for a thread.

        Raises:
            OSError: such as a full disk; nothing stays.
        """
        return self._storage.files.prepare(account, files())

    def take_over(self, prepared: Path, account: str) -> None:
        """Put what was prepared in its place, where nothing is."""
        self._storage.files.take_over(prepared, account)

    def discard(self, prepared: Path) -> None:
        """Delete what was prepared."""
        shutil.rmtree(prepared, ignore_errors=True)

    async def forget(self, account: str) -> None:
        """Drop all that moto holds of an account and all that is kept of it."""
        for use in [use for use in self._watched if use[0] == account]:
            del self._watched[use]
            release(*use)
        await self._in_thread(self._forget, account)
        for told in (self._lost, self._problems):
            for use in [use for use in told if use[0] == account]:
                del told[use]
                self._unread.discard(use)

    def _forget(self, account: str) -> None:
        forget_account(account)
        self._storage.forget(account)

    async def close(self) -> None:
        """Write what is to be written, and drop from moto's memory what no other sandbox of the process serves."""
        await self.keep_all()
        remove_listener(self._heard)
        await self._in_thread(self._leave)
        await asyncio.gather(*self._tasks)
        self._thread.shutdown()

    def _leave(self) -> None:
        for use in list(self._watched):
            del self._watched[use]
            if release(*use):
                forget_service(*use)

    async def _in_thread(self, function: Callable[..., T], *args: object) -> T:
        return await self._loop.run_in_executor(self._thread, function, *args)
