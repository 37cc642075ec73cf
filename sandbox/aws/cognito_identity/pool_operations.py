"""Create-, Update-, Describe- and DeleteIdentityPool, ListIdentityPools, and the tags of pools."""

import re
from collections.abc import Mapping
from typing import Any

from sandbox.aws.cognito_identity.records.pools import PINNED_ID_TAG, Pool, Pools
from sandbox.aws.cognito_identity.records.refusals import invalid_parameter, pool_not_found
from sandbox.aws.iam.providers import find_oidc_provider, find_saml_provider
from sandbox.aws.wire.paging import page_of, position
from sandbox.core.call import Call
from sandbox.core.errors import AwsError
from sandbox.core.regions import Partition

_MEMBERS = (
    "IdentityPoolName",
    "AllowUnauthenticatedIdentities",
    "AllowClassicFlow",
    "SupportedLoginProviders",
    "DeveloperProviderName",
    "OpenIdConnectProviderARNs",
    "CognitoIdentityProviders",
    "SamlProviderARNs",
)
_MOST_TAGS = 50
_PINNED_ID = re.compile(r"[\w-]+:[0-9a-f-]+", re.ASCII)
# The pool of another region is taken as well: its region stands in its name twice.
_USER_POOL = re.compile(r"cognito-idp\.(?P<host>[a-z0-9-]+)\.(?P<suffix>[a-z.-]+)/(?P<pool>[a-z0-9-]+)_[0-9A-Za-z]+")
_ARN = re.compile(r"arn:aws[\w-]*:cognito-identity:([\w-]+):(\d{12}):identitypool/(.+)")


async def create_identity_pool(call: Call) -> dict[str, Any]:
    definition = _definition(call)
    tags = call.params.get("IdentityPoolTags") or {}
    _check_tags(tags)
    pinned = tags.get(PINNED_ID_TAG)
    if pinned is not None and not (len(pinned) <= 55 and _PINNED_ID.fullmatch(pinned)):
        raise invalid_parameter(f"'{pinned}' cannot be the id of an identity pool.")
    return call.instance.part(Pools).create(call.account, call.region, definition, tags).described()


async def update_identity_pool(call: Call) -> dict[str, Any]:
    """A full replace: what is left out gets its default, but for AllowClassicFlow (go-to-k/cdk-real-drift#402) and the
    tags, which tools that update pools never send."""
    pools = call.instance.part(Pools)
    pool = pools.find_in(call.account, call.region, call.params["IdentityPoolId"])
    definition = {**_kept(pool), **_definition(call)}
    if pool.developer_provider and definition.get("DeveloperProviderName", "") not in ("", pool.developer_provider):
        raise invalid_parameter("The developer provider name of an identity pool cannot be changed.")
    if pool.developer_provider:
        definition["DeveloperProviderName"] = pool.developer_provider
    tags = call.params.get("IdentityPoolTags", pool.tags)
    _check_tags(tags)
    return pools.update(pool.pool_id, definition, tags).described()


async def describe_identity_pool(call: Call) -> dict[str, Any]:
    return call.instance.part(Pools).find_in(call.account, call.region, call.params["IdentityPoolId"]).described()


async def delete_identity_pool(call: Call) -> dict[str, Any]:
    pools = call.instance.part(Pools)
    pools.delete(pools.find_in(call.account, call.region, call.params["IdentityPoolId"]).pool_id)
    return {}


async def list_identity_pools(call: Call) -> dict[str, Any]:
    limit = call.params["MaxResults"]
    found = call.instance.part(Pools).page(call.account, call.region, limit + 1, position(call.params.get("NextToken")))
    page, more = page_of(found, limit, lambda numbered: numbered[0])
    listed = [
        {"IdentityPoolId": pool.pool_id, "IdentityPoolName": pool.definition["IdentityPoolName"]} for _, pool in page
    ]
    return {"IdentityPools": listed, **more}


async def tag_resource(call: Call) -> dict[str, Any]:
    pool = _pool_of_arn(call)
    tags = {**pool.tags, **call.params["Tags"]}
    _check_tags(tags)
    call.instance.part(Pools).set_tags(pool.pool_id, tags)
    return {}


async def untag_resource(call: Call) -> dict[str, Any]:
    pool = _pool_of_arn(call)
    gone = set(call.params["TagKeys"])
    call.instance.part(Pools).set_tags(
        pool.pool_id, {key: value for key, value in pool.tags.items() if key not in gone}
    )
    return {}


async def list_tags_for_resource(call: Call) -> dict[str, Any]:
    return {"Tags": dict(_pool_of_arn(call).tags)}


def _pool_of_arn(call: Call) -> Pool:
    arn = call.params["ResourceArn"]
    match = _ARN.fullmatch(arn)
    if match is None:
        raise invalid_parameter(f"Invalid resource ARN: {arn}")
    region, account, pool_id = match.groups()
    if (region, account) != (call.region, call.account):
        raise pool_not_found(pool_id)
    return call.instance.part(Pools).find_in(account, region, pool_id)


def _kept(pool: Pool) -> dict[str, Any]:
    return {name: pool.definition[name] for name in ("AllowClassicFlow",) if name in pool.definition}


def _definition(call: Call) -> dict[str, Any]:
    definition = {name: call.params[name] for name in _MEMBERS if call.params.get(name) is not None}
    for entry in definition.get("CognitoIdentityProviders", []):
        _check_user_pool(entry, call.instance.partition)
    for arn in definition.get("SamlProviderARNs", []):
        saml = find_saml_provider(call.instance.store, arn)
        if saml is None or saml.account != call.account:
            raise _unknown_provider(arn, call.account)
    for arn in definition.get("OpenIdConnectProviderARNs", []):
        oidc = find_oidc_provider(call.instance.store, arn)
        if oidc is None or oidc.account != call.account:
            raise _unknown_provider(arn, call.account)
    return definition


def _check_user_pool(entry: Mapping[str, Any], partition: Partition) -> None:
    """Refuse an entry that names no user pool, or none of its clients (aws-cdk#11054).

    AWS looks whether there is such a user pool. Those of other installations cannot be asked here: what they are called
    says that there can be none, in a region that does not exist, or belongs to another partition.

    Raises:
        AwsError: InvalidParameterException.
    """
    found = _USER_POOL.fullmatch(entry.get("ProviderName") or "")
    if (
        found is None
        or found["host"] != found["pool"]
        or found["host"] not in partition.regions
        # What user pools here call themselves is the same in every partition.
        or found["suffix"] not in (partition.suffix, "amazonaws.com")
        or not entry.get("ClientId")
    ):
        raise invalid_parameter("Invalid Cognito Identity Provider")


def _unknown_provider(arn: str, account: str) -> AwsError:
    return AwsError("NotAuthorizedException", f"Identity provider {arn} is not valid for account {account}")


def _check_tags(tags: Mapping[str, str]) -> None:
    if len(tags) > _MOST_TAGS:
        raise invalid_parameter(f"An identity pool can have at most {_MOST_TAGS} tags.")
    if any(key.lower().startswith("aws:") for key in tags):
        raise invalid_parameter("Tag keys that begin with aws: are reserved.")
