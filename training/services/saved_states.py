"""An account's part of an exercise, read from the sandbox and written as the file from which set_up makes it again.

Whoever writes an exercise without Python builds its environment by hand, in an account of their own, and saves it.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError
from django.conf import settings

from flows.exchange.sandbox_requests import NotDone
from training.exercises.catalogue import Folder
from training.exercises.format import OPPONENT, Environment
from training.exercises.states import POOL_MEMBERS, Document, read_state, written
from training.services.account_state import State as HeldState
from training.services.account_state import state_of
from training.services.grounds import Ground

_SESSION = 3600


class NotSaved(Exception):
    """The account holds what such a file cannot say; the text says what."""


def state_saved(folder: Folder, ground: Ground) -> str:
    """The text of the file: the exercise's pool, and what its environment lists, in one account or both.

    Raises:
        NotSaved: it is the home account, whose stand-ins have names of their own, or there is something that such a
            file has no member for.
        NotDone: the sandbox does not answer.
        BadExercise: what was found is not as the format describes it.
    """
    if folder.exercise.environment.user_pool:
        raise NotSaved("Such a file has no member for a user pool: make it in set_up.py.")
    parts = []
    for account in filter(None, (ground, ground.opponent)):
        if account.number == settings.SANDBOX_ACCOUNT_ID:
            raise NotSaved("The home account has pools and providers under names that no other account has.")
        parts.append(_part(account, folder.exercise.environment))
    names = {name: value for name, value in ground.names.items() if name != "endpoint" and not name.endswith("_key")}
    own, *other = [_named(part, _by_length(names)) for part in parts]
    text = written(own, other[0] if other else None)
    read_state(text, folder.exercise.environment, "state.json")
    return text


def _by_length(names: Mapping[str, str]) -> list[tuple[str, str]]:
    """What stands for what, the longest first: an ID may hold a number, and a host a region."""
    return sorted(
        ((value, f"{{{name}}}") for name, value in names.items() if name != f"{OPPONENT}_region"),
        key=lambda pair: (-len(pair[0]), pair[1]),
    )


def _named(value: Any, names: list[tuple[str, str]]) -> Any:
    if isinstance(value, str):
        for text, name in names:
            value = value.replace(text, name)
        return value
    if isinstance(value, Mapping):
        return {_named(key, names): _named(each, names) for key, each in value.items()}
    return [_named(each, names) for each in value] if isinstance(value, list) else value


def _part(account: Ground, environment: Environment) -> Document:
    held = state_of(account)
    roles = dict.fromkeys(name for name in (environment.guest_role, environment.user_role, *environment.roles) if name)
    found = {
        "pool": _pool(held["pool"]),
        "roles": {name: _role(name, held["roles"][name]) for name in roles if name in held["roles"]},
        "buckets": dict(_buckets(account, environment.buckets)),
        "tables": dict(_tables(account, environment.tables)),
    }
    return {member: value for member, value in found.items() if value}


def _pool(held: HeldState | None) -> Document:
    """Tags are kept for providers that have any."""
    if held is None:
        return {}
    tags = {
        provider: told
        for provider, told in held["PrincipalTags"].items()
        if told["UseDefaults"] or told["PrincipalTags"]
    }
    found = {name: held[name] for name in POOL_MEMBERS if name in held and held[name] not in (None, {}, [])}
    more = {"Roles": held["Roles"], "RoleMappings": held["RoleMappings"], "PrincipalTags": tags}
    return found | {name: value for name, value in more.items() if value}


def _role(name: str, held: HeldState) -> Document:
    if held["attached"]:
        raise NotSaved(f"Role {name} has managed policies attached. Write them as inline policies.")
    role = {"trust": held["trust"], "policies": held["policies"]}
    return role if held["session"] == _SESSION else {**role, "session": held["session"]}


def _buckets(account: Ground, names: Iterable[str]) -> Iterable[tuple[str, Document]]:
    s3 = account.client("s3")
    for name in names:
        try:
            keys = [one["Key"] for one in s3.list_objects_v2(Bucket=name).get("Contents", [])]
        except ClientError as refused:
            if refused.response["Error"]["Code"] != "NoSuchBucket":
                raise NotDone(str(refused)) from None
            continue
        yield name, {"objects": {key: _text(s3, name, key) for key in keys}, **_bucket_policy(s3, name)}


def _text(s3: Any, bucket: str, key: str) -> str:
    data: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise NotSaved(f"{key} in the bucket {bucket} is no text.") from None


def _bucket_policy(s3: Any, name: str) -> Document:
    try:
        return {"policy": json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])}
    except ClientError:
        return {}


def _tables(account: Ground, names: Iterable[str]) -> Iterable[tuple[str, Document]]:
    dynamodb = account.client("dynamodb")
    for name in names:
        try:
            schema = dynamodb.describe_table(TableName=name)["Table"]["KeySchema"]
            items = dynamodb.scan(TableName=name)["Items"]
        except ClientError as refused:
            if refused.response["Error"]["Code"] != "ResourceNotFoundException":
                raise NotDone(str(refused)) from None
            continue
        if len(schema) != 1:
            raise NotSaved(f"The table {name} has two keys, and set_up makes tables with one.")
        yield name, {"key": schema[0]["AttributeName"], "items": [_item(name, item) for item in items]}


def _item(table: str, item: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    if any(set(value) != {"S"} for value in item.values()):
        raise NotSaved(f"An item of the table {table} has something that is no text.")
    return {name: str(value["S"]) for name, value in item.items()}
