"""The gate before everything that moto serves: who calls, what the request needs, whether the caller may.

Services that nobody serves here are refused at the same gate first, so that a caller without the right hears AWS's
refusal and only one with the right hears that the sandbox does not emulate the service.
"""

import asyncio
import json
import re
from typing import Any

from botocore.exceptions import UnknownServiceError

from sandbox.aws.actions.dynamodb import Tables, dynamodb_accesses
from sandbox.aws.actions.generic import generic_access, is_json_rpc
from sandbox.aws.actions.ssm import ssm_accesses
from sandbox.aws.caller import Caller
from sandbox.aws.decisions import Decisions
from sandbox.aws.errors import AwsError
from sandbox.aws.families import WORDING, refusal
from sandbox.aws.gate_s3 import pass_on_s3
from sandbox.aws.iam.authorization import require_access
from sandbox.aws.moto_bridge import MotoRequest, ask
from sandbox.aws.moto_habits import MotoHabits
from sandbox.aws.moto_state import account_of_user_pool_call, find_user_pool, hash_key_of
from sandbox.aws.policy.evaluator import Access
from sandbox.aws.protocol.models import needs_no_signature, operation_model
from sandbox.aws.world import World
from sandbox.http import Request, Response

_USER_POOL_PAGE = re.compile(r"/([a-z0-9-]+_[0-9A-Za-z]+)/\.well-known/(jwks\.json|openid-configuration)")
_LARGEST_DYNAMODB = 16 * 1024 * 1024  # bytes: the most that BatchWriteItem takes
_LARGEST_JSON = 1024 * 1024
_CORS = [("access-control-allow-origin", "*"), ("access-control-expose-headers", "*")]


async def pass_on(
    world: World, request: Request, service: str, caller: Caller | None, decisions: Decisions
) -> Response:
    """Authorise a request to a service that is not the sandbox's own, and have moto answer it.

    Args:
        service: the name in the signature's scope, such as `s3`, `dynamodb`, `cognito-idp`, `ssm`.
        caller: None for a request without a signature; only a few operations of cognito-idp need none.

    Raises:
        AwsError: AWS's refusal, or NotImplemented (501) for what the sandbox does not emulate.
    """
    world.part(MotoHabits)
    if service == "s3":
        response = await _s3(world, request, caller, decisions)
    elif is_json_rpc(request):
        response = await _json_rpc(world, request, service, caller, decisions)
    else:
        response = await _other(world, request, service, _known(caller, json=False), decisions)
    response.headers += [("x-amzn-requestid", request.request_id), *_CORS]
    return response


async def _s3(world: World, request: Request, caller: Caller | None, decisions: Decisions) -> Response:
    page = _USER_POOL_PAGE.fullmatch(request.raw_path)
    if caller is None and request.method == "GET" and page:
        if find_user_pool(page[1], world.config.region) is None:
            # moto would publish its key for any name.
            raise AwsError("ResourceNotFoundException", f"User pool {page[1]} does not exist.", 404)
        return await _served(world, _plain(world, request, "cognito-idp", world.config.account_id))
    if caller is None:
        decisions.denied("request.signature", "signature", "a request signed with AWS Signature Version 4", "none")
        raise refusal(WORDING["s3"].missing)
    _require_served(world, "s3")
    response = await pass_on_s3(world, request, caller, decisions)
    response.headers.append(("x-amz-request-id", request.request_id))
    return response


