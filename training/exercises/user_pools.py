"""A user pool of an exercise's own: made, or brought back to how it was meant to be, and found by its name."""

from collections.abc import Iterable, Mapping
from typing import Any

from training.exercises.hands import Account

_PAGE = 60


def make_user_pool(
    account: Account,
    name: str,
    *,
    attributes: Iterable[str],
    clients: Mapping[str, Mapping[str, Any]],
    people: Mapping[str, tuple[str, Mapping[str, str]]],
) -> tuple[str, dict[str, str]]:
    """The user pool with exactly these app clients, and with these people in no group.

    Args:
        attributes: names of custom attributes, texts that can be changed.
        clients: name -> members of CreateUserPoolClient.
        people: user name -> password, and attributes.

    Returns:
        The pool's ID, and name -> ID of its app clients.
    """
    cognito = account.client("cognito-idp")
    pool_id = find(account, name) or _new_pool(cognito, name, attributes)
    there = clients_of(account, pool_id)
    for former in there.keys() - clients.keys():
        cognito.delete_user_pool_client(UserPoolId=pool_id, ClientId=there[former])
    for group in cognito.list_groups(UserPoolId=pool_id, Limit=_PAGE)["Groups"]:
        cognito.delete_group(UserPoolId=pool_id, GroupName=group["GroupName"])
    for client, members in clients.items():
        if client in there:
            cognito.update_user_pool_client(UserPoolId=pool_id, ClientId=there[client], ClientName=client, **members)
        else:
            cognito.create_user_pool_client(UserPoolId=pool_id, ClientName=client, **members)
    for person, (password, about) in people.items():
        _person(cognito, pool_id, person, password, about)
    return pool_id, clients_of(account, pool_id)


def find(account: Account, name: str) -> str:
    """The ID of the account's user pool of that name; empty where there is none."""
    pages = account.client("cognito-idp").get_paginator("list_user_pools").paginate(MaxResults=_PAGE)
    return next((str(pool["Id"]) for page in pages for pool in page["UserPools"] if pool["Name"] == name), "")


def clients_of(account: Account, pool_id: str) -> dict[str, str]:
    """Name -> ID of a user pool's app clients."""
    listed = account.client("cognito-idp").list_user_pool_clients(UserPoolId=pool_id, MaxResults=_PAGE)
    return {str(one["ClientName"]): str(one["ClientId"]) for one in listed["UserPoolClients"]}


def provider_name(account: Account, pool_id: str) -> str:
    """What the user pool is called in a Logins map."""
    return f"cognito-idp.{account.region}.amazonaws.com/{pool_id}"


def attributes_of(account: Account, pool_id: str, person: str) -> dict[str, str]:
    """What the user pool holds about somebody, without their subject."""
    user = account.client("cognito-idp").admin_get_user(UserPoolId=pool_id, Username=person)
    return {one["Name"]: one.get("Value", "") for one in user["UserAttributes"] if one["Name"] != "sub"}


def put_back(account: Account, pool_id: str, person: str, wanted: Mapping[str, str]) -> None:
    """Have somebody's attributes be these and no others."""
    cognito, held = account.client("cognito-idp"), attributes_of(account, pool_id, person)
    named = {"UserPoolId": pool_id, "Username": person}
    if changed := [{"Name": name, "Value": value} for name, value in wanted.items() if held.get(name) != value]:
        cognito.admin_update_user_attributes(**named, UserAttributes=changed)
    if added := sorted(held.keys() - wanted.keys()):
        cognito.admin_delete_user_attributes(**named, UserAttributeNames=added)


def _new_pool(cognito: Any, name: str, attributes: Iterable[str]) -> str:
    schema = [{"Name": one, "AttributeDataType": "String", "Mutable": True} for one in attributes]
    return str(cognito.create_user_pool(PoolName=name, Schema=schema)["UserPool"]["Id"])


def _person(cognito: Any, pool_id: str, person: str, password: str, about: Mapping[str, str]) -> None:
    named = {"UserPoolId": pool_id, "Username": person}
    listed = [{"Name": name, "Value": value} for name, value in about.items()]
    try:
        cognito.admin_create_user(**named, UserAttributes=listed, MessageAction="SUPPRESS")
    except cognito.exceptions.UsernameExistsException:
        cognito.admin_update_user_attributes(**named, UserAttributes=listed)
        cognito.admin_enable_user(**named)
    cognito.admin_set_user_password(**named, Password=password, Permanent=True)
