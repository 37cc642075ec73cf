"""Whose web identity token is it? Identity pools', a registered OpenID Connect issuer's, Facebook's or Amazon's."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.aws.access.assume import Principal
from sandbox.aws.cognito_identity.exchange_operations import web_identity_principal
from sandbox.aws.cognito_identity.logins.fetch import CertificateRefused, FetchFailed, Thumbprints
from sandbox.aws.cognito_identity.logins.id_token import issued_by_identity_pools
from sandbox.aws.cognito_identity.logins.jwt import Jwts, NotAJwt, UnverifiedJwt
from sandbox.aws.cognito_identity.logins.opaque import AMAZON, FACEBOOK, ProviderRefused, introspect
from sandbox.aws.cognito_identity.logins.signature import find_signer
from sandbox.aws.cognito_identity.records.identities import Identities
from sandbox.aws.cognito_identity.records.pools import Pool, Pools
from sandbox.aws.cognito_identity.tokens import PROVIDER, TAGS_CLAIM, NotOurToken, principal_tags, read_own_token
from sandbox.aws.iam.providers import find_oidc_provider_of_issuer
from sandbox.aws.sts.assume_role import SOURCE_IDENTITY
from sandbox.core.call import Call
from sandbox.core.caller import ContextValue
from sandbox.core.errors import AwsError

_DOC = "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html"
_ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")
_OLDEST = 86_400  # seconds since `iat`; AWS says "Token too old", but not where it draws the line
_SOURCE_IDENTITY_CLAIM = "https://aws.amazon.com/source_identity"
_GOOGLE = ("accounts.google.com", "https://accounts.google.com")
_NO_KEY = (
    "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity "
    "documentation for requirements"
)
_BAD_CERTIFICATE = "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint"
_NOT_A_JWT = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"


@dataclass(frozen=True, slots=True)
class WebIdentity:
    """Whose token it is, and what it brings to the session.

    Attributes:
        provider: as the answer names it: a host, or the ARN of a registered issuer.
        federated: the provider as `aws:FederatedProvider` names it.
        transitive: keys of the tags that chained sessions inherit, in lower case.
        passing: condition keys of the trust policy that the session does not keep.
    """

    principal: Principal
    subject: str
    audience: str
    provider: str
    federated: str
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive: frozenset[str] = frozenset()
    source_identity: str = ""
    passing: Mapping[str, ContextValue] = field(default_factory=dict)


async def web_identity(call: Call, role_arn: str) -> WebIdentity:
    """The verified bearer of the call's token.

    Raises:
        AwsError: InvalidIdentityToken, ExpiredTokenException, IDPRejectedClaim, IDPCommunicationError.
    """
    token, provider_id = call.params["WebIdentityToken"], call.params.get("ProviderId")
    call.use_account(role_arn.split(":")[4])
    if provider_id is not None:
        return await _access_token(call, provider_id, token)
    try:
        jwt = call.instance.part(Jwts).parse(token)
    except NotAJwt:
        call.decisions.denied("login.format", "token format", "a signed JSON Web Token", "something else", _DOC)
        raise AwsError("InvalidIdentityToken", _NOT_A_JWT) from None
    call.decisions.passed("login.format", "token format", "a signed JSON Web Token", jwt.algorithm[:20], _DOC)
    if issued_by_identity_pools(jwt.issuer):
        return _pool_token(call, token, jwt)
    return await _oidc_token(call, role_arn, jwt)


def _pool_token(call: Call, token: str, jwt: UnverifiedJwt) -> WebIdentity:
    decisions = call.decisions
    try:
        claims = read_own_token(call.instance.keys, token)
    except NotOurToken:
        decisions.denied(
            "login.signature", "signature", "RS512 by the key that identity pools publish", jwt.algorithm[:20], _DOC
        )
        raise AwsError("InvalidIdentityToken", _NO_KEY) from None
    decisions.passed(
        "login.signature", "signature", "RS512 by the key that identity pools publish", f"kid {jwt.kid}", _DOC
    )
    pool = call.instance.part(Pools).find(claims["aud"])
    _check_epoch(call, pool, claims["sub"])
    # Expiry of a pool's token follows the pool's clock, wherever the role is.
    now = call.instance.clock.now(pool.account)
    _check_expiry(call, claims["exp"], now)
    return WebIdentity(
        principal=web_identity_principal(claims, pool.account),
        subject=claims["sub"],
        audience=claims["aud"],
        provider=PROVIDER,
        federated=PROVIDER,
        tags=principal_tags(claims),
    )


def _check_epoch(call: Call, pool: Pool, identity_id: str) -> None:
    """Identities end with their account's reset, and their tokens with them: seeded pools and roles come back under the
    ids and names that the tokens know. Elsewhere a token outlives its identity, as on AWS.

    Raises:
        AwsError: InvalidIdentityToken.
    """
    if call.instance.accounts.epoch(pool.account) and not call.instance.part(Identities).exists(
        pool.pool_id, identity_id
    ):
        call.decisions.denied("identity.exists", "identity", "one that the account has", "none of that id", _DOC)
        raise AwsError("InvalidIdentityToken", "The identity of this token is gone: its account was reset.")


async def _oidc_token(call: Call, role_arn: str, jwt: UnverifiedJwt) -> WebIdentity:
    """A token of an issuer that the role's account has registered; Google is known to AWS without that."""
    decisions = call.decisions
    present = {"iss": jwt.issuer, "aud": jwt.audiences, "sub": jwt.subject, "exp": jwt.seconds("exp") is not None}
    for claim, value in present.items():
        if not value:
            decisions.denied("login.claims", "required claims", "iss, aud, sub, exp", f"no usable {claim}", _DOC)
            raise AwsError("InvalidIdentityToken", f"Missing a required claim: {claim}")
    provider = find_oidc_provider_of_issuer(call.instance.store, role_arn.split(":")[4], jwt.issuer)
    if provider is None and jwt.issuer not in _GOOGLE:
        decisions.denied(
            "login.issuer", "issuer", "an OpenID Connect provider registered in IAM", jwt.issuer[:256], _DOC
        )
        message = f"No OpenIDConnect provider found in your account for {jwt.issuer[:256]}"
        raise AwsError("InvalidIdentityToken", message)
    decisions.passed("login.issuer", "issuer", "an OpenID Connect provider registered in IAM", jwt.issuer, _DOC)
    azp = jwt.claims.get("azp")
    given = [azp] if isinstance(azp, str) and azp else jwt.audiences
    if provider is not None and not any(client in provider.client_ids for client in given):
        decisions.denied("login.audience", "audience", " or ".join(provider.client_ids), ", ".join(given), _DOC)
        raise AwsError("InvalidIdentityToken", "Incorrect token audience")
    decisions.passed("login.audience", "audience", "a client id of the provider", ", ".join(given), _DOC)
    _check_expiry(call, jwt.seconds("exp") or 0.0, call.now)
    _check_age(call, jwt.seconds("iat"))
    await _check_signature(call, jwt, provider.thumbprints if provider is not None else None)
    name = provider.issuer if provider is not None else _GOOGLE[0]
    principal_name = provider.arn if provider is not None else _GOOGLE[0]
    context = _claims_context(name, jwt, given[0])
    tags, transitive = _session_tags(jwt)
    return WebIdentity(
        principal=Principal("Federated", [principal_name], "sts:AssumeRoleWithWebIdentity", context),
        subject=jwt.subject,
        audience=given[0],
        provider=provider.arn if provider is not None else _GOOGLE[0],
        federated=principal_name,
        tags=tags,
        transitive=transitive,
        source_identity=_source_identity(jwt),
        passing=_passing_context(name, jwt),
    )


