"""What GetId, GetOpenIdToken and GetCredentialsForIdentity have in common: from a Logins map to one identity.

The order of the checks follows what has been observed of the service; where that ends it is a choice, and the tests
name it.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from sandbox.aws.cognito_identity.logins.verified import VerifiedLogin
from sandbox.aws.cognito_identity.logins.verify import verify_logins
from sandbox.aws.cognito_identity.records.identities import Identities, Identity, LoginKey
from sandbox.aws.cognito_identity.records.pools import Pool, Pools
from sandbox.aws.cognito_identity.records.refusals import (
    guests_not_allowed,
    identity_forbidden,
    identity_not_found,
    login_conflict,
    logins_do_not_match,
    pool_not_found,
)
from sandbox.core.call import Call

MOST_LINKED = 20
DOC_FLOW = "https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow.html"
DOC_SWITCH = "https://docs.aws.amazon.com/cognito/latest/developerguide/switching-identities.html"


class Recognised(Struct, frozen=True):
    """The identity that a call is about after linking and merging, and the logins that were proved."""

    pool: Pool
    identity_id: str
    logins: Sequence[VerifiedLogin]


def find_pool(call: Call, pool_id: str) -> Pool:
    """The pool of an unsigned call; the call then runs on the clock of its account.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    pool = call.instance.part(Pools).find(pool_id)
    if pool.region != call.region:
        call.decisions.denied("pool.exists", "identity pool", f"a pool in {call.region}", pool.pool_id, DOC_FLOW)
        raise pool_not_found(pool_id)
    call.use_account(pool.account)
    call.decisions.passed("pool.exists", "identity pool", "a pool that exists", pool.pool_id, DOC_FLOW)
    return pool


def find_identity(call: Call, identity_id: str) -> tuple[Pool, Identity]:
    """The identity of an unsigned call, and its pool.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    identity = call.instance.part(Identities).find_in(call.region, identity_id)
    pool = call.instance.part(Pools).find(identity.pool_id)
    call.use_account(pool.account)
    call.decisions.passed(
        "identity.exists", "identity", "an identity that exists", f"{identity_id} of {pool.pool_id}", DOC_FLOW
    )
    return pool, identity


def find_own_identity(call: Call, identity_id: str) -> Identity:
    """The identity, when it is the caller's account's and in the region of the call.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    identity = call.instance.part(Identities).find_in(call.region, identity_id)
    if identity.account != call.account:
        raise identity_not_found(identity_id)
    return identity


def check_guest(call: Call, pool: Pool, identity: Identity | None = None) -> None:
    """A call without Logins: may it be?

    Raises:
        AwsError: NotAuthorizedException: guest access is off, or the identity is no guest's.
    """
    if not pool.allows_guests:
        call.decisions.denied("pool.guest", "guest access", "AllowUnauthenticatedIdentities is true", "false", DOC_FLOW)
        raise guests_not_allowed()
    call.decisions.passed("pool.guest", "guest access", "AllowUnauthenticatedIdentities is true", "true", DOC_FLOW)
    if identity is None:
        return
    if identity.disabled:
        call.decisions.denied(
            "identity.state", "identity", "an enabled guest identity", "disabled by a merge", DOC_FLOW
        )
        raise identity_forbidden(identity.identity_id)
    if identity.authenticated:
        actual = "authenticated, and no Logins were sent"
        call.decisions.denied("login.missing", "identity", "an enabled guest identity", actual, DOC_FLOW)
        raise identity_forbidden(identity.identity_id)


async def recognise(call: Call, pool: Pool, identity: Identity, logins: Mapping[str, str]) -> Recognised:
    """Check the logins of a call about `identity`; link, promote or merge as they demand.

    Raises:
        AwsError
    """
    if not logins:
        check_guest(call, pool, identity)
        return Recognised(pool, identity.identity_id, ())
    verified = await verify_logins(call, pool, logins)
    # What is known of the identity may have changed while keys were being looked up.
    identity = call.instance.part(Identities).find(identity.identity_id)
    settled = link_logins(call, pool, identity, [login.key for login in verified])
    return Recognised(pool, settled, verified)


