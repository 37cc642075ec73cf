"""Create-, Describe-, List-, Update- and DeleteUserPool, custom attributes, MFA, and the tags of pools."""

import re
from collections.abc import Mapping, Set
from typing import Any

from sandbox.aws.cognito_idp.described import described_pool, given_members, listed_pool
from sandbox.aws.cognito_idp.named import connection_of, pool_named
from sandbox.aws.cognito_idp.unsupported import refuse_required_mfa
from sandbox.aws.wire.paging import page_of, position
from sandbox.core.call import Call
from sandbox.core.errors import AwsError
from sandbox.core.store import atomic
from sandbox.user_pools.attributes import check_limits, custom_name, schema_of, standard_attributes
from sandbox.user_pools.domains import domain_of
from sandbox.user_pools.pools import UserPool, change_pool, create_pool, delete_pool, list_pools, pool_in
from sandbox.user_pools.refusals import invalid_parameter

# What never changes once the pool is made, and stays when UpdateUserPool says nothing of it.
_LASTING = ("UsernameAttributes", "AliasAttributes", "UsernameConfiguration", "Schema")
_MFA = ("SmsMfaConfiguration", "SoftwareTokenMfaConfiguration", "EmailMfaConfiguration", "WebAuthnConfiguration")
_MOST_POOLS = 1000
_MOST_CUSTOM = 50
_MOST_TAGS = 50
_ARN = re.compile(r"arn:aws:cognito-idp:([a-z0-9-]+):(\d{12}):userpool/(.+)")


async def create_user_pool(call: Call) -> dict[str, Any]:
    definition, tags = _definition(call)
    if definition.get("UsernameAttributes") and definition.get("AliasAttributes"):
        raise invalid_parameter("Only one of aliasAttributes or usernameAttributes can be set in a user pool.")
    _check_schema(definition.get("Schema") or ())
    connection = connection_of(call)
    if len(list_pools(connection, call.account, call.region, limit=_MOST_POOLS)) >= _MOST_POOLS:
        raise AwsError("LimitExceededException", f"An account has at most {_MOST_POOLS} user pools in a region.")
    pool = create_pool(connection, call.account, call.region, definition, tags=tags)
    return {"UserPool": described_pool(connection, pool)}


async def describe_user_pool(call: Call) -> dict[str, Any]:
    return {"UserPool": described_pool(connection_of(call), pool_named(call))}


async def list_user_pools(call: Call) -> dict[str, Any]:
    limit = call.params["MaxResults"]
    found = list_pools(
        connection_of(call),
        call.account,
        call.region,
        after=position(call.params.get("NextToken")),
        limit=limit + 1,
    )
    page, more = page_of(found, limit, lambda pool: pool.sequence)
    return {"UserPools": [listed_pool(pool) for pool in page], **more}


async def update_user_pool(call: Call) -> dict[str, Any]:
    """A full replace: what is left out gets its default (API reference, UpdateUserPool)."""
    pool = pool_named(call)
    definition, tags = _definition(call)
    kept = {name: pool.definition[name] for name in _LASTING if name in pool.definition}
    change_pool(
        connection_of(call),
        pool,
        name=definition.pop("PoolName", None),
        definition={**definition, **kept},
        tags=tags if "UserPoolTags" in call.params else None,
    )
    return {}


async def delete_user_pool(call: Call) -> dict[str, Any]:
    pool, connection = pool_named(call), connection_of(call)
    if pool.definition.get("DeletionProtection") == "ACTIVE":
        raise invalid_parameter(
            "The user pool cannot be deleted because deletion protection is activated. Deletion protection must be "
            "inactivated first."
        )
    if domain_of(connection, pool) is not None:
        raise invalid_parameter("User pool cannot be deleted. It has a domain configured that should be deleted first.")
    with atomic(connection):
        delete_pool(connection, pool)
    return {}


async def add_custom_attributes(call: Call) -> dict[str, Any]:
    pool = pool_named(call)
    added = call.params["CustomAttributes"]
    _check_schema(added)
    schema = schema_of(pool)
    for entry in added:
        if custom_name(entry) in schema or entry["Name"] in schema:
            raise invalid_parameter(
                f"custom:{entry['Name']}: Existing attribute already has name {custom_name(entry)}."
            )
    every = [*(pool.definition.get("Schema") or ()), *added]
    change_pool(connection_of(call), pool, definition={**pool.definition, "Schema": every})
    return {}


