"""What a request to a JSON or query service brings along: condition keys, and the further actions that it needs.

Source: Service Authorization Reference, columns "Condition keys" and "Dependent actions"; the "Permissions" of the
operations' API references. Names of members are those of the services' models.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from iampolicy.context import tag_values
from iampolicy.evaluator import Access
from iampolicy.truth import UNKNOWN, Unknown

Keys = dict[str, str | Sequence[str] | Unknown]

_TAG_MEMBERS = ("Tags", "IdentityPoolTags", "UserPoolTags")
# What gives tags to something that is there; to make it with tags takes the same right.
_TAGGING = {"cognito-identity": "TagResource", "cognito-idp": "TagResource", "dynamodb": "TagResource"}
_TAGGING_OF = {
    "iam:CreateRole": "TagRole",
    "iam:CreatePolicy": "TagPolicy",
    "iam:CreateOpenIDConnectProvider": "TagOpenIDConnectProvider",
    "iam:CreateSAMLProvider": "TagSAMLProvider",
    **{
        f"ssm:{name}": "AddTagsToResource"
        for name in (
            "CreateActivation", "CreateAssociation", "CreateDocument", "CreateMaintenanceWindow", "CreateOpsItem",
            "CreateOpsMetadata", "CreatePatchBaseline", "PutParameter",
        )
    },
}  # fmt: skip
_NEW = {"cognito-identity": "identitypool/*", "cognito-idp": "userpool/*"}
_RESTORES = ("RestoreTableFromBackup", "RestoreTableToPointInTime")
_RESTORING = ("BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem")
_PASSED_ROLES = ("SnsCallerArn", "CloudWatchLogsRoleArn", "RoleArn")  # the last one of a group, say


def with_needs(
    operation: str, params: Mapping[str, Any], accesses: Sequence[Access], region: str, account: str
) -> list[Access]:
    """The accesses with the condition keys that stand in the request, and those that the operation needs besides.

    Args:
        accesses: what the operation itself needs; the first one names its action, as `dynamodb:CreateTable`.
    """
    if not accesses:
        return []
    service = accesses[0].action.partition(":")[0]
    keys = request_keys(service, operation, params)
    found = [replace(access, context={**keys, **access.context}) for access in accesses]
    pattern = f"arn:aws:{service}:{region}:{account}:{_NEW[service]}" if service in _NEW else "*"
    # What has no id yet is authorised as any of its kind.
    tagged = [pattern if access.resource == "*" else access.resource for access in found]
    return [*found, *_tagging(service, operation, params, tagged, keys), *_further(service, operation, params, found)]


def request_keys(service: str, operation: str, params: Mapping[str, Any]) -> Keys:
    """The condition keys that an operation's input gives."""
    keys: Keys = {}
    tags = _tags(params)
    if tags:
        keys |= {f"aws:RequestTag/{key}": value for key, value in tag_values(tags).items()}
    if tags or params.get("TagKeys"):
        keys["aws:TagKeys"] = [key for key, _ in tags] or list(params["TagKeys"])
    if service == "iam":
        keys |= {key: params[name] for name, key in _IAM.items() if name in params}
    elif service == "ssm":
        keys |= _ssm_keys(operation, params)
    elif service == "dynamodb" and isinstance(params.get("ReturnConsumedCapacity"), str):
        keys["dynamodb:ReturnConsumedCapacity"] = params["ReturnConsumedCapacity"]
    return keys


_IAM = {"PolicyArn": "iam:PolicyARN", "PermissionsBoundary": "iam:PermissionsBoundary"}


def _ssm_keys(operation: str, params: Mapping[str, Any]) -> Keys:
    if operation == "GetParametersByPath":
        return {"ssm:Recursive": _boolean(params.get("Recursive"))}
    if operation != "PutParameter":
        return {}
    # AWS does not say which value the key has for which parameter policies.
    policies: Keys = {"ssm:Policies": UNKNOWN} if params.get("Policies") else {}
    return {"ssm:Overwrite": _boolean(params.get("Overwrite")), **policies}


def _boolean(value: Any) -> str:
    return "true" if value is True else "false"


def _tags(params: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Tags as a map, or as a list of `{Key, Value}`."""
    given: Any = next((params[name] for name in _TAG_MEMBERS if params.get(name)), {})
    if isinstance(given, Mapping):
        return [(str(key), str(value)) for key, value in given.items()]
    pairs = given if isinstance(given, list) else []
    return [(str(pair.get("Key", "")), str(pair.get("Value", ""))) for pair in pairs if isinstance(pair, Mapping)]


def _tagging(
    service: str, operation: str, params: Mapping[str, Any], resources: Sequence[str], keys: Keys
) -> list[Access]:
    action = _TAGGING_OF.get(f"{service}:{operation}", _TAGGING.get(service))
    if action is None or not operation.startswith(("Create", "Put")) or not _tags(params):
        return []
    return [Access(f"{service}:{action}", resource, keys) for resource in resources]


def _further(service: str, operation: str, params: Mapping[str, Any], accesses: Sequence[Access]) -> Iterator[Access]:
    if service == "dynamodb":
        yield from _of_tables(operation, params, accesses)
    if service == "cognito-idp":
        for role in sorted(set(_passed_roles(params))):
            yield Access("iam:PassRole", role, {"iam:PassedToService": "cognito-idp.amazonaws.com"})


def _of_tables(operation: str, params: Mapping[str, Any], accesses: Sequence[Access]) -> Iterator[Access]:
    if operation in _RESTORES:
        target = str(params.get("TargetTableName", "")).rpartition("/")[2]
        for resource in (access.resource for access in accesses if access.resource.endswith(f":table/{target}")):
            yield from (Access(f"dynamodb:{action}", resource) for action in _RESTORING)
    if operation == "CreateTable" and params.get("ResourcePolicy"):
        yield from (Access("dynamodb:PutResourcePolicy", access.resource) for access in accesses)


def _passed_roles(params: Any) -> Iterator[str]:
    """Roles that are handed to user pools, wherever they stand in the input."""
    if isinstance(params, Mapping):
        for name, value in params.items():
            if name in _PASSED_ROLES and isinstance(value, str):
                yield value
            else:
                yield from _passed_roles(value)
