"""Who signed a token: the issuer's published keys tried one by one."""

from functools import partial

from sandbox.aws.cognito_identity.logins.fetch import Thumbprints
from sandbox.aws.cognito_identity.logins.jwt import Jwts, UnverifiedJwt
from sandbox.aws.cognito_identity.logins.keys import PublishedKey, PublishedKeys
from sandbox.core.call import Call


async def find_signer(
    call: Call,
    account: str,
    jwt: UnverifiedJwt,
    issuer: str,
    algorithms: tuple[str, ...],
    *,
    discovery: bool,
    thumbprints: Thumbprints = None,
) -> tuple[PublishedKey | None, bool]:
    """The key that signed the token, and whether the issuer has one of that id at all.

    Keys change, with or without a new id, and a token need not name its key: before a signature is refused the
    issuer is asked once more.

    Args:
        account: in whose world the issuer is looked up.

    Raises:
        FetchFailed: the keys could not be looked up.
    """
    published = call.instance.part(PublishedKeys)
    look = partial(published.find, account, issuer, jwt.kid, discovery=discovery, thumbprints=thumbprints)
    keys = await look()
    signer = _signer(call, jwt, keys, algorithms)
    if signer is None and keys and jwt.algorithm in algorithms:
        keys = await look(again=True)
        signer = _signer(call, jwt, keys, algorithms)
    return signer, bool(keys)


def _signer(
    call: Call, jwt: UnverifiedJwt, keys: list[PublishedKey], algorithms: tuple[str, ...]
) -> PublishedKey | None:
    jwts = call.instance.part(Jwts)
    return next((key for key in keys if jwts.signature_holds(jwt, key, algorithms)), None)
