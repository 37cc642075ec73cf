"""The refusals of user pools, in the words that have been seen on the wire (clients' issues, AWS's guides).

Where no public trace shows a text (said beside each), the sentence is the sandbox's own.
"""

from sandbox.core.errors import AwsError

WRONG_PASSWORD = "Incorrect username or password."  # noqa: S105


def pool_not_found(pool_id: str) -> AwsError:
    return AwsError("ResourceNotFoundException", f"User pool {pool_id} does not exist.")


def client_not_found(client_id: str) -> AwsError:
    return AwsError("ResourceNotFoundException", f"User pool client {client_id} does not exist.")


def user_not_found() -> AwsError:
    return AwsError("UserNotFoundException", "User does not exist.")


def name_not_found() -> AwsError:
    """For a name that somebody gives who has not signed in: at sign-up and for a forgotten password."""
    return AwsError("UserNotFoundException", "Username/client id combination not found.")


def group_not_found() -> AwsError:
    return AwsError("ResourceNotFoundException", "Group not found.")


def wrong_password() -> AwsError:
    return AwsError("NotAuthorizedException", WRONG_PASSWORD)


def too_many_passwords() -> AwsError:
    return AwsError("NotAuthorizedException", "Password attempts exceeded")


def user_disabled() -> AwsError:
    return AwsError("NotAuthorizedException", "User is disabled.")


def not_confirmed() -> AwsError:
    return AwsError("UserNotConfirmedException", "User is not confirmed.")


def reset_required() -> AwsError:
    return AwsError("PasswordResetRequiredException", "Password reset required for the user")


def invalid_password(problem: str) -> AwsError:
    return AwsError("InvalidPasswordException", f"Password did not conform with policy: {problem}")


def code_mismatch() -> AwsError:
    return AwsError("CodeMismatchException", "Invalid verification code provided, please try again.")


def code_expired() -> AwsError:
    return AwsError("ExpiredCodeException", "Invalid code provided, please request a code again.")


def attempt_limit() -> AwsError:
    return AwsError("LimitExceededException", "Attempt limit exceeded, please try after some time.")


def alias_exists(attribute: str) -> AwsError:
    return AwsError("AliasExistsException", f"An account with the {attribute} already exists.")


def invalid_refresh_token() -> AwsError:
    return AwsError("NotAuthorizedException", "Invalid Refresh Token")


def invalid_access_token() -> AwsError:
    return AwsError("NotAuthorizedException", "Invalid Access Token")


def invalid_session() -> AwsError:
    return AwsError("NotAuthorizedException", "Invalid session for the user.")


def unwritable() -> AwsError:
    return AwsError("NotAuthorizedException", "A client attempted to write unauthorized attribute")


def invalid_parameter(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message)
