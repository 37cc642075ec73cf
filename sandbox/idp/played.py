"""Issuers that an account plays itself: what they publish, and what they sign on request.

They have no sign-in pages, since nobody who signs in there is here. Whoever administers the account says what a token
is to say; everything is signed with a key of the account.
"""

from __future__ import annotations

import base64
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.core import played_issuers, signing_keys
from sandbox.core.later import later
from sandbox.idp.accounts import Served, served
from sandbox.idp.sign_in.logins import Login, LoginRefused, LoginRequest
from sandbox.user_pools import tokens
from sandbox.user_pools.clients import Client
from sandbox.user_pools.grants import open_grant
from sandbox.user_pools.groups import group_claims, list_groups
from sandbox.user_pools.pools import UserPool
from sandbox.user_pools.users import find_user

if TYPE_CHECKING:
    import flask
    import jwt

    import samlcrypto
    from sandbox.idp.saml import responses
else:
    flask = later("flask")
    jwt = later("jwt")
    samlcrypto = later("samlcrypto")
    responses = later("sandbox.idp.saml.responses")

_SECONDS = 3600
SOMEBODY = "somebody"
_NAME_ID = "NameID"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a token is to say.

    Attributes:
        key: the provider's name in a Logins map.
        issuer: as `iss` says it, or the ARN of a SAML provider.
        audience: the application, or audiences of an assertion.
        claims: instead of, and besides, what the issuer would say by itself; None leaves one out.
    """

    key: str
    issuer: str
    audience: tuple[str, ...]
    claims: Mapping[str, Any] = field(default_factory=dict)


def register(blueprint: flask.Blueprint) -> None:
    """Add the addresses at which issuers are found that the account of the request plays."""
    place = f"/{played_issuers.PLACE}/<path:place>/.well-known"
    blueprint.add_url_rule(f"{place}/openid-configuration", "played_discovery", _discovery)
    blueprint.add_url_rule(f"{place}/jwks.json", "played_keys", _keys)


def _discovery(place: str) -> flask.Response:
    """OpenID Connect Discovery 1.0, section 3, as far as there is anything."""
    issuer = _issuer_at(place)
    return flask.jsonify(
        {
            "issuer": issuer,
            "jwks_uri": f"{issuer}/.well-known/jwks.json",
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }
    )


def _keys(place: str) -> flask.Response:
    records, issuer = served().context.records, _issuer_at(place)
    signing_keys.active_row(records.connection, records.account, issuer, _new_key_id)
    rows = signing_keys.published_rows(records.connection, records.account, issuer)
    return flask.jsonify(signing_keys.jwk_set(rows))


def _issuer_at(place: str) -> str:
    records = served().context.records
    issuer = played_issuers.issuer_at(records.connection, records.account, place)
    if issuer is None:
        flask.abort(404, "This account does not play that issuer.")
    return issuer


def signed_by_issuer(of: Served, wanted: Wanted) -> Login:
    """An ID token of an issuer that the account plays.

    Raises:
        LoginRefused: it does not play it.
    """
    records = of.context.records
    if not played_issuers.is_played(records.connection, records.account, wanted.issuer):
        raise LoginRefused(f"This account does not play {wanted.issuer}: see the action play of /_sandbox/pools.")
    row = signing_keys.active_row(records.connection, records.account, wanted.issuer.rstrip("/"), _new_key_id)
    return _id_token(of, wanted, row["kid"], signing_keys.parsed_key(row["pem"]))


def signed_by_stand_in(of: Served, slug: str, wanted: Wanted) -> Login:
    """An ID token of a stand-in, for another application than the account's own."""
    kid, key = of.stand_ins[slug].keys.active()
    return _id_token(of, wanted, kid, key)


def opaque(of: Served, slug: str, login: LoginRequest) -> Login:
    """A token of a stand-in whose tokens say nothing, for another application than the account's own.

    Raises:
        LoginRefused
    """
    return of.stand_ins[slug].login(login)


