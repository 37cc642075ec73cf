"""What IAM says of an account as a whole, and of the groups and devices that no account of the sandbox has."""

from typing import Any

from iampolicy.documents import MANAGED_POLICY_LIMIT, TRUST_POLICY_LIMIT
from sandbox.aws.iam.names import no_such_entity
from sandbox.core.call import Call

# The quotas that AWS accounts begin with (IAM User Guide, "IAM and AWS STS quotas").
_QUOTAS = {
    "UsersQuota": 5000,
    "GroupsQuota": 300,
    "ServerCertificatesQuota": 20,
    "UserPolicySizeQuota": 2048,
    "GroupPolicySizeQuota": 5120,
    "GroupsPerUserQuota": 10,
    "SigningCertificatesPerUserQuota": 2,
    "AccessKeysPerUserQuota": 2,
    "AttachedPoliciesPerGroupQuota": 10,
    "AttachedPoliciesPerRoleQuota": 10,
    "AttachedPoliciesPerUserQuota": 10,
    "PoliciesQuota": 1500,
    "PolicySizeQuota": MANAGED_POLICY_LIMIT,
    "PolicyVersionsInUseQuota": 10_000,
    "VersionsPerPolicyQuota": 5,
    "AssumeRolePolicySizeQuota": TRUST_POLICY_LIMIT,
    "InstanceProfilesQuota": 1000,
    "RolePolicySizeQuota": 10_240,
    "RolesQuota": 1000,
}
# There are none of these, ever; STS's global endpoint gives out tokens that are good in every region.
_NONE = {
    "Groups": 0,
    "ServerCertificates": 0,
    "MFADevices": 0,
    "MFADevicesInUse": 0,
    "AccountMFAEnabled": 0,
    "AccountAccessKeysPresent": 0,
    "AccountPasswordPresent": 0,
    "AccountSigningCertificatesPresent": 0,
    "InstanceProfiles": 0,
    "GlobalEndpointTokenVersion": 2,
}
_COUNTED = {
    "Roles": "SELECT count(*) FROM iam_role WHERE account = ?",
    "Policies": "SELECT count(*) FROM iam_policy WHERE account = ?",
    "PolicyVersionsInUse": "SELECT count(*) FROM iam_policy_version WHERE account = ?",
    "Providers": "SELECT (SELECT count(*) FROM iam_oidc_provider WHERE account = ?1)"
    " + (SELECT count(*) FROM iam_saml_provider WHERE account = ?1)",
}


async def get_account_summary(call: Call) -> dict[str, Any]:
    execute = call.instance.store.connection.execute
    counted = {name: int(execute(query, (call.account,)).fetchone()[0]) for name, query in _COUNTED.items()}
    return {"SummaryMap": {"Users": 1, **counted, **_NONE, **_QUOTAS}}


async def list_account_aliases(call: Call) -> dict[str, Any]:
    return {"AccountAliases": [], "IsTruncated": False}


async def list_groups(call: Call) -> dict[str, Any]:
    return {"Groups": [], "IsTruncated": False}


async def get_group(call: Call) -> dict[str, Any]:
    raise no_such_entity(f"The group with name {call.params['GroupName']} cannot be found.")


async def list_instance_profiles(call: Call) -> dict[str, Any]:
    return {"InstanceProfiles": [], "IsTruncated": False}


async def list_virtual_mfa_devices(call: Call) -> dict[str, Any]:
    return {"VirtualMFADevices": [], "IsTruncated": False}