async def get_user_pool_mfa_config(call: Call) -> dict[str, Any]:
    pool = pool_named(call)
    kept = pool.definition.get("MfaConfig") or {}
    return {**kept, "MfaConfiguration": pool.definition.get("MfaConfiguration", "OFF")}


async def set_user_pool_mfa_config(call: Call) -> dict[str, Any]:
    """Settings are kept; to require a second factor is refused, since nobody could give one."""
    pool = pool_named(call)
    mode = call.params.get("MfaConfiguration", "OFF")
    refuse_required_mfa(mode)
    kept = {name: call.params[name] for name in _MFA if name in call.params}
    definition = {**pool.definition, "MfaConfig": kept, "MfaConfiguration": mode}
    change_pool(connection_of(call), pool, definition=definition)
    return {**kept, "MfaConfiguration": mode}


async def tag_resource(call: Call) -> dict[str, Any]:
    pool = _pool_of_arn(call)
    tags = {**pool.tags, **call.params["Tags"]}
    _check_tags(tags)
    change_pool(connection_of(call), pool, tags=tags)
    return {}


async def untag_resource(call: Call) -> dict[str, Any]:
    pool = _pool_of_arn(call)
    gone = set(call.params["TagKeys"])
    kept = {key: value for key, value in pool.tags.items() if key not in gone}
    change_pool(connection_of(call), pool, tags=kept)
    return {}


async def list_tags_for_resource(call: Call) -> dict[str, Any]:
    return {"Tags": dict(_pool_of_arn(call).tags)}


def _pool_of_arn(call: Call) -> UserPool:
    match = _ARN.fullmatch(call.params["ResourceArn"])
    if match is None or match[2] != call.account or match[1] != call.region:
        raise AwsError("ResourceNotFoundException", "The resource could not be found.")
    return pool_in(connection_of(call), call.account, call.region, match[3])


def _definition(call: Call) -> tuple[dict[str, Any], dict[str, str]]:
    """The members that describe the pool; and its tags."""
    refuse_required_mfa(call.params.get("MfaConfiguration", "OFF"))
    tags = call.params.get("UserPoolTags") or {}
    _check_tags(tags)
    definition = given_members(call.params, "UserPoolId", "UserPoolTags")
    _check_regions(definition, call.instance.partition.regions)
    return definition, tags


def _check_regions(definition: Mapping[str, Any], known: Set[str]) -> None:
    """Refuse a pool whose mails, messages, triggers or keys are in no region of AWS's. The words are the sandbox's own.

    Raises:
        AwsError: InvalidParameterException.
    """
    triggers = (definition.get("LambdaConfig") or {}).values()
    named = [*triggers, *(inner for one in triggers if isinstance(one, Mapping) for inner in one.values())]
    named.append((definition.get("EmailConfiguration") or {}).get("SourceArn"))
    for arn in named:
        parts = arn.split(":") if isinstance(arn, str) else []
        if len(parts) >= 6 and parts[3] not in known:
            raise invalid_parameter(f"{arn[:200]} is in no region that this account can use.")
    region = (definition.get("SmsConfiguration") or {}).get("SnsRegion")
    if region and region not in known:
        raise invalid_parameter(f"{region} is no region that this account can use.")


def _check_schema(entries: Any) -> None:
    """Refuse attributes that no pool can have."""
    standard, seen = standard_attributes(), set()
    for entry in entries:
        name = entry.get("Name")
        if not name:
            raise invalid_parameter("An attribute of the schema has no name.")
        if name in seen:
            raise invalid_parameter(f"Attribute {name} is listed twice.")
        seen.add(name)
        if name in standard:
            kind = entry.get("AttributeDataType")
            if (kind and kind != standard[name]["AttributeDataType"]) or entry.get("DeveloperOnlyAttribute"):
                raise invalid_parameter(
                    "You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute "
                    f"{name}"
                )
        elif "AttributeDataType" not in entry:
            raise invalid_parameter(
                "Invalid AttributeDataType input, consider using the provided AttributeDataType enum."
            )
        elif entry.get("Required"):
            raise invalid_parameter("Required custom attributes are not supported currently.")
        check_limits(entry)
    if len(seen - set(standard)) > _MOST_CUSTOM:
        raise AwsError("LimitExceededException", f"A user pool has at most {_MOST_CUSTOM} custom attributes.")


def _check_tags(tags: Mapping[str, str]) -> None:
    if len(tags) > _MOST_TAGS:
        raise invalid_parameter(f"A user pool can have at most {_MOST_TAGS} tags.")
    if any(key.lower().startswith("aws:") for key in tags):
        raise invalid_parameter("Tag keys that begin with aws: are reserved.")
