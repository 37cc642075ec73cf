"""The seeded roles' documents, which name pools and tables with their region.

An account has its seeded pools and samples where the sandbox's own region was when it was seeded. That is a setting,
and may be another one at the next start: the roles then go along. For both regions a trust policy has no room.
"""

import json
from dataclasses import dataclass, replace
from urllib.parse import unquote

from sandbox.aws.cognito_identity.records.pools import Pools
from sandbox.core.facts import AUTHENTICATED_ROLE, GUEST_ROLE, IDENTITY_POOLS, Lab
from sandbox.core.instance import Instance
from sandbox.seed.administrator import call_operation
from sandbox.seed.identity_providers import GROUP_ROLES, choosing_pools
from sandbox.seed.roles import Document, authenticated_policy, group_trust_policy, guest_policy, trust_policy


@dataclass(frozen=True, slots=True)
class RoleDocuments:
    """Who may assume a role, and what it may do."""

    trust: Document
    rights: Document


def seeded_roles(lab: Lab) -> dict[str, RoleDocuments]:
    """Name of a role -> its documents, for the pools and samples of the lab's region."""
    region, account = lab.region, lab.account
    pools = {pool.pool_id(region, account, lab.home): pool for pool in IDENTITY_POOLS}
    members = trust_policy(list(pools), "authenticated")
    groups = group_trust_policy(choosing_pools(lab, pools))
    found = {GUEST_ROLE: RoleDocuments(trust_policy(list(pools), "unauthenticated"), guest_policy(region, account))}
    for name in (AUTHENTICATED_ROLE, *GROUP_ROLES):
        trust = members if name == AUTHENTICATED_ROLE else groups
        found[name] = RoleDocuments(trust, authenticated_policy(region, account, name))
    return found


async def take_role_along(instance: Instance, account: str, name: str, wanted: RoleDocuments) -> None:
    """Have a role be for the sandbox's present region, as far as it is as it was seeded for another one."""
    lab = instance.config.lab(account)
    regions = instance.part(Pools).seeded_regions(account) - {lab.region}
    if not regions:
        return
    seeded = [seeded_roles(replace(lab, region=region))[name] for region in regions]
    call, policy = {"RoleName": name}, {"RoleName": name, "PolicyName": policy_name(name)}
    role = await call_operation(instance, account, "iam", "GetRole", call)
    if _read(role["Role"]["AssumeRolePolicyDocument"]) in [documents.trust for documents in seeded]:
        renewed = {**call, "PolicyDocument": json.dumps(wanted.trust)}
        await call_operation(instance, account, "iam", "UpdateAssumeRolePolicy", renewed)
    listed = await call_operation(instance, account, "iam", "ListRolePolicies", call)
    if policy["PolicyName"] not in listed["PolicyNames"]:
        return
    held = await call_operation(instance, account, "iam", "GetRolePolicy", policy)
    if _read(held["PolicyDocument"]) in [documents.rights for documents in seeded]:
        renewed = {**policy, "PolicyDocument": json.dumps(wanted.rights)}
        await call_operation(instance, account, "iam", "PutRolePolicy", renewed)


def policy_name(role: str) -> str:
    """The name of a seeded role's only policy."""
    return f"{role}Access"


def _read(document: str) -> Document:
    read: Document = json.loads(unquote(document))
    return read
