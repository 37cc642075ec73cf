"""Web identity tokens of identity pools, in the basic flow."""

from sandbox.aws.cognito_identity.logins.jwt import UnverifiedJwt
from sandbox.aws.cognito_identity.records.identities import Identities
from sandbox.aws.cognito_identity.records.pools import Pool, Pools
from sandbox.aws.cognito_identity.tokens import (
    PROVIDER,
    NotOurToken,
    principal_tags,
    read_own_token,
    web_identity_principal,
)
from sandbox.aws.sts.verified_web_identity import DOC, NO_KEY, WebIdentity, check_expiry
from sandbox.core.call import Call
from sandbox.core.errors import AwsError


def identity_of_pool_token(call: Call, token: str, jwt: UnverifiedJwt) -> WebIdentity:
    """The identity that a pool's own token names.

    Raises:
        AwsError: InvalidIdentityToken, ExpiredTokenException.
    """
    decisions = call.decisions
    try:
        claims = read_own_token(call.instance.keys, token)
    except NotOurToken:
        decisions.denied(
            "login.signature", "signature", "RS512 by the key that identity pools publish", jwt.algorithm[:20], DOC
        )
        raise AwsError("InvalidIdentityToken", NO_KEY) from None
    decisions.passed(
        "login.signature", "signature", "RS512 by the key that identity pools publish", f"kid {jwt.kid}", DOC
    )
    pool = call.instance.part(Pools).find(claims["aud"])
    _check_epoch(call, pool, claims["sub"])
    # Expiry of a pool's token follows the pool's clock, wherever the role is.
    now = call.instance.clock.now(pool.account)
    check_expiry(call, claims["exp"], now)
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
        call.decisions.denied("identity.exists", "identity", "one that the account has", "none of that id", DOC)
        raise AwsError("InvalidIdentityToken", "The identity of this token is gone: its account was reset.")
