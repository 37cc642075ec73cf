"""Web identity tokens of OpenID Connect providers."""

import re

from sandbox.aws.access.assume import Principal
from sandbox.aws.cognito_identity.logins.fetch import CertificateRefused, FetchFailed, Thumbprints
from sandbox.aws.cognito_identity.logins.jwt import UnverifiedJwt
from sandbox.aws.cognito_identity.logins.signature import find_signer
from sandbox.aws.cognito_identity.tokens import TAGS_CLAIM
from sandbox.aws.iam.providers import find_oidc_provider_of_issuer
from sandbox.aws.sts.assume_role import SOURCE_IDENTITY
from sandbox.aws.sts.verified_web_identity import DOC, NO_KEY, WebIdentity, check_expiry
from sandbox.core.call import Call
from sandbox.core.caller import ContextValue
from sandbox.core.errors import AwsError

_ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")
_OLDEST = 86_400  # seconds since `iat`; AWS says "Token too old", but not where it draws the line
_SKEW = 300  # seconds by which an issuer's clock may be ahead, as identity pools take it
_SOURCE_IDENTITY_CLAIM = "https://aws.amazon.com/source_identity"
_GOOGLE = ("accounts.google.com", "https://accounts.google.com")
_BAD_CERTIFICATE = "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint"
_TAG_KEY = re.compile(r".{1,128}", re.DOTALL)


async def identity_of_oidc_token(call: Call, role_arn: str, jwt: UnverifiedJwt) -> WebIdentity:
    """Who a token is about, of an issuer that the role's account has registered; Google is known to AWS without that.

    Raises:
        AwsError: InvalidIdentityToken, ExpiredTokenException.
    """
    decisions = call.decisions
    present = {"iss": jwt.issuer, "aud": jwt.audiences, "sub": jwt.subject, "exp": jwt.seconds("exp") is not None}
    for claim, value in present.items():
        if not value:
            decisions.denied("login.claims", "required claims", "iss, aud, sub, exp", f"no usable {claim}", DOC)
            raise AwsError("InvalidIdentityToken", f"Missing a required claim: {claim}")
    provider = find_oidc_provider_of_issuer(call.instance.store, role_arn.split(":")[4], jwt.issuer)
    if provider is None and jwt.issuer not in _GOOGLE:
        decisions.denied(
            "login.issuer", "issuer", "an OpenID Connect provider registered in IAM", jwt.issuer[:256], DOC
        )
        message = f"No OpenIDConnect provider found in your account for {jwt.issuer[:256]}"
        raise AwsError("InvalidIdentityToken", message)
    decisions.passed("login.issuer", "issuer", "an OpenID Connect provider registered in IAM", jwt.issuer, DOC)
    azp = jwt.claims.get("azp")
    given = [azp] if isinstance(azp, str) and azp else jwt.audiences
    if provider is not None and not any(client in provider.client_ids for client in given):
        decisions.denied("login.audience", "audience", " or ".join(provider.client_ids), ", ".join(given), DOC)
        raise AwsError("InvalidIdentityToken", "Incorrect token audience")
    decisions.passed("login.audience", "audience", "a client id of the provider", ", ".join(given), DOC)
    check_expiry(call, jwt.seconds("exp") or 0.0, call.now)
    _check_beginning(call, jwt.seconds("nbf"))
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
        signer, known = await find_signer(
            call, call.account, jwt, issuer, _ALGORITHMS, discovery=True, thumbprints=thumbprints
        )
    except FetchFailed as problem:
        call.decisions.denied("login.keys", "issuer's keys", f"the keys that {issuer} publishes", problem.reason, DOC)
        certificate = isinstance(problem, CertificateRefused)
        raise AwsError("InvalidIdentityToken", _BAD_CERTIFICATE if certificate else NO_KEY) from None
    if signer is None:
        actual = f"{jwt.algorithm[:20]}, kid {str(jwt.kid)[:80]}: {'does not verify' if known else 'no such key'}"
        call.decisions.denied("login.signature", "signature", f"by a key of {issuer}", actual, DOC)
        message = "Provided Token has an invalid signature" if known else NO_KEY
        raise AwsError("InvalidIdentityToken", message)
    call.decisions.passed(
        "login.signature", "signature", f"by a key of {issuer}", f"{jwt.algorithm}, kid {jwt.kid}", DOC
    )


def _check_beginning(call: Call, not_before: float | None) -> None:
    """A token is not good before its `nbf` (RFC 7519, section 4.1.5); no public trace shows STS's sentence."""
    if not_before is not None and call.now + _SKEW < not_before:
        expected = f"a time from {int(not_before)} on"
        call.decisions.denied("login.not_before", "not before", expected, str(int(call.now)), DOC)
        raise AwsError("InvalidIdentityToken", "Token is not yet valid.")


def _check_age(call: Call, issued: float | None) -> None:
    """A token that its issuer lets live for days is refused all the same; one without `iat` has no age."""
    age = 0 if issued is None else int(call.now - issued)
    if age > _OLDEST:
        call.decisions.denied("login.age", "age", f"issued at most {_OLDEST} s ago", f"{age} s ago", DOC)
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
