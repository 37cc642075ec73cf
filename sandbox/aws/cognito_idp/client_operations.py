"""App clients: Create-, Describe-, List-, Update- and DeleteUserPoolClient."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sandbox.aws.cognito_idp.described import described_client, given_members
from sandbox.aws.cognito_idp.named import connection_of, pool_and_client_named, pool_named
from sandbox.aws.cognito_idp.oauth_settings import check_oauth_settings
from sandbox.aws.wire.paging import page_of, position
from sandbox.core.call import Call
from sandbox.core.errors import AwsError
from sandbox.user_pools.attributes import schema_of
from sandbox.user_pools.clients import Client, change_client, client_of, create_client, delete_client, list_clients
from sandbox.user_pools.pools import UserPool
from sandbox.user_pools.refusals import invalid_parameter

_MOST_CLIENTS = 1000
# Seconds between which a token may be good.
_LIVES = {"Access": (300, 86_400), "Id": (300, 86_400), "Refresh": (3600, 10 * 365 * 86_400)}
_OLD_FLOWS = {"ADMIN_NO_SRP_AUTH", "CUSTOM_AUTH_FLOW_ONLY", "USER_PASSWORD_AUTH"}
_NO_ADDRESS = {"javascript", "data", "vbscript", "file", "about", "blob"}  # schemes that lead to nobody's application


async def create_user_pool_client(call: Call) -> dict[str, Any]:
    pool, connection = pool_named(call), connection_of(call)
    definition = _definition(call, pool, has_secret=bool(call.params.get("ClientSecret") or _wants_secret(call)))
    if len(list_clients(connection, pool, limit=_MOST_CLIENTS)) >= _MOST_CLIENTS:
        raise AwsError("LimitExceededException", f"A user pool has at most {_MOST_CLIENTS} clients.")
    secret = call.params.get("ClientSecret", "")
    if secret and _wants_secret(call):
        raise invalid_parameter("GenerateSecret and ClientSecret cannot both be given.")
    if _wants_secret(call):
        definition["GenerateSecret"] = True
    return {"UserPoolClient": described_client(create_client(connection, pool, definition, secret=secret))}


async def describe_user_pool_client(call: Call) -> dict[str, Any]:
    client, _ = pool_and_client_named(call)
    return {"UserPoolClient": described_client(client)}


async def list_user_pool_clients(call: Call) -> dict[str, Any]:
    pool, limit = pool_named(call), call.params.get("MaxResults", 60)
    found = list_clients(connection_of(call), pool, after=position(call.params.get("NextToken")), limit=limit + 1)
    page, more = page_of(found, limit, lambda client: client.sequence)
    listed = [{"ClientId": one.client_id, "UserPoolId": one.pool_id, "ClientName": one.name} for one in page]
    return {"UserPoolClients": listed, **more}


async def update_user_pool_client(call: Call) -> dict[str, Any]:
    """A full replace: what is left out gets its default (API reference, UpdateUserPoolClient)."""
    client, pool = pool_and_client_named(call)
    definition = {"ClientName": client.name, **_definition(call, pool, has_secret=bool(client.secret))}
    change_client(connection_of(call), client, definition)
    return {"UserPoolClient": described_client(client_of(connection_of(call), pool, client.client_id))}


async def delete_user_pool_client(call: Call) -> dict[str, Any]:
    client, _ = pool_and_client_named(call)
    delete_client(connection_of(call), client)
    return {}


def _wants_secret(call: Call) -> bool:
    return bool(call.params.get("GenerateSecret"))


def _definition(call: Call, pool: UserPool, *, has_secret: bool) -> dict[str, Any]:
    """The members that describe the client, of which a server's proves itself by a secret."""
    definition = given_members(call.params, "UserPoolId", "ClientId", "GenerateSecret", "ClientSecret")
    _check_attributes(pool, definition)
    _check_flows(definition)
    _check_lives(pool, definition)
    _check_addresses(definition)
    check_oauth_settings(connection_of(call), pool, definition, has_secret=has_secret)
    return definition


def _check_attributes(pool: UserPool, definition: Mapping[str, Any]) -> None:
    schema = schema_of(pool)
    for member in ("ReadAttributes", "WriteAttributes"):
        unknown = sorted(set(definition.get(member) or ()) - set(schema))
        if unknown:
            raise invalid_parameter(
                f"Invalid {'read' if member[0] == 'R' else 'write'} attributes specified while creating a client"
            )
    listed = definition.get("WriteAttributes")
    if listed:
        required = {name for name, entry in schema.items() if entry["Required"] and name != "sub"}
        if "sub" in listed or not required <= set(listed):
            raise invalid_parameter("Invalid write attributes specified while creating a client")


def _check_flows(definition: dict[str, Any]) -> None:
    flows = definition.get("ExplicitAuthFlows")
    rotates = (definition.get("RefreshTokenRotation") or {}).get("Feature") == "ENABLED"
    if flows is None:
        # API reference, CreateUserPoolClient. With rotation there is only GetTokensFromRefreshToken.
        refreshing = [] if rotates else ["ALLOW_REFRESH_TOKEN_AUTH"]
        definition["ExplicitAuthFlows"] = [*refreshing, "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH"]
        return
    if set(flows) & _OLD_FLOWS and set(flows) - _OLD_FLOWS:
        raise invalid_parameter("Invalid ExplicitAuthFlows: flows with and without the prefix ALLOW_ cannot be mixed.")
    if rotates and "ALLOW_REFRESH_TOKEN_AUTH" in flows:
        raise invalid_parameter("Refresh token rotation cannot be enabled with the flow ALLOW_REFRESH_TOKEN_AUTH.")


def _check_lives(pool: UserPool, definition: Mapping[str, Any]) -> None:
    draft = Client("", pool.pool_id, pool.account, pool.region, "", dict(definition))
    lives = {kind: draft.seconds(kind) for kind in _LIVES}
    if any(not least <= lives[kind] <= most for kind, (least, most) in _LIVES.items()):
        raise invalid_parameter("Invalid range for token validity.")
    if lives["Refresh"] < max(lives["Access"], lives["Id"]):
        raise invalid_parameter("Invalid range for token validity.")


def _check_addresses(definition: Mapping[str, Any]) -> None:
    for address in (*(definition.get("CallbackURLs") or ()), *(definition.get("LogoutURLs") or ())):
        parts = urlsplit(address)
        if not parts.scheme or parts.fragment or parts.scheme.lower() in _NO_ADDRESS or "#" in address:
            raise invalid_parameter(f"{address[:200]} is not an absolute address without a fragment.")
        if parts.scheme in ("http", "https") and not parts.hostname:
            raise invalid_parameter(f"{address[:200]} is not an absolute address without a fragment.")
    default = definition.get("DefaultRedirectURI")
    if default and default not in (definition.get("CallbackURLs") or ()):
        raise invalid_parameter("DefaultRedirectURI must be in CallbackURLs.")
