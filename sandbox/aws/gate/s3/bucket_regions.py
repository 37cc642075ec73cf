"""Buckets and the regions that they are in: who asks for one at another region's endpoint is told where it is.

Source: Amazon S3 API Reference, "Error responses" and CreateBucket; Amazon S3 User Guide, "Making requests using DNS".
"""

from collections.abc import Sequence

from msgspec.structs import replace

from iampolicy.evaluator import Access
from sandbox.aws.gate.s3.request import S3Request
from sandbox.aws.moto.state import region_of_bucket
from sandbox.aws.signing import sigv2
from sandbox.aws.wire.error_codes import wrong_bucket_region
from sandbox.core.caller import Caller
from sandbox.core.errors import AwsError
from sandbox.core.http import Request, Response
from sandbox.core.instance import Instance

_FIRST = "us-east-1"  # of the regions: where a bucket is when nothing is said
_REGION = "x-amz-bucket-region"


def at_bucket(call: S3Request, request: Request, caller: Caller) -> Caller:
    """The caller, when the request came to the region of the bucket that it names, or names none that exists.

    At the sandbox's own names the endpoint is that of the region for which the request was signed. A URL of Signature
    Version 2 was signed for none, and its caller is where the bucket is.

    Raises:
        AwsError: PermanentRedirect or AuthorizationHeaderMalformed, both with the bucket's region; InvalidRequest for a
            URL of Signature Version 2 where only the fourth is taken.
    """
    region = region_of_bucket(caller.account, call.bucket)
    if sigv2.is_presigned(request):
        caller = replace(caller, region=caller.region or region or _FIRST)
        if caller.region not in sigv2.REGIONS:
            raise AwsError("InvalidRequest", sigv2.UNSUPPORTED)
    elsewhere = region is not None and region != caller.region
    if not elsewhere or _is_answered_elsewhere(call, caller):
        return caller
    assert region is not None
    site = request.site
    if site.service and site.bucket and not site.region:
        # The bucket's own name leads to its region, where only the signature is wrong.
        raise wrong_bucket_region(caller.region, region, in_url="authorization" not in request.headers)
    raise _redirect(call, request, region)


def _is_answered_elsewhere(call: S3Request, caller: Caller) -> bool:
    """A name that is taken is taken everywhere, and the first region knows where each bucket is."""
    asked = (call.method, call.key, call.subresource)
    return asked == ("PUT", "", "") or (asked == ("GET", "", "location") and caller.region == _FIRST)


def _redirect(call: S3Request, request: Request, region: str) -> AwsError:
    message = (
        "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all "
        "future requests to this endpoint."
    )
    error = AwsError("PermanentRedirect", message, 301, decision="request.region")
    error.bucket_region = region
    # Nobody is sent from here to AWS.
    named = bool(request.site.service)
    error.endpoint = f"{call.bucket}.s3.{region}.amazonaws.com" if named else request.headers.get("host", "")
    return error


def require_location(instance: Instance, accesses: Sequence[Access]) -> None:
    """Let only buckets be made that are somewhere; whether the endpoint may make them there, moto says.

    Raises:
        AwsError: InvalidLocationConstraint.
    """
    for access in accesses:
        location = access.context.get("s3:locationconstraint", "EU")
        if location != "EU" and location not in instance.partition.regions:
            raise AwsError("InvalidLocationConstraint", "The specified location-constraint is not valid")


def say_region(call: S3Request, caller: Caller, response: Response) -> None:
    """Add the bucket's region to the answers in which S3 says it: HeadBucket, ListObjects and ListObjectsV2."""
    if call.key or call.subresource or call.method not in ("GET", "HEAD"):
        return
    region = region_of_bucket(caller.account, call.bucket)
    if region is not None:
        response.headers = [pair for pair in response.headers if pair[0] != _REGION] + [(_REGION, region)]
