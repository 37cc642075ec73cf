"""What can be made and deleted in an account: roles, identity providers of IAM, app clients of user pools.

Their states say `Exists`, and of what exists everything that it takes to make it again.
"""

from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from flows.exchange.pools import Pool
from flows.services.change_kinds import HIDDEN, ChangeKind, SendCall, State, document_text
from flows.services.errors import ChoiceRefused

_GONE: State = {"Exists": False}
_MOST_PAGES = 20
_LARGEST_METADATA = 64 * 1024  # of a document that is kept to be set back


# --- Roles ------------------------------------------------------------------------------------------------------------

_OF_A_ROLE = ("Path", "Description", "MaxSessionDuration")


def _read_role(call: SendCall, pool: Pool, target: Sequence[str]) -> State:
    (name,) = target
    listed = _all_of(call, "iam", "ListRoles", "Roles", "Marker")
    role = next((one for one in listed if one["RoleName"] == name), None)
    if role is None:
        return dict(_GONE)
    # A list of roles leaves members out that GetRole has.
    role = call("iam", "GetRole", RoleName=name)["Role"]
    policies = {
        policy: call("iam", "GetRolePolicy", RoleName=name, PolicyName=policy)["PolicyDocument"]
        for policy in call("iam", "ListRolePolicies", RoleName=name)["PolicyNames"]
    }
    attached = call("iam", "ListAttachedRolePolicies", RoleName=name)["AttachedPolicies"]
    return {
        "Exists": True,
        "PolicyDocument": role["AssumeRolePolicyDocument"],
        **{member: role[member] for member in _OF_A_ROLE if role.get(member)},
        "Policies": policies,
        "Attached": [one["PolicyArn"] for one in attached],
    }


def _write_role(call: SendCall, pool: Pool, target: Sequence[str], before: State, after: State) -> None:
    (name,) = target
    if not after["Exists"]:
        # A role that has policies is not deleted (IAM API Reference, DeleteRole).
        for policy in before["Policies"]:
            call("iam", "DeleteRolePolicy", RoleName=name, PolicyName=policy)
        for arn in before["Attached"]:
            call("iam", "DetachRolePolicy", RoleName=name, PolicyArn=arn)
        call("iam", "DeleteRole", RoleName=name)
        return
    members = {member: after[member] for member in _OF_A_ROLE if member in after}
    trust = document_text(after["PolicyDocument"])
    call("iam", "CreateRole", RoleName=name, AssumeRolePolicyDocument=trust, **members)
    for policy, document in after.get("Policies", {}).items():
        text = document_text(document)
        call("iam", "PutRolePolicy", RoleName=name, PolicyName=policy, PolicyDocument=text)
    for arn in after.get("Attached", []):
        call("iam", "AttachRolePolicy", RoleName=name, PolicyArn=arn)


# --- Identity providers of IAM ----------------------------------------------------------------------------------------


def _read_oidc(call: SendCall, pool: Pool, target: Sequence[str]) -> State:
    arn = _arn(pool, "oidc-provider", target)
    listed = call("iam", "ListOpenIDConnectProviders")["OpenIDConnectProviderList"]
    if arn not in [one["Arn"] for one in listed]:
        return dict(_GONE)
    found = call("iam", "GetOpenIDConnectProvider", OpenIDConnectProviderArn=arn)
    return {
        "Exists": True,
        "Url": found["Url"],
        "ClientIDList": list(found.get("ClientIDList", [])),
        "ThumbprintList": list(found.get("ThumbprintList", [])),
    }


def _write_oidc(call: SendCall, pool: Pool, target: Sequence[str], before: State, after: State) -> None:
    arn = _arn(pool, "oidc-provider", target)
    if not after["Exists"]:
        call("iam", "DeleteOpenIDConnectProvider", OpenIDConnectProviderArn=arn)
    elif not before["Exists"]:
        members = {"ClientIDList": after.get("ClientIDList", []), "ThumbprintList": after.get("ThumbprintList", [])}
        call("iam", "CreateOpenIDConnectProvider", Url=_with_scheme(after["Url"]), **members)
    else:
        for client in _missing(after["ClientIDList"], before["ClientIDList"]):
            call("iam", "AddClientIDToOpenIDConnectProvider", OpenIDConnectProviderArn=arn, ClientID=client)
        for client in _missing(before["ClientIDList"], after["ClientIDList"]):
            call("iam", "RemoveClientIDFromOpenIDConnectProvider", OpenIDConnectProviderArn=arn, ClientID=client)


