"""IAM as far as identity pools need it: roles, policies, identity providers (query protocol, version 2010-05-08)."""

from typing import Any

from iampolicy.evaluator import Access
from sandbox.aws.access.authorization import require_access
from sandbox.aws.access.needs import with_needs
from sandbox.aws.iam import attachment_operations as attachments
from sandbox.aws.iam import oidc_operations as oidc
from sandbox.aws.iam import policy_operations as policies
from sandbox.aws.iam import role_operations as roles
from sandbox.aws.iam import saml_operations as saml
from sandbox.aws.iam import users
from sandbox.aws.iam.names import arn
from sandbox.aws.iam.schema import SCHEMA
from sandbox.core.call import Call, Handler

__all__ = ["OPERATIONS", "SCHEMA"]

# Under which parameter each kind of operation names its resource, and how the ARN is made of it.
_NAMED = {"UserName": "user", "PolicyName": "policy", "Name": "saml-provider"}
_ARNS = ("PolicyArn", "OpenIDConnectProviderArn", "SAMLProviderArn")


def _resource(call: Call) -> str:
    if "RoleName" in call.params:
        return _role_arn(call)
    for name, kind in _NAMED.items():
        if name in call.params:
            return f"arn:aws:iam::{call.account}:{kind}{call.params.get('Path', '/')}{call.params[name]}"
    for name in _ARNS:
        if name in call.params:
            return str(call.params[name])
    return "*"


def _role_arn(call: Call) -> str:
    """The ARN of the role that the call names; its path is known only when the role exists."""
    name = call.params["RoleName"]
    row = call.instance.store.connection.execute(
        "SELECT path FROM iam_role WHERE account = ? AND name = ?", (call.account, name)
    ).fetchone()
    path = row["path"] if row else call.params.get("Path", "/")
    return arn(call.account, "role", path, name)


def _authorised(handler: Handler) -> Handler:
    """The handler behind the permission `iam:OPERATION`; administrators have every permission."""

    async def authorised(call: Call) -> dict[str, Any]:
        assert call.caller is not None, "IAM has no unsigned operation"
        access = Access(f"iam:{call.operation}", _resource(call))
        needed = with_needs(call.operation, call.params, [access], "", call.account)
        require_access(call.instance, call.request, call.caller, needed, call.decisions, json=False)
        return await handler(call)

    return authorised


OPERATIONS: dict[str, Handler] = {
    name: _authorised(handler)
    for name, handler in {
        "CreateRole": roles.create_role,
        "GetRole": roles.get_role,
        "ListRoles": roles.list_roles,
        "UpdateRole": roles.update_role,
        "UpdateRoleDescription": roles.update_role_description,
        "UpdateAssumeRolePolicy": roles.update_assume_role_policy,
        "DeleteRole": roles.delete_role,
        "TagRole": roles.tag_role,
        "UntagRole": roles.untag_role,
        "ListInstanceProfilesForRole": roles.list_instance_profiles_for_role,
        "ListRoleTags": roles.list_role_tags,
        "PutRolePolicy": roles.put_role_policy,
        "GetRolePolicy": roles.get_role_policy,
        "ListRolePolicies": roles.list_role_policies,
        "DeleteRolePolicy": roles.delete_role_policy,
        "CreatePolicy": policies.create_policy,
        "GetPolicy": policies.get_policy,
        "ListPolicies": policies.list_policies,
        "DeletePolicy": policies.delete_policy,
        "TagPolicy": policies.tag_policy,
        "UntagPolicy": policies.untag_policy,
        "ListPolicyTags": policies.list_policy_tags,
        "CreatePolicyVersion": policies.create_policy_version,
        "GetPolicyVersion": policies.get_policy_version,
        "ListPolicyVersions": policies.list_policy_versions,
        "SetDefaultPolicyVersion": policies.set_default_policy_version,
        "DeletePolicyVersion": policies.delete_policy_version,
        "AttachRolePolicy": attachments.attach_role_policy,
        "DetachRolePolicy": attachments.detach_role_policy,
        "ListAttachedRolePolicies": attachments.list_attached_role_policies,
        "ListEntitiesForPolicy": attachments.list_entities_for_policy,
        "CreateOpenIDConnectProvider": oidc.create_open_id_connect_provider,
        "GetOpenIDConnectProvider": oidc.get_open_id_connect_provider,
        "ListOpenIDConnectProviders": oidc.list_open_id_connect_providers,
        "DeleteOpenIDConnectProvider": oidc.delete_open_id_connect_provider,
        "AddClientIDToOpenIDConnectProvider": oidc.add_client_id_to_open_id_connect_provider,
        "RemoveClientIDFromOpenIDConnectProvider": oidc.remove_client_id_from_open_id_connect_provider,
        "UpdateOpenIDConnectProviderThumbprint": oidc.update_open_id_connect_provider_thumbprint,
        "TagOpenIDConnectProvider": oidc.tag_open_id_connect_provider,
        "UntagOpenIDConnectProvider": oidc.untag_open_id_connect_provider,
        "ListOpenIDConnectProviderTags": oidc.list_open_id_connect_provider_tags,
        "CreateSAMLProvider": saml.create_saml_provider,
        "GetSAMLProvider": saml.get_saml_provider,
        "ListSAMLProviders": saml.list_saml_providers,
        "UpdateSAMLProvider": saml.update_saml_provider,
        "DeleteSAMLProvider": saml.delete_saml_provider,
        "TagSAMLProvider": saml.tag_saml_provider,
        "UntagSAMLProvider": saml.untag_saml_provider,
        "ListSAMLProviderTags": saml.list_saml_provider_tags,
        "GetUser": users.get_user,
        "ListUsers": users.list_users,
        "ListAttachedUserPolicies": users.list_attached_user_policies,
        "ListUserPolicies": users.list_user_policies,
    }.items()
}
