"""The tags that moto keeps of what it holds, read at the moment of a decision."""

from collections.abc import Mapping
from typing import Any

from sandbox.aws.moto.buckets import find_bucket


def tags_of_object(account: str, bucket: str, key: str, version_id: str | None) -> dict[str, str]:
    """The tags of an object, or of one of its versions; none when there is no such object."""
    found = find_bucket(account, bucket)
    versions = list(found[0].keys.getlist(key, [])) if found is not None else []
    wanted = versions[-1:] if version_id is None else [one for one in versions if one.version_id == version_id]
    # A delete marker has no ARN, and no tags.
    arns = [one.arn for one in wanted if hasattr(one, "arn")]
    return _texts(found[1].tagger.get_tag_dict_for_resource(arns[0])) if found is not None and arns else {}


def tags_of_table(account: str, region: str, table: str) -> dict[str, str]:
    """The tags of a DynamoDB table; none when there is no such table."""
    from moto.dynamodb.models import dynamodb_backends

    found = dynamodb_backends[account][region].tables.get(table)
    return _texts({tag["Key"]: tag["Value"] for tag in found.tags}) if found is not None else {}


_SSM_TYPES = {
    "parameter": "Parameter",
    "document": "Document",
    "maintenancewindow": "MaintenanceWindow",
    "patchbaseline": "PatchBaseline",
}


def tags_of_ssm(account: str, region: str, kind: str, name: str) -> dict[str, str] | None:
    """The tags of what Systems Manager keeps; None for a kind whose tags are nowhere.

    The name of a parameter that is a path begins with the slash that its ARN has anyway.
    """
    from moto.ssm.models import ssm_backends

    if kind not in _SSM_TYPES:
        return None
    of_kind: Mapping[str, Mapping[str, str]] = ssm_backends[account][region]._resource_tags.get(_SSM_TYPES[kind], {})
    return _texts({**of_kind.get(name, {}), **of_kind.get(f"/{name}", {})})


def _texts(tags: Mapping[Any, Any]) -> dict[str, str]:
    return {str(key): str(value) for key, value in tags.items()}
