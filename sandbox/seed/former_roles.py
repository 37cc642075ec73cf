"""The roles of seeded pools as earlier versions seeded them, brought to what is seeded now.

Formerly eight roles served all five pools, and each trusted all five. They are the main pool's now, which alone they
trust, and the other pools have their own. Another region than the one that an account was seeded for counts as well.
What people changed about a role, or about which role a pool hands out, stays.
"""

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

from sandbox.aws.cognito_identity.records.pools import Pools
from sandbox.core.errors import AwsError
from sandbox.core.facts import (
    AUTHENTICATED,
    AUTHENTICATED_ROLE,
    GUEST,
    GUEST_ROLE,
    IDENTITY_POOLS,
    MAIN_POOL,
    Lab,
    SeededPool,
    pool_role,
)
from sandbox.core.instance import Instance
from sandbox.idp.seeded_user_pool import give_groups_their_roles
from sandbox.idp.stand_ins import STAND_INS
from sandbox.seed.administrator import call_operation
from sandbox.seed.identity_providers import chosen_kinds, role_mappings
from sandbox.seed.role_documents import RoleDocuments, policy_name, seeded_roles
from sandbox.seed.roles import COGNITO, Document, authenticated_policy, guest_policy, trust_policy

_MAIN = next(pool for pool in IDENTITY_POOLS if pool.key == MAIN_POOL)
_CHOSEN_KINDS = chosen_kinds(_MAIN)


def shared_roles(lab: Lab) -> dict[str, RoleDocuments]:
    """Name of a role -> its documents, when each was for all pools."""
    region, account = lab.region, lab.account
    pools = {pool.pool_id(region, account, lab.home): pool for pool in IDENTITY_POOLS}
    found = {
        GUEST_ROLE: RoleDocuments(_shared(list(pools), "unauthenticated"), guest_policy(region, account)),
        AUTHENTICATED_ROLE: RoleDocuments(
            _shared(list(pools), "authenticated"), authenticated_policy(region, account, AUTHENTICATED)
        ),
    }
    groups = _shared_by_provider(lab, pools)
    for kind in _CHOSEN_KINDS:
        found[pool_role(MAIN_POOL, kind)] = RoleDocuments(groups, authenticated_policy(region, account, kind))
    return found


async def bring_roles_over(instance: Instance, account: str, wanted: Mapping[str, RoleDocuments]) -> None:
    """Have roles that an earlier version seeded, or this one for another region, be as they are seeded now.

    First what names a role that was shared is given its pool's own, then the role trusts its pool only: nobody is
    refused meanwhile, and what was interrupted is done again at the next start. A shared role whose rights people
    changed goes on serving all pools.

    Args:
        wanted: name of a role that was there before -> its documents.
    """
    lab = instance.config.lab(account)
    regions = instance.part(Pools).seeded_regions(account) | {lab.region}
    # Before accounts had stand-ins of their own, every account trusted the home account's.
    labs = [replace(lab, region=region, home=home) for region in regions for home in {lab.home, account}]
    formerly, own = [shared_roles(one) for one in labs], [seeded_roles(one) for one in labs]
    held = {name: await _held(instance, account, name) for name in wanted}
    unchanged = {name for name, role in held.items() if any(role.is_as(one.get(name)) for one in formerly)}
    if unchanged:
        # One that is gone was made anew, for its pool only.
        unchanged |= shared_roles(lab).keys() - wanted.keys()
        for region in regions:
            there = replace(lab, region=region)
            for pool in IDENTITY_POOLS:
                await _give_own_roles(instance, there, pool, unchanged)
            give_groups_their_roles(instance.store.connection, there, unchanged)
    for name, documents in wanted.items():
        trust, rights = documents.trust, documents.rights
        seeded = [one[name] for one in (*formerly, *own) if name in one]
        if name not in unchanged and held[name].trust in [one[name].trust for one in formerly if name in one]:
            trust = shared_roles(lab)[name].trust
        if held[name].trust != trust and held[name].trust in [one.trust for one in seeded]:
            renewed = {"RoleName": name, "PolicyDocument": json.dumps(trust)}
            await call_operation(instance, account, "iam", "UpdateAssumeRolePolicy", renewed)
        if held[name].rights != rights and held[name].rights in [one.rights for one in seeded]:
            policy = {"RoleName": name, "PolicyName": policy_name(name), "PolicyDocument": json.dumps(rights)}
            await call_operation(instance, account, "iam", "PutRolePolicy", policy)


