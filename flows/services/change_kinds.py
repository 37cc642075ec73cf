"""What can be changed in an account, and how each is read and written: one kind for each.

A kind reads a part of the account as a state, and writes the calls that make another state of it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from flows.exchange.pools import Pool
from redaction.names import TOLD_BOTH_KEYS

State = dict[str, Any]

# Of a value that is a secret or personal only that it was there is kept.
HIDDEN = "‹not kept›"
_X = TOLD_BOTH_KEYS


class SendCall(Protocol):
    """Send one call of the run: service, operation, parameters."""

    def __call__(self, service: str, operation: str, /, **params: Any) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class ChangeKind:
    """What can be changed: how its state is read, and how another one is written.

    Attributes:
        names: what the parts of a target are called, in order.
        write: sends what makes the second state of the first; the state may hold what is not kept (`keep`).
        keep: the state as it may rest in the run's row.
        back: the target by which the state before is found again, where making it gives it another one.
    """

    key: str
    names: tuple[str, ...]
    read: Callable[[SendCall, Pool, Sequence[str]], State]
    write: Callable[[SendCall, Pool, Sequence[str], State, State], None]
    keep: Callable[[State], State] = lambda state: state
    back: Callable[[Sequence[str], State], Sequence[str]] = lambda target, before: target


# --- The identity pool ------------------------------------------------------------------------------------------------


def _read_pool(call: SendCall, pool: Pool, target: Sequence[str]) -> State:
    found = dict(call("cognito-identity", "DescribeIdentityPool", IdentityPoolId=pool.pool_id))
    del found["IdentityPoolId"]
    return found


def _write_pool(call: SendCall, pool: Pool, target: Sequence[str], before: State, after: State) -> None:
    # What is left out here stays, of all members these alone. A switch that was never set cannot be unset again; on, it
    # means the same.
    kept = {"AllowClassicFlow": True, "IdentityPoolTags": {}}
    gone = {name: value for name, value in kept.items() if name in before and name not in after}
    call("cognito-identity", "UpdateIdentityPool", IdentityPoolId=pool.pool_id, **after, **gone)


def _keep_pool(state: State) -> State:
    providers = {
        name: f"{value.partition(';')[0]};{HIDDEN}" if name == _X and ";" in value else value
        for name, value in state.get("SupportedLoginProviders", {}).items()
    }
    return {**state, "SupportedLoginProviders": providers} if providers else state


def _read_roles(call: SendCall, pool: Pool, target: Sequence[str]) -> State:
    found = call("cognito-identity", "GetIdentityPoolRoles", IdentityPoolId=pool.pool_id)
    return {"Roles": found.get("Roles", {}), "RoleMappings": found.get("RoleMappings", {})}


def _write_roles(call: SendCall, pool: Pool, target: Sequence[str], before: State, after: State) -> None:
    call("cognito-identity", "SetIdentityPoolRoles", IdentityPoolId=pool.pool_id, **after)


def _read_tags(call: SendCall, pool: Pool, target: Sequence[str]) -> State:
    found = call(
        "cognito-identity",
        "GetPrincipalTagAttributeMap",
        IdentityPoolId=pool.pool_id,
        IdentityProviderName=target[0],
    )
    return {"UseDefaults": bool(found.get("UseDefaults")), "PrincipalTags": found.get("PrincipalTags", {})}


def _write_tags(call: SendCall, pool: Pool, target: Sequence[str], before: State, after: State) -> None:
    call(
        "cognito-identity",
        "SetPrincipalTagAttributeMap",
        IdentityPoolId=pool.pool_id,
        IdentityProviderName=target[0],
        **after,
    )


# --- Roles ------------------------------------------------------------------------------------------------------------


def document_text(document: Any) -> str:
    """A policy as it is sent: text as it was written, a document as indented JSON."""
    return document if isinstance(document, str) else json.dumps(document, indent=2, ensure_ascii=False)


def _read_trust(call: SendCall, pool: Pool, target: Sequence[str]) -> State:
    found = call("iam", "GetRole", RoleName=target[0])["Role"]
    return {"PolicyDocument": found["AssumeRolePolicyDocument"]}


def _write_trust(call: SendCall, pool: Pool, target: Sequence[str], before: State, after: State) -> None:
    text = document_text(after["PolicyDocument"])
    call("iam", "UpdateAssumeRolePolicy", RoleName=target[0], PolicyDocument=text)


def _read_policy(call: SendCall, pool: Pool, target: Sequence[str]) -> State:
    role, name = target
    if name not in call("iam", "ListRolePolicies", RoleName=role)["PolicyNames"]:
        return {}
    found = call("iam", "GetRolePolicy", RoleName=role, PolicyName=name)
    return {"PolicyDocument": found["PolicyDocument"]}


def _write_policy(call: SendCall, pool: Pool, target: Sequence[str], before: State, after: State) -> None:
    role, name = target
    if "PolicyDocument" in after:
        text = document_text(after["PolicyDocument"])
        call("iam", "PutRolePolicy", RoleName=role, PolicyName=name, PolicyDocument=text)
    else:
        call("iam", "DeleteRolePolicy", RoleName=role, PolicyName=name)


# --- User pools -------------------------------------------------------------------------------------------------------

_NOT_OF_A_CLIENT = ("UserPoolId", "ClientId", "ClientSecret", "LastModifiedDate", "CreationDate")


def _read_client(call: SendCall, pool: Pool, target: Sequence[str]) -> State:
    user_pool, client = target
    found = call("cognito-idp", "DescribeUserPoolClient", UserPoolId=user_pool, ClientId=client)["UserPoolClient"]
    return {name: value for name, value in found.items() if name not in _NOT_OF_A_CLIENT}


def _write_client(call: SendCall, pool: Pool, target: Sequence[str], before: State, after: State) -> None:
    user_pool, client = target
    call("cognito-idp", "UpdateUserPoolClient", UserPoolId=user_pool, ClientId=client, **after)


def _read_group(call: SendCall, pool: Pool, target: Sequence[str]) -> State:
    user_pool, name = target
    groups = call("cognito-idp", "ListGroups", UserPoolId=user_pool, Limit=60)["Groups"]
    found = next((group for group in groups if group["GroupName"] == name), None)
    if found is None:
        return {"Exists": False}
    members = {member: found[member] for member in ("Description", "RoleArn", "Precedence") if member in found}
    return {"Exists": True, **members}


def _write_group(call: SendCall, pool: Pool, target: Sequence[str], before: State, after: State) -> None:
    user_pool, name = target
    members = {member: value for member, value in after.items() if member != "Exists"}
    if not after["Exists"]:
        call("cognito-idp", "DeleteGroup", UserPoolId=user_pool, GroupName=name)
    elif before["Exists"]:
        call("cognito-idp", "UpdateGroup", UserPoolId=user_pool, GroupName=name, **members)
    else:
        call("cognito-idp", "CreateGroup", UserPoolId=user_pool, GroupName=name, **members)


def _read_membership(call: SendCall, pool: Pool, target: Sequence[str]) -> State:
    user_pool, username = target
    found = call("cognito-idp", "AdminListGroupsForUser", UserPoolId=user_pool, Username=username)["Groups"]
    return {"Groups": sorted(group["GroupName"] for group in found)}


def _write_membership(call: SendCall, pool: Pool, target: Sequence[str], before: State, after: State) -> None:
    user_pool, username = target
    for name in after["Groups"]:
        if name not in before["Groups"]:
            call("cognito-idp", "AdminAddUserToGroup", UserPoolId=user_pool, Username=username, GroupName=name)
    for name in before["Groups"]:
        if name not in after["Groups"]:
            call("cognito-idp", "AdminRemoveUserFromGroup", UserPoolId=user_pool, Username=username, GroupName=name)


def _read_attributes(call: SendCall, pool: Pool, target: Sequence[str]) -> State:
    user_pool, username = target
    found = call("cognito-idp", "AdminGetUser", UserPoolId=user_pool, Username=username)["UserAttributes"]
    return {one["Name"]: one.get("Value", "") for one in found if one["Name"] != "sub"}


def _write_attributes(call: SendCall, pool: Pool, target: Sequence[str], before: State, after: State) -> None:
    user_pool, username = target
    changed = [{"Name": name, "Value": value} for name, value in after.items() if before.get(name) != value]
    gone = [name for name in before if name not in after]
    if changed:
        call(
            "cognito-idp",
            "AdminUpdateUserAttributes",
            UserPoolId=user_pool,
            Username=username,
            UserAttributes=changed,
        )
    if gone:
        call(
            "cognito-idp",
            "AdminDeleteUserAttributes",
            UserPoolId=user_pool,
            Username=username,
            UserAttributeNames=gone,
        )


def _keep_attributes(state: State) -> State:
    """What the pool's owner defined says something about roles; the rest says something about a person."""
    return {name: value if name.startswith("custom:") else HIDDEN for name, value in state.items()}


