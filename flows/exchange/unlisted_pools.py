"""Identity pools that somebody made in their own account, beside those that the application knows by a key.

Their key is the second half of their ID. They are found by asking the account.
"""

import re

from botocore.exceptions import BotoCoreError, ClientError

from accounts.owners import Owner
from flows.exchange import clients, own_accounts, sandbox_requests
from flows.exchange.own_accounts import OwnAccount
from flows.exchange.pools import Pool, pool_for

_KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MOST = 60


def pool_anywhere(owner: Owner, key: str) -> Pool:
    """The pool of that key, listed or not.

    Raises:
        UnknownPool: there is none that this person may use.
    """
    if _KEY.fullmatch(key):
        for account in own_accounts.accounts_of(owner):
            for pool in unlisted_pools(owner, account):
                if pool.key == key:
                    return pool
    return pool_for(owner, key)


def unlisted_pools(owner: Owner, account: OwnAccount) -> list[Pool]:
    """The pools of an own account, in its region, that are not among those known; empty where they cannot be read."""
    known = {pool.pool_id for pool in account.pools}
    try:
        credentials = own_accounts.administrator_of(owner, account.account_id)
        client = clients.client_for("cognito-identity", account.region, credentials, account.account_id)
        found = client.list_identity_pools(MaxResults=_MOST)["IdentityPools"]
    except (ClientError, BotoCoreError, own_accounts.NotYours, sandbox_requests.NotDone):
        return []
    return [_pool(account, one) for one in found if one["IdentityPoolId"] not in known]


def _pool(account: OwnAccount, listed: dict[str, str]) -> Pool:
    pool_id = listed["IdentityPoolId"]
    return Pool(
        key=pool_id.partition(":")[2],
        pool_id=pool_id,
        label=listed["IdentityPoolName"],
        description="Made in this account, by CLI, SDK or a call of yours.",
        region=account.region,
        account_id=account.account_id,
        whose=account.label,
    )
