"""Every operation that the sandbox answers, as docs/sandbox.md has it: who answers, and what a caller needs.

Read from what dispatch and the gate decide by, so that the page cannot say anything else. `scripts/operation_tables`
writes it there.
"""

from collections.abc import Iterable, Iterator, Mapping

from botocore.model import ServiceModel

from sandbox.aws.endpoint.services import SERVICES
from sandbox.aws.gate.dynamodb.actions import BULK, PARTIQL
from sandbox.aws.gate.s3.actions import BUCKET_ACTIONS, NOT_EMULATED, NOT_EMULATED_OBJECTS, OBJECT_ACTIONS
from sandbox.aws.wire.models import needs_no_signature, service_model
from sandbox.aws.wire.s3 import places
from sandbox.core.service import Service

_HERE, _MOTO = "the sandbox", "moto, behind the gate"
_Row = tuple[str, str, str]  # operation, who answers it, what it needs


def operation_tables() -> str:
    """A table for each service, with the operations that are refused on purpose and those that are not there below."""
    own = (_own_table(service) for service in SERVICES.values())
    return "\n\n".join([*own, _s3_table(), *_json_tables()])


def _table(name: str, rows: Iterable[_Row], refused: Iterable[str], model: ServiceModel) -> str:
    listed, purposely = sorted(rows), sorted(refused)
    known = {operation for operation, _, _ in listed} | set(purposely)
    lines = [f"**{name}**: {len(listed)} of {len(model.operation_names)} operations.", ""]
    lines += ["| operation | answered by | needs |", "| --- | --- | --- |"]
    lines += [f"| {operation} | {answered} | {needs} |" for operation, answered, needs in listed]
    for what, names in (
        ("Refused on purpose, with a sentence", purposely),
        ("Not emulated", sorted(set(model.operation_names) - known)),
    ):
        if names:
            lines += ["", f"{what}: {', '.join(names)}."]
    return "\n".join(lines)


def _own_table(service: Service) -> str:
    handlers = service.operations
    refused = {name for name, handler in handlers.items() if handler.__module__.endswith(".unsupported")}
    rows = ((name, _HERE, _needs(service, name)) for name in handlers if name not in refused)
    return _table(service.name, rows, refused, service_model(service.name))


def _needs(service: Service, operation: str) -> str:
    if needs_no_signature(service.name, operation):
        return "no signature"
    if operation in service.free:
        return "a signature"
    action = f"`{service.name}:{operation}`"
    return (
        f"{action}, or a trust policy that names the caller" if operation in service.authorised_by_handler else action
    )


def _s3_table() -> str:
    rows: list[_Row] = []
    refused: list[str] = []
    for operation, (method, subresource, bucket, key) in places().items():
        if (method, subresource) in (NOT_EMULATED_OBJECTS if key else NOT_EMULATED):
            refused.append(operation)
        elif needs := _needs_of_s3(method, subresource, bucket=bucket, key=key):
            rows.append((operation, _MOTO, needs))
    return _table("s3", rows, refused, service_model("s3"))


def _needs_of_s3(method: str, subresource: str, *, bucket: bool, key: bool) -> str:
    """The actions that such a request needs; empty for one that S3 has and the gate does not know."""
    asked = (method, subresource)
    if key:
        actions = dict.fromkeys(OBJECT_ACTIONS.get(asked, ()))
    elif bucket:
        actions = dict.fromkeys([BUCKET_ACTIONS[asked]] if asked in BUCKET_ACTIONS else [])
        if asked == ("POST", "delete"):
            actions = dict.fromkeys(("DeleteObject", "DeleteObjectVersion"))
    else:
        actions = dict.fromkeys(["ListAllMyBuckets"] if asked == ("GET", "") else [])
    return " or ".join(f"`s3:{action}`" for action in actions)


def _json_tables() -> Iterator[str]:
    from moto.dynamodb.responses import DynamoHandler
    from moto.dynamodbstreams.responses import DynamoDBStreamsHandler
    from moto.ssm.responses import SimpleSystemManagerResponse

    refused = PARTIQL | BULK
    for name, prefix, handler in (
        ("dynamodb", "dynamodb", DynamoHandler),
        ("dynamodbstreams", "dynamodb", DynamoDBStreamsHandler),
        ("ssm", "ssm", SimpleSystemManagerResponse),
    ):
        model = service_model(name)
        served = _served(model, handler, refused)
        rows = ((operation, _MOTO, f"`{prefix}:{operation}`") for operation in served)
        yield _table(name, rows, refused & set(model.operation_names), model)


def _served(model: ServiceModel, handler: type, refused: Iterable[str]) -> list[str]:
    """The operations for which moto has a method."""
    from moto.core.utils import camelcase_to_underscores

    names: Mapping[str, str] = {name: camelcase_to_underscores(name) for name in model.operation_names}
    return [name for name, method in names.items() if hasattr(handler, method) and name not in refused]
