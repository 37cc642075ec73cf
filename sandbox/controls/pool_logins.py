"""Logins at an identity pool by any provider that it trusts, with the claims that somebody asks for.

The token is signed by whoever the account finds under the provider's name: its user pool, its stand-in, or itself,
where it plays an issuer (sandbox.core.played_issuers). What the pool makes of the token is for the pool to decide.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.aws.cognito_identity.records.pools import Pool, Pools
from sandbox.aws.iam.providers import OidcProvider, comparable, find_oidc_provider, find_saml_provider
from sandbox.core.errors import AwsError
from sandbox.core.facts import Lab
from sandbox.core.instance import Instance
from sandbox.core.played_issuers import know_client, play
from sandbox.idp.mount import with_stand_ins
from sandbox.idp.sign_in.logins import Login, LoginRefused, LoginRequest
from sandbox.idp.sign_in.page import UNWRITABLE_CLAIMS, writable
from sandbox.idp.sign_in.people import PEOPLE
from sandbox.idp.stand_ins import STAND_INS
from sandbox.user_pools.clients import find_client
from sandbox.user_pools.pools import find_pool

if TYPE_CHECKING:
    from sandbox.idp.accounts import Served

_FIELDS: dict[str, type] = {"pool": str, "login": str, "claims": dict, "client": str, "username": str}
_LARGEST = 64 * 1024  # characters of what claims name
_SAML_AUDIENCES = ("urn:amazon:webservices", "https://signin.aws.amazon.com/saml")

_Sign = Callable[["Served"], Login]


@dataclass(frozen=True, slots=True)
class _Asked:
    """`client`: of which application the token is; empty for the first that the pool trusts."""

    pool: Pool
    login: str
    claims: dict[str, Any]
    client: str
    username: str


async def issue_for_pool(instance: Instance, account: str, params: dict[str, Any]) -> Login:
    """A login by the provider `login` (its name in a Logins map, or its ARN) of the account's pool `pool`.

    Raises:
        LoginRefused: there is no such provider, or nobody who signs for it.
    """
    for name, value in params.items():
        if not isinstance(value, _FIELDS.get(name, ())):
            raise LoginRefused(f"'{name[:40]}' is unknown or of the wrong type.")
    pool = _pool(instance, account, params["pool"])
    claims = params.get("claims", {})
    if len(str(claims)) > _LARGEST:
        raise LoginRefused(f"Claims have at most {_LARGEST} characters.")
    if not writable(claims):
        raise LoginRefused(UNWRITABLE_CLAIMS)
    asked = _Asked(pool, params.get("login", ""), claims, params.get("client", ""), params.get("username", ""))
    return await with_stand_ins(instance, account, _signer(instance, asked))


def play_issuers(instance: Instance, pool: Pool) -> list[str]:
    """Have the pool's account play every issuer that the pool trusts, and that nobody plays there yet.

    Returns:
        Their names, as in a Logins map.
    """
    connection, lab, played = instance.store.connection, instance.config.lab(pool.account), []
    for arn in pool.oidc_provider_arns:
        provider = find_oidc_provider(instance.store, arn)
        if provider is not None and _stand_in_of(lab, comparable(provider.issuer)) is None:
            play(connection, pool.account, [provider.url])
            played.append(comparable(provider.issuer))
    for arn in pool.saml_provider_arns:
        if find_saml_provider(instance.store, arn) is not None:
            play(connection, pool.account, [arn])
            played.append(arn)
    for name, registered in pool.login_providers.items():
        consumer, _, secret = registered.partition(";")
        if secret and (slug := _stand_in_of(lab, name)):
            know_client(connection, pool.account, slug, consumer, secret)
    instance.forget_endpoints(pool.account)
    return played


def own_pool(instance: Instance, account: str, pool_id: str) -> Pool:
    """The pool of that ID of an account.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    pool = instance.part(Pools).find(pool_id)
    if pool.account != account:
        raise AwsError("ResourceNotFoundException", f"IdentityPool '{pool_id}' not found.")
    return pool


def _pool(instance: Instance, account: str, pool_id: str) -> Pool:
    try:
        return own_pool(instance, account, pool_id)
    except AwsError as error:
        raise LoginRefused(error.message) from None


