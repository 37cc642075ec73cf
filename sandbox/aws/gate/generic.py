"""Which action a request to any other service asks for: known by the service's model, so that a refusal names it.

The sandbox does not emulate these services, but a guest who tries to call one must hear what AWS would say.
"""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, unquote

from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

from iampolicy.evaluator import Access
from sandbox.aws.wire.query import form_fields
from sandbox.core.errors import AwsError
from sandbox.core.http import Request

# Services whose name in signatures is not that of their model; models in the order in which they are tried.
_MODELS: dict[str, tuple[str, ...]] = {
    "email": ("ses",),
    "ses": ("sesv2", "ses"),
    "geo": ("location",),
    "geo-maps": ("geo-maps",),
    "iotdata": ("iot-data",),
    "lex": ("lexv2-runtime", "lex-runtime"),
    "mobiletargeting": ("pinpoint",),
    "monitoring": ("cloudwatch",),
    "sagemaker": ("sagemaker-runtime", "sagemaker"),
    "states": ("stepfunctions",),
    "textract": ("textract",),
    "bedrock": ("bedrock-runtime", "bedrock"),
    "elasticloadbalancing": ("elbv2",),
}
# Services whose actions have another prefix than their name in signatures.
_PREFIXES = {"monitoring": "cloudwatch", "email": "ses", "cognito-idp": "cognito-idp", "iotdata": "iot"}
# Operations that are authorised under another name.
_ACTIONS = {
    ("lambda", "Invoke"): "InvokeFunction",
    ("lambda", "InvokeWithResponseStream"): "InvokeFunction",
    ("sqs", "SendMessageBatch"): "SendMessage",
    ("sqs", "DeleteMessageBatch"): "DeleteMessage",
    ("sqs", "ChangeMessageVisibilityBatch"): "ChangeMessageVisibility",
    ("sns", "PublishBatch"): "Publish",
}
_RESOURCES = {
    ("ssm", "Name"): "arn:aws:ssm:{region}:{account}:parameter/{value}",
    ("secretsmanager", "SecretId"): "arn:aws:secretsmanager:{region}:{account}:secret:{value}",
    ("lambda", "FunctionName"): "arn:aws:lambda:{region}:{account}:function:{value}",
    ("kms", "KeyId"): "arn:aws:kms:{region}:{account}:key/{value}",
    ("kinesis", "StreamName"): "arn:aws:kinesis:{region}:{account}:stream/{value}",
    ("firehose", "DeliveryStreamName"): "arn:aws:firehose:{region}:{account}:deliverystream/{value}",
    ("sqs", "QueueUrl"): "arn:aws:sqs:{region}:{account}:{value}",
    ("cognito-idp", "UserPoolId"): "arn:aws:cognito-idp:{region}:{account}:userpool/{value}",
    ("cognito-idp", "ResourceArn"): "{value}",
    ("states", "stateMachineArn"): "{value}",
    ("sns", "TopicArn"): "{value}",
}
_LABEL = re.compile(r"\{([^{}+]+)(\+)?\}")
_LOADER = Loader()


def is_json_rpc(request: Request) -> bool:
    """Whether the request is in one of the JSON protocols that name the operation in a header."""
    return "x-amz-target" in request.headers


def generic_access(request: Request, service: str, region: str, account: str) -> Access:
    """The action of the request and, where it is easily told, the resource; else `*`."""
    operation, params = _operation(request, service)
    operation = _ACTIONS.get((service, operation), operation)
    return Access(f"{_PREFIXES.get(service, service)}:{operation}", _resource(service, params, region, account))


def _operation(request: Request, service: str) -> tuple[str, Mapping[str, Any]]:
    target = request.headers.get("x-amz-target")
    if target is not None:
        return _plain(target.rsplit(".", 1)[-1]), _json(request.body)
    pairs = parse_qsl(request.query_string)
    fields = dict(pairs)
    if [name for name, _ in pairs].count("Action") > 1:
        raise AwsError("MalformedQueryString", "A name appears twice in the query string.")
    if "Action" not in fields and "urlencoded" in request.headers.get("content-type", ""):
        fields = form_fields(request.body.decode("utf-8", "replace"))
    if "Action" in fields:
        return _plain(fields["Action"]), fields
    if service == "execute-api":
        return "Invoke", {}
    for pattern, method, name, labels in _routes(service):
        match = pattern.fullmatch(request.raw_path) if method == request.method else None
        if match:
            return name, dict(zip(labels, map(unquote, match.groups()), strict=True))
    return "UnknownOperation", {}


def _plain(name: str) -> str:
    """An operation name that is one, so that nobody can write sentences into a refusal."""
    return name if re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,63}", name) else "UnknownOperation"


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        params = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        return {}
    return params if isinstance(params, dict) else {}


def _resource(service: str, params: Mapping[str, Any], region: str, account: str) -> str:
    for (name, member), form in _RESOURCES.items():
        value = params.get(member)
        if name != service or not isinstance(value, str):
            continue
        if value.startswith("arn:"):
            return value
        short = value.rsplit("/", 1)[-1] if service == "sqs" else value.lstrip("/")
        return form.format(region=region, account=account, value=short)
    return "*"


@lru_cache(maxsize=64)
def _routes(service: str) -> tuple[tuple[re.Pattern[str], str, str, tuple[str, ...]], ...]:
    """Path patterns of a service that speaks REST: longer literal paths first, as they are the more particular."""
    found = []
    for model in _MODELS.get(service, (service,)):
        if not re.fullmatch(r"[a-z0-9-]{1,64}", model):
            continue
        try:
            operations = _LOADER.load_service_model(model, "service-2")["operations"]
        except UnknownServiceError:
            continue
        for name, operation in operations.items():
            path = operation["http"]["requestUri"].partition("?")[0]
            labels = tuple(match[1] for match in _LABEL.finditer(path))
            literal = len(_LABEL.sub("", path))
            found.append((literal, _path_pattern(path), operation["http"]["method"], name, labels))
    found.sort(key=lambda route: -route[0])
    return tuple(route[1:] for route in found)


def _path_pattern(path: str) -> re.Pattern[str]:
    pieces = re.split(r"(\{[^{}]+\})", path)
    return re.compile(
        "".join(
            "(.+)" if piece.endswith("+}") else "([^/]+)" if piece.startswith("{") else re.escape(piece)
            for piece in pieces
        )
        + "/?"
    )