async def _held(instance: Instance, account: str, name: str) -> "_Held":
    """A role as it is now."""
    call = {"RoleName": name}
    role = await call_operation(instance, account, "iam", "GetRole", call)
    inline = (await call_operation(instance, account, "iam", "ListRolePolicies", call))["PolicyNames"]
    attached = (await call_operation(instance, account, "iam", "ListAttachedRolePolicies", call))["AttachedPolicies"]
    rights: Document = {}
    if policy_name(name) in inline:
        policy = await call_operation(
            instance, account, "iam", "GetRolePolicy", {**call, "PolicyName": policy_name(name)}
        )
        rights = _read(policy["PolicyDocument"])
    return _Held(
        _read(role["Role"]["AssumeRolePolicyDocument"]), rights, inline == [policy_name(name)] and not attached
    )


@dataclass(frozen=True, slots=True)
class _Held:
    """A role's documents, and whether it has no others."""

    trust: Document
    rights: Document
    alone: bool

    def is_as(self, seeded: RoleDocuments | None) -> bool:
        return seeded is not None and self.alone and (self.trust, self.rights) == (seeded.trust, seeded.rights)


async def _give_own_roles(instance: Instance, lab: Lab, pool: SeededPool, shared: AbstractSet[str]) -> None:
    """Have a pool hand out roles of its own where it handed out shared ones."""
    call = {"IdentityPoolId": pool.pool_id(lab.region, lab.account, lab.home)}
    arns = _own_arns(lab, pool, shared)
    if not arns:
        return
    try:
        definition = await call_operation(
            instance, lab.account, "cognito-identity", "DescribeIdentityPool", call, lab.region
        )
    except AwsError as missing:
        if missing.code != "ResourceNotFoundException":
            raise
        return
    found = await call_operation(instance, lab.account, "cognito-identity", "GetIdentityPoolRoles", call, lab.region)
    roles = {kind: arns.get(arn, arn) for kind, arn in found.get("Roles", {}).items()}
    mappings = {key: _moved(mapping, arns) for key, mapping in found.get("RoleMappings", {}).items()}
    for stand_in in STAND_INS.values():
        key = stand_in.role_mapping_key(lab)
        if stand_in.names_roles and key in definition.get("SamlProviderARNs", []) and key not in mappings:
            mappings[key] = role_mappings(pool, lab)[key]
    if (roles, mappings) != (found.get("Roles", {}), found.get("RoleMappings", {})):
        members = {**call, "Roles": roles, "RoleMappings": mappings}
        await call_operation(instance, lab.account, "cognito-identity", "SetIdentityPoolRoles", members, lab.region)


def _own_arns(lab: Lab, pool: SeededPool, shared: AbstractSet[str]) -> dict[str, str]:
    """ARN of a shared role -> that of the pool's own role in its place; none for the main pool."""
    if pool.key == MAIN_POOL:
        return {}
    kinds = [kind for kind in (GUEST, AUTHENTICATED, *chosen_kinds(pool)) if pool_role(MAIN_POOL, kind) in shared]
    return {_MAIN.role_arn(lab.account, kind): pool.role_arn(lab.account, kind) for kind in kinds}


def _moved(mapping: dict[str, Any], arns: Mapping[str, str]) -> dict[str, Any]:
    rules = (mapping.get("RulesConfiguration") or {}).get("Rules")
    if not rules:
        return mapping
    moved = [{**rule, "RoleARN": arns.get(rule["RoleARN"], rule["RoleARN"])} for rule in rules]
    return {**mapping, "RulesConfiguration": {"Rules": moved}}


def _shared(pool_ids: Sequence[str], amr: str) -> Document:
    """A trust policy of a shared role. What it says of one pool, it says of all of them."""
    (statement,) = trust_policy("", [amr])["Statement"]
    condition = statement["Condition"] | {"StringEquals": {f"{COGNITO}:aud": list(pool_ids)}}
    return {"Version": "2012-10-17", "Statement": [{**statement, "Sid": "LabPools", "Condition": condition}]}


def _shared_by_provider(lab: Lab, pools: Mapping[str, SeededPool]) -> Document:
    """That of a group's role: a statement for each provider whose people it was chosen for."""
    statements: list[Document] = []
    for stand_in in STAND_INS.values():
        if not (stand_in.names_roles or stand_in.role_mappings):
            continue
        choosing = [
            pool_id for pool_id, pool in pools.items() if stand_in.names_roles or pool.mapping in stand_in.role_mappings
        ]
        (statement,) = _shared(choosing, stand_in.amr(lab))["Statement"]
        statements.append({**statement, "Sid": f"ChosenForProvider{len(statements) + 1}"})
    return {"Version": "2012-10-17", "Statement": statements}


def _read(document: str) -> Document:
    read: Document = json.loads(unquote(document))
    return read