def _read_person(call: SendCall, pool: Pool, target: Sequence[str]) -> State:
    user_pool, username = target
    quoted = username.replace("\\", "\\\\").replace('"', '\\"')
    found = call("cognito-idp", "ListUsers", UserPoolId=user_pool, Filter=f'username = "{quoted}"', Limit=1)["Users"]
    return {"Exists": bool(found)}


def _write_person(call: SendCall, pool: Pool, target: Sequence[str], before: State, after: State) -> None:
    user_pool, username = target
    if not after["Exists"]:
        call("cognito-idp", "AdminDeleteUser", UserPoolId=user_pool, Username=username)
        return
    attributes = [{"Name": name, "Value": value} for name, value in after.get("Attributes", {}).items()]
    call(
        "cognito-idp",
        "AdminCreateUser",
        UserPoolId=user_pool,
        Username=username,
        UserAttributes=attributes,
        MessageAction="SUPPRESS",
    )
    if password := after.get("Password"):
        call(
            "cognito-idp",
            "AdminSetUserPassword",
            UserPoolId=user_pool,
            Username=username,
            Password=password,
            Permanent=True,
        )


def _keep_person(state: State) -> State:
    return {"Exists": state["Exists"]}


# --- The clock --------------------------------------------------------------------------------------------------------

