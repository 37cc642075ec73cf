"""Developer-authenticated identities: the application's own back end vouches, by its signature.

https://docs.aws.amazon.com/cognito/latest/developerguide/developer-authenticated-identities.html
"""

from typing import Any

from sandbox.aws.cognito_identity.identity_resolution import (
    check_conflicts,
    find_or_create,
    find_own_identity,
    link_logins,
)
from sandbox.aws.cognito_identity.logins.verified import VerifiedLogin
from sandbox.aws.cognito_identity.logins.verify import verify_logins
from sandbox.aws.cognito_identity.principal_tags import tags_of
from sandbox.aws.cognito_identity.records.identities import Identities, Identity
from sandbox.aws.cognito_identity.records.pools import Pool, Pools
from sandbox.aws.cognito_identity.records.refusals import identity_not_found, invalid_parameter, login_conflict
from sandbox.aws.cognito_identity.tokens import DEVELOPER_LIFETIME, amr_of, sign, token_claims
from sandbox.aws.wire.paging import page_of, position_text
from sandbox.core.call import Call
from sandbox.core.errors import AwsError

_LONGEST_IDENTIFIER = 1024
_MOST_LISTED = 60
DOC = "https://docs.aws.amazon.com/cognito/latest/developerguide/developer-authenticated-identities.html"


async def get_open_id_token_for_developer_identity(call: Call) -> dict[str, Any]:
    pool = call.instance.part(Pools).find_in(call.account, call.region, call.params["IdentityPoolId"])
    logins = dict(call.params["Logins"])
    identifier = logins.pop(pool.developer_provider, None) if pool.developer_provider else None
    if identifier is None:
        call.decisions.denied(
            "login.provider", "provider", pool.developer_provider or "(none)", ", ".join(logins) or "(none)", DOC
        )
        raise invalid_parameter("This identity pool does not support the specified developer provider")
    if len(identifier) > _LONGEST_IDENTIFIER:
        raise invalid_parameter(f"A developer user identifier has at most {_LONGEST_IDENTIFIER} characters.")
    call.decisions.passed("login.provider", "provider", pool.developer_provider, pool.developer_provider, DOC)
    verified = [developer_login(pool, identifier), *await verify_logins(call, pool, logins)]
    identity_id = _identity_for(call, pool, verified)
    tags = tags_of(pool, verified[1:], call.decisions) | (call.params.get("PrincipalTags") or {})
    lifetime = call.params.get("TokenDuration", DEVELOPER_LIFETIME)
    amr = amr_of(verified)
    claims = token_claims(pool, identity_id, amr, tags, call.now, lifetime)
    call.decisions.passed("token.issued", "token", "an OpenID token for the identity", f"amr {', '.join(amr)}", DOC)
    return {"IdentityId": identity_id, "Token": sign(call.instance.keys, claims)}


async def lookup_developer_identity(call: Call) -> dict[str, Any]:
    pool = call.instance.part(Pools).find_in(call.account, call.region, call.params["IdentityPoolId"])
    identities = call.instance.part(Identities)
    identity_id, identifier = call.params.get("IdentityId"), call.params.get("DeveloperUserIdentifier")
    if identity_id is None and identifier is None:
        raise invalid_parameter("Either IdentityId or DeveloperUserIdentifier must be given.")
    if identity_id is not None:
        _in_pool(call, pool, identity_id)
    if identifier is not None:
        owner = identities.owner(pool, (pool.developer_provider, identifier))
        if owner is None:
            raise AwsError("ResourceNotFoundException", f"Developer user '{identifier}' not found.")
        if identity_id is not None and owner != identity_id:
            raise AwsError("ResourceConflictException", "The developer user identifier belongs to another identity.")
        # Given both, AWS answers with the two and without the rest (API reference, LookupDeveloperIdentity).
        if identity_id is not None:
            return {"IdentityId": owner, "DeveloperUserIdentifierList": [identifier]}
        identity_id = owner
    assert identity_id is not None
    limit = call.params.get("MaxResults", _MOST_LISTED)
    after = position_text(call.params.get("NextToken"))
    found = identities.developer_users(identity_id, pool.developer_provider, limit + 1, after)
    page, more = page_of(found, limit, str)
    return {"IdentityId": identity_id, "DeveloperUserIdentifierList": page, **more}


