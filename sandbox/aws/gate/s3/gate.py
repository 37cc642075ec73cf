"""S3 at the gate: the request is understood, authorised, written down anew and handed to moto."""

import asyncio
import re
from dataclasses import replace
from functools import partial

from iampolicy.documents import parse_bucket_policy
from iampolicy.evaluator import Access
from sandbox.aws.access.authorization import evaluate, refusal, require_access
from sandbox.aws.access.sessions import Sessions
from sandbox.aws.gate.s3.actions import delete_accesses, is_emulated, is_known, s3_accesses
from sandbox.aws.gate.s3.bodies import decode_body
from sandbox.aws.gate.s3.chunks import ChunkSigner
from sandbox.aws.gate.s3.condition_keys import with_s3_needs
from sandbox.aws.gate.s3.delete_document import Deletion, parse_deletions, render_deletions, render_refusals
from sandbox.aws.gate.s3.request import S3Request, is_header_value, parse_s3
from sandbox.aws.moto.bridge import MotoRequest, ask
from sandbox.aws.moto.state import key_of_upload, policy_of_bucket
from sandbox.aws.moto.tags import tags_of_object
from sandbox.aws.signing import sigv4
from sandbox.aws.wire.s3 import WireNames, known_headers, passed_headers, wire_names
from sandbox.core.caller import Caller
from sandbox.core.decisions import Decisions
from sandbox.core.errors import AwsError
from sandbox.core.http import Request, Response
from sandbox.core.instance import Instance

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")  # the name of a header (RFC 9110, section 5.6.2)
# A presigned URL carries these for the body that its maker had, not for the one that is uploaded.
_NOT_HOISTED = ("x-amz-checksum-", "x-amz-sdk-checksum-algorithm")


async def pass_on_s3(instance: Instance, request: Request, caller: Caller, decisions: Decisions) -> Response:
    """Authorise and serve one S3 request.

    Raises:
        AwsError: S3's refusal, or NotImplemented (501).
    """
    call, request = _understood(*_without_hoisted_headers(parse_s3(request), request))

    def decoded() -> bytes:
        return decode_body(request.headers, request.body, _chunk_signer(instance, request, caller))[0]

    if call.subresource == "delete":
        return await _delete_objects(instance, call, request, caller, decisions)
    needed = with_s3_needs(call, request, s3_accesses(call, request), decoded, partial(tags_of_object, caller.account))
    accesses = [_with_policy(access, caller.account) for access in needed]
    require_access(instance, request, caller, accesses, decisions, json=False)
    if not is_emulated(call):
        raise AwsError("NotImplemented", f"This sandbox does not emulate ?{call.subresource} of S3.", 501)
    if (call.method, call.subresource) == ("PUT", "policy"):
        _check_policy(instance, call, request, caller)
    if call.subresource == "uploadId":
        _require_own_upload(call, caller)
    response = await _serve(instance, call, request, caller)
    if response.status == 404 and call.key and call.method in ("GET", "HEAD"):
        _hide_missing_key(instance, call, request, caller, response, decisions)
    return response


def _with_policy(access: Access, account: str) -> Access:
    """The access with the policy of the bucket that it concerns."""
    bucket = access.resource.removeprefix("arn:aws:s3:::").partition("/")[0]
    text = policy_of_bucket(account, bucket)
    return access if text is None else replace(access, policy=parse_bucket_policy(text, bucket))


def _check_policy(instance: Instance, call: S3Request, request: Request, caller: Caller) -> None:
    """Raises:
    AwsError: MalformedPolicy, PolicyTooLarge.
    """
    body, _ = decode_body(request.headers, request.body, _chunk_signer(instance, request, caller))
    parse_bucket_policy(body.decode(errors="replace"), call.bucket)


def _without_hoisted_headers(call: S3Request, request: Request) -> tuple[S3Request, Request]:
    """Presigned URLs carry `x-amz-` headers in the query; S3 reads them as headers.

    Raises:
        AwsError: InvalidArgument for what could be no header.
    """
    hoisted = {name.lower(): value for name, value in call.pairs if name.lower().startswith("x-amz-")}
    if not hoisted:
        return call, request
    if not all(_TOKEN.fullmatch(name) for name in hoisted) or not all(map(is_header_value, hoisted.values())):
        raise AwsError("InvalidArgument", "A query string parameter cannot be read as a header.")
    rest = tuple(pair for pair in call.pairs if pair[0].lower() not in hoisted)
    taken = {name: value for name, value in hoisted.items() if not name.startswith(_NOT_HOISTED)}
    merged = replace(request, headers={**taken, **request.headers})
    source = parse_s3(merged).copy_source
    return replace(call, pairs=rest, copy_source=source), merged


def _require_own_upload(call: S3Request, caller: Caller) -> None:
    """The key of an upload is that of the request: rights were asked for that one, and moto goes by the id alone.

    Raises:
        AwsError: NoSuchUpload.
    """
    if key_of_upload(caller.account, call.bucket, call.value("uploadId") or "") != call.key:
        message = (
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or "
            "completed."
        )
        raise AwsError("NoSuchUpload", message, 404)


