"""What a sandbox holds from the start: roles, identity pools, a public bucket, a table of products.

The home account is seeded at each start, others when they are made and when something about it has changed. What people
changed stays: a role or pool that exists is left as it is. What moto holds is gone after a restart, and comes back when
its account is met.
"""

import asyncio
import hashlib
import json
import uuid
from typing import Any

from sandbox.aws.iam.providers import find_saml_provider
from sandbox.core import facts
from sandbox.core.call import Call
from sandbox.core.caller import administrator_of
from sandbox.core.config import SandboxConfig
from sandbox.core.decisions import Decisions
from sandbox.core.errors import AwsError
from sandbox.core.http import Request
from sandbox.core.instance import Instance
from sandbox.seed.identity_providers import (
    GROUP_ROLES,
    choosing_pools,
    oidc_provider,
    oidc_provider_arn,
    role_mappings,
    trusted_providers,
)
from sandbox.seed.pools import POOLS, SeededPool
from sandbox.seed.roles import (
    AUTHENTICATED_ROLE,
    GUEST_ROLE,
    Document,
    authenticated_policy,
    group_trust_policy,
    guest_policy,
    trust_policy,
)

_VERSION = 1  # of what is seeded; a higher one brings what is new to accounts that are there


async def seed(instance: Instance) -> None:
    """Seed the sandbox's home account. Idempotent."""
    await seed_account(instance, instance.config.account_id)


async def seed_account(instance: Instance, account: str) -> None:
    """Give one account everything that the exercises expect. Idempotent.

    What moto holds follows when the account is met (sandbox.aws.samples.samples).
    """
    region, home = instance.config.region, instance.config.account_id
    pool_ids = [pool.pool_id(region, account, home) for pool in POOLS]
    await _role(instance, account, GUEST_ROLE, trust_policy(pool_ids, "unauthenticated"), guest_policy(region, account))
    group_trust = group_trust_policy(choosing_pools(instance.config, account, dict(zip(pool_ids, POOLS, strict=True))))
    for name in (AUTHENTICATED_ROLE, *GROUP_ROLES):
        trust = trust_policy(pool_ids, "authenticated") if name == AUTHENTICATED_ROLE else group_trust
        await _role(instance, account, name, trust, authenticated_policy(region, account, name))
    await _identity_providers(instance, account)
    for pool, pool_id in zip(POOLS, pool_ids, strict=True):
        await _pool(instance, account, pool, pool_id)
    instance.accounts.set_seeded(account, _state(instance))


