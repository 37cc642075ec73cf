"""The botocore models of the services that the sandbox answers itself."""

from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

_loader = Loader()


@cache
def service_model(service: str) -> ServiceModel:
    """The public model of `service`, named as in boto3 (`cognito-identity`, `sts`, ...)."""
    return ServiceModel(_loader.load_service_model(service, "service-2"), service)


@cache
def operation_model(service: str, operation: str) -> OperationModel | None:
    """The operation's model, or None when the service has no such operation."""
    model = service_model(service)
    return model.operation_model(operation) if operation in model.operation_names else None


@cache
def needs_no_signature(service: str, operation: str) -> bool:
    """Whether AWS answers the operation to anonymous callers (`authtype: none` in the model)."""
    model: Any = operation_model(service, operation)
    return model is not None and (model.auth_type == "none" or "smithy.api#noAuth" in (model.auth or ()))
