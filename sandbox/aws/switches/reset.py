"""An account as it was at the start: everything it holds goes, and what is seeded comes back."""

import asyncio

from sandbox.aws.cognito_identity.logins.keys import PublishedKeys
from sandbox.aws.cognito_identity.pools import Pools
from sandbox.aws.dispatch import requests_of
from sandbox.aws.iam.providers import forget_providers
from sandbox.aws.iam.roles import forget_roles
from sandbox.aws.moto_state import forget_account
from sandbox.aws.switches.faults import Faults
from sandbox.core.instance import World
from sandbox.seed import seed_account
from sandbox.seed.samples import Samples

# Keys belong to the installation: tokens that are out in the world must not become unreadable. Ids of pools are out
# in the world too, and stay with the account. So does the account's epoch, which ends what was signed before.
_KEPT = {"installation_key", "idp_key", "identity_pool_owner", "account"}


async def reset_account(world: World, account: str) -> None:
    """Empty the account, end its keys and sessions, and seed it again where it was seeded."""
    async with world.accounts.turn(account):
        world.accounts.raise_epoch(account)
        await empty_account(world, account)
        home = account == world.config.account_id
        if world.config.seed if home else world.accounts.find(account).seeded is not None:
            await seed_account(world, account)


async def empty_account(world: World, account: str) -> None:
    """Remove every row of the account, its share of moto's memory, its faults, its clock and what is remembered of its
    requests."""
    with world.store.transaction() as connection:
        for table in _tables(world):
            connection.execute(f"DELETE FROM {table} WHERE account = ?", (account,))  # noqa: S608 (our own names)
    world.clock.reset(account)
    world.part(Faults).clear(account)
    world.part(Pools).forget()
    world.part(PublishedKeys).forget()
    requests_of(world).forget(account)
    forget_roles(world.store)
    forget_providers(world.store)
    samples = world.part(Samples)
    await samples.settle(account)
    await asyncio.get_running_loop().run_in_executor(world.threads, forget_account, account)
    samples.forget(account)


def holds_anything(world: World, account: str) -> bool:
    """Whether the account has rows, made by whoever signed with its number before."""
    return any(
        world.store.connection.execute(f"SELECT 1 FROM {table} WHERE account = ? LIMIT 1", (account,)).fetchone()  # noqa: S608
        for table in _tables(world)
    )


def _tables(world: World) -> list[str]:
    connection = world.store.connection
    names = [row["name"] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return [name for name in names if name not in _KEPT and _has_account(world, name)]


def _has_account(world: World, table: str) -> bool:
    columns = world.store.connection.execute(f"PRAGMA table_info({table})")
    return any(column["name"] == "account" for column in columns)
