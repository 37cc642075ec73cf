"""Is the issuer of an ID token registered on the pool, and for this audience?"""

from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.aws.cognito_identity.logins.fetch import Thumbprints
from sandbox.aws.cognito_identity.logins.jwt import UnverifiedJwt
from sandbox.aws.cognito_identity.logins.verified import Kind
from sandbox.aws.cognito_identity.records.pools import Pool
from sandbox.aws.cognito_identity.records.refusals import invalid_login, logins_do_not_match, unsupported_provider
from sandbox.aws.iam.providers import OidcProvider, comparable, find_oidc_provider
from sandbox.core.decisions import Decisions
from sandbox.core.store import Store

GOOGLE = "accounts.google.com"
APPLE = "appleid.apple.com"
_SOCIAL: dict[str, Kind] = {GOOGLE: "google", APPLE: "apple"}
DOC_OIDC = "https://docs.aws.amazon.com/cognito/latest/developerguide/open-id.html"
DOC_USER_POOL = "https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-integrating-user-pools-with-identity-pools.html"


@dataclass(frozen=True, slots=True)
class RegisteredIssuer:
    """What the pool knows of the token's issuer.

    Attributes:
        client: the audience that matched.
        provider_arn, name, thumbprints: of a generic OIDC provider; empty for the others.
        server_side_check: whether the user pool has to be asked about the user.
    """

    kind: Kind
    client: str
    provider_arn: str = ""
    name: str = ""
    server_side_check: bool = False
    thumbprints: Thumbprints = None


def registration_of(store: Store, pool: Pool, key: str, jwt: UnverifiedJwt, decisions: Decisions) -> RegisteredIssuer:
    """The registration under which the pool accepts the token's issuer and audience.

    Raises:
        AwsError: NotAuthorizedException: the provider or the audience is not one of this pool's.
    """
    registration = _find(store, pool, key, jwt, decisions)
    if registration is not None:
        decisions.passed(
            "login.audience", "audience", "a client id registered on the pool", registration.client, DOC_OIDC
        )
        return registration
    if not pool.has_providers:
        decisions.denied("login.provider", "provider", "a provider of this pool", "the pool has no providers", DOC_OIDC)
        raise logins_do_not_match()
    raise unsupported_provider()


def _find(store: Store, pool: Pool, key: str, jwt: UnverifiedJwt, decisions: Decisions) -> RegisteredIssuer | None:
    if key in pool.clients:
        return _user_pool(pool, key, jwt, decisions)
    oidc = _oidc_providers(store, pool, key)
    for provider in oidc:
        client = _oidc_client(provider, jwt)
        if client:
            return RegisteredIssuer("oidc", client, provider.arn, provider.issuer, thumbprints=provider.thumbprints)
    if key in _SOCIAL and key in pool.login_providers:
        return _social(pool, key, jwt, decisions)
    if oidc:
        given = jwt.claims.get("azp") or ", ".join(jwt.audiences)
        clients = [client for provider in oidc for client in provider.client_ids]
        decisions.denied("login.audience", "audience", " or ".join(clients), str(given), DOC_OIDC)
    else:
        decisions.denied("login.provider", "provider", _listed(pool), key, DOC_OIDC)
    return None


def _user_pool(pool: Pool, key: str, jwt: UnverifiedJwt, decisions: Decisions) -> RegisteredIssuer | None:
    clients = pool.clients[key]
    client = next((audience for audience in jwt.audiences if audience in clients), None)
    if client is None:
        decisions.denied("login.audience", "audience", " or ".join(clients), ", ".join(jwt.audiences), DOC_USER_POOL)
        return None
    if jwt.claims.get("token_use", "id") != "id":
        decisions.denied("login.token_use", "token use", "id", str(jwt.claims.get("token_use")), DOC_USER_POOL)
        raise invalid_login("Not a valid OpenId Connect identity token.")
    return RegisteredIssuer("user_pool", client, server_side_check=clients[client])


def _social(pool: Pool, key: str, jwt: UnverifiedJwt, decisions: Decisions) -> RegisteredIssuer | None:
    """Google and Apple: one application id each. Android's tokens carry it in `azp`, beside the server's in `aud`."""
    wanted = pool.login_providers[key]
    given = [*jwt.audiences, *([jwt.claims["azp"]] if isinstance(jwt.claims.get("azp"), str) and key == GOOGLE else [])]
    if wanted in given:
        return RegisteredIssuer(_SOCIAL[key], wanted)
    decisions.denied("login.audience", "audience", wanted, ", ".join(dict.fromkeys(given)), DOC_OIDC)
    raise invalid_login("Incorrect token audience.")


def _oidc_providers(store: Store, pool: Pool, key: str) -> list[OidcProvider]:
    found = (find_oidc_provider(store, arn) for arn in pool.oidc_provider_arns)
    return [provider for provider in found if provider is not None and comparable(provider.issuer) == key]


def _oidc_client(provider: OidcProvider, jwt: UnverifiedJwt) -> str | None:
    """The authorized party where the token names one, else its audience (Guide, "Set up an OIDC provider")."""
    azp = jwt.claims.get("azp")
    given: Iterable[str] = [azp] if isinstance(azp, str) and azp else jwt.audiences
    return next((client for client in given if client in provider.client_ids), None)


def _listed(pool: Pool) -> str:
    names = [*pool.clients, *pool.login_providers, *pool.oidc_provider_arns, *pool.saml_provider_arns]
    return " or ".join(names) or "(none)"