async def merge_developer_identities(call: Call) -> dict[str, Any]:
    """The destination's identity stays, the source's is disabled."""
    pool = call.instance.part(Pools).find_in(call.account, call.region, call.params["IdentityPoolId"])
    _check_provider(pool, call.params["DeveloperProviderName"])
    source = _owner(call, pool, call.params["SourceUserIdentifier"])
    destination = _owner(call, pool, call.params["DestinationUserIdentifier"])
    if source.identity_id == destination.identity_id:
        return {"IdentityId": destination.identity_id}
    identities = call.instance.part(Identities)
    together = [*identities.logins(source.identity_id), *identities.logins(destination.identity_id)]
    check_conflicts(call, pool, together)
    identities.merge(pool, [source], destination, (), call.now)
    return {"IdentityId": destination.identity_id}


async def unlink_developer_identity(call: Call) -> dict[str, Any]:
    pool = call.instance.part(Pools).find_in(call.account, call.region, call.params["IdentityPoolId"])
    _check_provider(pool, call.params["DeveloperProviderName"])
    identity = _in_pool(call, pool, call.params["IdentityId"])
    login = (pool.developer_provider, call.params["DeveloperUserIdentifier"])
    identities = call.instance.part(Identities)
    owner = identities.owner(pool, login)
    if owner is None:
        raise AwsError("ResourceNotFoundException", f"Developer user '{login[1]}' not found.")
    if owner != identity.identity_id:
        raise login_conflict()
    identities.unlink(identity, [login], call.now)
    return {}


def developer_login(pool: Pool, identifier: str) -> VerifiedLogin:
    """A login that the caller's signature vouches for."""
    provider = pool.developer_provider
    return VerifiedLogin(
        kind="developer",
        provider=provider,
        user_key=identifier,
        amr=f"{provider}:{pool.pool_id}:{identifier}",
        mapping_key=provider,
        tag_provider=provider,
    )


def _identity_for(call: Call, pool: Pool, logins: list[VerifiedLogin]) -> str:
    """The identity of the logins: found or made, or the one asked for with the new logins linked to it.

    Raises:
        AwsError: DeveloperUserAlreadyRegisteredException, ResourceConflictException, NotAuthorizedException.
    """
    keys = [login.key for login in logins]
    wanted = call.params.get("IdentityId")
    if wanted is None:
        return find_or_create(call, pool, keys)
    identity = _in_pool(call, pool, wanted)
    owner = call.instance.part(Identities).owner(pool, keys[0])
    if owner is not None and owner != identity.identity_id:
        call.decisions.denied(
            "identity.owner", "developer user", f"registered under {identity.identity_id}", f"under {owner}", DOC
        )
        message = "The developer user identifier is already registered under another identity ID."
        raise AwsError("DeveloperUserAlreadyRegisteredException", message)
    return link_logins(call, pool, identity, keys)


def _in_pool(call: Call, pool: Pool, identity_id: str) -> Identity:
    identity = find_own_identity(call, identity_id)
    if identity.pool_id != pool.pool_id:
        raise identity_not_found(identity_id)
    return identity


def _owner(call: Call, pool: Pool, identifier: str) -> Identity:
    identities = call.instance.part(Identities)
    owner = identities.owner(pool, (pool.developer_provider, identifier))
    if owner is None:
        raise AwsError("ResourceNotFoundException", f"Developer user '{identifier}' not found.")
    return identities.find(owner)


def _check_provider(pool: Pool, name: str) -> None:
    if not pool.developer_provider or name != pool.developer_provider:
        raise invalid_parameter("This identity pool does not support the specified developer provider")
