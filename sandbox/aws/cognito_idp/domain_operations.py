"""The domain of a pool's managed login: Create-, Describe-, Update- and DeleteUserPoolDomain."""

from typing import Any

from sandbox.aws.cognito_idp.described import given_members
from sandbox.aws.cognito_idp.named import connection_of, pool_named
from sandbox.core.call import Call
from sandbox.core.errors import AwsError
from sandbox.core.facts import domain_reserved_for
from sandbox.user_pools.domains import Domain, change_domain, create_domain, delete_domain, find_domain
from sandbox.user_pools.refusals import invalid_parameter


async def create_user_pool_domain(call: Call) -> dict[str, Any]:
    """Give the pool a prefix domain. A custom domain takes a certificate and DNS, which are not here."""
    if call.params.get("CustomDomainConfig"):
        raise AwsError("NotImplemented", "This sandbox has prefix domains only, no custom ones.", 501)
    pool, name = pool_named(call), call.params["Domain"]
    if any(word in name for word in ("aws", "amazon", "cognito")):
        raise invalid_parameter(
            "Domain cannot contain reserved word: " + next(w for w in ("aws", "amazon", "cognito") if w in name)
        )
    owner = domain_reserved_for(name, call.instance.config.account_id)
    if owner not in (None, call.account):
        raise invalid_parameter("Domain already associated with another user pool.")
    create_domain(connection_of(call), pool, name, given_members(call.params, "Domain", "UserPoolId"))
    return _answered(call)


async def describe_user_pool_domain(call: Call) -> dict[str, Any]:
    """Nothing, and no refusal, for a domain that the account does not have."""
    domain = find_domain(connection_of(call), call.region, call.params["Domain"])
    if domain is None or domain.account != call.account:
        return {"DomainDescription": {}}
    return {
        "DomainDescription": {
            "UserPoolId": domain.pool_id,
            "AWSAccountId": domain.account,
            "Domain": domain.name,
            "Status": "ACTIVE",
            "ManagedLoginVersion": domain.definition.get("ManagedLoginVersion", 1),
        }
    }


async def update_user_pool_domain(call: Call) -> dict[str, Any]:
    domain = _domain_named(call)
    if call.params.get("CustomDomainConfig"):
        raise AwsError("NotImplemented", "This sandbox has prefix domains only, no custom ones.", 501)
    change_domain(connection_of(call), domain, given_members(call.params, "Domain", "UserPoolId"))
    return _answered(call)


async def delete_user_pool_domain(call: Call) -> dict[str, Any]:
    delete_domain(connection_of(call), _domain_named(call))
    return {}


def _domain_named(call: Call) -> Domain:
    """The named pool's domain of that name, and nobody else's."""
    pool = pool_named(call)
    domain = find_domain(connection_of(call), call.region, call.params["Domain"])
    if domain is None or domain.pool_id != pool.pool_id:
        raise AwsError("ResourceNotFoundException", "No such domain or user pool exists.")
    return domain


def _answered(call: Call) -> dict[str, Any]:
    version = call.params.get("ManagedLoginVersion")
    return {} if version is None else {"ManagedLoginVersion": version}
