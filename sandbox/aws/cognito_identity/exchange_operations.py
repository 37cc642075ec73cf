"""GetId, GetOpenIdToken, GetCredentialsForIdentity: the exchange itself."""

from collections.abc import Mapping
from typing import Any

from sandbox.aws.access.assume import Assumed, Principal, Terms, assume
from sandbox.aws.cognito_identity.identity_resolution import (
    DOC_FLOW,
    Recognised,
    check_guest,
    find_identity,
    find_or_create,
    find_pool,
    recognise,
)
from sandbox.aws.cognito_identity.logins.saml_login import is_saml_arn
from sandbox.aws.cognito_identity.logins.verify import POOL_TOKEN_KEY, verify_logins
from sandbox.aws.cognito_identity.principal_tags import tags_of
from sandbox.aws.cognito_identity.records.identities import Identities, Identity
from sandbox.aws.cognito_identity.records.pools import Pool
from sandbox.aws.cognito_identity.records.refusals import (
    bad_configuration,
    identity_forbidden,
    invalid_login,
    invalid_parameter,
    logins_do_not_match,
    role_not_in_token,
)
from sandbox.aws.cognito_identity.role_choice import choose_role, default_role
from sandbox.aws.cognito_identity.tokens import (
    BASIC_LIFETIME,
    PROVIDER,
    Claims,
    NotOurToken,
    amr_of,
    principal_tags,
    read_own_token,
    sign,
    token_claims,
    web_identity_principal,
)
from sandbox.core.call import Call
from sandbox.core.errors import AwsError

SESSION_NAME = "CognitoIdentityCredentials"
_ENHANCED_SECONDS = 3600
_DOC_CLASSIC = f"{DOC_FLOW}#authentication-flow-basic"
_DOC_DEVELOPER = "https://docs.aws.amazon.com/cognito/latest/developerguide/developer-authenticated-identities.html"


async def get_id(call: Call) -> dict[str, Any]:
    pool = find_pool(call, call.params["IdentityPoolId"])
    logins = call.params.get("Logins") or {}
    if logins:
        verified = await verify_logins(call, pool, logins)
        return {"IdentityId": find_or_create(call, pool, [login.key for login in verified])}
    check_guest(call, pool)
    created = call.instance.part(Identities).create(pool, (), call.now)
    call.decisions.info("identity.created", "identity", f"{created.identity_id} is a new guest", DOC_FLOW)
    return {"IdentityId": created.identity_id}


async def get_open_id_token(call: Call) -> dict[str, Any]:
    pool, identity = find_identity(call, call.params["IdentityId"])
    logins = call.params.get("Logins") or {}
    if any(is_saml_arn(key) for key in logins):
        # Refused before the assertion is looked at, so that the enhanced flow can still use it.
        call.decisions.denied("pool.classic", "basic flow", "logins other than SAML", "a SAML login", _DOC_CLASSIC)
        raise invalid_parameter("Basic (classic) flow is not supported with SAML, please use enhanced flow.")
    recognised = await recognise(call, pool, identity, logins)
    _check_basic_flow(call, recognised)
    tags = tags_of(pool, recognised.logins, call.decisions)
    amr = amr_of(recognised.logins)
    claims = token_claims(pool, recognised.identity_id, amr, tags, call.now, BASIC_LIFETIME)
    call.decisions.passed(
        "token.issued", "token", "an OpenID token for the identity", f"amr {', '.join(amr)}", DOC_FLOW
    )
    return {"IdentityId": recognised.identity_id, "Token": sign(call.instance.keys, claims)}


async def get_credentials_for_identity(call: Call) -> dict[str, Any]:
    pool, identity = find_identity(call, call.params["IdentityId"])
    logins = call.params.get("Logins") or {}
    custom_role = call.params.get("CustomRoleArn")
    if POOL_TOKEN_KEY in logins:
        claims = _own_claims(call, pool, identity, logins)
        if custom_role is not None:
            call.decisions.denied("role.custom", "custom role", "none with the pool's own token", custom_role, DOC_FLOW)
            raise role_not_in_token(custom_role)
        role = default_role(pool, claims["amr"][0], call.decisions)
        return _credentials(call, pool, role, claims, [])
    recognised = await recognise(call, pool, identity, logins)
    role = choose_role(pool, recognised.logins, custom_role, call.decisions)
    tags = tags_of(pool, recognised.logins, call.decisions)
    amr = amr_of(recognised.logins)
    claims = token_claims(pool, recognised.identity_id, amr, tags, call.now, BASIC_LIFETIME)
    saml = [login.provider for login in recognised.logins if login.kind == "saml"]
    return _credentials(call, pool, role, claims, saml)