async def _json_rpc(
    world: World, request: Request, service: str, caller: Caller | None, decisions: Decisions
) -> Response:
    """Services whose operation stands in `X-Amz-Target` and nowhere else: path and query are not passed on."""
    if len(request.body) > (_LARGEST_DYNAMODB if service == "dynamodb" else _LARGEST_JSON):
        raise AwsError("RequestEntityTooLarge", "Request size exceeded the limit of the service", 413)
    prefix, _, operation = request.headers["x-amz-target"].partition(".")
    known = service in world.config.services and _is_operation(_model_name(service, prefix), operation)
    if service in world.config.services and not known:
        raise AwsError("UnknownOperationException", f"{operation[:80]} is not an operation of this service")
    account = world.config.account_id
    unsigned = known and service == "cognito-idp" and needs_no_signature(service, operation)
    if not unsigned:
        caller = _known(caller, json=True)
    if known:
        _params(request)  # what is no JSON object is refused before anybody else reads it
    if unsigned:
        account = account_of_user_pool_call(_params(request), world.config.region) or account
        decisions.info("request.signature", "Signature", f"cognito-idp:{operation} needs none")
    else:
        assert caller is not None
        account = caller.account
        require_access(
            world, request, caller, _accesses(world, request, service, operation, account), decisions, json=True
        )
    _require_served(world, service)
    return await _served(world, _plain(world, request, _model_name(service, prefix), account))


def _accesses(world: World, request: Request, service: str, operation: str, account: str) -> list[Access]:
    region = world.config.region
    if service == "dynamodb":
        tables = Tables(region, account, lambda table, index: hash_key_of(account, region, table, index))
        return dynamodb_accesses(operation, _params(request), tables)
    if service == "ssm" and service in world.config.services:
        return ssm_accesses(operation, _params(request), region, account)
    return [generic_access(request, service, region, account)]


async def _other(world: World, request: Request, service: str, caller: Caller, decisions: Decisions) -> Response:
    """Services of the query protocol or with paths of their own: known by their action only."""
    form = "urlencoded" in request.headers.get("content-type", "")
    access = generic_access(request, service, world.config.region, caller.account)
    try:
        require_access(world, request, caller, [access], decisions, json=not form)
    except AwsError as error:
        raise AwsError(error.code, error.message, 403) from None
    _require_served(world, service)
    passed = MotoRequest(
        service=service,
        account=caller.account,
        region=world.config.region,
        method=request.method,
        path=request.raw_path,
        query_string="" if form else request.query_string,
        headers=request.headers,
        body=request.body,
        form=True,
    )
    return await _served(world, passed)


def _known(caller: Caller | None, *, json: bool) -> Caller:
    if caller is None:
        raise refusal(WORDING["json" if json else "query"].missing)
    return caller


def _require_served(world: World, service: str) -> None:
    if service not in world.config.services:
        served = ", ".join(("cognito-identity", "sts", "iam", *world.config.services))
        raise AwsError("NotImplemented", f"This sandbox does not emulate {service}; it has {served}.", 501)


def _is_operation(service: str, operation: str) -> bool:
    try:
        return operation_model(service, operation) is not None
    except UnknownServiceError:
        return False


def _model_name(service: str, prefix: str) -> str:
    """DynamoDB's streams are signed as DynamoDB, but are a service of their own to botocore and moto."""
    return "dynamodbstreams" if prefix.startswith("DynamoDBStreams") else service


def _params(request: Request) -> dict[str, Any]:
    try:
        params = json.loads(request.body.decode("utf-8") or "{}")
    except (ValueError, RecursionError) as error:
        raise AwsError("SerializationException", "The request body is not valid JSON.") from error
    if not isinstance(params, dict):
        raise AwsError("SerializationException", "Unexpected value type in payload")
    return params


def _plain(world: World, request: Request, service: str, account: str) -> MotoRequest:
    """The request of a JSON service, or of one of a user pool's pages."""
    paged = "x-amz-target" not in request.headers
    wanted = ("content-type", "x-amz-target", "accept")
    return MotoRequest(
        service=service,
        account=account,
        region=world.config.region,
        method=request.method,
        path=request.raw_path if paged else "/",
        query_string="",
        headers={name: request.headers[name] for name in wanted if name in request.headers},
        body=request.body,
    )


async def _served(world: World, request: MotoRequest) -> Response:
    return await asyncio.get_running_loop().run_in_executor(world.threads, ask, request)
