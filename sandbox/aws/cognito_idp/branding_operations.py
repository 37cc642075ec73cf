"""The styles of managed login: Create-, Describe-, Update- and DeleteManagedLoginBranding.

Styles are kept, and nothing of them is drawn: the stand-in's pages look like the stand-in. Without a style the pages of
a domain with version 2 are refused, as at AWS (Developer Guide, "Apply branding to managed login pages").
"""

from typing import Any

from sandbox.aws.cognito_idp.described import given_members
from sandbox.aws.cognito_idp.named import connection_of, pool_and_client_named, pool_named
from sandbox.core.call import Call
from sandbox.user_pools.brandings import (
    Branding,
    branding_not_found,
    branding_of_client,
    change_branding,
    create_branding,
    delete_branding,
    find_branding,
)
from sandbox.user_pools.refusals import invalid_parameter

_BY_NAME = ("UserPoolId", "ClientId", "ManagedLoginBrandingId", "ReturnMergedResources")


async def create_managed_login_branding(call: Call) -> dict[str, Any]:
    client, pool = pool_and_client_named(call)
    return _described(create_branding(connection_of(call), pool, client.client_id, _definition(call)))


async def describe_managed_login_branding(call: Call) -> dict[str, Any]:
    return _described(_named(call))


async def describe_managed_login_branding_by_client(call: Call) -> dict[str, Any]:
    client, pool = pool_and_client_named(call)
    found = branding_of_client(connection_of(call), pool, client.client_id)
    if found is None:
        raise branding_not_found()
    return _described(found)


async def update_managed_login_branding(call: Call) -> dict[str, Any]:
    branding = _named(call)
    change_branding(connection_of(call), pool_named(call), branding, _definition(call))
    return _described(_named(call))


async def delete_managed_login_branding(call: Call) -> dict[str, Any]:
    delete_branding(connection_of(call), _named(call))
    return {}


def _named(call: Call) -> Branding:
    return find_branding(connection_of(call), pool_named(call), call.params["ManagedLoginBrandingId"])


def _definition(call: Call) -> dict[str, Any]:
    definition = given_members(call.params, *_BY_NAME)
    if definition.get("UseCognitoProvidedValues") and (definition.get("Settings") or definition.get("Assets")):
        raise invalid_parameter("Settings and assets cannot be given together with UseCognitoProvidedValues.")
    return definition


def _described(branding: Branding) -> dict[str, Any]:
    return {
        "ManagedLoginBranding": {
            "ManagedLoginBrandingId": branding.branding_id,
            "UserPoolId": branding.pool_id,
            "UseCognitoProvidedValues": False,
            **branding.definition,
            "CreationDate": branding.created,
            "LastModifiedDate": branding.modified,
        }
    }
