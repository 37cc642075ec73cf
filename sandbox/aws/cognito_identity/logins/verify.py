"""All values of a Logins map, each checked by its kind. One bad value fails the whole call."""

from collections.abc import Mapping

from sandbox.aws.cognito_identity.logins.id_token import verify_id_token
from sandbox.aws.cognito_identity.logins.opaque import OPAQUE_PROVIDERS, verify_opaque
from sandbox.aws.cognito_identity.logins.saml_login import is_saml_arn, verify_saml
from sandbox.aws.cognito_identity.logins.verified import VerifiedLogin
from sandbox.aws.cognito_identity.records.pools import Pool, Pools
from sandbox.aws.cognito_identity.records.refusals import invalid_login, not_a_public_provider
from sandbox.core.call import Call

POOL_TOKEN_KEY = "cognito-identity.amazonaws.com"  # noqa: S105 (the name of a provider)
_DOC_DEVELOPER = "https://docs.aws.amazon.com/cognito/latest/developerguide/developer-authenticated-identities.html"


async def verify_logins(call: Call, pool: Pool, logins: Mapping[str, str]) -> list[VerifiedLogin]:
    """The logins that the values prove, in the order given.

    Raises:
        AwsError: the first refusal.
    """
    verified = [await _verify(call, pool, key, value) for key, value in logins.items()]
    # While keys were being looked up the pool may have been deleted; nothing may be written into it then.
    call.instance.part(Pools).find(pool.pool_id)
    return verified


async def _verify(call: Call, pool: Pool, key: str, value: str) -> VerifiedLogin:
    if key and key == pool.developer_provider:
        call.decisions.denied(
            "login.provider", "provider", "a public provider", f"{key}, the pool's developer provider", _DOC_DEVELOPER
        )
        raise not_a_public_provider()
    if key == POOL_TOKEN_KEY:
        call.decisions.denied("login.pool_token", "provider", "an external provider", key, _DOC_DEVELOPER)
        raise invalid_login("Can't pass in a Cognito token.")
    if is_saml_arn(key):
        return await verify_saml(call, pool, key, value)
    if key in OPAQUE_PROVIDERS:
        return await verify_opaque(call, pool, key, value)
    return await verify_id_token(call, pool, key, value)
