"""Logins proved by an ID token: user pools, Google, Apple, and issuers registered through IAM."""

from sandbox.aws.cognito_identity.logins.fetch import FetchFailed
from sandbox.aws.cognito_identity.logins.jwt import Jwts, NotAJwt, UnverifiedJwt
from sandbox.aws.cognito_identity.logins.registered import (
    DOC_OIDC,
    RegisteredIssuer,
    registration_of,
)
from sandbox.aws.cognito_identity.logins.signature import find_signer
from sandbox.aws.cognito_identity.logins.user_pools import check_user
from sandbox.aws.cognito_identity.logins.verified import VerifiedLogin
from sandbox.aws.cognito_identity.records.pools import Pool
from sandbox.aws.cognito_identity.records.refusals import invalid_login
from sandbox.aws.iam.providers import comparable
from sandbox.core.call import Call
from sandbox.core.decisions import Decisions
from sandbox.core.errors import AwsError

_SKEW = 300  # seconds by which an issuer's clock may be ahead
_POOL_ISSUER = "https://cognito-identity."
_POOL_ISSUER_ENDS = (".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu")
_OIDC_ALGORITHMS = ("RS256", "RS384", "RS512")
DOC_JWT = "https://www.rfc-editor.org/rfc/rfc7519#section-4.1"


def issued_by_identity_pools(issuer: str) -> bool:
    return issuer.startswith(_POOL_ISSUER) and issuer.endswith(_POOL_ISSUER_ENDS)


async def verify_id_token(call: Call, pool: Pool, key: str, token: str) -> VerifiedLogin:
    """Check an ID token in the order in which the service does.

    Raises:
        AwsError: NotAuthorizedException with the first check that failed; ExternalServiceException when the issuer's
            keys cannot be looked up.
    """
    decisions = call.decisions
    jwt = _parsed(call, token)
    if jwt.issuer.endswith(key) and key.endswith("/"):
        key = key.rstrip("/")  # With or without the last slash of `iss` it is one provider: nobody becomes two.
    _check_claims(jwt, key, decisions)
    registration = registration_of(call.instance.store, pool, key, jwt, decisions)
    # Traces of user pools show no allowance (aws-sdk-ios#2570); the Developer Guide speaks of OpenID Connect only.
    leeway = call.instance.config.oidc_leeway if registration.kind == "oidc" else 0
    _check_time(jwt, call.now, leeway, decisions)
    await _check_signature(call, pool.account, jwt, registration)
    if registration.server_side_check:
        check_user(call, key, jwt)
    return _login(key, jwt, registration)


def _parsed(call: Call, token: str) -> UnverifiedJwt:
    try:
        jwt = call.instance.part(Jwts).parse(token)
    except NotAJwt:
        call.decisions.denied("login.format", "token format", "a signed JSON Web Token", "something else", DOC_JWT)
        raise invalid_login("Not a valid OpenId Connect identity token.") from None
    call.decisions.passed("login.format", "token format", "a signed JSON Web Token", jwt.algorithm[:20], DOC_JWT)
    return jwt


def _check_claims(jwt: UnverifiedJwt, key: str, decisions: Decisions) -> None:
    if issued_by_identity_pools(jwt.issuer):
        decisions.denied("login.issuer", "issuer", key, jwt.issuer, DOC_OIDC)
        raise invalid_login("Can't pass in a Cognito token.")
    present = {"aud": jwt.audiences, "sub": jwt.subject, "iss": jwt.issuer, "exp": jwt.seconds("exp") is not None}
    for claim, value in present.items():
        if not value:
            decisions.denied("login.claims", "required claims", "aud, sub, iss, exp", f"no usable {claim}", DOC_JWT)
            raise invalid_login(f"Missing a required claim: {claim}")
    decisions.passed("login.claims", "required claims", "aud, sub, iss, exp", "all present", DOC_JWT)
    if comparable(jwt.issuer) != key.rstrip("/") or jwt.issuer.endswith("//"):
        decisions.denied("login.issuer", "issuer", key, jwt.issuer[:256], DOC_OIDC)
        raise invalid_login("Issuer doesn't match providerName")
    decisions.passed("login.issuer", "issuer", key, jwt.issuer, DOC_OIDC)


def _check_time(jwt: UnverifiedJwt, now: float, leeway: int, decisions: Decisions) -> None:
    expires = jwt.seconds("exp") or 0.0
    if now >= expires + leeway:
        decisions.denied("login.expiry", "expiry", f"a time before {int(expires)}", str(int(now)), DOC_JWT)
        raise invalid_login(f"Token expired: {int(now)} >= {int(expires)}")
    not_before = jwt.seconds("nbf")
    if not_before is not None and now + _SKEW < not_before:
        decisions.denied("login.not_before", "not before", f"a time from {int(not_before)} on", str(int(now)), DOC_JWT)
        raise invalid_login("Token is not yet valid.")
    decisions.passed("login.expiry", "expiry", f"a time before {int(expires)}", str(int(now)), DOC_JWT)


async def _check_signature(call: Call, account: str, jwt: UnverifiedJwt, registration: RegisteredIssuer) -> None:
    user_pool = registration.kind == "user_pool"
    algorithms = ("RS256",) if user_pool else _OIDC_ALGORITHMS
    issuer = jwt.issuer if "://" in jwt.issuer else f"https://{jwt.issuer}"
    try:
        signer, known = await find_signer(
            call, account, jwt, issuer, algorithms, discovery=not user_pool, thumbprints=registration.thumbprints
        )
    except FetchFailed as problem:
        call.decisions.denied(
            "login.keys", "issuer's keys", f"the keys that {issuer} publishes", problem.reason, DOC_OIDC
        )
        if problem.answered:
            raise invalid_login("Couldn't verify signed token.") from None
        raise AwsError("ExternalServiceException", f"{comparable(issuer)} is not responding.") from None
    if signer is None:
        actual = f"{jwt.algorithm[:20]}, kid {str(jwt.kid)[:80]}: {'does not verify' if known else 'no such key'}"
        call.decisions.denied(
            "login.signature", "signature", f"{' or '.join(algorithms)} by a key of {issuer}", actual, DOC_OIDC
        )
        raise invalid_login("Couldn't verify signed token.")
    call.decisions.passed(
        "login.signature", "signature", f"by a key of {issuer}", f"{jwt.algorithm}, kid {signer.kid}", DOC_OIDC
    )


def _login(key: str, jwt: UnverifiedJwt, registration: RegisteredIssuer) -> VerifiedLogin:
    subject, client, arn = jwt.subject, registration.client, registration.provider_arn
    key = registration.name or key
    amr = {
        "user_pool": f"{key}:CognitoSignIn:{subject}",
        "oidc": f"{arn}:OIDC:{subject}",
    }.get(registration.kind, f"{key}:{client}:{subject}")
    mapping_key = {"user_pool": f"{key}:{client}", "oidc": arn}.get(registration.kind, key)
    return VerifiedLogin(
        kind=registration.kind,
        provider=key,
        user_key=subject,
        amr=amr,
        mapping_key=mapping_key,
        tag_provider=arn or key,
        claims=jwt.claims,
        default_tags={"client": client, "username": subject},
    )
