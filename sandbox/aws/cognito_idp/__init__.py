"""Amazon Cognito user pools (JSON protocol, version 2016-04-18)."""

from sandbox.aws.cognito_idp.operations import OPERATIONS
from sandbox.aws.cognito_idp.permissions import region_of, resources
from sandbox.core.service import Service
from sandbox.user_pools.schema import SCHEMA

SERVICE = Service(
    "cognito-idp",
    "json",
    OPERATIONS,
    SCHEMA,
    resources,
    region_of=region_of,
    parameter_error="InvalidParameterException",
    drops_nulls=True,  # Browsers' amazon-cognito-identity-js renews tokens with `"DEVICE_KEY": null`.
)
