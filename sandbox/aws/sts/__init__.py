"""AWS Security Token Service (query protocol, version 2011-06-15). It keeps nothing: a session is in its own token."""

from sandbox.aws.sts.operations import OPERATIONS
from sandbox.aws.sts.permissions import AUTHORISED_BY_HANDLER, FREE, resources
from sandbox.core.service import Service

SERVICE = Service("sts", "query", OPERATIONS, "", resources, free=FREE, authorised_by_handler=AUTHORISED_BY_HANDLER)
