"""How a call of user pools names its resource, and the region of one that nobody signed.

Source: Service Authorization Reference, "Amazon Cognito User Pools": every operation that is about one pool is
authorised for that pool, the others for `*`.
"""

from collections.abc import Mapping
from typing import Any

from sandbox.core.call import Call
from sandbox.core.instance import Instance
from sandbox.core.regions import region_named
from sandbox.core.service import Resource
from sandbox.user_pools.tokens import pool_of_call


def resources(call: Call) -> list[Resource]:
    """The pool that the call is about, or `*` where it names none."""
    params = call.params
    if "ResourceArn" in params:
        return [Resource(str(params["ResourceArn"]))]
    if "UserPoolId" in params:
        return [Resource(f"arn:aws:cognito-idp:{call.region}:{call.account}:userpool/{params['UserPoolId']}")]
    return [Resource("*")]


def region_of(instance: Instance, params: Mapping[str, Any]) -> str:
    """The region of the client, or of the access token's pool, that an unsigned call brings."""
    pool = pool_of_call(instance.store.connection, params)
    return pool.region if pool is not None else region_named(params)
