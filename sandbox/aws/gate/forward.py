"""The gate before everything that moto serves: who calls, what the request needs, whether the caller may.

Services that nobody serves here are refused at the same gate first, so that a caller without the right gets AWS's
refusal and only one with the right is told that the sandbox does not emulate the service.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from botocore.model import OperationModel

from iampolicy.evaluator import Access
from sandbox.aws.access.authorization import require_access
from sandbox.aws.access.needs import with_needs
from sandbox.aws.gate.dynamodb.actions import Tables, dynamodb_request
from sandbox.aws.gate.generic import generic_access, is_json_rpc
from sandbox.aws.gate.s3.gate import pass_on_s3
from sandbox.aws.gate.s3.post_form import is_post_form
from sandbox.aws.gate.s3.post_object import post_object
from sandbox.aws.gate.ssm import ssm_request
from sandbox.aws.moto.bridge import MotoRequest, ask
from sandbox.aws.moto.patches import MotoPatches
from sandbox.aws.moto.state import hash_key_of
from sandbox.aws.wire.constraints import WrongType
from sandbox.aws.wire.error_codes import WORDING, worded_refusal
from sandbox.aws.wire.json_text import read_json, write_json
from sandbox.aws.wire.members import MissingMember, known_members
from sandbox.aws.wire.models import operation_model, service_model
from sandbox.core.caller import Caller
from sandbox.core.decisions import Decisions
from sandbox.core.errors import AwsError
from sandbox.core.http import Request, Response
from sandbox.core.instance import Instance

_LARGEST_DYNAMODB = 16 * 1024 * 1024  # bytes: the most that BatchWriteItem takes
_LARGEST_JSON = 1024 * 1024
_READ_AT_ONCE = 64 * 1024  # bytes that are read in a millisecond or two; more is read beside the event loop
_CORS = [("access-control-allow-origin", "*"), ("access-control-expose-headers", "*")]


@dataclass(frozen=True, slots=True)
class Authorised:
    """A call of a JSON service as it was understood.

    Attributes:
        params: its input, from which the request to moto is made.
        accesses: the rights that it was found to need.
        finished: takes from the answer what was not asked for, where moto does not.
    """

    model: OperationModel
    account: str
    region: str
    params: dict[str, Any]
    accesses: list[Access]
    finished: Callable[[dict[str, Any]], dict[str, Any]] | None = None


async def pass_on(
    instance: Instance, request: Request, service: str, caller: Caller | None, decisions: Decisions
) -> Response:
    """Authorise a request to a service that is not the sandbox's own, and have moto answer it.

    What moto is asked is made of what was authorised, and never the request that came: two readers who understand one
    request differently are how an authorisation is walked around.

    Args:
        service: the name in the signature's scope, such as `s3`, `dynamodb`, `ssm`.
        caller: None for a request without a signature.

    Raises:
        AwsError: AWS's refusal, or NotImplemented (501) for what the sandbox does not emulate.
    """
    instance.part(MotoPatches)
    if service == "s3":
        response = await _s3(instance, request, caller, decisions)
    elif is_json_rpc(request):
        response = await _json_rpc(instance, request, service, caller, decisions)
    else:
        _other(instance, request, service, _known(caller, json=False), decisions)
    response.headers += [("x-amzn-requestid", request.request_id), *_CORS]
    return response


async def _s3(instance: Instance, request: Request, caller: Caller | None, decisions: Decisions) -> Response:
    if caller is None:
        decisions.denied("request.signature", "signature", "a request signed with AWS Signature Version 4", "none")
        raise worded_refusal(WORDING["s3"].missing)
    if "s3" not in instance.config.services:
        raise _not_served(instance, "s3")
    passed_on = post_object if is_post_form(request) else pass_on_s3
    response = await passed_on(instance, request, caller, decisions)
    response.headers.append(("x-amz-request-id", request.request_id))
    return response


async def _json_rpc(
    instance: Instance, request: Request, service: str, caller: Caller | None, decisions: Decisions
) -> Response:
    """Services whose operation stands in `X-Amz-Target` and nowhere else: path and query mean nothing."""
    prefix, _, operation = request.headers["x-amz-target"].partition(".")
    if service not in instance.config.services:
        stranger = _known(caller, json=True)
        access = generic_access(request, service, stranger.region, stranger.account)
        require_access(instance, request, stranger, [access], decisions, json=True)
        raise _not_served(instance, service)
    model = _model(service, prefix, operation)
    known = _known(caller, json=True)
    understood = _authorised(service, model, known, await _params(instance, request, model))
    needed = with_needs(operation, understood.params, understood.accesses, known.region, known.account)
    authorised = replace(understood, accesses=needed)
    require_access(instance, request, known, authorised.accesses, decisions, json=True)
    response = await _served(instance, _written(authorised))
    if authorised.finished is not None and response.status == 200:
        response.body = write_json(authorised.finished(read_json(response.body)))
        response.headers = [pair for pair in response.headers if pair[0] != "x-amz-crc32"]
    return response


def _authorised(service: str, model: OperationModel, caller: Caller, params: dict[str, Any]) -> Authorised:
    """What the request asks for, and which rights that needs. Whoever serves it is given this and nothing else.

    Raises:
        AwsError: the service's refusal of what cannot be understood.
    """
    account, region, operation = caller.account, caller.region, model.name
    if service == "dynamodb":
        tables = Tables(region, account, lambda table, index: hash_key_of(account, region, table, index))
        asked = dynamodb_request(operation, params, tables)
        return Authorised(model, account, region, asked.params, asked.accesses, asked.finished)
    wanted = ssm_request(operation, params, region, account)
    finished = wanted.finished if operation in ("GetParameters", "DeleteParameters") else None
    return Authorised(model, account, region, wanted.params, wanted.accesses, finished)


def _other(instance: Instance, request: Request, service: str, caller: Caller, decisions: Decisions) -> NoReturn:
    """Services of the query protocol or with paths of their own: known by their action only, and none is served.

    Raises:
        AwsError: always.
    """
    if service in instance.config.services:
        message = "The request needs exactly one X-Amz-Target header: it says which operation is meant."
        raise AwsError("UnknownOperationException", message)
    form = "urlencoded" in request.headers.get("content-type", "")
    access = generic_access(request, service, caller.region, caller.account)
    try:
        require_access(instance, request, caller, [access], decisions, json=not form)
    except AwsError as error:
        raise AwsError(error.code, error.message, 403) from None
    raise _not_served(instance, service)


def _known(caller: Caller | None, *, json: bool) -> Caller:
    if caller is None:
        raise worded_refusal(WORDING["json" if json else "query"].missing)
    return caller


def _not_served(instance: Instance, service: str) -> AwsError:
    served = ", ".join(("cognito-identity", "cognito-idp", "sts", "iam", *instance.config.services))
    return AwsError("NotImplemented", f"This sandbox does not emulate {service}; it has {served}.", 501)


def _model(service: str, prefix: str, operation: str) -> OperationModel:
    """The model of the operation that `X-Amz-Target` names, in full.

    DynamoDB's streams are signed as DynamoDB, but are a service of their own to botocore and moto.

    Raises:
        AwsError: UnknownOperationException.
    """
    names = (service, "dynamodbstreams") if service == "dynamodb" else (service,)
    for name in names:
        if service_model(name).metadata.get("targetPrefix") == prefix:
            model = operation_model(name, operation)
            if model is not None:
                return model
    raise AwsError("UnknownOperationException", f"{operation[:80]} is not an operation of this service")


async def _params(instance: Instance, request: Request, model: OperationModel) -> dict[str, Any]:
    """The operation's input: the members that it has, and no others.

    Raises:
        AwsError: SerializationException; RequestEntityTooLarge.
    """
    service = model.service_model.service_name
    if len(request.body) > (_LARGEST_DYNAMODB if service == "dynamodb" else _LARGEST_JSON):
        raise AwsError("RequestEntityTooLarge", "Request size exceeded the limit of the service", 413)
    if len(request.body) <= _READ_AT_ONCE:
        return _read(request.body, model)
    return await asyncio.get_running_loop().run_in_executor(instance.threads, _read, request.body, model)


def _read(body: bytes, model: OperationModel) -> dict[str, Any]:
    try:
        return known_members(model.service_model.service_name, model.name, read_json(body or b"{}"))
    except MissingMember as problem:
        raise AwsError("ValidationException", str(problem)) from None
    except WrongType as problem:
        raise AwsError("SerializationException", str(problem)) from None
    except (ValueError, RecursionError):
        raise AwsError("SerializationException", "The request body is not valid JSON.") from None


def _written(authorised: Authorised) -> MotoRequest:
    """The request of a JSON service, made of what was authorised."""
    metadata = authorised.model.service_model.metadata
    return MotoRequest(
        service=authorised.model.service_model.service_name,
        account=authorised.account,
        region=authorised.region,
        method="POST",
        path="/",
        query_string="",
        headers={
            "content-type": f"application/x-amz-json-{metadata['jsonVersion']}",
            "x-amz-target": f"{metadata['targetPrefix']}.{authorised.model.name}",
        },
        body=write_json(authorised.params),
    )


async def _served(instance: Instance, request: MotoRequest) -> Response:
    return await asyncio.get_running_loop().run_in_executor(instance.threads, ask, request)
