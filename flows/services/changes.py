"""Changes in one's own account: each a real call of its administrator's, with what was there before and after.

A run of the flow `configure` holds one change: it reads, changes, and reads again. What was read stands in the run's
parameters (`before`, `after`), so that it can be shown, checked and set back.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from accounts.owners import Owner
from flows.exchange import clients, own_accounts
from flows.exchange.context import TemporaryCredentials
from flows.exchange.pools import Pool
from flows.models import Outcome, Run
from flows.services.by_hand import ADMINISTRATOR, CONFIGURE, ByHand, Stopped, by_hand
from flows.services.errors import ChoiceRefused
from redaction.names import TOLD_BOTH_KEYS

State = dict[str, Any]
Edit = Callable[[State], State]

# Of a value that is a secret or personal only that it was there is kept.
HIDDEN = "‹not kept›"
_READ_BEFORE, _CHANGE, _READ_AFTER = "read-before", "change", "read-after"
_X = TOLD_BOTH_KEYS


class Call(Protocol):
    """Send one call of the run: service, operation, parameters."""

    def __call__(self, service: str, operation: str, /, **params: Any) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Kind:
    """What can be changed: how its state is read, and how another one is written.

    Attributes:
        names: what the parts of a target are called, in order.
        write: sends what makes the second state of the first; the state may hold what is not kept (`keep`).
        keep: the state as it may rest in the run's row.
    """

    key: str
    names: tuple[str, ...]
    read: Callable[[Call, Pool, Sequence[str]], State]
    write: Callable[[Call, Pool, Sequence[str], State, State], None]
    keep: Callable[[State], State] = lambda state: state


def pool_change(
    *,
    owner: Owner,
    pool: Pool,
    kind: str,
    target: Sequence[str],
    edit: Edit,
    title: str,
    sets_back: Run | None = None,
) -> Run:
    """Change one thing in the account of `pool`, for whoever has it; the run, however it ended.

    Args:
        edit: from the state that is found to the one that shall be.
        title: what the change does, for people: `Guest access switched off`.

    Raises:
        ChoiceRefused: the account is not theirs to change, it is like that already, or `edit` says so.
    """
    credentials = administrator(owner, pool)
    chosen = KINDS[kind]
    parameters: dict[str, Any] = {"kind": kind, "target": list(target), "title": title}
    if sets_back is not None:
        parameters["sets_back"] = sets_back.short_code
    refused: ChoiceRefused | None = None
    with by_hand(owner=owner, pool=pool, flow=CONFIGURE, access=ADMINISTRATOR, parameters=parameters) as hand:
        hand.journal.redactor.know(credentials.secret_access_key, "secret key")
        before = chosen.read(_sender(hand, pool, credentials, _READ_BEFORE), pool, target)
        try:
            wanted = edit(json.loads(json.dumps(before)))
            if wanted == before:
                raise ChoiceRefused("It is like that already, so nothing was changed.")
        except ChoiceRefused as problem:
            # Nothing was changed: the run does not stay.
            refused = problem
            Run.objects.filter(pk=hand.run.pk).delete()
            raise Stopped from None
        parameters["before"] = chosen.keep(before)
        Run.objects.filter(pk=hand.run.pk).update(parameters=parameters)
        chosen.write(_sender(hand, pool, credentials, _CHANGE), pool, target, before, wanted)
        parameters["after"] = chosen.keep(chosen.read(_sender(hand, pool, credentials, _READ_AFTER), pool, target))
        hand.end(Outcome.SUCCEEDED, parameters=parameters)
    if refused is not None:
        raise refused
    return hand.run


def pool_set_back(*, owner: Owner, pool: Pool, run: Run) -> Run:
    """Undo a change: what it changed is made as it was before; what others changed since stays.

    Raises:
        ChoiceRefused: the run is no change that was made, or what was there before is not known.
    """
    parameters = run.parameters
    if not can_be_set_back(run) or run.pool_id != pool.pool_id:
        raise ChoiceRefused("This change cannot be set back.")
    before, after = parameters["before"], parameters["after"]
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]

    def edit(current: State) -> State:
        wanted = {name: value for name, value in current.items() if name not in changed or name in before}
        for name in changed:
            if name in before:
                wanted[name] = _restored(before[name], current.get(name))
        return wanted

    return pool_change(
        owner=owner,
        pool=pool,
        kind=parameters["kind"],
        target=parameters["target"],
        edit=edit,
        title=f"Set back: {parameters['title']}"[:200],
        sets_back=run,
    )


def can_be_set_back(run: Run) -> bool:
    """Whether the run is a change of which everything is known that setting back takes."""
    before, after = run.parameters.get("before"), run.parameters.get("after")
    return bool(
        run.flow == CONFIGURE
        and run.outcome == Outcome.SUCCEEDED
        and run.parameters.get("kind") in KINDS
        and isinstance(before, dict)
        and isinstance(after, dict)
        and before != after
        # A deleted person's password was kept nowhere.
        and not (run.parameters["kind"] == "person" and before.get("Exists"))
    )


def administrator(owner: Owner, pool: Pool) -> TemporaryCredentials:
    """The key of the administrator of the pool's account, for whoever may change that.

    Raises:
        ChoiceRefused: they may not.
        NotDone: the sandbox does not answer.
    """
    own = next((one for one in own_accounts.accounts_of(owner) if one.account_id == pool.account_id), None)
    if own is None:
        raise ChoiceRefused("This identity pool is not in an account of yours, so you cannot change it.")
    if not own.writable:
        raise ChoiceRefused("This account can only be read now.")
    return own_accounts.administrator_of(owner, pool.account_id)


def _sender(hand: ByHand, pool: Pool, credentials: TemporaryCredentials, step: str) -> Call:
    def send(service: str, operation: str, /, **params: Any) -> Mapping[str, Any]:
        if service == "sandbox":
            method, path = _CLOCK[operation]
            return hand.ask(operation, method, path, params, credentials, step=step)
        client = clients.client_for(service, pool.region, credentials)
        answer = hand.send(client, operation, params, step=step)
        return {name: value for name, value in answer.items() if name != "ResponseMetadata"}

    return send


def _restored(before: Any, current: Any) -> Any:
    """What was before, with what was not kept taken from what is there now.

    Raises:
        ChoiceRefused: it is not there any more.
    """
    if before == HIDDEN or (isinstance(before, str) and before.endswith(HIDDEN)):
        if not isinstance(current, str):
            raise ChoiceRefused("What was there before holds a secret, which is not kept. Enter it again.")
        return current
    if isinstance(before, dict):
        held = current if isinstance(current, dict) else {}
        return {name: _restored(value, held.get(name)) for name, value in before.items()}
    return before


# --- The identity pool ------------------------------------------------------------------------------------------------


def _read_pool(call: Call, pool: Pool, target: Sequence[str]) -> State:
    found = dict(call("cognito-identity", "DescribeIdentityPool", IdentityPoolId=pool.pool_id))
    del found["IdentityPoolId"]
    return found


def _write_pool(call: Call, pool: Pool, target: Sequence[str], before: State, after: State) -> None:
    call("cognito-identity", "UpdateIdentityPool", IdentityPoolId=pool.pool_id, **after)


def _keep_pool(state: State) -> State:
    providers = {
        name: f"{value.partition(';')[0]};{HIDDEN}" if name == _X and ";" in value else value
        for name, value in state.get("SupportedLoginProviders", {}).items()
    }
    return {**state, "SupportedLoginProviders": providers} if providers else state


def _read_roles(call: Call, pool: Pool, target: Sequence[str]) -> State:
    found = call("cognito-identity", "GetIdentityPoolRoles", IdentityPoolId=pool.pool_id)
    return {"Roles": found.get("Roles", {}), "RoleMappings": found.get("RoleMappings", {})}


def _write_roles(call: Call, pool: Pool, target: Sequence[str], before: State, after: State) -> None:
    call("cognito-identity", "SetIdentityPoolRoles", IdentityPoolId=pool.pool_id, **after)


def _read_tags(call: Call, pool: Pool, target: Sequence[str]) -> State:
    found = call(
        "cognito-identity",
        "GetPrincipalTagAttributeMap",
        IdentityPoolId=pool.pool_id,
        IdentityProviderName=target[0],
    )
    return {"UseDefaults": bool(found.get("UseDefaults")), "PrincipalTags": found.get("PrincipalTags", {})}


def _write_tags(call: Call, pool: Pool, target: Sequence[str], before: State, after: State) -> None:
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


def _read_trust(call: Call, pool: Pool, target: Sequence[str]) -> State:
    found = call("iam", "GetRole", RoleName=target[0])["Role"]
    return {"PolicyDocument": found["AssumeRolePolicyDocument"]}


def _write_trust(call: Call, pool: Pool, target: Sequence[str], before: State, after: State) -> None:
    text = document_text(after["PolicyDocument"])
    call("iam", "UpdateAssumeRolePolicy", RoleName=target[0], PolicyDocument=text)


def _read_policy(call: Call, pool: Pool, target: Sequence[str]) -> State:
    role, name = target
    if name not in call("iam", "ListRolePolicies", RoleName=role)["PolicyNames"]:
        return {}
    found = call("iam", "GetRolePolicy", RoleName=role, PolicyName=name)
    return {"PolicyDocument": found["PolicyDocument"]}


def _write_policy(call: Call, pool: Pool, target: Sequence[str], before: State, after: State) -> None:
    role, name = target
    if "PolicyDocument" in after:
        text = document_text(after["PolicyDocument"])
        call("iam", "PutRolePolicy", RoleName=role, PolicyName=name, PolicyDocument=text)
    else:
        call("iam", "DeleteRolePolicy", RoleName=role, PolicyName=name)


# --- User pools -------------------------------------------------------------------------------------------------------

_NOT_OF_A_CLIENT = ("UserPoolId", "ClientId", "ClientSecret", "LastModifiedDate", "CreationDate")


def _read_client(call: Call, pool: Pool, target: Sequence[str]) -> State:
    user_pool, client = target
    found = call("cognito-idp", "DescribeUserPoolClient", UserPoolId=user_pool, ClientId=client)["UserPoolClient"]
    return {name: value for name, value in found.items() if name not in _NOT_OF_A_CLIENT}


def _write_client(call: Call, pool: Pool, target: Sequence[str], before: State, after: State) -> None:
    user_pool, client = target
    call("cognito-idp", "UpdateUserPoolClient", UserPoolId=user_pool, ClientId=client, **after)


def _read_group(call: Call, pool: Pool, target: Sequence[str]) -> State:
    user_pool, name = target
    groups = call("cognito-idp", "ListGroups", UserPoolId=user_pool, Limit=60)["Groups"]
    found = next((group for group in groups if group["GroupName"] == name), None)
    if found is None:
        return {"Exists": False}
    members = {member: found[member] for member in ("Description", "RoleArn", "Precedence") if member in found}
    return {"Exists": True, **members}


def _write_group(call: Call, pool: Pool, target: Sequence[str], before: State, after: State) -> None:
    user_pool, name = target
    members = {member: value for member, value in after.items() if member != "Exists"}
    if not after["Exists"]:
        call("cognito-idp", "DeleteGroup", UserPoolId=user_pool, GroupName=name)
    elif before["Exists"]:
        call("cognito-idp", "UpdateGroup", UserPoolId=user_pool, GroupName=name, **members)
    else:
        call("cognito-idp", "CreateGroup", UserPoolId=user_pool, GroupName=name, **members)


def _read_membership(call: Call, pool: Pool, target: Sequence[str]) -> State:
    user_pool, username = target
    found = call("cognito-idp", "AdminListGroupsForUser", UserPoolId=user_pool, Username=username)["Groups"]
    return {"Groups": sorted(group["GroupName"] for group in found)}


def _write_membership(call: Call, pool: Pool, target: Sequence[str], before: State, after: State) -> None:
    user_pool, username = target
    for name in after["Groups"]:
        if name not in before["Groups"]:
            call("cognito-idp", "AdminAddUserToGroup", UserPoolId=user_pool, Username=username, GroupName=name)
    for name in before["Groups"]:
        if name not in after["Groups"]:
            call("cognito-idp", "AdminRemoveUserFromGroup", UserPoolId=user_pool, Username=username, GroupName=name)


def _read_attributes(call: Call, pool: Pool, target: Sequence[str]) -> State:
    user_pool, username = target
    found = call("cognito-idp", "AdminGetUser", UserPoolId=user_pool, Username=username)["UserAttributes"]
    return {one["Name"]: one.get("Value", "") for one in found if one["Name"] != "sub"}


def _write_attributes(call: Call, pool: Pool, target: Sequence[str], before: State, after: State) -> None:
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


def _read_person(call: Call, pool: Pool, target: Sequence[str]) -> State:
    user_pool, username = target
    quoted = username.replace("\\", "\\\\").replace('"', '\\"')
    found = call("cognito-idp", "ListUsers", UserPoolId=user_pool, Filter=f'username = "{quoted}"', Limit=1)["Users"]
    return {"Exists": bool(found)}


def _write_person(call: Call, pool: Pool, target: Sequence[str], before: State, after: State) -> None:
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

_CLOCK = {
    "GetClock": ("GET", "/_sandbox/clock"),
    "AdvanceClock": ("POST", "/_sandbox/clock"),
    "ResetClock": ("DELETE", "/_sandbox/clock"),
}


def _read_clock(call: Call, pool: Pool, target: Sequence[str]) -> State:
    return {"advanced": float(call("sandbox", "GetClock")["advanced"])}


def _write_clock(call: Call, pool: Pool, target: Sequence[str], before: State, after: State) -> None:
    if after["advanced"] == 0:
        call("sandbox", "ResetClock")
    else:
        call("sandbox", "AdvanceClock", advance=after["advanced"] - before["advanced"])


KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind("pool", (), _read_pool, _write_pool, _keep_pool),
        Kind("roles", (), _read_roles, _write_roles),
        Kind("tags", ("provider",), _read_tags, _write_tags),
        Kind("trust", ("role",), _read_trust, _write_trust),
        Kind("policy", ("role", "policy"), _read_policy, _write_policy),
        Kind("client", ("user pool", "app client"), _read_client, _write_client),
        Kind("group", ("user pool", "group"), _read_group, _write_group),
        Kind("membership", ("user pool", "person"), _read_membership, _write_membership),
        Kind("attributes", ("user pool", "person"), _read_attributes, _write_attributes, _keep_attributes),
        Kind("clock", (), _read_clock, _write_clock),
        Kind("person", ("user pool", "person"), _read_person, _write_person, _keep_person),
    )
}
