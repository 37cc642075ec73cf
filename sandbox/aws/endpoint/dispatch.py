"""From a request to its answer: which service, who calls, what is asked, who handles it, how the answer looks."""

import logging
import time
from collections.abc import Container
from typing import Any, NoReturn

from iampolicy.documents import PolicyRefused
from sandbox.aws.access.authenticate import authenticate, authenticate_form
from sandbox.aws.endpoint.call_log import CallLog, Heard
from sandbox.aws.endpoint.faults import Faults
from sandbox.aws.endpoint.permissions import require_permission
from sandbox.aws.endpoint.replies import forbid_active_content, preflight_reply, refusal_reply, success_reply
from sandbox.aws.endpoint.request_log import RequestLog, encoded, header_value
from sandbox.aws.endpoint.services import QUERY_VERSIONS, SERVICES
from sandbox.aws.endpoint.target import Target, target_of, target_of_head
from sandbox.aws.endpoint.threads import run_large
from sandbox.aws.gate.forward import pass_on
from sandbox.aws.gate.s3.cors import apply_rules, preflight_of_bucket
from sandbox.aws.gate.s3.post_form import is_post_form, read_form
from sandbox.aws.samples.samples import Samples
from sandbox.aws.wire.constraints import WrongType, check_input
from sandbox.aws.wire.error_codes import WORDING, worded_refusal
from sandbox.aws.wire.json_text import read_json, without_nulls
from sandbox.aws.wire.models import needs_no_signature, operation_model
from sandbox.aws.wire.query import parse_query
from sandbox.core.call import Call
from sandbox.core.caller import Caller
from sandbox.core.decisions import Decisions
from sandbox.core.errors import AwsError, not_emulated
from sandbox.core.full_disk import SENTENCE, is_full_disk, log_failure
from sandbox.core.http import Request, Response
from sandbox.core.instance import Instance
from sandbox.core.limits import MB, SMALL
from sandbox.core.service import Service

log = logging.getLogger(__name__)


async def answer(instance: Instance, request: Request) -> Response:
    """Answer one request of the AWS endpoint. Raises nothing: what goes wrong inside is AWS's internal error."""
    if request.method == "OPTIONS" and "access-control-request-method" in request.headers:
        return _preflight(instance, request)
    decisions, heard = Decisions(), Heard()
    target, response = await _answered(instance, request, decisions, heard)
    if target.service == "s3":
        apply_rules(instance.config, request, response, decisions.account)
    calls = instance.part(CallLog)
    if calls.wants(decisions.account, request):
        calls.keep(request, response, target, heard, decisions)
    return response


def _preflight(instance: Instance, request: Request) -> Response:
    """What browsers ask before they send a call of a page of another origin: of buckets' rules, or anybody may."""
    found = preflight_of_bucket(instance.config, request) if target_of_head(request).service == "s3" else None
    return found or preflight_reply(request)


async def _answered(
    instance: Instance, request: Request, decisions: Decisions, heard: Heard
) -> tuple[Target, Response]:
    """What the request is for, as far as that was understood, and its answer."""
    target = Target("sts", "query")
    error: AwsError | None = None
    try:
        if request.site.service:
            target = target_of_head(request)
        target = await _read_target(instance, request, decisions)
        _require_plain_body(request, target)
        if target.own:
            response = await _answer_own(instance, request, target, decisions, heard)
        else:
            response = await _pass_on(instance, request, target, decisions, heard)
    except PolicyRefused as problem:
        refusal = AwsError(problem.code, problem.message, problem.status)
        return target, refuse(instance, request, target, refusal, decisions)
    except AwsError as refusal_:
        return target, refuse(instance, request, target, refusal_, decisions)
    except Exception as problem_:  # noqa: BLE001 (it is logged)
        # The border of the sandbox: a client of AWS never sees a traceback, and no request may end the server.
        log_failure(log, problem_, f"{target.service} {target.operation}")
        error = _internal_error(target, is_full_disk(problem_))
        response = refusal_reply(target.family, target.service, error, request)
    if decisions.entries:
        _attach(instance, request, response, target, error, decisions)
    return target, response


def refuse(instance: Instance, request: Request, target: Target, error: AwsError, decisions: Decisions) -> Response:
    """The answer of a refusal, with the decisions that led to it, of which it is the last one."""
    _end_in_refusal(decisions, error)
    response = refusal_reply(target.family, target.service, error, request)
    _attach(instance, request, response, target, error, decisions)
    return response


async def _read_target(instance: Instance, request: Request, decisions: Decisions) -> Target:
    """The target; of a large request read in a thread, and believed to be worth it when it is signed.

    Raises:
        AwsError: as `target_of` and `authenticate`; RequestEntityTooLarge.
    """
    size = len(request.body)
    if size > MB and target_of_head(request).family == "query":
        if b"SAMLMetadataDocument=" not in request.body:
            raise AwsError("RequestEntityTooLarge", f"Request size exceeded {MB} bytes", 413)
        await run_large(instance, size, lambda: request.body_sha256)
        if authenticate(instance, request, "iam", "query", decisions) is None:
            raise worded_refusal(WORDING["query"].missing)
        decisions.entries.clear()  # They are made again, in their place.
    return await run_large(instance, size, _hashed_target, request)


def _hashed_target(request: Request) -> Target:
    if len(request.body) > SMALL:
        _ = request.body_sha256  # Whoever verifies the signature has it then.
    return target_of(request)


