"""What set-ups have in common: pools, roles and buckets, made or brought back to how they were meant to be."""

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

from training.exercises import user_pools
from training.exercises.hands import Account
from training.exercises.states import POOL_MEMBERS, State

COGNITO = "cognito-identity.amazonaws.com"
SUBJECT = "${cognito-identity.amazonaws.com:sub}"
VERSION = "2012-10-17"
_SESSION = 3600  # seconds; what a role has when nobody says

Document = dict[str, Any]


def allow(action: str | list[str], resource: str | list[str] = "*", **more: Any) -> Document:
    """One Allow statement. `more`: `Sid`, `Condition`."""
    return {**more, "Effect": "Allow", "Action": action, "Resource": resource}


def policy(*statements: Document) -> Document:
    return {"Version": VERSION, "Statement": list(statements)}


def trust(
    pool_id: str | None,
    amr: str | None,
    *,
    actions: Iterable[str] = ("sts:AssumeRoleWithWebIdentity",),
    principal: Mapping[str, Any] | None = None,
) -> Document:
    """Who may assume a role: identities of that pool, authenticated as `amr` says. None leaves the condition out."""
    condition: Document = {}
    if pool_id is not None:
        condition["StringEquals"] = {f"{COGNITO}:aud": pool_id}
    if amr is not None:
        condition["ForAnyValue:StringLike"] = {f"{COGNITO}:amr": amr}
    named = list(actions)
    statement: Document = {
        "Effect": "Allow",
        "Principal": dict(principal or {"Federated": COGNITO}),
        "Action": named[0] if len(named) == 1 else named,
    }
    return policy({**statement, "Condition": condition} if condition else statement)


def make_role(account: Account, name: str, trusts: Document, *rights: Document) -> str:
    """The role with exactly these policies; its ARN. One that is there is brought back to this."""
    iam, document = account.client("iam"), json.dumps(trusts)
    try:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=document, Description=f"Exercise {account.slug}")
    except iam.exceptions.EntityAlreadyExistsException:
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=document)
        _without_rights(iam, name)
    if rights:
        iam.put_role_policy(RoleName=name, PolicyName="Rights", PolicyDocument=json.dumps(policy(*rights)))
    return account.role_arn(name)


def make_pool(
    account: Account,
    *,
    guest_role: str = "",
    user_role: str = "",
    guests: bool = True,
    classic: bool = True,
    mappings: Mapping[str, Any] | None = None,
    trusts: Mapping[str, Any] | None = None,
) -> str:
    """The exercise's pool, with the names of the roles it hands out; its ID.

    Args:
        trusts: the members that say whom the pool trusts; the account's providers by default.
    """
    members: Document = {
        "AllowUnauthenticatedIdentities": guests,
        "AllowClassicFlow": classic,
        **(account.providers if trusts is None else trusts),
    }
    _put_pool(account, members)
    named = {"unauthenticated": guest_role, "authenticated": user_role}
    _hand_out(account, {kind: account.role_arn(name) for kind, name in named.items() if name}, mappings)
    return account.pool_id


def restore(account: Account, state: State) -> None:
    """Bring the exercise's part of an account to a saved state, with every name in it filled in."""
    for name, role in state.roles.items():
        make_role(account, name, role["trust"])
        iam = account.client("iam")
        iam.update_role(RoleName=name, MaxSessionDuration=role.get("session", _SESSION))
        for policy_name, document in role.get("policies", {}).items():
            iam.put_role_policy(RoleName=name, PolicyName=policy_name, PolicyDocument=json.dumps(document))
    for name, bucket in state.buckets.items():
        make_bucket(account, name, bucket.get("objects", {}))
        s3 = account.client("s3")
        if "policy" in bucket:
            s3.put_bucket_policy(Bucket=name, Policy=json.dumps(bucket["policy"]))
        else:
            s3.delete_bucket_policy(Bucket=name)
    for name, table in state.tables.items():
        make_table(account, name, table["key"], table.get("items", []))
    if state.pool:
        members = {name: value for name, value in state.pool.items() if name in POOL_MEMBERS}
        # Two members that AWS asks for, or takes as true where nobody says anything.
        _put_pool(account, {"AllowUnauthenticatedIdentities": False, "AllowClassicFlow": False, **members})
        _hand_out(account, state.pool.get("Roles", {}), state.pool.get("RoleMappings"))
        _tag(account, state.pool.get("PrincipalTags", {}))