async def seed_again(instance: Instance) -> None:
    """Bring accounts that were seeded at another start up to this one: the stand-ins may have other addresses."""
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
    created = await _if_new(
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
        await _operation(instance, account, "iam", "PutRolePolicy", document)


async def _identity_providers(instance: Instance, account: str) -> None:
    """Register the stand-ins with IAM. The metadata names the addresses and keys of its time, and is renewed when they
    are others."""
    await _if_new(
        instance, account, "iam", "CreateOpenIDConnectProvider", oidc_provider(instance.config), "EntityAlreadyExists"
    )
    arn = facts.saml_provider_arn(account)
    if (
        instance.accounts.find(account).seeded == _state(instance)
        and find_saml_provider(instance.store, arn) is not None
    ):
        return  # making it takes its libraries, which take most of a second to import
    metadata = await instance.part(SamlMetadata).current()
    named = {"Name": facts.SAML_PROVIDER_NAME, "SAMLMetadataDocument": metadata}
    if not await _if_new(instance, account, "iam", "CreateSAMLProvider", named, "EntityAlreadyExists"):
        renewed = {"SAMLProviderArn": arn, "SAMLMetadataDocument": metadata}
        await _operation(instance, account, "iam", "UpdateSAMLProvider", renewed)


class SamlMetadata:
    """The metadata of the SAML stand-in, made anew when its keys have changed."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._made: tuple[list[tuple[str, float | None]], str] | None = None

    async def current(self) -> str:
        keys = self.keys()
        if self._made is None or self._made[0] != keys or not keys:
            loop = asyncio.get_running_loop()
            metadata = await loop.run_in_executor(self._instance.threads, _saml_metadata, self._instance.config)
            self._made = (self.keys(), metadata)
        return self._made[1]

    def keys(self) -> list[tuple[str, float | None]]:
        """Id, and time of withdrawal, of each key that may be in it."""
        rows = self._instance.store.connection.execute(
            "SELECT kid, retired FROM idp_key WHERE account = ? AND issuer = 'saml' ORDER BY kid",
            (self._instance.config.account_id,),
        )
        return [(row["kid"], row["retired"]) for row in rows]


def _saml_metadata(config: SandboxConfig) -> str:
    from sandbox.idp.stand_ins.saml import saml_metadata

    return saml_metadata(config)


async def _pool(instance: Instance, account: str, pool: SeededPool, pool_id: str) -> None:
    try:
        found = await _operation(
            instance, account, "cognito-identity", "DescribeIdentityPool", {"IdentityPoolId": pool_id}
        )
    except AwsError as missing:
        if missing.code != "ResourceNotFoundException":
            raise
        await _new_pool(instance, account, pool, pool_id)
    else:
        await _follow_the_issuer(instance, account, found)


async def _new_pool(instance: Instance, account: str, pool: SeededPool, pool_id: str) -> None:
    providers = trusted_providers(instance.config, account)
    tags = {"sandbox:custom-id": pool_id}
    members = {"IdentityPoolName": pool.name, **pool.settings, **providers, "IdentityPoolTags": tags}
    await _operation(instance, account, "cognito-identity", "CreateIdentityPool", members)
    roles: dict[str, Any] = {
        "unauthenticated": f"arn:aws:iam::{account}:role/{GUEST_ROLE}",
        "authenticated": f"arn:aws:iam::{account}:role/{AUTHENTICATED_ROLE}",
    }
    chosen = {"IdentityPoolId": pool_id, "Roles": roles}
    if mappings := role_mappings(pool, instance.config, account):
        chosen["RoleMappings"] = mappings
    await _operation(instance, account, "cognito-identity", "SetIdentityPoolRoles", chosen)


async def _follow_the_issuer(instance: Instance, account: str, pool: dict[str, Any]) -> None:
    """The generic provider's issuer is its address. Started on another port, the pool has to trust that one as well."""
    arn = oidc_provider_arn(instance.config, account)
    trusted = pool.get("OpenIdConnectProviderARNs", [])
    stand_ins = [known for known in trusted if known.endswith("/idp/oidc")]
    if stand_ins and arn not in trusted:
        # UpdateIdentityPool sets what it is not told to nothing, the pool's tags as well.
        members = {**pool, "OpenIdConnectProviderARNs": [*trusted, arn]}
        await _operation(instance, account, "cognito-identity", "UpdateIdentityPool", members)
        await _take_rules_along(instance, account, pool["IdentityPoolId"], stand_ins[-1], arn)


async def _take_rules_along(instance: Instance, account: str, pool_id: str, old: str, new: str) -> None:
    """Role mappings are kept by provider, so those of the former address become those of the present one."""
    roles = await _operation(instance, account, "cognito-identity", "GetIdentityPoolRoles", {"IdentityPoolId": pool_id})
    mappings = roles.get("RoleMappings", {})
    if old in mappings:
        renamed = {new if name == old else name: mapping for name, mapping in mappings.items()}
        members = {"IdentityPoolId": pool_id, "Roles": roles.get("Roles", {}), "RoleMappings": renamed}
        await _operation(instance, account, "cognito-identity", "SetIdentityPoolRoles", members)


async def _if_new(
    instance: Instance, account: str, service: str, operation: str, params: dict[str, Any], exists: str
) -> bool:
    """Whether the thing was made now; False when it was there."""
    try:
        await _operation(instance, account, service, operation, params)
    except AwsError as error:
        if error.code != exists:
            raise
        return False
    return True


async def _operation(
    instance: Instance, account: str, service: str, operation: str, params: dict[str, Any]
) -> dict[str, Any]:
    """An operation that clients use, by the account's administrator, without the way over HTTP."""
    from sandbox.aws.endpoint.services import SERVICES

    await asyncio.sleep(0)  # others are answered meanwhile

    request = Request("POST", "/", "", {}, b"", "127.0.0.1", str(uuid.uuid4()))
    caller = administrator_of(account, instance.config.access_key_id)
    call = Call(
        instance, request, service, operation, params, caller, account, instance.clock.now(account), Decisions()
    )
    return await SERVICES[service].operations[operation](call)
