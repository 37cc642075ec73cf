"""Amazon Cognito identity pools (JSON protocol, version 2014-06-30)."""

from sandbox.aws.cognito_identity.operations import OPERATIONS
from sandbox.aws.cognito_identity.permissions import resources
from sandbox.aws.cognito_identity.records.schema import SCHEMA
from sandbox.core.service import Service

SERVICE = Service("cognito-identity", "json", OPERATIONS, SCHEMA, resources)
