"""ServerSideTokenCheck: is the user behind an ID token still there, and not signed out since?"""

from sandbox.aws.cognito_identity.logins.jwt import UnverifiedJwt
from sandbox.aws.cognito_identity.records.refusals import invalid_login
from sandbox.core.call import Call
from sandbox.core.facts import user_pool_id
from sandbox.idp.storage.user_pool import user_pool_token_state
from sandbox.user_pools.grants import TokenState, token_state

_DOC = "https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_CognitoIdentityProvider.html"
_EXPECTED = "an enabled user, not signed out"


def check_user(call: Call, key: str, jwt: UnverifiedJwt) -> None:
    """Ask the user pool about the user and the sign-in.

    Raises:
        AwsError: NotAuthorizedException. No public trace shows AWS's text.
    """
    state = _state(call, key.rpartition("/")[2], jwt)
    if state == "valid":
        call.decisions.passed("login.server_check", "server-side token check", _EXPECTED, "enabled", _DOC)
        return
    call.decisions.denied("login.server_check", "server-side token check", _EXPECTED, state, _DOC)
    signed_out = state == "signed out"
    raise invalid_login("The user has been signed out." if signed_out else "The user does not exist or is disabled.")


def _state(call: Call, pool_id: str, jwt: UnverifiedJwt) -> TokenState:
    connection, origin = call.instance.store.connection, str(jwt.claims.get("origin_jti", ""))
    if pool_id == user_pool_id(call.instance.config.region):
        return user_pool_token_state(connection, call.account, jwt.subject, origin)
    return token_state(connection, pool_id, jwt.subject, origin)
