"""What a sandbox holds from the start: roles, identity pools, a public bucket, a table of products.

The home account is seeded at each start, others when they are made and when something about it has changed. What people
changed stays: a role or pool that exists is left as it is. What moto holds comes when its account first uses one of the
services (sandbox.aws.samples).
"""

import hashlib
import json
from typing import Any

from sandbox.aws.iam.providers import find_saml_provider
from sandbox.core import facts
from sandbox.core.errors import AwsError
from sandbox.core.facts import AUTHENTICATED_ROLE, GUEST_ROLE, IDENTITY_POOLS, SeededPool, role_arn
from sandbox.core.instance import Instance
from sandbox.seed.administrator import call_operation, create_if_missing
from sandbox.seed.identity_providers import (
    GROUP_ROLES,
    choosing_pools,
    oidc_providers,
    role_mappings,
    trusted_providers,
)
from sandbox.seed.roles import (
    Document,
    authenticated_policy,
    group_trust_policy,
    guest_policy,
    trust_policy,
)
from sandbox.seed.saml_metadata import SamlMetadata

_VERSION = 1  # of what is seeded; a higher one brings what is new to accounts that are there


async def seed_home_account(instance: Instance) -> None:
    """Seed the sandbox's home account. Idempotent."""
    await seed_account(instance, instance.config.account_id)


async def seed_account(instance: Instance, account: str) -> None:
    """Give one account everything that the exercises expect. Idempotent.

    What moto holds follows when the account first uses it (sandbox.aws.samples).
    """
    region, home = instance.config.region, instance.config.account_id
    pool_ids = [pool.pool_id(region, account, home) for pool in IDENTITY_POOLS]
    await _role(instance, account, GUEST_ROLE, trust_policy(pool_ids, "unauthenticated"), guest_policy(region, account))
    pools = dict(zip(pool_ids, IDENTITY_POOLS, strict=True))
    group_trust = group_trust_policy(choosing_pools(instance.config.lab(account), pools))
    for name in (AUTHENTICATED_ROLE, *GROUP_ROLES):
        trust = trust_policy(pool_ids, "authenticated") if name == AUTHENTICATED_ROLE else group_trust
        await _role(instance, account, name, trust, authenticated_policy(region, account, name))
    await _identity_providers(instance, account)
    for pool_id, pool in pools.items():
        await _pool(instance, account, pool, pool_id)
    instance.accounts.set_seeded(account, _state(instance))


async def seed_changed_accounts(instance: Instance) -> None:
    """Seed again the accounts for which something has changed since: the stand-ins may have other addresses."""
    state = _state(instance)
    for account in instance.accounts.to_be_seeded():
        if account.seeded != state and account.number != instance.config.account_id:
            async with instance.accounts.turn(account.number):
                if instance.accounts.find(account.number).seeded is not None:
                    await seed_account(instance, account.number)


def _state(instance: Instance) -> str:
    """What seeded accounts are seeded for: the same while nothing would come out otherwise."""
    made_of = (_VERSION, instance.config.public_url, instance.part(SamlMetadata).keys())
    return hashlib.sha256(repr(made_of).encode()).hexdigest()[:16]


async def _role(instance: Instance, account: str, name: str, trust: Document, policy: Document) -> None:
    created = await create_if_missing(
        instance,
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
        await call_operation(instance, account, "iam", "PutRolePolicy", document)


async def _identity_providers(instance: Instance, account: str) -> None:
    """Register the stand-ins with IAM. The metadata names the addresses and keys of its time, and is renewed when they
    are others."""
    for members in oidc_providers(instance.config.lab(account)).values():
        await create_if_missing(instance, account, "iam", "CreateOpenIDConnectProvider", members, "EntityAlreadyExists")
    arn = facts.saml_provider_arn(account)
    if (
        instance.accounts.find(account).seeded == _state(instance)
        and find_saml_provider(instance.store, arn) is not None
    ):
        return  # making it takes its libraries, which take most of a second to import
    metadata = await instance.part(SamlMetadata).current()
    named = {"Name": facts.SAML_PROVIDER_NAME, "SAMLMetadataDocument": metadata}
    if not await create_if_missing(instance, account, "iam", "CreateSAMLProvider", named, "EntityAlreadyExists"):
        renewed = {"SAMLProviderArn": arn, "SAMLMetadataDocument": metadata}
        await call_operation(instance, account, "iam", "UpdateSAMLProvider", renewed)


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
        await _follow_the_issuer(instance, account, found)


async def _new_pool(instance: Instance, account: str, pool: SeededPool, pool_id: str) -> None:
    providers = trusted_providers(instance.config.lab(account))
    tags = {"sandbox:custom-id": pool_id}
    members = {"IdentityPoolName": pool.name, **pool.settings, **providers, "IdentityPoolTags": tags}
    await call_operation(instance, account, "cognito-identity", "CreateIdentityPool", members)
    roles: dict[str, Any] = {
        "unauthenticated": role_arn(account, GUEST_ROLE),
        "authenticated": role_arn(account, AUTHENTICATED_ROLE),
    }
    chosen = {"IdentityPoolId": pool_id, "Roles": roles}
    if mappings := role_mappings(pool, instance.config.lab(account)):
        chosen["RoleMappings"] = mappings
    await call_operation(instance, account, "cognito-identity", "SetIdentityPoolRoles", chosen)


async def _follow_the_issuer(instance: Instance, account: str, pool: dict[str, Any]) -> None:
    """An issuer that is a local address changes with the port, and the pool has to trust the new one as well."""
    for arn in oidc_providers(instance.config.lab(account)):
        trusted = pool.get("OpenIdConnectProviderARNs", [])
        path = arn.partition("/idp/")[2]
        stand_ins = [known for known in trusted if known.endswith(f"/idp/{path}")]
        if stand_ins and arn not in trusted:
            # UpdateIdentityPool sets what it is not told to nothing, the pool's tags as well.
            pool = {**pool, "OpenIdConnectProviderARNs": [*trusted, arn]}
            await call_operation(instance, account, "cognito-identity", "UpdateIdentityPool", pool)
            await _take_rules_along(instance, account, pool["IdentityPoolId"], stand_ins[-1], arn)


async def _take_rules_along(instance: Instance, account: str, pool_id: str, old: str, new: str) -> None:
    """Role mappings are kept by provider, so those of the former address become those of the present one."""
    roles = await call_operation(
        instance, account, "cognito-identity", "GetIdentityPoolRoles", {"IdentityPoolId": pool_id}
    )
    mappings = roles.get("RoleMappings", {})
    if old in mappings:
        renamed = {new if name == old else name: mapping for name, mapping in mappings.items()}
        members = {"IdentityPoolId": pool_id, "Roles": roles.get("Roles", {}), "RoleMappings": renamed}
        await call_operation(instance, account, "cognito-identity", "SetIdentityPoolRoles", members)
