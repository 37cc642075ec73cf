"""Who signed a token: the issuer's published keys tried one by one."""

from sandbox.aws.call import Call
from sandbox.aws.cognito_identity.logins.jwt import Jwts, UnverifiedJwt
from sandbox.aws.cognito_identity.logins.keys import PublishedKey, PublishedKeys


async def find_signer(
    call: Call, jwt: UnverifiedJwt, issuer: str, algorithms: tuple[str, ...], *, discovery: bool
) -> tuple[PublishedKey | None, bool]:
    """The key that signed the token, and whether the issuer has one of that id at all.

    Keys change, with or without a new id, and a token need not name its key: before a signature is refused the
    issuer is asked once more.

    Raises:
        FetchFailed: the keys could not be looked up.
    """
    jwts, published = call.world.part(Jwts), call.world.part(PublishedKeys)
    keys: list[PublishedKey] = []
    for again in (False, True):
        keys = await published.find(issuer, jwt.kid, discovery=discovery, again=again and bool(keys))
        for key in keys:
            if jwts.signature_holds(jwt, key, algorithms):
                return key, True
    return None, bool(keys)
