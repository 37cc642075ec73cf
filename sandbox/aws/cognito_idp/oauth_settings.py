"""What an app client may ask for at the managed login: flows, scopes and providers that its pool has."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.core.errors import AwsError
from sandbox.user_pools.pools import UserPool
from sandbox.user_pools.providers import list_identity_providers, scopes_of_servers
from sandbox.user_pools.refusals import invalid_parameter

# CreateUserPoolClient, AllowedOAuthScopes: the scopes that every pool has.
_SCOPES = {"openid", "email", "phone", "profile", "aws.cognito.signin.user.admin"}
_OWN_PROVIDER = "COGNITO"
_FOR_SERVERS = "client_credentials"  # RFC 6749, section 4.4: for confidential clients only


def check_oauth_settings(
    connection: sqlite3.Connection, pool: UserPool, definition: Mapping[str, Any], *, has_secret: bool
) -> None:
    """Refuse, in the words that have been seen on the wire, what a client's pool cannot give it.

    Sources: hashicorp/terraform-provider-aws#4984 and the comments of its acceptance tests,
    awsdocs/aws-cloudformation-user-guide#564, lgallard/terraform-aws-cognito-user-pool#71.

    Args:
        definition: members as in CreateUserPoolClient.
        has_secret: whether the client proves itself by a secret.

    Raises:
        AwsError: InvalidOAuthFlowException, ScopeDoesNotExistException or InvalidParameterException.
    """
    flows, scopes = definition.get("AllowedOAuthFlows") or (), definition.get("AllowedOAuthScopes") or ()
    if definition.get("AllowedOAuthFlowsUserPoolClient") and not (flows and scopes):
        raise invalid_parameter(
            "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows."
        )
    if _FOR_SERVERS in flows:
        _check_server(flows, scopes, has_secret=has_secret)
    elif flows and not definition.get("CallbackURLs"):
        raise _wrong_flow("CallbackUrls can not be empty when code flow or implicit flow is selected")
    known = _SCOPES | scopes_of_servers(connection, pool)
    for scope in scopes:
        if scope not in known:
            raise AwsError("ScopeDoesNotExistException", f"Invalid scope requested: {scope}")
    providers = {_OWN_PROVIDER, *(provider.name for provider in list_identity_providers(connection, pool))}
    for name in definition.get("SupportedIdentityProviders") or ():
        if name not in providers:
            raise invalid_parameter(f"The provider {name} does not exist for User Pool {pool.pool_id}.")


def _check_server(flows: Sequence[str], scopes: Sequence[str], *, has_secret: bool) -> None:
    """A server signs nobody in, so that its scopes are those of APIs, and it is not an application as well."""
    if set(flows) != {_FOR_SERVERS}:
        raise _wrong_flow(f"{_FOR_SERVERS} flow can not be selected along with code flow or implicit flow.")
    if not has_secret:
        raise _wrong_flow(f"{_FOR_SERVERS} flow can not be selected if client does not have a client secret.")
    for scope in scopes:
        if scope in _SCOPES:
            raise _wrong_flow(f"{scope} is not supported with {_FOR_SERVERS} flow.")


def _wrong_flow(sentence: str) -> AwsError:
    return AwsError("InvalidOAuthFlowException", sentence)