def _chunk_signer(instance: Instance, request: Request, caller: Caller) -> ChunkSigner | None:
    """Who can check the chunks of this request, when they are signed.

    Raises:
        AwsError: NotImplemented for signatures of other kinds.
    """
    stated = request.headers.get("x-amz-content-sha256", "")
    if not stated.startswith("STREAMING-") or stated == "STREAMING-UNSIGNED-PAYLOAD-TRAILER":
        return None
    signed = sigv4.read_authorization(request)
    if signed is None or not stated.startswith("STREAMING-AWS4-HMAC-SHA256-PAYLOAD"):
        raise AwsError("NotImplemented", f"This sandbox does not emulate {stated[:60]}.", 501)
    if caller.session is not None:
        secret = instance.part(Sessions).secret_access_key(signed.access_key_id, signed.token)
    else:
        secret = instance.accounts.secret_access_key(caller.account)
    return ChunkSigner(secret, signed.date, signed.scope, signed.signature)


async def _serve(instance: Instance, call: S3Request, request: Request, caller: Caller) -> Response:
    signer = _chunk_signer(instance, request, caller)

    def serve() -> Response:
        body, headers = decode_body(request.headers, request.body, signer)
        return ask(
            MotoRequest(
                service="s3",
                account=caller.account,
                region=instance.config.region,
                method=call.method,
                path=call.path,
                query_string=call.query_string,
                headers=_passed_headers(call, headers),
                body=body,
            )
        )

    return await asyncio.get_running_loop().run_in_executor(instance.threads, serve)


def _understood(call: S3Request, request: Request) -> tuple[S3Request, Request]:
    """The request without the headers and query parameters that its operation does not have. All decisions are about
    what is left, and nothing else is passed on.

    Raises:
        AwsError: MethodNotAllowed; InvalidArgument when a parameter is missing.
    """
    if not is_known(call):
        raise AwsError("MethodNotAllowed", "The specified method is not allowed against this resource.", 405)
    names = _names(call)
    headers = known_headers(request.headers, names)
    pairs = tuple(pair for pair in call.pairs if pair[0] in names.query)
    missing = names.required - {name for name, _ in pairs}
    if missing:
        raise AwsError("InvalidArgument", f"This operation needs the query string parameter {min(missing)}.")
    source = call.copy_source if "x-amz-copy-source" in headers else None
    return replace(call, pairs=pairs, copy_source=source), replace(request, headers=headers)


def _names(call: S3Request) -> WireNames:
    return wire_names(call.method, call.subresource, bucket=bool(call.bucket), key=bool(call.key))


def _passed_headers(call: S3Request, headers: dict[str, str]) -> dict[str, str]:
    passed = passed_headers(headers, _names(call))
    if call.copy_source is not None:
        passed["x-amz-copy-source"] = call.copy_source.header
    return passed


def _hide_missing_key(
    instance: Instance, call: S3Request, request: Request, caller: Caller, response: Response, decisions: Decisions
) -> None:
    """Who may not list a bucket does not learn which keys are missing (S3 API Reference, GetObject, "Permissions").

    Raises:
        AwsError: AccessDenied for want of s3:ListBucket.
    """
    if b"NoSuchBucket" in response.body:
        return
    access = _with_policy(Access("s3:ListBucket", f"arn:aws:s3:::{call.bucket}"), caller.account)
    if evaluate(instance, request, caller, access).verdict != "allow":
        decisions.info("policy.missing_key", "Missing key", "404 is shown only to those who may list the bucket")
        require_access(instance, request, caller, [access], decisions, json=False)


async def _delete_objects(
    instance: Instance, call: S3Request, request: Request, caller: Caller, decisions: Decisions
) -> Response:
    """DeleteObjects is authorised key by key; refused keys stand as errors in an answer that is a success."""
    body, headers = decode_body(request.headers, request.body, _chunk_signer(instance, request, caller))
    deletions, quiet = parse_deletions(body)
    allowed: list[Deletion] = []
    refused: list[tuple[Deletion, AwsError]] = []
    for item in deletions:
        accesses = delete_accesses(call, request, item.key, item.version_id)
        with_policies = [_with_policy(access, caller.account) for access in accesses]
        evaluations = [(access, evaluate(instance, request, caller, access)) for access in with_policies]
        denied = next((pair for pair in evaluations if pair[1].verdict != "allow"), None)
        if denied is None:
            allowed.append(item)
        else:
            refused.append((item, refusal(caller, *denied, json=False)))
    _record(decisions, len(allowed), refused)
    if not allowed:
        return Response(200, render_refusals(b"", refused), [("content-type", "application/xml")])
    rewritten = render_deletions(allowed, quiet)
    # Checksums belong to the body as it was sent; they have been compared.
    kept = {name: value for name, value in headers.items() if not name.startswith(("content-md5", "x-amz-checksum-"))}
    response = await _serve(instance, call, replace(request, body=rewritten, headers=kept), caller)
    if refused and response.status == 200:
        response.body = render_refusals(response.body, refused)
    return response


def _record(decisions: Decisions, allowed: int, refused: list[tuple[Deletion, AwsError]]) -> None:
    if allowed:
        decisions.passed("policy.identity", "Policies", "allow s3:DeleteObject for each key", f"{allowed} keys allowed")
    for item, error in refused[:10]:
        decisions.denied(error.decision, "Policies", f"allow s3:DeleteObject on {item.key}", "not allowed")
