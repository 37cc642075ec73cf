"""The token and the revocation endpoint.

https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html and .../revocation-endpoint.html: refusals
have the status 400, and at the revocation endpoint 401 where the client is not proved.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any

import flask

from sandbox.core.errors import AwsError
from sandbox.idp.managed_login.client_proof import TokenRefusal, json_answer, preflight, proved_client
from sandbox.idp.managed_login.site import LoginSite
from sandbox.idp.managed_login.token_answer import token_answer
from sandbox.user_pools.authorization_codes import TakenCode, take_authorization_code
from sandbox.user_pools.clients import Client
from sandbox.user_pools.grants import new_refresh_token, revoke_grant, revoke_refresh_token, use_refresh_token
from sandbox.user_pools.providers import scopes_of_servers
from sandbox.user_pools.tokens import mint_for_client
from sandbox.user_pools.users import user_by_sub

Form = Mapping[str, str]
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")  # RFC 7636, section 4.1
_REVOCATION_ERRORS = {
    "UnsupportedOperationException": "invalid_request",
    "UnsupportedTokenTypeException": "unsupported_token_type",
    "UnauthorizedException": "unauthorized_client",
}


def token(site: LoginSite) -> flask.Response:
    """Tokens for a code, for a refresh token, or for a client itself."""
    if flask.request.method == "OPTIONS":
        return preflight()
    try:
        client = proved_client(site)
        grant_type = _required(flask.request.form, "grant_type")
        if grant_type not in _GRANTS:
            raise TokenRefusal("unsupported_grant_type")
        return json_answer(_GRANTS[grant_type](site, client, flask.request.form))
    except TokenRefusal as refused:
        return json_answer(refused.body, refused.status)


def revoke(site: LoginSite) -> flask.Response:
    """End the sign-in of a refresh token (RFC 7009)."""
    if flask.request.method == "OPTIONS":
        return preflight()
    try:
        token = _required(flask.request.form, "token")
        client = proved_client(site)
        revoke_refresh_token(site.connection, client, token)
    except TokenRefusal as refused:
        return json_answer(refused.body, 401 if refused.body["error"] == "invalid_client" else refused.status)
    except AwsError as refused:
        return json_answer({"error": _REVOCATION_ERRORS.get(refused.code, "invalid_request")}, 400)
    return json_answer(None)


def _of_code(site: LoginSite, client: Client, form: Form) -> dict[str, Any]:
    _require_flow(client, "code")
    code, redirect_uri = _required(form, "code"), _required(form, "redirect_uri")
    taken = take_authorization_code(site.connection, client, code)
    if taken is None:
        raise TokenRefusal("invalid_grant")
    try:
        _check_sender(taken, redirect_uri, form.get("code_verifier", ""))
        user = user_by_sub(site.connection, site.pool.pool_id, taken.grant.sub)
        if user is None or not user.enabled:
            raise TokenRefusal("invalid_grant")
    except TokenRefusal:
        # The code is spent, and whoever asked for it has nothing else to come back with.
        revoke_grant(site.connection, taken.grant.origin_jti, site.pool.account)
        raise
    refresh_token = new_refresh_token(site.connection, client, taken.grant)
    return token_answer(site, client, user, taken.grant, refresh_token=refresh_token)


def _of_refresh_token(site: LoginSite, client: Client, form: Form) -> dict[str, Any]:
    shown = _required(form, "refresh_token")
    try:
        refreshed = use_refresh_token(site.connection, client, shown)
    except AwsError as refused:
        raise TokenRefusal("invalid_grant", refused.message) from None
    return token_answer(site, client, refreshed.user, refreshed.grant, refresh_token=refreshed.refresh_token)


def _of_client(site: LoginSite, client: Client, form: Form) -> dict[str, Any]:
    """A token of the client's own, for scopes of the pool's resource servers."""
    if not client.secret:
        raise TokenRefusal("unauthorized_client")
    _require_flow(client, "client_credentials")
    known = scopes_of_servers(site.connection, site.pool)
    allowed = [str(scope) for scope in client.definition.get("AllowedOAuthScopes") or () if scope in known]
    scopes = list(dict.fromkeys(form.get("scope", "").split())) or allowed
    if not scopes or not set(scopes) <= set(allowed):
        raise TokenRefusal("invalid_scope")
    return {
        "access_token": mint_for_client(site.connection, site.pool, client, " ".join(scopes)),
        "expires_in": client.seconds("Access"),
        "token_type": "Bearer",
    }


def _check_sender(taken: TakenCode, redirect_uri: str, verifier: str) -> None:
    """The code comes from who asked for it: with the same address, and the verifier of the challenge.

    Raises:
        TokenRefusal
    """
    if redirect_uri != taken.redirect_uri:
        raise TokenRefusal("unauthorized_client", "invalid_redirect")
    if not taken.code_challenge:
        # A verifier without a challenge: somebody took the challenge out of the request (RFC 9700, section 4.8.2).
        if verifier:
            raise TokenRefusal("invalid_grant", "The authorization request had no code_challenge.")
        return
    if not verifier:
        raise TokenRefusal("invalid_request", "code_verifier is missing.")
    made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    if not _VERIFIER.fullmatch(verifier) or not secrets.compare_digest(made, taken.code_challenge):
        raise TokenRefusal("invalid_grant", "The code_verifier does not belong to the code_challenge.")


def _require_flow(client: Client, flow: str) -> None:
    allowed = client.definition.get("AllowedOAuthFlows") or ()
    if not client.definition.get("AllowedOAuthFlowsUserPoolClient") or flow not in allowed:
        raise TokenRefusal("unauthorized_client")


def _required(form: Form, name: str) -> str:
    value = form.get(name, "")
    if not value:
        raise TokenRefusal("invalid_request", f"{name} is missing.")
    return value


_GRANTS: dict[str, Callable[[LoginSite, Client, Form], dict[str, Any]]] = {
    "authorization_code": _of_code,
    "refresh_token": _of_refresh_token,
    "client_credentials": _of_client,
}
