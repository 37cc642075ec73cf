"""The refusals of identity pools, in the words that have been seen on the wire.

Where no public trace shows a text (said beside each), the sentence is the sandbox's own.
"""

from sandbox.core.errors import AwsError


def pool_not_found(pool_id: str) -> AwsError:
    return AwsError("ResourceNotFoundException", f"IdentityPool '{pool_id}' not found.", decision="pool.exists")


def identity_not_found(identity_id: str) -> AwsError:
    return AwsError("ResourceNotFoundException", f"Identity '{identity_id}' not found.", decision="identity.exists")


def guests_not_allowed() -> AwsError:
    return AwsError("NotAuthorizedException", "Unauthenticated access is not supported for this identity pool.")


def identity_forbidden(identity_id: str) -> AwsError:
    return AwsError("NotAuthorizedException", f"Access to Identity '{identity_id}' is forbidden.")


def invalid_login(reason: str) -> AwsError:
    return AwsError("NotAuthorizedException", f"Invalid login token. {reason}")


def unsupported_provider() -> AwsError:
    return AwsError("NotAuthorizedException", "Token is not from a supported provider of this identity pool.")


def logins_do_not_match() -> AwsError:
    message = "Logins don't match. Please include at least one valid login for this identity or identity pool."
    return AwsError("NotAuthorizedException", message)


def not_a_public_provider() -> AwsError:
    return AwsError("InvalidParameterException", "Please provide a valid public provider")


def bad_configuration() -> AwsError:
    message = "Invalid identity pool configuration. Check assigned IAM roles for this pool."
    return AwsError("InvalidIdentityPoolConfigurationException", message)


def ambiguous_role(key: str) -> AwsError:
    return AwsError("NotAuthorizedException", f"The ambiguous role mapping rules for: {key} denied this request.")


def role_forbidden(value: str) -> AwsError:
    return AwsError("NotAuthorizedException", f"Access to Role '{value}' is forbidden.")


def role_not_in_token(role_arn: str) -> AwsError:
    """No public trace shows AWS's text."""
    return AwsError("NotAuthorizedException", f"The role '{role_arn}' is not among the roles of the login token.")


def login_conflict() -> AwsError:
    """No public trace shows AWS's text; the model describes the exception with these words."""
    return AwsError("ResourceConflictException", "Logins conflict: this login is already linked to another account.")


def invalid_parameter(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message)
