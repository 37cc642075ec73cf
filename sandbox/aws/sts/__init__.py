"""AWS Security Token Service, API version 2011-06-15. It keeps nothing: a session is in its own token."""

from sandbox.aws.sts import session_operations
from sandbox.core.call import Handler

SCHEMA = ""
OPERATIONS: dict[str, Handler] = {
    "AssumeRole": session_operations.assume_role,
    "AssumeRoleWithSAML": session_operations.assume_role_with_saml,
    "AssumeRoleWithWebIdentity": session_operations.assume_role_with_web_identity,
    "GetAccessKeyInfo": session_operations.get_access_key_info,
    "GetCallerIdentity": session_operations.get_caller_identity,
}
