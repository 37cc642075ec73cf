"""DescribeIdentity, ListIdentities, DeleteIdentities, UnlinkIdentity."""

from typing import Any

from sandbox.aws.cognito_identity.identity_resolution import DOC_FLOW, find_identity, find_own_identity
from sandbox.aws.cognito_identity.logins.verify import verify_logins
from sandbox.aws.cognito_identity.records.identities import Identities, Identity
from sandbox.aws.cognito_identity.records.pools import Pools
from sandbox.aws.cognito_identity.records.refusals import identity_forbidden, logins_do_not_match
from sandbox.aws.iam.providers import comparable
from sandbox.aws.wire.paging import page_of, position
from sandbox.core.call import Call
from sandbox.core.errors import AwsError


async def describe_identity(call: Call) -> dict[str, Any]:
    return _described(call, find_own_identity(call, call.params["IdentityId"]))


async def list_identities(call: Call) -> dict[str, Any]:
    pool = call.instance.part(Pools).find_in(call.account, call.region, call.params["IdentityPoolId"])
    limit = call.params["MaxResults"]
    after = position(call.params.get("NextToken"))
    hide_disabled = bool(call.params.get("HideDisabled"))
    found = call.instance.part(Identities).page(pool.pool_id, limit + 1, after, hide_disabled=hide_disabled)
    page, more = page_of(found, limit, lambda identity: identity.sequence)
    return {
        "IdentityPoolId": pool.pool_id,
        "Identities": [_described(call, identity) for identity in page],
        **more,
    }


async def delete_identities(call: Call) -> dict[str, Any]:
    """Deletes what it can, and names what it cannot; an identity of another account is not there for this one."""
    unprocessed = []
    for identity_id in call.params["IdentityIdsToDelete"]:
        try:
            identity = find_own_identity(call, identity_id)
        except AwsError:
            unprocessed.append({"IdentityId": identity_id, "ErrorCode": "AccessDenied"})
            continue
        call.instance.part(Identities).delete(identity.identity_id)
    return {"UnprocessedIdentityIds": unprocessed}


async def unlink_identity(call: Call) -> dict[str, Any]:
    """Takes logins from an identity, for whoever proves one of its logins: not each, since a token may be out of reach.

    Removing a login that the identity does not have is refused in the same words; AWS's are not known.
    """
    pool, identity = find_identity(call, call.params["IdentityId"])
    verified = await verify_logins(call, pool, call.params["Logins"])
    identities = call.instance.part(Identities)
    identity = identities.find(identity.identity_id)
    if identity.disabled:
        raise identity_forbidden(identity.identity_id)
    owned = identities.logins(identity.identity_id)
    if not any(login.key in owned for login in verified):
        call.decisions.denied(
            "identity.owner", "logins", "at least one login that this identity owns", "none", DOC_FLOW
        )
        raise logins_do_not_match()
    unwanted = {comparable(name) for name in call.params["LoginsToRemove"]}
    missing = unwanted - {comparable(provider) for provider, _ in owned}
    if missing:
        call.decisions.denied(
            "identity.owner", "logins to remove", "logins of this identity", ", ".join(sorted(missing)), DOC_FLOW
        )
        raise logins_do_not_match()
    identities.unlink(identity, [login for login in owned if comparable(login[0]) in unwanted], call.now)
    return {}


def _described(call: Call, identity: Identity) -> dict[str, Any]:
    """Names of providers only, never user ids (aws-sdk-js#2073)."""
    logins = call.instance.part(Identities).logins(identity.identity_id)
    answer: dict[str, Any] = {
        "IdentityId": identity.identity_id,
        "CreationDate": identity.created,
        "LastModifiedDate": identity.modified,
    }
    if logins:
        answer["Logins"] = sorted({provider for provider, _ in logins})
    return answer