def find_or_create(call: Call, pool: Pool, logins: Sequence[LoginKey]) -> str:
    """The id of the identity that owns the logins, made when there is none; several owners are merged."""
    identities = call.instance.part(Identities)
    owners = {login: identities.owner(pool, login) for login in logins}
    owner_ids = sorted({owner for owner in owners.values() if owner is not None})
    if not owner_ids:
        created = identities.create(pool, logins, call.now)
        call.decisions.info(
            "identity.created", "identity", f"no identity owns this login: {created.identity_id} is new", DOC_FLOW
        )
        return created.identity_id
    call.decisions.passed(
        "identity.owner", "identity", "the identity that owns the login", ", ".join(owner_ids), DOC_FLOW
    )
    return _merge(call, pool, [identities.find(owner) for owner in owner_ids], owners)


def link_logins(call: Call, pool: Pool, identity: Identity, logins: Sequence[LoginKey]) -> str:
    """The id of the identity after the logins of a call have been linked to it or merged with it.

    Raises:
        AwsError: NotAuthorizedException (disabled, or no login is this identity's), ResourceConflictException.
    """
    identities = call.instance.part(Identities)
    if identity.disabled:
        call.decisions.denied("identity.state", "identity", "an enabled identity", "disabled by a merge", DOC_FLOW)
        raise identity_forbidden(identity.identity_id)
    owners = {login: identities.owner(pool, login) for login in logins}
    if identity.authenticated:
        if identity.identity_id not in owners.values():
            call.decisions.denied(
                "identity.owner", "logins", "at least one login that this identity owns", "none", DOC_FLOW
            )
            raise logins_do_not_match()
        owned = ", ".join(provider for (provider, _), owner in owners.items() if owner == identity.identity_id)
        call.decisions.passed("identity.owner", "logins", "at least one login that this identity owns", owned, DOC_FLOW)
    elif all(owner is None for owner in owners.values()):
        call.decisions.info(
            "identity.authenticated",
            "identity",
            "the guest becomes an authenticated identity with the same id",
            DOC_SWITCH,
        )
    others = sorted({owner for owner in owners.values() if owner is not None and owner != identity.identity_id})
    return _merge(call, pool, [identity, *(identities.find(other) for other in others)], owners)


def _merge(call: Call, pool: Pool, parties: Sequence[Identity], owners: Mapping[LoginKey, str | None]) -> str:
    """Make one identity of all parties, which gets the logins that nobody owns.

    Which side wins a merge is not documented. Here an authenticated identity wins over a guest, and of two
    authenticated ones the older.
    """
    identities = call.instance.part(Identities)
    winner = min(parties, key=lambda party: (not party.authenticated, party.sequence))
    losers = [party for party in parties if party is not winner]
    links = [login for login, owner in owners.items() if owner is None]
    if not losers and not links:
        return winner.identity_id
    held = [login for party in parties for login in identities.logins(party.identity_id)]
    check_conflicts(call, pool, [*held, *links])
    if losers:
        gone = ", ".join(loser.identity_id for loser in losers)
        call.decisions.info(
            "identity.merged", "merge", f"{gone} merged into {winner.identity_id} and disabled", DOC_SWITCH
        )
        identities.merge(pool, losers, winner, links, call.now)
    else:
        identities.link(pool, winner, links, call.now)
    return winner.identity_id


def check_conflicts(call: Call, pool: Pool, logins: Sequence[LoginKey]) -> None:
    """One login for each public provider, twenty in all; a developer may know one person by several identifiers.

    Raises:
        AwsError: ResourceConflictException.
    """
    public = [provider for provider, _ in set(logins) if provider != pool.developer_provider]
    if len(public) != len(set(public)):
        twice = sorted({provider for provider in public if public.count(provider) > 1})
        call.decisions.denied(
            "login.conflict", "logins", "one login for each public provider", f"two of {', '.join(twice)}", DOC_FLOW
        )
        raise login_conflict()
    if len(set(logins)) > MOST_LINKED:
        call.decisions.denied(
            "identity.limit", "logins", f"at most {MOST_LINKED} linked logins", str(len(set(logins))), DOC_FLOW
        )
        raise login_conflict()
