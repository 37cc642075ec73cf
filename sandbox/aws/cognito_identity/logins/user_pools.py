"""ServerSideTokenCheck: is the user behind an ID token still there, and not signed out everywhere since?

The user pool answers the first question through its API (AdminGetUser). When somebody was signed out is written down as
the call for it passes by, because an ID token leaves no trace in the user pool.
"""

import json
import uuid
from typing import TYPE_CHECKING

from sandbox.aws.cognito_identity.logins.jwt import Jwts, NotAJwt, UnverifiedJwt
from sandbox.aws.cognito_identity.records.refusals import invalid_login
from sandbox.aws.moto.state import find_user_pool
from sandbox.core.call import Call
from sandbox.core.caller import administrator_of
from sandbox.core.decisions import Decisions
from sandbox.core.errors import AwsError
from sandbox.core.facts import user_pool_id
from sandbox.core.http import Request, Response
from sandbox.core.instance import Instance
from sandbox.idp.storage.user_pool import user_pool_token_state

if TYPE_CHECKING:
    from sandbox.aws.gate.forward import Authorised

SCHEMA = """
CREATE TABLE IF NOT EXISTS user_pool_sign_out (
    account TEXT NOT NULL,
    user_pool TEXT NOT NULL,
    user TEXT NOT NULL,
    time REAL NOT NULL,
    PRIMARY KEY (user_pool, user)
) WITHOUT ROWID;
"""
_TARGET = "AWSCognitoIdentityProviderService."
_SIGN_INS = ("InitiateAuth", "RespondToAuthChallenge", "AdminInitiateAuth", "AdminRespondToAuthChallenge")
_DOC = "https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_CognitoIdentityProvider.html"


async def check_user(call: Call, key: str, jwt: UnverifiedJwt) -> None:
    """Ask the user pool about the user.

    Raises:
        AwsError: NotAuthorizedException. No public trace shows AWS's text.
    """
    user_pool = key.rpartition("/")[2]
    if user_pool == user_pool_id(call.instance.config.region):
        _ask_stand_in(call, jwt)
        return
    username = jwt.claims.get("cognito:username")
    names = [name for name in (username, jwt.subject) if isinstance(name, str) and name]
    signed_out = _signed_out(call.instance, user_pool, names)
    issued = jwt.seconds("auth_time") or jwt.seconds("iat") or 0.0
    renewed = jwt.claims.get("jti") in call.instance.part(_Renewed).tokens
    if signed_out is not None and issued <= signed_out and not renewed:
        call.decisions.denied(
            "login.server_check",
            "server-side token check",
            "not signed out since the token was issued",
            "signed out",
            _DOC,
        )
        raise invalid_login("The user has been signed out.")
    if not await _user_exists(call, user_pool, names[0]):
        call.decisions.denied(
            "login.server_check",
            "server-side token check",
            "an enabled user of the user pool",
            "deleted or disabled",
            _DOC,
        )
        raise invalid_login("The user does not exist or is disabled.")
    call.decisions.passed(
        "login.server_check", "server-side token check", "an enabled user, not signed out", "enabled", _DOC
    )


def _ask_stand_in(call: Call, jwt: UnverifiedJwt) -> None:
    """The same of the pool that the managed login's stand-in stands in for, which the user pools' API does not know."""
    account, origin = call.instance.config.account_id, str(jwt.claims.get("origin_jti", ""))
    state = user_pool_token_state(call.instance.store.connection, account, jwt.subject or "", origin)
    if state == "valid":
        call.decisions.passed(
            "login.server_check", "server-side token check", "an enabled user, not signed out", "enabled", _DOC
        )
        return
    call.decisions.denied(
        "login.server_check", "server-side token check", "an enabled user, not signed out", state, _DOC
    )
    signed_out = state == "signed out"
    raise invalid_login("The user has been signed out." if signed_out else "The user does not exist or is disabled.")


async def _user_exists(call: Call, user_pool: str, username: str) -> bool:
    from sandbox.aws.gate.forward import pass_on

    body = json.dumps({"UserPoolId": user_pool, "Username": username}).encode()
    headers = {
        "host": "localhost",
        "content-type": "application/x-amz-json-1.1",
        "content-length": str(len(body)),
        "x-amz-target": f"{_TARGET}AdminGetUser",
    }
    request = Request("POST", "/", "", headers, body, call.request.client, str(uuid.uuid4()))
    known = find_user_pool(user_pool, call.instance.config.region)
    if known is None:
        return False
    account = known.account
    administrator = administrator_of(account, region=call.instance.config.region)
    try:
        response, _ = await pass_on(call.instance, request, "cognito-idp", administrator, Decisions())
    except AwsError:
        return False
    return response.status == 200 and json.loads(response.body).get("Enabled") is not False


def _signed_out(instance: Instance, user_pool: str, names: list[str]) -> float | None:
    times = [
        row["time"]
        for name in names
        for row in instance.store.connection.execute(
            "SELECT time FROM user_pool_sign_out WHERE user_pool = ? AND user = ?", (user_pool, name)
        )
    ]
    return max(times, default=None)


class _Renewed:
    """Tokens issued in the second of a sign-out, but after it: their times, in whole seconds, do not show that.

    Kept in memory, where the user pools are.
    """

    def __init__(self, instance: Instance) -> None:
        self.tokens: set[str] = set()


def watch_sign_ins(instance: Instance, call: "Authorised", response: Response) -> None:
    """Remember the token of who signs in again in the second of the sign-out."""
    if response.status != 200 or call.model.name not in _SIGN_INS:
        return
    try:
        claims = instance.part(Jwts).parse(json.loads(response.body)["AuthenticationResult"]["IdToken"]).claims
    except (ValueError, KeyError, TypeError, NotAJwt):
        return  # A challenge, and no tokens yet.
    names = [str(claims.get("cognito:username", "")), str(claims.get("sub", ""))]
    signed_out = _signed_out(instance, str(claims.get("iss", "")).rpartition("/")[2], names)
    if signed_out is not None and claims.get("iat", 0) <= signed_out:
        instance.part(_Renewed).tokens.add(str(claims.get("jti", "")))


def watch_sign_outs(instance: Instance, call: "Authorised", response: Response) -> None:
    """Write down who was signed out everywhere, when a call that did so has passed.

    Who that was is told by the members that the operation has, as they were authorised. An access token is believed
    because the user pool has just answered for it, and only of a pool of the account that was asked.
    """
    if response.status != 200:
        return
    if call.model.name == "AdminUserGlobalSignOut":
        user_pool, user = str(call.params["UserPoolId"]), str(call.params["Username"])
    elif call.model.name == "GlobalSignOut":
        claims = instance.part(Jwts).parse(call.params["AccessToken"]).claims
        user_pool, user = str(claims.get("iss", "")).rpartition("/")[2], str(claims.get("sub", ""))
    else:
        return
    known = find_user_pool(user_pool, instance.config.region)
    if known is None or known.account != call.account:
        return
    instance.store.connection.execute(
        "INSERT OR REPLACE INTO user_pool_sign_out (account, user_pool, user, time) VALUES (?, ?, ?, ?)",
        (call.account, user_pool, user, instance.clock.now(call.account)),
    )
