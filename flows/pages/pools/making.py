"""What a form asks to be made or deleted in an account: roles, providers of IAM, app clients."""

from collections.abc import Callable
from typing import Any

from django.http import QueryDict

from flows.pages.pools.form_values import PoolChange, given, named, one_of
from flows.services import ChoiceRefused
from flows.services.change_kinds import State

_COGNITO = "cognito-identity.amazonaws.com"
_LONGEST_METADATA = 200_000
_WHOM = {"guests": "unauthenticated", "users": "authenticated"}
_OIDC, _SAML = ":oidc-provider/", ":saml-provider/"


def trust_of(pool_id: str, amr: str) -> dict[str, Any]:
    """A trust policy for one identity pool, and for guests or for people who signed in: a model to begin with."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": _COGNITO},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {
                    "StringEquals": {f"{_COGNITO}:aud": pool_id},
                    "ForAnyValue:StringLike": {f"{_COGNITO}:amr": amr},
                },
            }
        ],
    }


def _make(what: str, **members: Any) -> Callable[[State], State]:
    """The edit that makes something which is not there."""

    def edit(state: State) -> State:
        if state["Exists"]:
            raise ChoiceRefused(f"There is {what} already.")
        return {"Exists": True, **members}

    return edit


def _delete(what: str) -> Callable[[State], State]:
    """The edit that deletes something which is there."""

    def edit(state: State) -> State:
        if not state["Exists"]:
            raise ChoiceRefused(f"{what} no longer exists. Reload the page.")
        return {"Exists": False}

    return edit


def _role(data: QueryDict) -> PoolChange:
    name = named(data, "role", "a name for the role")
    whom = one_of(data, "whom", tuple(_WHOM), "who may assume it")
    trust = trust_of(given(data, "pool_id", "an identity pool", longest=64), _WHOM[whom])
    return PoolChange("role", (name,), _make(f"a role {name}", PolicyDocument=trust), f"Role {name} made")


def _remove_role(data: QueryDict) -> PoolChange:
    name = named(data, "role", "a role")
    return PoolChange("role", (name,), _delete(f"Role {name}"), f"Role {name} deleted")


def _oidc(data: QueryDict) -> PoolChange:
    url = given(data, "url", "the issuer’s URL", longest=255)
    clients = _list(data.get("clients", ""))
    host = url.partition("://")[2]
    if not host:
        raise ChoiceRefused("The issuer’s URL begins with https://.")
    made = _make(f"a provider for {host}", Url=url, ClientIDList=clients, ThumbprintList=[])
    return PoolChange("oidc-provider", (host,), made, f"OpenID Connect provider {host} made")


def _oidc_clients(data: QueryDict) -> PoolChange:
    host, clients = _provider(data, _OIDC), _list(data.get("clients", ""))

    def edit(state: State) -> State:
        if not state["Exists"]:
            raise ChoiceRefused("The provider no longer exists. Reload the page.")
        return {**state, "ClientIDList": clients}

    return PoolChange("oidc-provider", (host,), edit, f"Client IDs of {host} changed")


def _remove_oidc(data: QueryDict) -> PoolChange:
    host = _provider(data, _OIDC)
    return PoolChange("oidc-provider", (host,), _delete(host), f"OpenID Connect provider {host} deleted")


def _saml(data: QueryDict) -> PoolChange:
    name = named(data, "name", "a name for the provider")
    metadata = given(data, "metadata", "the identity provider’s metadata", longest=_LONGEST_METADATA)
    return PoolChange(
        "saml-provider", (name,), _make(f"a provider {name}", Metadata=metadata), f"SAML provider {name} made"
    )


def _remove_saml(data: QueryDict) -> PoolChange:
    name = _provider(data, _SAML)
    return PoolChange("saml-provider", (name,), _delete(name), f"SAML provider {name} deleted")


def _app_client(data: QueryDict) -> PoolChange:
    user_pool = given(data, "user_pool", "a user pool", longest=128)
    name = given(data, "name", "a name for the app client", longest=128)
    attributes = _list(data.get("attributes", ""))
    members: dict[str, Any] = {
        "ClientName": name,
        "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        **({"WriteAttributes": attributes} if attributes else {}),
    }
    return PoolChange(
        "app-client", (user_pool, name), _make(f"an app client {name}", **members), f"App client {name} made"
    )


def _remove_app_client(data: QueryDict) -> PoolChange:
    user_pool, client = given(data, "user_pool", "a user pool"), given(data, "client", "an app client")
    return PoolChange("app-client", (user_pool, client), _delete("The app client"), f"App client {client} deleted")


def _provider(data: QueryDict, kind: str) -> str:
    """What a provider is called in its ARN."""
    return given(data, "provider", "a provider").rpartition(kind)[2]


def _list(text: str) -> list[str]:
    """Words with commas or white space between them, each once."""
    return list(dict.fromkeys(text.replace(",", " ").split()))[:100]


MAKING: dict[str, Callable[[QueryDict], PoolChange]] = {
    "role-make": _role,
    "role-delete": _remove_role,
    "oidc-make": _oidc,
    "oidc-clients": _oidc_clients,
    "oidc-delete": _remove_oidc,
    "saml-make": _saml,
    "saml-delete": _remove_saml,
    "app-client-make": _app_client,
    "app-client-delete": _remove_app_client,
}
