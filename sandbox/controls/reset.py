"""An account as it was at the start: everything it holds goes, and what is seeded comes back."""

from sandbox.aws.cognito_identity.logins.keys import PublishedKeys
from sandbox.aws.cognito_identity.records.pools import Pools
from sandbox.aws.endpoint.call_log import CallLog
from sandbox.aws.endpoint.faults import Faults
from sandbox.aws.endpoint.request_log import RequestLog
from sandbox.aws.iam.providers import forget_providers
from sandbox.aws.iam.roles import forget_roles
from sandbox.aws.samples.samples import Samples
from sandbox.aws.snapshots.snapshots import Snapshots
from sandbox.core.instance import Instance
from sandbox.core.store import tables_with
from sandbox.seed import seed_account

# Keys stay with the account: tokens that are out in the world must not become unreadable, nor metadata void. Ids of
# pools are out in the world too, and stay with the account. So does its epoch, which ends what was signed before.
_KEPT = {"installation_key", "idp_key", "identity_pool_owner", "account"}


async def reset_account(instance: Instance, account: str) -> None:
    """Empty the account, end its keys and sessions, and seed it again where it was seeded."""
    async with instance.accounts.turn(account):
        instance.accounts.raise_epoch(account)
        await empty_account(instance, account)
        home = account == instance.config.account_id
        if instance.config.seed if home else instance.accounts.find(account).seeded is not None:
            await seed_account(instance, account)


async def empty_account(instance: Instance, account: str) -> None:
    """Remove every row of the account, what it has in S3, DynamoDB and Systems Manager, its faults, its clock and what
    is remembered of its requests."""
    with instance.store.transaction() as connection:
        for table in _tables(instance):
            connection.execute(f"DELETE FROM {table} WHERE account = ?", (account,))  # noqa: S608 (our own names)
    instance.part(Faults).clear(account)
    instance.part(RequestLog).forget(account)
    instance.part(CallLog).forget(account)
    forget_cached(instance, account)
    samples = instance.part(Samples)
    await samples.wait_for(account)
    await instance.part(Snapshots).forget(account)
    samples.forget(account)


def forget_cached(instance: Instance, account: str) -> None:
    """Forget what is remembered of rows that were changed by other ways than their services'."""
    instance.clock.reload(account)
    instance.forget_endpoints(account)
    instance.part(Pools).forget()
    instance.part(PublishedKeys).forget()
    forget_roles(instance.store)
    forget_providers(instance.store)


def forget_keys(instance: Instance, account: str) -> None:
    """Nothing that the account's stand-ins signed is good any more: whoever gets its number next is somebody else."""
    instance.store.connection.execute("DELETE FROM idp_key WHERE account = ?", (account,))


def holds_anything(instance: Instance, account: str) -> bool:
    """Whether the account has rows, made by whoever signed with its number before."""
    return any(
        instance.store.connection.execute(f"SELECT 1 FROM {table} WHERE account = ? LIMIT 1", (account,)).fetchone()  # noqa: S608
        for table in _tables(instance)
    )


def _tables(instance: Instance) -> list[str]:
    return [name for name in tables_with(instance.store.connection, "account") if name not in _KEPT]
