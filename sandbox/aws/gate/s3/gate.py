"""S3 at the gate: what a request asks for is read, authorised, and then answered by moto."""

from functools import partial

from iampolicy.bucket_statements import check_bucket_statements
from iampolicy.documents import parse_bucket_policy
from iampolicy.evaluator import Access
from sandbox.aws.access.authorization import evaluate, require_access
from sandbox.aws.gate.s3.actions import is_emulated, s3_accesses
from sandbox.aws.gate.s3.bucket_policies import with_bucket_policy
from sandbox.aws.gate.s3.bucket_regions import at_bucket, require_location, say_region
from sandbox.aws.gate.s3.completed_uploads import CompletedUploads
from sandbox.aws.gate.s3.condition_keys import with_s3_needs
from sandbox.aws.gate.s3.cors_document import check_cors_document
from sandbox.aws.gate.s3.delete_objects import delete_objects
from sandbox.aws.gate.s3.known_parts import read_known_parts
from sandbox.aws.gate.s3.request import S3Request
from sandbox.aws.gate.s3.serve import decoded_body, serve_s3
from sandbox.aws.moto.state import key_of_upload
from sandbox.aws.moto.tags import tags_of_object
from sandbox.aws.wire.s3_names import s3_operation
from sandbox.core.caller import Caller
from sandbox.core.decisions import Decisions
from sandbox.core.errors import AwsError, not_emulated
from sandbox.core.http import Request, Response
from sandbox.core.instance import Instance


async def pass_on_s3(instance: Instance, request: Request, caller: Caller, decisions: Decisions) -> Response:
    """Authorise and serve one S3 request.

    Raises:
        AwsError: S3's refusal, or NotImplemented (501).
    """
    call, request = read_known_parts(request)
    caller = at_bucket(call, request, caller)

    def decoded() -> bytes:
        return decoded_body(instance, request, caller)[0]

    if call.subresource == "delete":
        return await delete_objects(instance, call, request, caller, decisions)
    needed = with_s3_needs(call, request, s3_accesses(call, request), decoded, partial(tags_of_object, caller.account))
    accesses = [with_bucket_policy(access, caller.account) for access in needed]
    require_access(instance, request, caller, accesses, decisions, json=False)
    require_location(instance, needed)
    if not is_emulated(call):
        raise not_emulated(f"{_operation(call)} of s3")
    if (call.method, call.subresource) == ("PUT", "policy"):
        policy = parse_bucket_policy(decoded().decode(errors="replace"), call.bucket)  # refuses what is no policy
        check_bucket_statements(policy, call.bucket)
    if (call.method, call.subresource) == ("PUT", "cors"):
        check_cors_document(decoded())
    if (call.method, call.subresource) == ("POST", "uploadId"):
        return await _completed(instance, call, request, caller, decoded())
    if call.subresource == "uploadId":
        _require_own_upload(call, caller)
    response = await serve_s3(instance, call, request, caller)
    say_region(call, caller, response)
    if response.status == 404 and call.key and call.method in ("GET", "HEAD"):
        _hide_missing_key(instance, call, request, caller, response, decisions)
    return response


def _operation(call: S3Request) -> str:
    names = frozenset(name for name, _ in call.pairs)
    return (
        s3_operation(call.method, bucket=bool(call.bucket), key=bool(call.key), query=names) or f"?{call.subresource}"
    )


async def _completed(instance: Instance, call: S3Request, request: Request, caller: Caller, parts: bytes) -> Response:
    """The answer that completes an upload, also where an earlier request has done so.

    Raises:
        AwsError: NoSuchUpload.
    """
    uploads = instance.part(CompletedUploads)
    before = uploads.answer(caller.account, call, parts)
    if before is not None:
        return before
    _require_own_upload(call, caller)
    response = await serve_s3(instance, call, request, caller)
    if response.status == 200 and b"<Error>" not in response.body:
        uploads.keep(caller.account, call, parts, response)
    return response


def _require_own_upload(call: S3Request, caller: Caller) -> None:
    """The key of an upload is that of the request: rights were asked for that one, and moto looks at the id only.

    Raises:
        AwsError: NoSuchUpload.
    """
    upload_id = call.value("uploadId") or ""
    if key_of_upload(caller.account, call.bucket, upload_id) != call.key:
        message = (
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or "
            "completed."
        )
        error = AwsError("NoSuchUpload", message, 404)
        error.members = {"UploadId": upload_id}
        raise error


def _hide_missing_key(
    instance: Instance, call: S3Request, request: Request, caller: Caller, response: Response, decisions: Decisions
) -> None:
    """Who may not list a bucket does not learn which keys are missing (S3 API Reference, GetObject, "Permissions").

    Raises:
        AwsError: AccessDenied for want of s3:ListBucket.
    """
    if b"NoSuchBucket" in response.body:
        return
    access = with_bucket_policy(Access("s3:ListBucket", f"arn:aws:s3:::{call.bucket}"), caller.account)
    if evaluate(instance, request, caller, access).verdict != "allow":
        decisions.info("policy.missing_key", "Missing key", "404 is shown only to those who may list the bucket")
        require_access(instance, request, caller, [access], decisions, json=False)
