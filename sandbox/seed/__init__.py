"""What a sandbox holds from the start: roles, identity pools, a public bucket, a table of products.

Seeding is repeated at each start, since moto's part is gone after a restart. What people changed stays: a role or pool
that exists is left as it is.
"""

import asyncio
import json
import uuid
from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.caller import Caller
from sandbox.aws.decisions import Decisions
from sandbox.aws.errors import AwsError
from sandbox.aws.world import World
from sandbox.http import Request
from sandbox.seed.content import put_content
from sandbox.seed.pools import POOLS
from sandbox.seed.roles import (
    AUTHENTICATED_ROLE,
    GUEST_ROLE,
    Document,
    authenticated_policy,
    guest_policy,
    trust_policy,
)


async def seed(world: World) -> None:
    """Seed the sandbox's home account. Idempotent; takes about a second, most of it moto's first import."""
    await seed_account(world, world.config.account_id)


async def seed_account(world: World, account: str) -> None:
    """Give one account everything that the exercises expect. Idempotent."""
    region, home = world.config.region, world.config.account_id
    pool_ids = [pool.pool_id(region, account, home) for pool in POOLS]
    await _role(world, account, GUEST_ROLE, trust_policy(pool_ids, "unauthenticated"), guest_policy(region, account))
    await _role(
        world,
        account,
        AUTHENTICATED_ROLE,
        trust_policy(pool_ids, "authenticated"),
        authenticated_policy(region, account),
    )
    for pool, pool_id in zip(POOLS, pool_ids, strict=True):
        await _pool(world, account, pool_id, {"IdentityPoolName": pool.name, **pool.settings})
    await asyncio.get_running_loop().run_in_executor(world.threads, put_content, region, account)


async def _role(world: World, account: str, name: str, trust: Document, policy: Document) -> None:
    created = await _if_new(
        world,
        account,
        "iam",
        "CreateRole",
        {
            "RoleName": name,
            "AssumeRolePolicyDocument": json.dumps(trust),
            "Description": f"{'Guests' if name == GUEST_ROLE else 'Signed-in people'} of the Identity Pools Lab",
        },
        "EntityAlreadyExists",
    )
    if created:
        document = {"RoleName": name, "PolicyName": f"{name}Access", "PolicyDocument": json.dumps(policy)}
        await _operation(world, account, "iam", "PutRolePolicy", document)


async def _pool(world: World, account: str, pool_id: str, settings: dict[str, Any]) -> None:
    try:
        await _operation(world, account, "cognito-identity", "DescribeIdentityPool", {"IdentityPoolId": pool_id})
    except AwsError as missing:
        if missing.code != "ResourceNotFoundException":
            raise
    else:
        return
    tags = {"sandbox:custom-id": pool_id}
    await _operation(world, account, "cognito-identity", "CreateIdentityPool", {**settings, "IdentityPoolTags": tags})
    roles = {
        "unauthenticated": f"arn:aws:iam::{account}:role/{GUEST_ROLE}",
        "authenticated": f"arn:aws:iam::{account}:role/{AUTHENTICATED_ROLE}",
    }
    await _operation(
        world, account, "cognito-identity", "SetIdentityPoolRoles", {"IdentityPoolId": pool_id, "Roles": roles}
    )


async def _if_new(
    world: World, account: str, service: str, operation: str, params: dict[str, Any], exists: str
) -> bool:
    """Whether the thing was made now; False when it was there."""
    try:
        await _operation(world, account, service, operation, params)
    except AwsError as error:
        if error.code != exists:
            raise
        return False
    return True


async def _operation(
    world: World, account: str, service: str, operation: str, params: dict[str, Any]
) -> dict[str, Any]:
    """An operation that clients use, by the account's administrator, without the way over HTTP."""
    from sandbox.aws.services import SERVICES

    request = Request("POST", "/", "", {}, b"", "127.0.0.1", str(uuid.uuid4()))
    caller = Caller(account, world.config.access_key_id, f"arn:aws:iam::{account}:root", account)
    call = Call(world, request, service, operation, params, caller, account, world.clock.now(account), Decisions())
    return await SERVICES[service].operations[operation](call)
