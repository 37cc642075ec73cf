"""The query protocol's output as JSON, for those who ask with `Accept: application/json`: gateways and scripts that
assume a role without an SDK. Seen of STS: LEGO/kong-aws-request-signing#35, localstack PR#5696, envoy#33806.
"""

import base64
from typing import Any

from sandbox.aws.wire.json_text import write_json
from sandbox.aws.wire.models import operation_model
from sandbox.core.errors import AwsError


def wants_json(accept: str) -> bool:
    """Whether an Accept header names JSON. Those of SDKs and browsers do not: `*/*` takes what there always was."""
    return any(part.partition(";")[0].strip().lower() == "application/json" for part in accept.split(","))


def query_result_json(service: str, operation: str, output: dict[str, Any], request_id: str) -> bytes:
    """The answer to a query operation; timestamps are epoch seconds, and what is not there is null."""
    model = operation_model(service, operation)
    document: dict[str, Any] = {}
    if model is not None and model.output_shape is not None:
        wrapper = model.output_shape.serialization.get("resultWrapper", f"{operation}Result")
        document[wrapper] = _value(model.output_shape, output)
    document["ResponseMetadata"] = {"RequestId": request_id}
    return write_json({f"{operation}Response": document})


def query_error_json(error: AwsError, request_id: str) -> bytes:
    """A refusal; whose fault it was is said as in XML."""
    kind = "Receiver" if error.status >= 500 else "Sender"
    told = {"Code": error.code, "Message": error.message, "Type": kind}
    return write_json({"Error": told, "RequestId": request_id})


def _value(shape: Any, value: Any) -> Any:
    if value is None:
        return None
    if shape.type_name == "structure":
        return {
            member.serialization.get("name", name): _value(member, value.get(name))
            for name, member in shape.members.items()
        }
    if shape.type_name == "list":
        return [_value(shape.member, entry) for entry in value]
    if shape.type_name == "map":
        return {key: _value(shape.value, entry) for key, entry in value.items()}
    if shape.type_name == "timestamp":
        return float(int(value))
    return base64.b64encode(value).decode() if shape.type_name == "blob" else value
