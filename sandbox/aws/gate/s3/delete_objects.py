"""DeleteObjects, the one operation of S3 that is authorised key by key."""

from dataclasses import replace

from sandbox.aws.access.authorization import access_denied, evaluate
from sandbox.aws.gate.s3.actions import delete_accesses
from sandbox.aws.gate.s3.bucket_policies import with_bucket_policy
from sandbox.aws.gate.s3.delete_document import Deletion, parse_deletions, render_deletions, render_refusals
from sandbox.aws.gate.s3.request import S3Request
from sandbox.aws.gate.s3.serve import decoded_body, serve_s3
from sandbox.core.caller import Caller
from sandbox.core.decisions import Decisions
from sandbox.core.errors import AwsError
from sandbox.core.http import Request, Response
from sandbox.core.instance import Instance


async def delete_objects(
    instance: Instance, call: S3Request, request: Request, caller: Caller, decisions: Decisions
) -> Response:
    """Delete the keys that the caller may delete; the others are errors in an answer that is a success."""
    body, headers = decoded_body(instance, request, caller)
    deletions, quiet = parse_deletions(body)
    allowed: list[Deletion] = []
    refused: list[tuple[Deletion, AwsError]] = []
    for item in deletions:
        accesses = delete_accesses(call, request, item.key, item.version_id)
        with_policies = [with_bucket_policy(access, caller.account) for access in accesses]
        evaluations = [(access, evaluate(instance, request, caller, access)) for access in with_policies]
        denied = next((pair for pair in evaluations if pair[1].verdict != "allow"), None)
        if denied is None:
            allowed.append(item)
        else:
            refused.append((item, access_denied(caller, *denied, json=False)))
    _record(decisions, len(allowed), refused)
    if not allowed:
        return Response(200, render_refusals(b"", refused), [("content-type", "application/xml")])
    rewritten = render_deletions(allowed, quiet)
    # Checksums belong to the body as it was sent; they have been compared.
    kept = {name: value for name, value in headers.items() if not name.startswith(("content-md5", "x-amz-checksum-"))}
    response = await serve_s3(instance, call, replace(request, body=rewritten, headers=kept), caller)
    if refused and response.status == 200:
        response.body = render_refusals(response.body, refused)
    return response


def _record(decisions: Decisions, allowed: int, refused: list[tuple[Deletion, AwsError]]) -> None:
    if allowed:
        decisions.passed("policy.identity", "Policies", "allow s3:DeleteObject for each key", f"{allowed} keys allowed")
    for item, error in refused[:10]:
        decisions.denied(error.decision, "Policies", f"allow s3:DeleteObject on {item.key}", "not allowed")