def _id_token(of: Served, wanted: Wanted, kid: str, key: Any) -> Login:
    now = of.context.records.now()
    claims = {
        "iss": wanted.issuer,
        "aud": wanted.audience[0],
        "sub": SOMEBODY,
        "iat": now.start,
        "exp": now.end_base + _SECONDS,
    }
    return _signed(wanted.key, {**claims, **wanted.claims}, key, {"kid": kid, "typ": "JWT"})


def signed_by_user_pool(of: Served, pool: UserPool, client: Client, username: str, claims: Mapping[str, Any]) -> Login:
    """An ID token of a user pool of the account: of one of its users, or, without a name, of somebody who is none.

    Groups that the claims name bring the roles that the pool's groups have, unless the claims say otherwise.

    Raises:
        LoginRefused: there is no such user.
    """
    connection, now = of.context.records.connection, of.context.records.now()
    if username:
        user = find_user(connection, pool, username)
        if user is None:
            raise LoginRefused(f"The user pool {pool.pool_id} has no user {username}.")
        grant = open_grant(connection, client, user)
        said = tokens.id_claims(connection, pool, client, user, grant, str(uuid.uuid4()))
    else:
        said = {
            "sub": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{pool.issuer}/{SOMEBODY}")),
            "cognito:username": SOMEBODY,
            "iss": pool.issuer,
            "aud": client.client_id,
            "token_use": "id",
            "auth_time": now.start,
            "iat": now.start,
            "exp": now.end_base + client.seconds("Id"),
        }
    said |= {**_of_groups(of, pool, claims), **claims}
    kept = {name: value for name, value in said.items() if value is not None}
    return Login(pool.provider_name, tokens.sign(connection, pool, kept), _expiry(kept))


def _of_groups(of: Served, pool: UserPool, claims: Mapping[str, Any]) -> dict[str, Any]:
    names = claims.get("cognito:groups")
    if not isinstance(names, list):
        return {}
    groups = [group for group in list_groups(of.context.records.connection, pool) if group.name in names]
    return group_claims(sorted(groups, key=lambda group: group.rank))


def signed_by_saml_provider(of: Served, entity_id: str, wanted: Wanted) -> Login:
    """A SAML response of a provider that the account plays; `claims` are its attributes, `NameID` among them.

    Raises:
        LoginRefused: it does not play it, or the response would be too long.
    """
    records = of.context.records
    if not played_issuers.is_played(records.connection, records.account, wanted.issuer):
        raise LoginRefused(f"This account does not play {wanted.issuer}: see the action play of /_sandbox/pools.")
    row = signing_keys.active_row(records.connection, records.account, wanted.issuer, _new_key_id)
    attributes = {name: value for name, value in wanted.claims.items() if value is not None}
    answer = responses.ResponseParts(
        issuer=entity_id,
        acs_url=responses.AWS_RECIPIENT,
        in_response_to="",
        name_id=str(attributes.pop(_NAME_ID, SOMEBODY)),
        audiences=wanted.audience,
        attributes=attributes,
        moment=records.now(),
        misbehaviour="unsolicited",
    )
    try:
        document = responses.signed_response(answer, signing_keys.parsed_key(row["pem"]), bytes(row["certificate"]))
    except samlcrypto.SamlRefused as refused:
        raise LoginRefused(refused.reason) from None
    _, end = responses.validity(answer)
    return Login(wanted.key, base64.b64encode(document.encode()).decode(), end)


def _signed(logins_key: str, claims: Mapping[str, Any], key: Any, headers: dict[str, Any]) -> Login:
    kept = {name: value for name, value in claims.items() if value is not None}
    return Login(logins_key, jwt.encode(kept, key, algorithm="RS256", headers=headers), _expiry(kept))


def _expiry(claims: Mapping[str, Any]) -> int | None:
    expires = claims.get("exp")
    return int(expires) if isinstance(expires, int | float) else None


def _new_key_id() -> str:
    return secrets.token_hex(20)
