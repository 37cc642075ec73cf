"""AWS Security Token Service, API version 2011-06-15. It keeps nothing: a session is in its own token."""

from sandbox.aws.sts import operations
from sandbox.core.call import Handler

SCHEMA = ""
OPERATIONS: dict[str, Handler] = {
    "AssumeRole": operations.assume_role,
    "AssumeRoleWithSAML": operations.assume_role_with_saml,
    "AssumeRoleWithWebIdentity": operations.assume_role_with_web_identity,
    "GetAccessKeyInfo": operations.get_access_key_info,
    "GetCallerIdentity": operations.get_caller_identity,
}
