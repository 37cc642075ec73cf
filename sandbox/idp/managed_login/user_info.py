"""The userInfo endpoint: the attributes of whoever an access token is of, within its scopes.

https://docs.aws.amazon.com/cognito/latest/developerguide/userinfo-endpoint.html
"""

import flask

from sandbox.core.errors import AwsError
from sandbox.idp.managed_login.authorization import OPENID
from sandbox.idp.managed_login.client_proof import json_answer, preflight
from sandbox.idp.managed_login.site import LoginSite
from sandbox.user_pools.tokens import Bearer, believed_access_token, person_claims

_OVER = "Access token is expired, disabled, or deleted, or the user has globally signed out."


def user_info(site: LoginSite) -> flask.Response:
    """The attributes; truths are texts here, as in the service."""
    if flask.request.method == "OPTIONS":
        return preflight()
    scheme, _, token = flask.request.headers.get("Authorization", "").partition(" ")
    # RFC 6750, section 2.2: a form may hold the token; an address never, which is logged and kept.
    shown = token.strip() if scheme.lower() == "bearer" else flask.request.form.get("access_token", "")
    if not shown:
        return _refused(400, "invalid_request", "Bad OAuth2 request at UserInfo Endpoint")
    try:
        bearer = believed_access_token(site.connection, shown, scope="")
    except AwsError:
        return _refused(401, "invalid_token", _OVER)
    if bearer.pool.pool_id != site.pool.pool_id:
        return _refused(401, "invalid_token", _OVER)
    if OPENID not in str(bearer.claims.get("scope", "")).split():
        return _refused(401, "invalid_token", "Access token does not contain openid scope")
    return json_answer(_attributes(site, bearer))


def _attributes(site: LoginSite, bearer: Bearer) -> dict[str, object]:
    claims = bearer.grant.extra.get("claims")
    if claims is None:
        claims = person_claims(site.connection, bearer.pool, bearer.client, bearer.user, bearer.grant.scope)
    told = {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in claims.items()
        if not name.startswith("cognito:")
    }
    return {**told, "username": bearer.user.username}


def _refused(status: int, error: str, description: str) -> flask.Response:
    """RFC 6750, section 3; the header as the service writes it."""
    header = f'Bearer error="{error}", error_description="{description}"'
    return json_answer({"error": error, "error_description": description}, status, **{"WWW-Authenticate": header})