def _put_pool(account: Account, members: Document) -> None:
    """The exercise's pool with these members, made or changed."""
    cognito, named = account.client("cognito-identity"), {"IdentityPoolName": account.slug, **members}
    try:
        cognito.create_identity_pool(**named, IdentityPoolTags={"sandbox:custom-id": account.pool_id})
    except ClientError as refused:
        if refused.response["Error"]["Code"] != "ResourceConflictException":
            raise
        cognito.update_identity_pool(IdentityPoolId=account.pool_id, **named)


def _hand_out(account: Account, roles: Mapping[str, str], mappings: Mapping[str, Any] | None) -> None:
    more = {"RoleMappings": mappings} if mappings else {}
    account.client("cognito-identity").set_identity_pool_roles(
        IdentityPoolId=account.pool_id, Roles=dict(roles), **more
    )


def _tag(account: Account, tags: Mapping[str, Document]) -> None:
    for provider, told in tags.items():
        account.client("cognito-identity").set_principal_tag_attribute_map(
            IdentityPoolId=account.pool_id,
            IdentityProviderName=provider,
            UseDefaults=told.get("UseDefaults", False),
            PrincipalTags=told.get("PrincipalTags", {}),
        )


def make_bucket(account: Account, name: str, objects: Mapping[str, str]) -> None:
    """The bucket with these objects, by their keys, and no others."""
    s3 = account.client("s3")
    with suppress(s3.exceptions.BucketAlreadyOwnedByYou, s3.exceptions.BucketAlreadyExists):
        where = {"CreateBucketConfiguration": {"LocationConstraint": account.region}}
        s3.create_bucket(Bucket=name, **({} if account.region == "us-east-1" else where))
    _empty(s3, name)
    for key, text in objects.items():
        s3.put_object(Bucket=name, Key=key, Body=text.encode(), ContentType="text/plain; charset=utf-8")


def make_table(account: Account, name: str, key: str, items: Iterable[Mapping[str, str]]) -> None:
    """The table with these items, whose members are texts."""
    dynamodb = account.client("dynamodb")
    with suppress(dynamodb.exceptions.ResourceInUseException):
        dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
    for item in items:
        dynamodb.put_item(TableName=name, Item={member: {"S": text} for member, text in item.items()})


def clear(
    account: Account, *, roles: Iterable[str], buckets: Iterable[str], tables: Iterable[str], user_pool: str = ""
) -> None:
    """Take away the exercise's pools, roles, buckets and tables, whatever of them is still there."""
    if user_pool and (found := user_pools.find(account, user_pool)):
        account.client("cognito-idp").delete_user_pool(UserPoolId=found)
    cognito, iam = account.client("cognito-identity"), account.client("iam")
    _unless_missing(lambda: cognito.delete_identity_pool(IdentityPoolId=account.pool_id))
    for name in roles:
        _unless_missing(lambda name=name: _remove_role(iam, name))  # type: ignore[misc]
    if names := list(buckets):
        s3 = account.client("s3")
        for name in names:
            _unless_missing(lambda name=name: _remove_bucket(s3, name))  # type: ignore[misc]
    if names := list(tables):
        dynamodb = account.client("dynamodb")
        for name in names:
            _unless_missing(lambda name=name: dynamodb.delete_table(TableName=name))  # type: ignore[misc]


_MISSING = {"ResourceNotFoundException", "NoSuchEntity", "NoSuchBucket"}


def _unless_missing(remove: Callable[[], object]) -> None:
    try:
        remove()
    except ClientError as refused:
        if refused.response["Error"]["Code"] not in _MISSING:
            raise


def _remove_role(iam: Any, name: str) -> None:
    _without_rights(iam, name)
    iam.delete_role(RoleName=name)


def _without_rights(iam: Any, name: str) -> None:
    for inline in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=inline)
    for attached in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=attached["PolicyArn"])


def _remove_bucket(s3: Any, name: str) -> None:
    with suppress(ClientError):
        s3.delete_bucket_policy(Bucket=name)
    _empty(s3, name)
    s3.delete_bucket(Bucket=name)


def _empty(s3: Any, name: str) -> None:
    while found := s3.list_objects_v2(Bucket=name).get("Contents"):
        s3.delete_objects(Bucket=name, Delete={"Objects": [{"Key": entry["Key"]} for entry in found]})
