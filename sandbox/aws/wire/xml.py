"""The query protocol's output: a result or an error as XML, shaped by the model."""

import base64
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from sandbox.aws.wire.models import operation_model, service_model
from sandbox.core.errors import AwsError

# XML 1.0 knows no other control characters than these three; the others cannot be written in any form.
_UNWRITABLE = {code: "\ufffd" for code in range(32) if code not in (9, 10, 13)} | {0xFFFE: "\ufffd", 0xFFFF: "\ufffd"}
_UNWRITABLE |= dict.fromkeys(range(55296, 57344), "�")


def xml_text(value: str) -> str:
    """`value` as character data of an XML document."""
    return escape(value.translate(_UNWRITABLE))


def query_result(service: str, operation: str, output: dict[str, Any], request_id: str) -> bytes:
    """The answer to a query operation; timestamps of `output` are epoch seconds."""
    model = operation_model(service, operation)
    namespace = service_model(service).metadata["xmlNamespace"]
    result = ""
    if model is not None and model.output_shape is not None:
        wrapper = model.output_shape.serialization.get("resultWrapper", f"{operation}Result")
        result = f"<{wrapper}>{_members(model.output_shape, output)}</{wrapper}>"
    metadata = f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
    return f'<{operation}Response xmlns="{namespace}">{result}{metadata}</{operation}Response>'.encode()


def query_error(service: str, error: AwsError, request_id: str) -> bytes:
    """The error envelope of the query protocol (seen for STS: amplify-js#9704, aws-sdk-js#198)."""
    namespace = service_model(service).metadata.get("xmlNamespace", "")
    kind = "Receiver" if error.status >= 500 else "Sender"
    return (
        f'<ErrorResponse xmlns="{namespace}">\n  <Error>\n    <Type>{kind}</Type>\n'
        f"    <Code>{xml_text(error.code)}</Code>\n    <Message>{xml_text(error.message)}</Message>\n  </Error>\n"
        f"  <RequestId>{request_id}</RequestId>\n</ErrorResponse>\n"
    ).encode()


def rest_error(error: AwsError, resource: str, request_id: str) -> bytes:
    """S3's error document (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html)."""
    place = f"<Region>{error.bucket_region}</Region>" if error.bucket_region else ""
    place += "".join(f"<{name}>{xml_text(value)}</{name}>" for name, value in error.members.items())
    place += f"<Endpoint>{xml_text(error.endpoint)}</Endpoint>" if error.endpoint else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{xml_text(error.code)}</Code>'
        f"<Message>{xml_text(error.message)}</Message>{place}<Resource>{xml_text(resource)}</Resource>"
        f"<RequestId>{request_id}</RequestId></Error>"
    ).encode()


def _members(shape: Any, value: dict[str, Any]) -> str:
    return "".join(
        _element(member, member.serialization.get("name", name), value[name])
        for name, member in shape.members.items()
        if value.get(name) is not None
    )


def _element(shape: Any, name: str, value: Any) -> str:
    if shape.type_name == "list":
        item = shape.member.serialization.get("name", "member")
        if shape.serialization.get("flattened"):
            return "".join(_element(shape.member, name, entry) for entry in value)
        return f"<{name}>{''.join(_element(shape.member, item, entry) for entry in value)}</{name}>"
    if shape.type_name == "map":
        entries = "".join(
            f"<entry>{_element(shape.key, 'key', key)}{_element(shape.value, 'value', entry)}</entry>"
            for key, entry in value.items()
        )
        return f"<{name}>{entries}</{name}>"
    inner = _members(shape, value) if shape.type_name == "structure" else _scalar(shape.type_name, value)
    return f"<{name}>{inner}</{name}>"


def _scalar(kind: str, value: Any) -> str:
    if kind == "boolean":
        return "true" if value else "false"
    if kind == "timestamp":
        return datetime.fromtimestamp(int(value), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if kind == "blob":
        return base64.b64encode(value).decode()
    return xml_text(str(value))