async def _answer_own(
    instance: Instance, request: Request, target: Target, decisions: Decisions, heard: Heard
) -> Response:
    service = SERVICES[target.service]
    known = operation_model(target.service, target.operation) is not None
    if service.family != target.family or not known or not _version_fits(target):
        raise _unknown_operation(target)
    handler = service.operations.get(target.operation) or _not_emulated
    caller = None
    if not needs_no_signature(target.service, target.operation):
        caller = authenticate(instance, request, target.service, target.family, decisions)
        if caller is None:
            decisions.denied("request.signature", "signature", "a request signed with AWS Signature Version 4", "none")
            raise worded_refusal(WORDING[target.family].missing)
    params = await run_large(instance, len(request.body), _params, request, target)
    heard.params, heard.caller = params, caller
    account = caller.account if caller else instance.config.account_id
    decisions.account = caller.account if caller else ""
    now = instance.clock.now(account)
    region = caller.region if caller else _unsigned_region(instance, request, service, params)
    call = Call(instance, request, target.service, target.operation, params, caller, account, region, now, decisions)
    require_permission(service, call)
    faults = instance.part(Faults)
    if faults.any:
        await faults.apply(call)
    return success_reply(target, await handler(call), request)


async def _not_emulated(call: Call) -> NoReturn:
    """Refuse an operation that AWS has and the sandbox has not: whoever may not call it was refused before.

    Raises:
        AwsError: NotImplemented.
    """
    raise not_emulated(f"{call.operation} of {call.service}")


def _unsigned_region(instance: Instance, request: Request, service: Service, params: dict[str, Any]) -> str:
    """Where a call without a signature is made: at the host's endpoint, or where the thing is that it names."""
    site = request.site
    if site.service == "sts" and not site.region:
        return instance.partition.global_region
    return site.region or service.region_of(instance, params) or instance.config.region


async def _pass_on(
    instance: Instance, request: Request, target: Target, decisions: Decisions, heard: Heard
) -> Response:
    caller = heard.caller = _caller(instance, request, target, decisions)
    if caller is not None:
        decisions.account = caller.account
        await instance.part(Samples).ensure(caller.account, target.service)
    response = await pass_on(instance, request, target.service, caller, decisions)
    forbid_active_content(response)
    return response


def _caller(instance: Instance, request: Request, target: Target, decisions: Decisions) -> Caller | None:
    """Who signed the request; of a form that a browser sends to a bucket, who signed its policy."""
    if target.service == "s3" and is_post_form(request):
        return authenticate_form(instance, request, read_form(request).fields, decisions)
    return authenticate(instance, request, target.service, target.family, decisions)


def _require_plain_body(request: Request, target: Target) -> None:
    """Only S3 keeps a body's coding for those who read the object; elsewhere one reader could undo it and another not.

    Raises:
        AwsError: SerializationException.
    """
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if target.service != "s3" and coding not in ("", "identity"):
        raise AwsError("SerializationException", f"This service does not take the Content-Encoding {coding[:40]}.")


def _params(request: Request, target: Target) -> dict[str, Any]:
    """The operation's input, checked.

    Raises:
        AwsError: SerializationException for what cannot be read, else the family's validation error.
    """
    if target.fields is not None:
        params = parse_query(target.service, target.operation, target.fields)
        check_input(target.service, target.operation, params, "ValidationError")
        return params
    try:
        params = read_json(request.body or b"{}")
        if not isinstance(params, dict):
            raise WrongType("Unexpected value type in payload")
        # A member that is null means the same as one that is not there; one that the operation does not have is
        # nothing, or a permission would be asked for what the handler does not look at.
        members = _members(target)
        params = {name: value for name, value in params.items() if value is not None and name in members}
        service = SERVICES[target.service]
        if service.drops_nulls:
            params = without_nulls(params)
        check_input(target.service, target.operation, params, service.parameter_error)
    except WrongType as problem:
        raise AwsError("SerializationException", str(problem)) from None
    except (ValueError, RecursionError):
        raise AwsError("SerializationException", "The request body is not valid JSON.") from None
    return params


def _members(target: Target) -> Container[str]:
    model = operation_model(target.service, target.operation)
    return model.input_shape.members if model is not None and model.input_shape is not None else ()


def _version_fits(target: Target) -> bool:
    """A query request that says no version is taken for one of today's."""
    version = (target.fields or {}).get("Version")
    return version is None or QUERY_VERSIONS.get(version) == target.service


def _unknown_operation(target: Target) -> AwsError:
    if target.family == "query" and not target.operation:
        return AwsError("MissingAction", "The request is missing an action or a required parameter.", 400)
    if target.family == "query":
        version = (target.fields or {}).get("Version", "NO_VERSION_SPECIFIED")
        message = f"Could not find operation {target.operation[:80]} for version {version[:80]}"
        return AwsError("InvalidAction", message, 400)
    return AwsError("UnknownOperationException", f"{target.operation[:80]} is not an operation of this service")


def _internal_error(target: Target, full_disk: bool) -> AwsError:
    code = {"json": "InternalErrorException", "query": "InternalFailure", "s3": "InternalError"}[target.family]
    sentence = SENTENCE if full_disk else "An internal error of the sandbox. Its log has the details."
    return AwsError(code, sentence, 500)


def _end_in_refusal(decisions: Decisions, error: AwsError) -> None:
    """The list of a refusal ends with what failed, also where that was no check of its own."""
    if not decisions.refused:
        decisions.denied(error.decision, "request", "an acceptable request", f"{error.code}: {error.message[:500]}")


def _attach(
    instance: Instance,
    request: Request,
    response: Response,
    target: Target,
    error: AwsError | None,
    decisions: Decisions,
) -> None:
    whole = encoded(decisions)
    response.headers.append(("x-sandbox-decisions", header_value(decisions, whole, request.request_id)))
    about = {
        "requestId": request.request_id,
        "service": target.service,
        "operation": target.operation[:80],
        "status": response.status,
        "error": error.code if error else None,
        "time": round(time.time(), 3),
    }
    instance.part(RequestLog).keep(request.request_id, about, whole, decisions.account)
