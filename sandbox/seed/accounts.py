"""What a sandbox holds from the start: roles, identity pools, a public bucket, a table of products.

The home account is seeded at each start, others when they are made and when something about it has changed. What people
changed stays: a role or pool that exists is left as it is. What moto holds comes when its account first uses one of the
services (sandbox.aws.samples).
"""

import asyncio
import json
import logging
from typing import Any

from sandbox.aws.iam.own_saml_provider import register_stand_in
from sandbox.core.accounts import Account
from sandbox.core.errors import AwsError
from sandbox.core.facts import AUTHENTICATED, GUEST, IDENTITY_POOLS, Lab, SeededPool
from sandbox.core.instance import Instance
from sandbox.core.spare_keys import expect as expect_key
from sandbox.idp.seeded_user_pool import find_seeded_pool, follow_the_application, seed_user_pool, verifier_of
from sandbox.idp.sign_in.people import PEOPLE
from sandbox.idp.stand_ins import STAND_INS
from sandbox.seed.administrator import call_operation, create_if_missing
from sandbox.seed.bring_over import bring_pool_over, forget_former_issuers
from sandbox.seed.former_roles import bring_roles_over
from sandbox.seed.identity_providers import oidc_providers, role_mappings, trusted_providers
from sandbox.seed.role_documents import RoleDocuments, policy_name, seeded_roles

log = logging.getLogger(__name__)

_VERSION = "3"  # of what is seeded; another one brings what is new to accounts that are there


async def seed_home_account(instance: Instance) -> None:
    """Seed the sandbox's home account. Idempotent."""
    await seed_account(instance, instance.config.account_id)


async def seed_account(instance: Instance, account: str) -> None:
    """Give one account everything that the exercises expect. Idempotent.

    What moto holds follows when the account first uses it (sandbox.aws.samples).
    """
    lab = instance.config.lab(account)
    pools = {pool.pool_id(lab.region, account, lab.home): pool for pool in IDENTITY_POOLS}
    there = {
        name: documents
        for name, documents in seeded_roles(lab).items()
        if not await _new_role(instance, account, name, documents)
    }
    await _identity_providers(instance, account)
    await _user_pool(instance, lab)
    for pool_id, pool in pools.items():
        await _pool(instance, account, pool, pool_id)
    if there and instance.accounts.find(account).seeded != _state(instance):
        await bring_roles_over(instance, account, there)
    await forget_former_issuers(instance, account)
    instance.accounts.set_seeded(account, _state(instance))


async def seed_changed_accounts(instance: Instance) -> None:
    """Seed again the accounts that an earlier version seeded, or this one for another region.

    Nothing in them names an address of the sandbox but in the home account, which is seeded at each start; that of the
    application stands in the user pool's client.
    """
    state = _state(instance)
    for account in instance.accounts.to_be_seeded():
        try:
            await _seed_changed(instance, account, state)
        except Exception:  # one account, whatever it holds, keeps no other from its samples
            log.exception("Account %s could not be seeded", account.number)


async def _seed_changed(instance: Instance, account: Account, state: str) -> None:
    registered = STAND_INS["userpool"].client(instance.config.lab(account.number))
    follow_the_application(instance.store.connection, registered)
    if account.seeded != state and account.number != instance.config.account_id:
        async with instance.accounts.turn(account.number):
            if instance.accounts.find(account.number).seeded is not None:
                await seed_account(instance, account.number)


def _state(instance: Instance) -> str:
    """What seeded accounts are seeded for: the same while nothing would come out otherwise."""
    return f"{_VERSION} {instance.config.region}"


async def _new_role(instance: Instance, account: str, name: str, documents: RoleDocuments) -> bool:
    """Whether the role was made now: False where there was one of that name."""
    created = await create_if_missing(
        instance,
        account,
        "iam",
        "CreateRole",
        {
            "RoleName": name,
            "AssumeRolePolicyDocument": json.dumps(documents.trust),
            "Description": documents.description,
        },
        "EntityAlreadyExists",
    )
    if created:
        rights = json.dumps(documents.rights)
        policy = {"RoleName": name, "PolicyName": policy_name(name), "PolicyDocument": rights}
        await call_operation(instance, account, "iam", "PutRolePolicy", policy)
    return created


async def _identity_providers(instance: Instance, account: str) -> None:
    """Register the account's stand-ins with IAM."""
    lab = instance.config.lab(account)
    for members in oidc_providers(lab).values():
        await create_if_missing(instance, account, "iam", "CreateOpenIDConnectProvider", members, "EntityAlreadyExists")
    register_stand_in(instance, lab)


async def _user_pool(instance: Instance, lab: Lab) -> None:
    verifiers = {}
    if find_seeded_pool(instance.store.connection, lab) is None:
        for person in PEOPLE.values():
            await asyncio.sleep(0)  # each takes some milliseconds, and others are answered meanwhile
            verifiers[person.key] = verifier_of(lab, person)
        expect_key()  # somebody will sign in there
    seed_user_pool(instance.store.connection, lab, STAND_INS["userpool"].client(lab), verifiers)


async def _pool(instance: Instance, account: str, pool: SeededPool, pool_id: str) -> None:
    try:
        found = await call_operation(
            instance, account, "cognito-identity", "DescribeIdentityPool", {"IdentityPoolId": pool_id}
        )
    except AwsError as missing:
        if missing.code != "ResourceNotFoundException":
            raise
        await _new_pool(instance, account, pool, pool_id)
    else:
        await bring_pool_over(instance, account, found)


async def _new_pool(instance: Instance, account: str, pool: SeededPool, pool_id: str) -> None:
    providers = trusted_providers(instance.config.lab(account))
    tags = {"sandbox:custom-id": pool_id}
    members = {"IdentityPoolName": pool.name, **pool.settings, **providers, "IdentityPoolTags": tags}
    await call_operation(instance, account, "cognito-identity", "CreateIdentityPool", members)
    roles: dict[str, Any] = {
        "unauthenticated": pool.role_arn(account, GUEST),
        "authenticated": pool.role_arn(account, AUTHENTICATED),
    }
    chosen = {"IdentityPoolId": pool_id, "Roles": roles}
    if mappings := role_mappings(pool, instance.config.lab(account)):
        chosen["RoleMappings"] = mappings
    await call_operation(instance, account, "cognito-identity", "SetIdentityPoolRoles", chosen)
