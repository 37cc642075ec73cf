"""An account as it was at the start: everything it holds goes, and what is seeded comes back."""

from sandbox.aws.cognito_identity.logins.keys import PublishedKeys
from sandbox.aws.cognito_identity.pools import Pools
from sandbox.aws.iam.providers import forget_providers
from sandbox.aws.iam.roles import forget_roles
from sandbox.aws.moto_state import forget_account
from sandbox.aws.switches.faults import Faults
from sandbox.aws.world import World
from sandbox.seed import seed

# Keys belong to the installation: tokens that are out in the world must not become unreadable. Ids of pools are out
# in the world too, and stay with the account.
_KEPT = {"installation_key", "idp_key", "identity_pool_owner"}


async def reset_account(world: World, account: str) -> None:
    """Remove every row of the account, its share of moto's memory, its faults and its clock; seed it again when it is
    the sandbox's own and seeding is on."""
    connection = world.store.connection
    tables = [row["name"] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    with world.store.transaction():
        for table in tables:
            columns = {row["name"] for row in connection.execute(f"PRAGMA table_info({table})")}
            if "account" in columns and table not in _KEPT:
                connection.execute(f"DELETE FROM {table} WHERE account = ?", (account,))  # noqa: S608 (our own names)
    world.clock.reset(account)
    world.part(Faults).clear(account)
    world.part(Pools).forget()
    world.part(PublishedKeys).forget()
    forget_roles(world.store)
    forget_providers(world.store)
    forget_account(account)
    if world.config.seed and account == world.config.account_id:
        await seed(world)
