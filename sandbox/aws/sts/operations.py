"""The operations of STS that the sandbox has."""

from sandbox.aws.sts import session_operations
from sandbox.core.call import Handler

OPERATIONS: dict[str, Handler] = {
    "AssumeRole": session_operations.assume_role,
    "AssumeRoleWithSAML": session_operations.assume_role_with_saml,
    "AssumeRoleWithWebIdentity": session_operations.assume_role_with_web_identity,
    "GetAccessKeyInfo": session_operations.get_access_key_info,
    "GetCallerIdentity": session_operations.get_caller_identity,
    "GetSessionToken": session_operations.get_session_token,
}
