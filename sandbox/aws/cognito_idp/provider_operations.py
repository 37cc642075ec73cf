"""Resource servers and identity providers of a pool, as they are kept. Sign-in through a provider is not emulated."""

from typing import Any

from sandbox.aws.cognito_idp.named import connection_of, pool_named
from sandbox.aws.wire.paging import page_by_name
from sandbox.core.call import Call
from sandbox.user_pools import providers
from sandbox.user_pools.providers import IdentityProvider, ResourceServer

_CHANGEABLE = ("ProviderDetails", "AttributeMapping", "IdpIdentifiers")


async def create_resource_server(call: Call) -> dict[str, Any]:
    params = call.params
    server = ResourceServer(pool_named(call).pool_id, params["Identifier"], params["Name"], params.get("Scopes") or [])
    providers.create_resource_server(connection_of(call), pool_named(call), server)
    return {"ResourceServer": _described_server(server)}


async def describe_resource_server(call: Call) -> dict[str, Any]:
    found = providers.find_resource_server(connection_of(call), pool_named(call), call.params["Identifier"])
    return {"ResourceServer": _described_server(found)}


async def list_resource_servers(call: Call) -> dict[str, Any]:
    every = providers.list_resource_servers(connection_of(call), pool_named(call))
    limit = call.params.get("MaxResults", 50)
    page, more = page_by_name(every, call.params, limit, lambda server: server.identifier)
    return {"ResourceServers": [_described_server(server) for server in page], **more}


async def update_resource_server(call: Call) -> dict[str, Any]:
    params, pool = call.params, pool_named(call)
    server = ResourceServer(pool.pool_id, params["Identifier"], params["Name"], params.get("Scopes") or [])
    providers.change_resource_server(connection_of(call), pool, server)
    return {"ResourceServer": _described_server(server)}


async def delete_resource_server(call: Call) -> dict[str, Any]:
    providers.delete_resource_server(connection_of(call), pool_named(call), call.params["Identifier"])
    return {}


async def create_identity_provider(call: Call) -> dict[str, Any]:
    members = {name: call.params[name] for name in ("ProviderType", *_CHANGEABLE) if name in call.params}
    made = providers.create_identity_provider(
        connection_of(call), pool_named(call), call.params["ProviderName"], members
    )
    return {"IdentityProvider": _described_provider(made)}


async def describe_identity_provider(call: Call) -> dict[str, Any]:
    found = providers.find_identity_provider(connection_of(call), pool_named(call), call.params["ProviderName"])
    return {"IdentityProvider": _described_provider(found)}


async def get_identity_provider_by_identifier(call: Call) -> dict[str, Any]:
    every = providers.list_identity_providers(connection_of(call), pool_named(call))
    wanted = call.params["IdpIdentifier"]
    found = next((one for one in every if wanted in (one.definition.get("IdpIdentifiers") or ())), None)
    if found is None:
        raise providers.provider_not_found(wanted)
    return {"IdentityProvider": _described_provider(found)}


async def list_identity_providers(call: Call) -> dict[str, Any]:
    every = providers.list_identity_providers(connection_of(call), pool_named(call))
    page, more = page_by_name(every, call.params, call.params.get("MaxResults") or 60, lambda provider: provider.name)
    listed = [
        {
            "ProviderName": one.name,
            "ProviderType": one.definition["ProviderType"],
            "LastModifiedDate": one.modified,
            "CreationDate": one.created,
        }
        for one in page
    ]
    return {"Providers": listed, **more}


async def update_identity_provider(call: Call) -> dict[str, Any]:
    members = {name: call.params[name] for name in _CHANGEABLE if name in call.params}
    changed = providers.change_identity_provider(
        connection_of(call), pool_named(call), call.params["ProviderName"], members
    )
    return {"IdentityProvider": _described_provider(changed)}


async def delete_identity_provider(call: Call) -> dict[str, Any]:
    providers.delete_identity_provider(connection_of(call), pool_named(call), call.params["ProviderName"])
    return {}


def _described_server(server: ResourceServer) -> dict[str, Any]:
    return {
        "UserPoolId": server.pool_id,
        "Identifier": server.identifier,
        "Name": server.name,
        **({"Scopes": server.scopes} if server.scopes else {}),
    }


def _described_provider(provider: IdentityProvider) -> dict[str, Any]:
    return {
        "UserPoolId": provider.pool_id,
        "ProviderName": provider.name,
        **provider.definition,
        "LastModifiedDate": provider.modified,
        "CreationDate": provider.created,
    }
