"""The services that the sandbox answers itself. Adding one is adding a line here."""

from dataclasses import dataclass

from sandbox.aws import cognito_identity, iam, sts
from sandbox.aws.wire.error_codes import Family
from sandbox.core.call import Handler
from sandbox.idp.storage.records import SCHEMA as IDP_SCHEMA


@dataclass(frozen=True, slots=True)
class Service:
    """`name` as in the botocore model; `family` says which wire form its answers have."""

    name: str
    family: Family
    operations: dict[str, Handler]


SERVICES = {
    "cognito-identity": Service("cognito-identity", "json", cognito_identity.OPERATIONS),
    "sts": Service("sts", "query", sts.OPERATIONS),
    "iam": Service("iam", "query", iam.OPERATIONS),
}
SCHEMAS = (cognito_identity.SCHEMA, sts.SCHEMA, iam.SCHEMA, IDP_SCHEMA)

# How the services of AWS are told apart when one address serves them all.
TARGET_PREFIXES = {
    "AWSCognitoIdentityService": "cognito-identity",
    "AWSCognitoIdentityProviderService": "cognito-idp",
    "DynamoDB_20120810": "dynamodb",
    "DynamoDBStreams_20120810": "dynamodb",
}
QUERY_VERSIONS = {"2011-06-15": "sts", "2010-05-08": "iam"}
