"""Whose web identity token is it? Identity pools', a registered OpenID Connect issuer's, Facebook's or Amazon's."""

from sandbox.aws.cognito_identity.logins.id_token import issued_by_identity_pools
from sandbox.aws.cognito_identity.logins.jwt import Jwts, NotAJwt
from sandbox.aws.sts.access_tokens import identity_of_access_token
from sandbox.aws.sts.oidc_tokens import identity_of_oidc_token
from sandbox.aws.sts.pool_tokens import identity_of_pool_token
from sandbox.aws.sts.verified_web_identity import DOC, WebIdentity
from sandbox.core.call import Call
from sandbox.core.errors import AwsError

_NOT_A_JWT = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"


async def web_identity(call: Call, role_arn: str) -> WebIdentity:
    """The verified bearer of the call's token.

    Raises:
        AwsError: InvalidIdentityToken, ExpiredTokenException, IDPRejectedClaim, IDPCommunicationError.
    """
    token, provider_id = call.params["WebIdentityToken"], call.params.get("ProviderId")
    call.use_account(role_arn.split(":")[4])
    if provider_id is not None:
        return await identity_of_access_token(call, provider_id, token)
    try:
        jwt = call.instance.part(Jwts).parse(token)
    except NotAJwt:
        call.decisions.denied("login.format", "token format", "a signed JSON Web Token", "something else", DOC)
        raise AwsError("InvalidIdentityToken", _NOT_A_JWT) from None
    call.decisions.passed("login.format", "token format", "a signed JSON Web Token", jwt.algorithm[:20], DOC)
    if issued_by_identity_pools(jwt.issuer):
        return identity_of_pool_token(call, token, jwt)
    return await identity_of_oidc_token(call, role_arn, jwt)
