"""The settings of a web application whose people choose from the pools of several accounts.

`POOLS_OF_ACCOUNTS` in the environment: keys of pools and numbers of accounts, such as `one=111122223333,two=...`.
"""

import os

from cognitodemo.settings import *  # noqa: F403
from cognitodemo.settings import AWS_REGION, IDENTITY_POOLS, SANDBOX_ACCOUNT_ID
from sandbox.core.facts import AUTHENTICATED_ROLE, GUEST_ROLE, identity_pool_id, role_arn

_lab = IDENTITY_POOLS[0]
IDENTITY_POOLS = [
    {
        **_lab,
        "key": key,
        "label": f"Pool of {key}",
        "pool_id": identity_pool_id(AWS_REGION, number, SANDBOX_ACCOUNT_ID, 1),
        "account_id": number,
        "guest_role_arn": role_arn(number, GUEST_ROLE),
        "authenticated_role_arn": role_arn(number, AUTHENTICATED_ROLE),
    }
    for key, number in (each.split("=") for each in os.environ["POOLS_OF_ACCOUNTS"].split(","))
]
