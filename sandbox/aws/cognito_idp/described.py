"""Pools, clients, groups and users as the API gives them."""

import sqlite3
from collections.abc import Mapping
from typing import Any

from sandbox.user_pools.attributes import as_list, schema_of
from sandbox.user_pools.clients import Client
from sandbox.user_pools.domains import domain_of
from sandbox.user_pools.groups import Group
from sandbox.user_pools.passwords import DEFAULT_POLICY
from sandbox.user_pools.pools import UserPool
from sandbox.user_pools.user_lists import count_users
from sandbox.user_pools.users import User

_POOL_DEFAULTS: dict[str, Any] = {
    "DeletionProtection": "INACTIVE",
    "LambdaConfig": {},
    "VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_CODE"},
    "MfaConfiguration": "OFF",
    "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"},
    "UserPoolTier": "ESSENTIALS",
}
_CLIENT_DEFAULTS: dict[str, Any] = {
    "RefreshTokenValidity": 30,
    "AllowedOAuthFlowsUserPoolClient": False,
    "EnableTokenRevocation": True,
    "EnablePropagateAdditionalUserContextData": False,
    "AuthSessionValidity": 3,
}
# Members of VerificationMessageTemplate that are shown beside it as well, by their former names.
_FORMER_NAMES = {
    "SmsMessage": "SmsVerificationMessage",
    "EmailMessage": "EmailVerificationMessage",
    "EmailSubject": "EmailVerificationSubject",
}
_NOT_SHOWN = ("Schema", "ClientSecret", "MfaConfig")


def described_pool(connection: sqlite3.Connection, pool: UserPool) -> dict[str, Any]:
    """UserPoolType."""
    given = {name: value for name, value in pool.definition.items() if name not in _NOT_SHOWN}
    policies = {"PasswordPolicy": DEFAULT_POLICY, **(given.get("Policies") or {})}
    creation = {"AllowAdminCreateUserOnly": False, **(given.get("AdminCreateUserConfig") or {})}
    creation.setdefault("UnusedAccountValidityDays", policies["PasswordPolicy"].get("TemporaryPasswordValidityDays", 7))
    domain = domain_of(connection, pool)
    template = given.get("VerificationMessageTemplate") or {}
    messages = {former: template[name] for name, former in _FORMER_NAMES.items() if name in template}
    return {
        "Id": pool.pool_id,
        "Name": pool.name,
        "Arn": pool.arn,
        "CreationDate": pool.created,
        "LastModifiedDate": pool.modified,
        **_POOL_DEFAULTS,
        **given,
        **messages,
        "Policies": policies,
        "AdminCreateUserConfig": creation,
        "SchemaAttributes": list(schema_of(pool).values()),
        "EstimatedNumberOfUsers": count_users(connection, pool),
        "UserPoolTags": pool.tags,
        **({"Domain": domain.name} if domain else {}),
    }


def listed_pool(pool: UserPool) -> dict[str, Any]:
    """UserPoolDescriptionType."""
    return {
        "Id": pool.pool_id,
        "Name": pool.name,
        "LambdaConfig": pool.definition.get("LambdaConfig") or {},
        "CreationDate": pool.created,
        "LastModifiedDate": pool.modified,
    }


def described_client(client: Client) -> dict[str, Any]:
    """UserPoolClientType."""
    return {
        "UserPoolId": client.pool_id,
        "ClientId": client.client_id,
        **({"ClientSecret": client.secret} if client.secret else {}),
        "CreationDate": client.created,
        "LastModifiedDate": client.modified,
        **_CLIENT_DEFAULTS,
        **client.definition,
    }


def described_group(group: Group) -> dict[str, Any]:
    """GroupType."""
    given = {"Description": group.description, "RoleArn": group.role_arn, "Precedence": group.precedence}
    return {
        "GroupName": group.name,
        "UserPoolId": group.pool_id,
        **{name: value for name, value in given.items() if value not in ("", None)},
        "LastModifiedDate": group.modified,
        "CreationDate": group.created,
    }


def described_user(user: User, names: set[str] | None = None) -> dict[str, Any]:
    """UserType, with the attributes in `names` or all of them."""
    return {
        "Username": user.username,
        "Attributes": as_list(user.sub, user.attributes, names),
        **dates_and_status(user),
    }


def dates_and_status(user: User) -> dict[str, Any]:
    return {
        "UserCreateDate": user.created,
        "UserLastModifiedDate": user.modified,
        "Enabled": user.enabled,
        "UserStatus": user.status,
    }


def given_members(params: Mapping[str, Any], *left_out: str) -> dict[str, Any]:
    """The members of an input that describe the thing itself."""
    return {name: value for name, value in params.items() if name not in left_out}
