"""Why a check was not passed, in a clause that can follow “because”. By the name of the check (decisioncodes)."""

# Of the basic flow there are three refusals; what was found tells them apart.
_CLASSIC = {
    "a SAML login": "the classic flow takes no SAML logins",
    "false": "the classic flow is off",
}
_CLASSIC_MAPPED = "the pool maps roles for this provider, which the classic flow would pass by"

DENIALS: dict[str, str] = {
    "request.signature": "the request is not signed as it has to be",
    "request.origin": "a web page of another site sent it",
    "request.busy": "the sandbox holds no more bytes of requests at a time",
    "request.limit": "the request is too large",
    "request.region": "the request went to another Region",
    "request.operation": "the service has no such operation",
    "request.parameters": "a parameter is not what the operation takes",
    "request.valid": "the service does not take the request",
    "service.emulated": "the sandbox does not play this part of the service",
    "fault.throttle": "too many calls came within a second",
    "fault.error": "a switch of the sandbox has the call fail",
    "pool.exists": "there is no such identity pool",
    "pool.guest": "the pool takes no guests",
    "login.missing": "the identity belongs to a login, and the call brings none",
    "login.provider": "the login’s provider is not registered with the pool",
    "login.format": "the login cannot be read as a token of its kind",
    "login.claims": "the token lacks a claim that it must have",
    "login.token_use": "the token is no ID token",
    "login.issuer": "the token’s issuer is not the provider named in Logins",
    "login.audience": "the token was made for another audience",
    "login.expiry": "the token has expired",
    "login.not_before": "the token is not valid yet",
    "login.age": "the token was issued too long ago",
    "login.keys": "the issuer’s keys could not be fetched",
    "login.signature": "the token’s signature is not by a key of its issuer",
    "login.server_check": "the user pool’s user is disabled or has signed out",
    "login.introspection": "the provider does not accept its access token any more",
    "login.replay": "the SAML response was used before",
    "login.pool_token": "the pool’s own token may not be used like this",
    "login.conflict": "Logins holds more than one login of a provider",
    "identity.exists": "there is no such identity",
    "identity.state": "the identity was merged into another and is disabled",
    "identity.owner": "the login does not belong to this identity",
    "identity.limit": "the identity has as many logins as it can have",
    "role.missing": "the pool has no role for identities of this kind",
    "role.mapping": "no rule of the role mapping fits, and the pool then denies",
    "role.custom": "the login does not offer the role that was asked for",
    "role.saml": "the SAML assertion does not offer the role, or offers several",
    "role.account": "the role is in another account",
    "role.exists": "there is no such role",
    "role.duration": "the role does not allow so long a session",
    "role.packed_size": "session policies and tags are too large for a session",
    "trust.statement": "no statement of the role’s trust policy allows it",
    "trust.deny": "a statement of the role’s trust policy denies it",
    "trust.principal": "the role’s trust policy names another principal",
    "trust.action": "the role’s trust policy allows another action",
    "trust.tag_session": "the role’s trust policy does not allow sts:TagSession",
    "trust.source_identity": "the role’s trust policy does not allow sts:SetSourceIdentity",
    "trust.aud": "the role’s trust policy names another identity pool (aud)",
    "trust.amr": "the role’s trust policy asks for another kind of identity (amr)",
    "trust.sub": "the role’s trust policy names another identity (sub)",
    "trust.condition": "a condition of the role’s trust policy does not hold",
    "policy.identity": "no policy of the role allows it",
    "policy.boundary": "the role’s permissions boundary does not allow it",
    "policy.session": "the session policy does not allow it",
    "policy.resource": "the resource’s own policy does not allow it",
    "policy.condition_key": "a policy uses a condition key that the sandbox cannot supply",
    "policy.pool_credentials": "credentials of an identity pool may not call identity pools",
}


def denial(code: str, found: str) -> str:
    """The clause for a check that was not passed; empty where there is none for it.

    Args:
        code: the check's name, such as `pool.classic`; empty in a run that was recorded before checks had names.
        found: what the check found.
    """
    if code == "pool.classic":
        return _CLASSIC.get(found, _CLASSIC_MAPPED)
    return DENIALS.get(code, "")