def _with_scheme(url: str) -> str:
    """An issuer's URL: IAM tells it without its scheme, which is https but on this machine."""
    if "://" in url:
        return url
    host = urlsplit(f"//{url}").hostname or ""
    try:
        here = ip_address(host).is_loopback
    except ValueError:
        here = host == "localhost"
    return f"{'http' if here else 'https'}://{url}"


def _read_saml(call: SendCall, pool: Pool, target: Sequence[str]) -> State:
    arn = _arn(pool, "saml-provider", target)
    listed = call("iam", "ListSAMLProviders")["SAMLProviderList"]
    if arn not in [one["Arn"] for one in listed]:
        return dict(_GONE)
    found = call("iam", "GetSAMLProvider", SAMLProviderArn=arn)
    return {"Exists": True, "Metadata": found["SAMLMetadataDocument"]}


def _write_saml(call: SendCall, pool: Pool, target: Sequence[str], before: State, after: State) -> None:
    if not after["Exists"]:
        call("iam", "DeleteSAMLProvider", SAMLProviderArn=_arn(pool, "saml-provider", target))
    else:
        call("iam", "CreateSAMLProvider", Name=target[0], SAMLMetadataDocument=after["Metadata"])


def _keep_saml(state: State) -> State:
    """Metadata is published, and holds certificates, no keys. What is large would fill the database."""
    fits = len(state.get("Metadata", "")) <= _LARGEST_METADATA
    return state if fits else {**state, "Metadata": HIDDEN}


# --- App clients ------------------------------------------------------------------------------------------------------

_NOT_MADE = ("UserPoolId", "ClientSecret", "LastModifiedDate", "CreationDate")


def _read_app_client(call: SendCall, pool: Pool, target: Sequence[str]) -> State:
    """By its name or its ID: the name of one that is to be made, the ID of one that is to go."""
    user_pool, named = target
    listed = _all_of(call, "cognito-idp", "ListUserPoolClients", "UserPoolClients", "NextToken", UserPoolId=user_pool)
    ids = [one["ClientId"] for one in listed if named in (one["ClientId"], one["ClientName"])]
    if not ids:
        return dict(_GONE)
    if len(ids) > 1:
        raise ChoiceRefused(f"Several app clients are called {named}. Name one by its ID.")
    found = call("cognito-idp", "DescribeUserPoolClient", UserPoolId=user_pool, ClientId=ids[0])["UserPoolClient"]
    kept = {name: value for name, value in found.items() if name not in _NOT_MADE}
    return {"Exists": True, **kept, "GenerateSecret": bool(found.get("ClientSecret"))}


def _write_app_client(call: SendCall, pool: Pool, target: Sequence[str], before: State, after: State) -> None:
    user_pool, _ = target
    if not after["Exists"]:
        call("cognito-idp", "DeleteUserPoolClient", UserPoolId=user_pool, ClientId=before["ClientId"])
        return
    # The service chooses the ID: one that is made again has another.
    members = {name: value for name, value in after.items() if name not in ("Exists", "ClientId")}
    call("cognito-idp", "CreateUserPoolClient", UserPoolId=user_pool, **members)


def _app_client_back(target: Sequence[str], before: State) -> Sequence[str]:
    return (target[0], before.get("ClientName", target[1]))


def _arn(pool: Pool, kind: str, target: Sequence[str]) -> str:
    return f"arn:aws:iam::{pool.account_id}:{kind}/{target[0]}"


def _all_of(
    call: SendCall, service: str, operation: str, member: str, token: str, **params: Any
) -> list[Mapping[str, Any]]:
    """What a list has on all of its pages."""
    found: list[Mapping[str, Any]] = []
    more: dict[str, Any] = {}
    for _ in range(_MOST_PAGES):
        page = call(service, operation, **params, **more)
        found += page[member]
        if not page.get(token):
            break
        more = {token: page[token]}
    return found


def _missing(wanted: Sequence[str], there: Sequence[str]) -> list[str]:
    return [one for one in wanted if one not in there]


MADE = (
    ChangeKind("role", ("role",), _read_role, _write_role),
    ChangeKind("oidc-provider", ("OpenID Connect provider",), _read_oidc, _write_oidc),
    ChangeKind("saml-provider", ("SAML provider",), _read_saml, _write_saml, _keep_saml),
    ChangeKind("app-client", ("user pool", "app client"), _read_app_client, _write_app_client, back=_app_client_back),
)
