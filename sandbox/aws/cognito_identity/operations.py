"""All 23 operations of identity pools (API version 2014-06-30)."""

from sandbox.aws.cognito_identity import (
    developer_operations,
    exchange_operations,
    identity_operations,
    pool_operations,
    role_operations,
)
from sandbox.core.call import Handler

OPERATIONS: dict[str, Handler] = {
    "CreateIdentityPool": pool_operations.create_identity_pool,
    "DeleteIdentities": identity_operations.delete_identities,
    "DeleteIdentityPool": pool_operations.delete_identity_pool,
    "DescribeIdentity": identity_operations.describe_identity,
    "DescribeIdentityPool": pool_operations.describe_identity_pool,
    "GetCredentialsForIdentity": exchange_operations.get_credentials_for_identity,
    "GetId": exchange_operations.get_id,
    "GetIdentityPoolRoles": role_operations.get_identity_pool_roles,
    "GetOpenIdToken": exchange_operations.get_open_id_token,
    "GetOpenIdTokenForDeveloperIdentity": developer_operations.get_open_id_token_for_developer_identity,
    "GetPrincipalTagAttributeMap": role_operations.get_principal_tag_attribute_map,
    "ListIdentities": identity_operations.list_identities,
    "ListIdentityPools": pool_operations.list_identity_pools,
    "ListTagsForResource": pool_operations.list_tags_for_resource,
    "LookupDeveloperIdentity": developer_operations.lookup_developer_identity,
    "MergeDeveloperIdentities": developer_operations.merge_developer_identities,
    "SetIdentityPoolRoles": role_operations.set_identity_pool_roles,
    "SetPrincipalTagAttributeMap": role_operations.set_principal_tag_attribute_map,
    "TagResource": pool_operations.tag_resource,
    "UnlinkDeveloperIdentity": developer_operations.unlink_developer_identity,
    "UnlinkIdentity": identity_operations.unlink_identity,
    "UntagResource": pool_operations.untag_resource,
    "UpdateIdentityPool": pool_operations.update_identity_pool,
}