CLOCK = {
    "GetClock": ("GET", "/_sandbox/clock"),
    "AdvanceClock": ("POST", "/_sandbox/clock"),
    "ResetClock": ("DELETE", "/_sandbox/clock"),
}


def _read_clock(call: SendCall, pool: Pool, target: Sequence[str]) -> State:
    return {"advanced": float(call("sandbox", "GetClock")["advanced"])}


def _write_clock(call: SendCall, pool: Pool, target: Sequence[str], before: State, after: State) -> None:
    if after["advanced"] == 0:
        call("sandbox", "ResetClock")
    else:
        call("sandbox", "AdvanceClock", advance=after["advanced"] - before["advanced"])


CHANGED = (
    ChangeKind("pool", (), _read_pool, _write_pool, _keep_pool),
    ChangeKind("roles", (), _read_roles, _write_roles),
    ChangeKind("tags", ("provider",), _read_tags, _write_tags),
    ChangeKind("trust", ("role",), _read_trust, _write_trust),
    ChangeKind("policy", ("role", "policy"), _read_policy, _write_policy),
    ChangeKind("client", ("user pool", "app client"), _read_client, _write_client),
    ChangeKind("group", ("user pool", "group"), _read_group, _write_group),
    ChangeKind("membership", ("user pool", "person"), _read_membership, _write_membership),
    ChangeKind("attributes", ("user pool", "person"), _read_attributes, _write_attributes, _keep_attributes),
    ChangeKind("clock", (), _read_clock, _write_clock),
    ChangeKind("person", ("user pool", "person"), _read_person, _write_person, _keep_person),
)