async def _check_signature(call: Call, jwt: UnverifiedJwt, thumbprints: Thumbprints) -> None:
    issuer = jwt.issuer if "://" in jwt.issuer else f"https://{jwt.issuer}"
    try:
        signer, known = await find_signer(call, jwt, issuer, _ALGORITHMS, discovery=True, thumbprints=thumbprints)
    except FetchFailed as problem:
        call.decisions.denied("login.keys", "issuer's keys", f"the keys that {issuer} publishes", problem.reason, _DOC)
        certificate = isinstance(problem, CertificateRefused)
        raise AwsError("InvalidIdentityToken", _BAD_CERTIFICATE if certificate else _NO_KEY) from None
    if signer is None:
        actual = f"{jwt.algorithm[:20]}, kid {str(jwt.kid)[:80]}: {'does not verify' if known else 'no such key'}"
        call.decisions.denied("login.signature", "signature", f"by a key of {issuer}", actual, _DOC)
        message = "Provided Token has an invalid signature" if known else _NO_KEY
        raise AwsError("InvalidIdentityToken", message)
    call.decisions.passed(
        "login.signature", "signature", f"by a key of {issuer}", f"{jwt.algorithm}, kid {jwt.kid}", _DOC
    )


async def _access_token(call: Call, provider_id: str, token: str) -> WebIdentity:
    """Facebook's or Amazon's access token, asked about at the provider."""
    if provider_id not in (FACEBOOK, AMAZON):
        raise AwsError("InvalidIdentityToken", f"ProviderId {provider_id[:80]} is not supported")
    try:
        application, user = await introspect(call, provider_id, token, "")
    except FetchFailed as problem:
        call.decisions.denied(
            "login.introspection", "introspection", f"an answer of {provider_id}", problem.reason, _DOC
        )
        message = f"The identity provider {provider_id} could not be reached"
        raise AwsError("IDPCommunicationError", message) from None
    except ProviderRefused as refused:
        call.decisions.denied(
            "login.introspection", "introspection", f"{provider_id} accepts the token", f"HTTP {refused.status}", _DOC
        )
        reasons = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden"}
        status = f"{refused.status} {reasons.get(refused.status, 'Error')}"
        message = f"{provider_id}: {provider_id} responded with HTTP/1.1 {status}"
        raise AwsError("IDPRejectedClaim", message, 403) from None
    call.decisions.passed(
        "login.introspection", "introspection", f"{provider_id} accepts the token", f"user {user}", _DOC
    )
    context: dict[str, ContextValue] = (
        {f"{FACEBOOK}:app_id": application, f"{FACEBOOK}:id": user}
        if provider_id == FACEBOOK
        else {f"{AMAZON}:app_id": application, f"{AMAZON}:user_id": user}
    )
    principal = Principal("Federated", [provider_id], "sts:AssumeRoleWithWebIdentity", context)
    return WebIdentity(principal, user, application, provider_id, provider_id)


