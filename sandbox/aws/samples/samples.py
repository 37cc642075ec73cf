"""What an account has in moto's services when it first uses one in this process: what was kept of it, or its samples.

Putting it there takes a while, and not every account uses it.
"""

import asyncio

from sandbox.aws.moto.bridge import import_moto
from sandbox.aws.moto.changes import times_emptied
from sandbox.aws.moto.patches import MotoPatches
from sandbox.aws.samples.content import put_content
from sandbox.aws.snapshots.backends import KEPT
from sandbox.aws.snapshots.snapshots import Snapshots
from sandbox.core.instance import Instance

# In which regions an account was given its samples. Buckets are in all regions at once, and are given once.
SCHEMA = """
CREATE TABLE IF NOT EXISTS sample_region (
    account TEXT NOT NULL,
    service TEXT NOT NULL,
    region TEXT NOT NULL,
    PRIMARY KEY (account, service, region)
) WITHOUT ROWID;
"""
_Use = tuple[str, str]  # an account's, of a service


class Samples:
    """Which accounts have in this process what they are to begin with."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._put: dict[_Use, asyncio.Task[None]] = {}
        # How often moto's memory of it had been emptied, and whether it was seeded, when it was put there.
        self._state: dict[_Use, tuple[int, bool]] = {}

    async def ensure(self, account: str, service: str) -> None:
        """Return when the account has in this service what was kept of it, or else what it is seeded with. Others are
        answered meanwhile."""
        if service in KEPT:
            await self._put_once((account, service))

    async def _put_once(self, use: _Use) -> None:
        task = self._put.get(use)
        # Another sandbox of this process may have emptied it: moto's memory is common to them all.
        state = (times_emptied(*use), self._has_samples(use[0]))
        if task is None or self._state[use] != state:
            self._state[use] = state
            task = self._put[use] = asyncio.ensure_future(self._fill(*use))
        # Whoever gives up waiting does not end it for the others.
        await asyncio.shield(task)

    def _has_samples(self, account: str) -> bool:
        seeded = self._instance.accounts.find(account).seeded is not None
        return seeded and (self._instance.config.seed or account != self._instance.config.account_id)

    async def wait_for(self, account: str) -> None:
        """Wait for what is being put into the account."""
        await asyncio.gather(*self._uses_of(account).values(), return_exceptions=True)

    def forget(self, account: str) -> None:
        """The account was emptied."""
        for use in self._uses_of(account):
            self._put.pop(use, None)

    def _uses_of(self, account: str) -> dict[_Use, asyncio.Task[None]]:
        return {use: task for use, task in self._put.items() if use[0] == account}

    async def wait_for_all(self) -> None:
        """Wait for what is under way: moto's memory belongs to the process, not to this instance."""
        await asyncio.gather(*self._put.values(), return_exceptions=True)

    async def _fill(self, account: str, service: str) -> None:
        instance = self._instance
        loop = asyncio.get_running_loop()
        snapshots = instance.part(Snapshots)
        try:
            # It takes a second, for which nobody else should have to wait.
            await loop.run_in_executor(instance.threads, import_moto)
            # Before the first bucket: otherwise a second account could not have one of the same name.
            instance.part(MotoPatches)
            kept = await loop.run_in_executor(instance.threads, snapshots.restore, account, service)
            # Samples that were there once are not put again: they may have been changed or deleted.
            given = kept is not None and kept.samples and self._are_here(account, service)
            wanted = self._has_samples(account) and not given
            if wanted:
                region = instance.config.region
                await loop.run_in_executor(instance.threads, put_content, region, account, service)
                row = (account, service, region)
                instance.store.connection.execute("INSERT OR IGNORE INTO sample_region VALUES (?, ?, ?)", row)
            snapshots.watch(account, service, samples=wanted or bool(kept and kept.samples), added=wanted)
        except BaseException:
            self._put.pop((account, service), None)
            raise

    def _are_here(self, account: str, service: str) -> bool:
        """Whether samples that an account was given are in the sandbox's region, which may have been another one."""
        query = "SELECT region FROM sample_region WHERE account = ? AND service = ?"
        rows = self._instance.store.connection.execute(query, (account, service))
        return service == "s3" or self._instance.config.region in {row["region"] for row in rows}
