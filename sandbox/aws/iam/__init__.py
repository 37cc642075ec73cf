"""IAM as far as identity pools need it: roles, policies, identity providers (query protocol, version 2010-05-08)."""

from sandbox.aws.iam.operations import OPERATIONS
from sandbox.aws.iam.permissions import resources
from sandbox.aws.iam.schema import SCHEMA
from sandbox.core.service import Service

SERVICE = Service("iam", "query", OPERATIONS, SCHEMA, resources, names_administrators=True)