def _check_expiry(call: Call, expires: float, now: float) -> None:
    if now >= expires:
        call.decisions.denied("login.expiry", "expiry", f"a time before {int(expires)}", str(int(now)), _DOC)
        message = f"Token expired: current date/time {int(now)} must be before the expiration date/time {int(expires)}"
        raise AwsError("ExpiredTokenException", message)
    call.decisions.passed("login.expiry", "expiry", f"a time before {int(expires)}", str(int(now)), _DOC)


def _check_age(call: Call, issued: float | None) -> None:
    """A token that its issuer lets live for days is refused all the same; one without `iat` has no age."""
    age = 0 if issued is None else int(call.now - issued)
    if age > _OLDEST:
        call.decisions.denied("login.age", "age", f"issued at most {_OLDEST} s ago", f"{age} s ago", _DOC)
        raise AwsError("ExpiredTokenException", f"Token too old: {age}")


def _claims_context(name: str, jwt: UnverifiedJwt, audience: str) -> dict[str, ContextValue]:
    """Condition keys of an OpenID Connect provider that stay with the session: `ISSUER:aud`, `:sub` and `:amr`."""
    context: dict[str, ContextValue] = {f"{name}:aud": audience, f"{name}:sub": jwt.subject}
    amr = jwt.claims.get("amr")
    if isinstance(amr, list) and all(isinstance(entry, str) for entry in amr):
        context[f"{name}:amr"] = amr
    return context


def _passing_context(name: str, jwt: UnverifiedJwt) -> dict[str, ContextValue]:
    """`ISSUER:oaud`, the audience also where `:aud` is the `azp`, and `:email` (IAM User Guide, "Available keys for
    AWS OIDC federation")."""
    context: dict[str, ContextValue] = {f"{name}:oaud": jwt.audiences[0]}
    email = jwt.claims.get("email")
    if isinstance(email, str):
        context[f"{name}:email"] = email
    return context


_TAG_KEY = re.compile(r".{1,128}", re.DOTALL)


def _session_tags(jwt: UnverifiedJwt) -> tuple[dict[str, str], frozenset[str]]:
    """Session tags that a token brings along, and the keys of the transitive ones in lower case (IAM User Guide,
    "Passing session tags in AWS STS").

    Raises:
        AwsError: InvalidIdentityToken.
    """
    claim = jwt.claims.get(TAGS_CLAIM, {})
    tags = claim.get("principal_tags", {}) if isinstance(claim, dict) else None
    transitive = claim.get("transitive_tag_keys", []) if isinstance(claim, dict) else None
    if not isinstance(tags, dict) or len(tags) > 50 or not isinstance(transitive, list):
        raise AwsError("InvalidIdentityToken", "The session tags in the token are not valid")
    found = {}
    for key, values in tags.items():
        value = values[0] if isinstance(values, list) and len(values) == 1 else values
        if not _TAG_KEY.fullmatch(key) or not isinstance(value, str) or len(value) > 256:
            raise AwsError("InvalidIdentityToken", "The session tags in the token are not valid")
        found[key] = value
    return found, frozenset(str(key).lower() for key in transitive) & {key.lower() for key in found}


def _source_identity(jwt: UnverifiedJwt) -> str:
    """The source identity that a token brings along; empty where it brings none.

    Raises:
        AwsError: InvalidIdentityToken.
    """
    value = jwt.claims.get(_SOURCE_IDENTITY_CLAIM, "")
    if value and not (isinstance(value, str) and SOURCE_IDENTITY.fullmatch(value)):
        raise AwsError("InvalidIdentityToken", "The source identity in the token is not valid")
    return str(value)
