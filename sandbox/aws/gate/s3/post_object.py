"""POST Object: a form is checked against its policy, and is then a PUT by whoever signed that policy."""

from dataclasses import replace
from urllib.parse import quote, urlencode, urlsplit

from msgspec.structs import replace as replace_struct

from sandbox.aws.gate.s3.gate import pass_on_s3
from sandbox.aws.gate.s3.post_form import PostForm, read_form
from sandbox.aws.gate.s3.post_policy import check_policy
from sandbox.aws.gate.s3.request import is_header_value
from sandbox.aws.gate.s3.xml import read_document, tags_in
from sandbox.aws.moto.state import region_of_bucket
from sandbox.aws.signing import sigv2
from sandbox.aws.wire.xml import xml_text
from sandbox.core.caller import Caller
from sandbox.core.decisions import Decisions
from sandbox.core.errors import AwsError
from sandbox.core.http import Request, Response
from sandbox.core.instance import Instance

_FIRST = "us-east-1"
# Fields that are headers of the PUT, and no others: one more could make another operation of it.
_HEADERS = {"acl": "x-amz-acl", **{name: name for name in (
    "cache-control", "content-type", "content-disposition", "content-encoding", "expires", "x-amz-storage-class",
    "x-amz-website-redirect-location", "x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id",
)}}  # fmt: skip
_META = "x-amz-meta-"
_CHECKSUM = "x-amz-checksum-"


async def post_object(instance: Instance, request: Request, caller: Caller, decisions: Decisions) -> Response:
    """Put the file of a form, by the rights of the caller who signed its policy.

    Raises:
        AwsError: S3's refusal.
    """
    form = read_form(request)
    bucket = request.bucket or request.raw_path.strip("/")
    if not bucket or (request.bucket and request.raw_path != "/") or "/" in bucket:
        raise AwsError("MethodNotAllowed", "The specified method is not allowed against this resource.", 405)
    check_policy(form, bucket)
    response = await pass_on_s3(
        instance, _put_request(request, form, bucket), _where_the_bucket_is(caller, bucket), decisions
    )
    return _answer(request, form, bucket, response) if response.status == 200 else response


def _where_the_bucket_is(caller: Caller, bucket: str) -> Caller:
    """The caller; one of Signature Version 2, which names no region, is where the bucket is.

    Raises:
        AwsError: InvalidRequest where only the fourth version is taken.
    """
    if caller.region:
        return caller
    region = region_of_bucket(caller.account, bucket) or _FIRST
    if region not in sigv2.REGIONS:
        raise AwsError("InvalidRequest", sigv2.UNSUPPORTED)
    return replace_struct(caller, region=region)


def _put_request(request: Request, form: PostForm, bucket: str) -> Request:
    """The form as the request that puts the object."""
    headers = {_HEADERS[name]: value for name, value in form.fields.items() if name in _HEADERS}
    headers |= {name: value for name, value in form.fields.items() if name.startswith((_META, _CHECKSUM))}
    if "tagging" in form.fields:
        document = read_document(form.fields["tagging"].encode())
        headers["x-amz-tagging"] = urlencode(tags_in(document, "TagSet"))
    if not all(map(is_header_value, headers.values())):
        raise AwsError("InvalidArgument", "A field of the form cannot be read as a header.")
    headers |= {"host": request.headers.get("host", ""), "content-length": str(len(form.content))}
    key = quote(form.key, safe="/")
    path = f"/{key}" if request.bucket else f"/{quote(bucket, safe='')}/{key}"
    version = "AWS" if "awsaccesskeyid" in form.fields else "AWS4-HMAC-SHA256"
    put = replace(request, method="PUT", raw_path=path, query_string="", form_signature=version)
    return replace(put, headers=headers, body=form.content)


def _answer(request: Request, form: PostForm, bucket: str, put: Response) -> Response:
    """What the form asks for: a redirect, a status, or nothing but that it was done."""
    kept = [pair for pair in put.headers if pair[0] == "etag" or pair[0].startswith("x-amz-")]
    etag = next((value for name, value in kept if name == "etag"), "")
    key = quote(form.key, safe="/")
    location = f"http://{request.headers.get('host', '')}/{key if request.bucket else f'{bucket}/{key}'}"
    wanted = form.fields.get("success_action_redirect") or form.fields.get("redirect") or ""
    if urlsplit(wanted).scheme in ("http", "https") and is_header_value(wanted):
        query = urlencode({"bucket": bucket, "key": form.key, "etag": etag})
        return Response(303, b"", [*kept, ("location", f"{wanted}{'&' if '?' in wanted else '?'}{query}")])
    status = {"200": 200, "201": 201}.get(form.fields.get("success_action_status", ""), 204)
    body = _document(location, bucket, form.key, etag) if status == 201 else b""
    kind = [("content-type", "application/xml")] if body else []
    return Response(status, body, [*kept, *kind, ("location", location)])


def _document(location: str, bucket: str, key: str, etag: str) -> bytes:
    members = {"Location": location, "Bucket": bucket, "Key": key, "ETag": etag}
    written = "".join(f"<{name}>{xml_text(value)}</{name}>" for name, value in members.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<PostResponse>{written}</PostResponse>'.encode()
