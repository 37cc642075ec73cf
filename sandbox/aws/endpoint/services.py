"""The services that the sandbox answers itself. Adding one is a line here, and one in the maps below."""

from sandbox.aws import cognito_identity, cognito_idp, iam, sts
from sandbox.aws.samples.samples import SCHEMA as SAMPLES_SCHEMA
from sandbox.idp.storage.records import SCHEMA as IDP_SCHEMA

SERVICES = {
    service.name: service for service in (cognito_identity.SERVICE, cognito_idp.SERVICE, sts.SERVICE, iam.SERVICE)
}
SCHEMAS = (*(service.schema for service in SERVICES.values()), IDP_SCHEMA, SAMPLES_SCHEMA)

# How the services of AWS are told apart when one address serves them all.
TARGET_PREFIXES = {
    "AWSCognitoIdentityService": "cognito-identity",
    "AWSCognitoIdentityProviderService": "cognito-idp",
    "DynamoDB_20120810": "dynamodb",
    "DynamoDBStreams_20120810": "dynamodb",
}
QUERY_VERSIONS = {"2011-06-15": "sts", "2010-05-08": "iam"}
