"""Content of moto's services, put there when an account first uses one: it is gone after every restart.

Putting it there takes a while, and not every account uses it.
"""

import asyncio

from sandbox.aws.moto.bridge import import_moto
from sandbox.aws.moto.patches import MotoPatches
from sandbox.aws.moto.state import times_emptied
from sandbox.aws.samples.content import put_content
from sandbox.core.instance import Instance

_SERVICES = {"s3", "dynamodb", "ssm"}


class Samples:
    """Which accounts have their samples in this process."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._put: dict[str, asyncio.Task[None]] = {}
        self._emptied: dict[str, int] = {}  # how often moto's memory of it had been, when they were put there

    async def ensure(self, account: str, service: str) -> None:
        """Return when the account has what it is seeded with in this service. Others are answered meanwhile."""
        if service in _SERVICES and self._has_samples(account):
            await self._put_once(account)

    async def _put_once(self, account: str) -> None:
        task = self._put.get(account)
        if task is None or self._emptied[account] != times_emptied(account):
            # Another sandbox of this process may have emptied it: moto's memory is common to them all.
            self._emptied[account] = times_emptied(account)
            task = self._put[account] = asyncio.ensure_future(self._fill(account))
        # Whoever gives up waiting does not end it for the others.
        await asyncio.shield(task)

    def _has_samples(self, account: str) -> bool:
        seeded = self._instance.accounts.find(account).seeded is not None
        return seeded and (self._instance.config.seed or account != self._instance.config.account_id)

    async def wait_for(self, account: str) -> None:
        """Wait for what is being put into the account."""
        if (task := self._put.get(account)) is not None:
            await asyncio.gather(task, return_exceptions=True)

    def forget(self, account: str) -> None:
        """The account was emptied."""
        self._put.pop(account, None)

    async def wait_for_all(self) -> None:
        """Wait for what is under way: moto's memory belongs to the process, not to this instance."""
        await asyncio.gather(*self._put.values(), return_exceptions=True)

    async def _fill(self, account: str) -> None:
        instance = self._instance
        loop = asyncio.get_running_loop()
        try:
            # It takes a second, for which nobody else should have to wait.
            await loop.run_in_executor(instance.threads, import_moto)
            # Before the first bucket: otherwise a second account could not have one of the same name.
            instance.part(MotoPatches)
            await loop.run_in_executor(instance.threads, put_content, instance.config.region, account)
        except BaseException:
            self._put.pop(account, None)
            raise