def _signer(instance: Instance, asked: _Asked) -> _Sign:
    """Who signs, found before anybody waits: the store belongs to the event loop."""
    pool, name, lab = asked.pool, asked.login, instance.config.lab(asked.pool.account)
    if name in pool.clients:
        return _by_user_pool(instance, asked)
    for arn in pool.oidc_provider_arns:
        provider = find_oidc_provider(instance.store, arn)
        if provider is not None and name in (arn, comparable(provider.issuer), provider.issuer):
            return _by_issuer(lab, provider, asked)
    if name in pool.login_providers:
        return _by_stand_in(lab, pool.login_providers[name], asked)
    if name in pool.saml_provider_arns:
        return _by_saml_provider(instance, asked)
    if name and name == pool.developer_provider:
        raise LoginRefused(f"No token is signed for {name}: call GetOpenIdTokenForDeveloperIdentity.")
    known = [
        *pool.clients,
        *(comparable(arn.partition(":oidc-provider/")[2]) for arn in pool.oidc_provider_arns),
        *pool.login_providers,
        *pool.saml_provider_arns,
    ]
    raise LoginRefused(f"The pool trusts no {name or 'such'} provider. There are: {', '.join(known) or 'none'}.")


def _by_user_pool(instance: Instance, asked: _Asked) -> _Sign:
    from sandbox.idp.played import signed_by_user_pool

    connection, pool_id = instance.store.connection, asked.login.rpartition("/")[2]
    client_id = asked.client or next(iter(asked.pool.clients[asked.login]))
    user_pool, client = find_pool(connection, pool_id), find_client(connection, client_id)
    if user_pool is None or user_pool.account != asked.pool.account:
        raise LoginRefused(f"The account has no user pool {pool_id}.")
    if client is None or client.pool_id != pool_id:
        raise LoginRefused(f"The user pool {pool_id} has no client {client_id}.")
    return lambda served: signed_by_user_pool(served, user_pool, client, asked.username, asked.claims)


def _by_issuer(lab: Lab, provider: OidcProvider, asked: _Asked) -> _Sign:
    from sandbox.idp.played import Wanted, signed_by_issuer, signed_by_stand_in

    key, client = comparable(provider.issuer), asked.client or next(iter(provider.client_ids), "")
    wanted = Wanted(key, provider.url, (client,), asked.claims)
    slug = _stand_in_of(lab, key)
    return lambda served: signed_by_stand_in(served, slug, wanted) if slug else signed_by_issuer(served, wanted)


def _by_stand_in(lab: Lab, registered: str, asked: _Asked) -> _Sign:
    from sandbox.idp.played import Wanted, opaque, signed_by_stand_in

    slug = _stand_in_of(lab, asked.login)
    if slug is None:
        raise LoginRefused(f"Nobody signs for {asked.login} here.")
    client = asked.client or registered.partition(";")[0]
    if STAND_INS[slug].has_keys:
        wanted = Wanted(asked.login, f"https://{asked.login}", (client,), asked.claims)
        return lambda served: signed_by_stand_in(served, slug, wanted)
    login = LoginRequest(next(iter(PEOPLE.values())), asked.claims, client_id=client)
    return lambda served: opaque(served, slug, login)


def _by_saml_provider(instance: Instance, asked: _Asked) -> _Sign:
    from sandbox.idp.played import Wanted, signed_by_saml_provider

    provider = find_saml_provider(instance.store, asked.login)
    if provider is None:
        raise LoginRefused(f"The account has no SAML provider {asked.login}.")
    audiences = (asked.client,) if asked.client else (f"urn:amazon:cognito:sp:{asked.pool.pool_id}", *_SAML_AUDIENCES)
    wanted = Wanted(asked.login, asked.login, audiences, asked.claims)
    return lambda served: signed_by_saml_provider(served, provider.entity_id, wanted)


def _stand_in_of(lab: Lab, key: str) -> str | None:
    """The account's stand-in that plays the provider of that name in a Logins map."""
    return next((slug for slug, stand_in in STAND_INS.items() if stand_in.logins_key(lab) == key), None)