def _check_basic_flow(call: Call, recognised: Recognised) -> None:
    """Let only identities pass that the pool allows the basic flow.

    Raises:
        AwsError: InvalidParameterException: the pool does not let this identity take the basic flow.
    """
    pool, decisions = recognised.pool, call.decisions
    mapped = [login.mapping_key for login in recognised.logins if login.mapping_key in pool.role_mappings]
    if mapped:
        decisions.denied(
            "pool.classic", "basic flow", "no role mapping for the provider", ", ".join(mapped), _DOC_CLASSIC
        )
        raise invalid_parameter("Basic (classic) flow is not supported with RoleMappings, please use enhanced flow.")
    if not pool.allows_basic_flow:
        decisions.denied("pool.classic", "basic flow", "AllowClassicFlow is not false", "false", _DOC_CLASSIC)
        raise invalid_parameter("Basic (classic) flow is not enabled, please use enhanced flow.")
    found = "true" if "AllowClassicFlow" in pool.definition else "not set"
    decisions.passed("pool.classic", "basic flow", "AllowClassicFlow is not false", found, _DOC_CLASSIC)


def _own_claims(call: Call, pool: Pool, identity: Identity, logins: Mapping[str, str]) -> Claims:
    """The claims of the pool's own token, as GetOpenIdTokenForDeveloperIdentity gave it out.

    Raises:
        AwsError: NotAuthorizedException.
    """
    decisions = call.decisions
    if len(logins) > 1:
        decisions.denied("login.pool_token", "logins", f"only {POOL_TOKEN_KEY}", ", ".join(logins), _DOC_DEVELOPER)
        raise invalid_parameter("Please provide a valid public provider")
    try:
        claims = read_own_token(call.instance.keys, logins[POOL_TOKEN_KEY])
    except NotOurToken:
        decisions.denied("login.pool_token", "token", "a token of an identity pool", "another", _DOC_DEVELOPER)
        raise invalid_login("Not a Cognito token.") from None
    if call.now >= claims["exp"]:
        decisions.denied("login.expiry", "expiry", f"a time before {claims['exp']}", str(int(call.now)), _DOC_DEVELOPER)
        raise invalid_login(f"Token expired: {int(call.now)} >= {claims['exp']}")
    if claims["sub"] != identity.identity_id or claims["aud"] != pool.pool_id:
        decisions.denied(
            "identity.owner", "token", f"for {identity.identity_id}", f"for {claims['sub']}", _DOC_DEVELOPER
        )
        raise logins_do_not_match()
    if identity.disabled:
        decisions.denied("identity.state", "identity", "an enabled identity", "disabled by a merge", DOC_FLOW)
        raise identity_forbidden(identity.identity_id)
    decisions.passed(
        "login.pool_token", "token", "an unexpired token of this identity pool", f"for {claims['sub']}", _DOC_DEVELOPER
    )
    return claims


def _credentials(call: Call, pool: Pool, role: str, claims: Claims, saml: list[str]) -> dict[str, Any]:
    try:
        assumed = _assume(call, pool, role, claims, saml)
    except AwsError:
        raise bad_configuration() from None
    credentials = assumed.credentials
    return {
        "IdentityId": claims["sub"],
        "Credentials": {
            "AccessKeyId": credentials.access_key_id,
            "SecretKey": credentials.secret_access_key,
            "SessionToken": credentials.session_token,
            "Expiration": float(credentials.expiration),
        },
    }


def _assume(call: Call, pool: Pool, role: str, claims: Claims, saml: list[str]) -> Assumed:
    """What Cognito does on the identity's behalf, in the pool's region. `aws:SourceIp` of the caller is not known to
    that call."""
    guest = claims["amr"] == ["unauthenticated"]
    terms = Terms(
        session_name=SESSION_NAME,
        seconds=_ENHANCED_SECONDS,
        tags=principal_tags(claims),
        guest_of=pool.region if guest else "",
        capped=False,
        request_context={"aws:RequestedRegion": pool.region},
        session_context={"aws:FederatedProvider": PROVIDER},
    )
    if guest:
        call.decisions.info(
            "policy.scope_down",
            "session policy",
            "a guest's rights are limited to the services that Cognito lists",
            DOC_FLOW,
        )
    if role.split(":")[4:5] != [pool.account]:
        call.decisions.denied("role.account", "role", f"a role of account {pool.account}", role, DOC_FLOW)
        raise AwsError("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", 403)
    principal = web_identity_principal(claims, pool.account)
    try:
        return assume(call.instance, role, principal, terms, call.now, call.decisions)
    except AwsError:
        if not saml:
            raise
    # Whether a role that an assertion names must trust Cognito or the SAML provider is not documented: either will do.
    call.decisions.info("trust.saml", "trust", "trying the role's trust in the SAML provider instead", DOC_FLOW)
    federated = Principal(
        "Federated",
        saml,
        "sts:AssumeRoleWithSAML",
        {**principal.context, "SAML:aud": "https://signin.aws.amazon.com/saml"},
    )
    return assume(call.instance, role, federated, terms, call.now, call.decisions)
