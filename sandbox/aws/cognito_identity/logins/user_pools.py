"""ServerSideTokenCheck: is the user behind an ID token still there, and not signed out since?"""

from sandbox.aws.cognito_identity.logins.jwt import UnverifiedJwt
from sandbox.aws.cognito_identity.records.refusals import invalid_login
from sandbox.core.call import Call
from sandbox.user_pools.grants import token_state

_DOC = "https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_CognitoIdentityProvider.html"
_EXPECTED = "an enabled user, not signed out"


def check_user(call: Call, key: str, jwt: UnverifiedJwt) -> None:
    """Ask the user pool about the user and the sign-in.

    Raises:
        AwsError: NotAuthorizedException. No public trace shows AWS's text.
    """
    origin = str(jwt.claims.get("origin_jti", ""))
    state = token_state(call.instance.store.connection, key.rpartition("/")[2], jwt.subject, origin)
    if state == "valid":
        call.decisions.passed("login.server_check", "server-side token check", _EXPECTED, "enabled", _DOC)
        return
    call.decisions.denied("login.server_check", "server-side token check", _EXPECTED, state, _DOC)
    signed_out = state == "signed out"
    raise invalid_login("The user has been signed out." if signed_out else "The user does not exist or is disabled.")
