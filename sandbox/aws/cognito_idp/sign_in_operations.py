"""InitiateAuth, RespondToAuthChallenge and their administrators' forms.

Developer Guide, "Authentication with Amazon Cognito user pools". A client has only the flows that it lists.
"""

from collections.abc import Mapping
from typing import Any

from sandbox.aws.cognito_idp import new_password, srp_sign_in
from sandbox.aws.cognito_idp.named import client_named, connection_of, pool_and_client_named
from sandbox.aws.cognito_idp.parameters import needed
from sandbox.aws.cognito_idp.results import ensure_key, refreshed_result, signed_in_result
from sandbox.aws.cognito_idp.secret_hash import check_secret_hash
from sandbox.aws.cognito_idp.unsupported import custom_auth, refuse_challenge, user_auth
from sandbox.core.call import Call
from sandbox.core.errors import AwsError
from sandbox.user_pools.clients import Client
from sandbox.user_pools.grants import use_refresh_token
from sandbox.user_pools.passwords import check_password
from sandbox.user_pools.pools import UserPool
from sandbox.user_pools.refusals import invalid_parameter
from sandbox.user_pools.users import FORCE_CHANGE_PASSWORD, User, find_user

_REFRESH = ("REFRESH_TOKEN_AUTH", "REFRESH_TOKEN")
_ADMINS = ("ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH")
# Flow -> what a client lists that has it: the present name, and the one of before.
_LISTED = {
    "USER_SRP_AUTH": ("ALLOW_USER_SRP_AUTH",),
    "USER_PASSWORD_AUTH": ("ALLOW_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"),
    **dict.fromkeys(_ADMINS, ("ALLOW_ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH")),
    **dict.fromkeys(_REFRESH, ("ALLOW_REFRESH_TOKEN_AUTH",)),
    "CUSTOM_AUTH": ("ALLOW_CUSTOM_AUTH", "CUSTOM_AUTH_FLOW_ONLY"),
    "USER_AUTH": ("ALLOW_USER_AUTH",),
}
# Clients that list flows by their names of before always have SRP and refresh.
_OLD = {"ADMIN_NO_SRP_AUTH", "CUSTOM_AUTH_FLOW_ONLY", "USER_PASSWORD_AUTH"}
_ALWAYS_OF_OLD = ("USER_SRP_AUTH", *_REFRESH)


async def initiate_auth(call: Call) -> dict[str, Any]:
    client, pool = client_named(call)
    if call.params["AuthFlow"] in _ADMINS:
        raise invalid_parameter("Initiate Auth method not supported")
    return await _begun(call, client, pool)


async def admin_initiate_auth(call: Call) -> dict[str, Any]:
    client, pool = pool_and_client_named(call)
    if call.params["AuthFlow"] == "USER_PASSWORD_AUTH":
        raise invalid_parameter("Initiate Auth method not supported")
    return await _begun(call, client, pool)


async def respond_to_auth_challenge(call: Call) -> dict[str, Any]:
    client, pool = client_named(call)
    return await _answered(call, client, pool)


async def admin_respond_to_auth_challenge(call: Call) -> dict[str, Any]:
    client, pool = pool_and_client_named(call)
    return await _answered(call, client, pool)


async def _begun(call: Call, client: Client, pool: UserPool) -> dict[str, Any]:
    flow: str = call.params["AuthFlow"]
    parameters: Mapping[str, str] = call.params.get("AuthParameters") or {}
    _require_flow(client, flow)
    if flow == "CUSTOM_AUTH":
        raise custom_auth()
    if flow == "USER_AUTH":
        raise user_auth()
    await ensure_key(call, pool)
    if flow in _REFRESH:
        return {"AuthenticationResult": _refreshed(call, client, pool, parameters), "ChallengeParameters": {}}
    name = needed(parameters, "USERNAME")
    check_secret_hash(client, parameters.get("SECRET_HASH"), name)
    if flow == "USER_SRP_AUTH":
        return srp_sign_in.begin(call, client, pool, name, needed(parameters, "SRP_A"))
    password = needed(parameters, "PASSWORD")
    user = check_password(connection_of(call), pool, name, password, hides_users=client.hides_users)
    return _signed_in(call, client, pool, user)


async def _answered(call: Call, client: Client, pool: UserPool) -> dict[str, Any]:
    challenge: str = call.params["ChallengeName"]
    responses: Mapping[str, str] = call.params.get("ChallengeResponses") or {}
    if challenge not in ("PASSWORD_VERIFIER", "NEW_PASSWORD_REQUIRED"):
        raise refuse_challenge(challenge)
    await ensure_key(call, pool)
    check_secret_hash(client, responses.get("SECRET_HASH"), needed(responses, "USERNAME"))
    if challenge == "PASSWORD_VERIFIER":
        return _signed_in(call, client, pool, srp_sign_in.finish(call, client, pool, responses))
    user = new_password.finish(call, client, pool, responses)
    return {"AuthenticationResult": signed_in_result(call, pool, client, user), "ChallengeParameters": {}}


def _signed_in(call: Call, client: Client, pool: UserPool, user: User) -> dict[str, Any]:
    """The tokens; before them a password of one's own, where an administrator gave the present one."""
    if user.status == FORCE_CHANGE_PASSWORD:
        return new_password.begin(call, client, pool, user)
    return {"AuthenticationResult": signed_in_result(call, pool, client, user), "ChallengeParameters": {}}


def _refreshed(call: Call, client: Client, pool: UserPool, parameters: Mapping[str, str]) -> dict[str, Any]:
    """As GetTokensFromRefreshToken, for clients that do not rotate. The hash is of the user whose token it is."""
    connection = connection_of(call)
    refreshed = use_refresh_token(connection, client, needed(parameters, "REFRESH_TOKEN"))
    given = parameters.get("USERNAME", "")
    known = find_user(connection, pool, given)
    own = (given,) if known is not None and known.sub == refreshed.user.sub else ()
    check_secret_hash(client, parameters.get("SECRET_HASH"), refreshed.user.username, refreshed.user.sub, *own)
    return refreshed_result(call, pool, client, refreshed)


def _require_flow(client: Client, flow: str) -> None:
    """Refuse a flow that the client does not have.

    Raises:
        AwsError: InvalidParameterException.
    """
    listed = set(client.definition.get("ExplicitAuthFlows") or ())
    allowed = bool(listed & set(_LISTED[flow])) or (
        flow in _ALWAYS_OF_OLD and (not listed or bool(listed & _OLD)) and not client.rotates
    )
    if allowed:
        return
    sentences = {
        "USER_PASSWORD_AUTH": "USER_PASSWORD_AUTH flow not enabled for this client",
        "USER_SRP_AUTH": "USER_SRP_AUTH is not enabled for the client.",
        "CUSTOM_AUTH": "CUSTOM_AUTH is not enabled for the client.",
        "USER_AUTH": "USER_AUTH is not enabled for the client.",
    }
    raise AwsError("InvalidParameterException", sentences.get(flow, "Auth flow not enabled for this client"))
