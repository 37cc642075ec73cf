"""What an S3 request brings along: condition keys of headers and bodies, and the further actions that it needs.

Source: Amazon S3 User Guide, "Policy actions, resources, and condition keys for Amazon S3", "Enforce conditional writes
on Amazon S3 buckets" and "Enforce conditional deletes on Amazon S3 buckets"; "Permissions" of the operations.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from math import floor
from urllib.parse import parse_qsl

from lxml import etree

from iampolicy.context import tag_values
from iampolicy.evaluator import Access
from iampolicy.truth import UNKNOWN, Unknown
from sandbox.aws.gate.s3.request import S3Request
from sandbox.aws.gate.s3.xml import only_text, read_document, tags_in
from sandbox.core.errors import AwsError
from sandbox.core.http import Request

Keys = dict[str, str | Sequence[str] | Unknown]
# Tags of an object, by bucket, key and version.
TagsOf = Callable[[str, str, str | None], Mapping[str, str]]

_LOCK = "x-amz-object-lock-"
_HEADERS = {
    "if-match": "s3:if-match",
    "if-none-match": "s3:if-none-match",
    "x-amz-bucket-namespace": "s3:x-amz-bucket-namespace",
    f"{_LOCK}mode": "s3:object-lock-mode",
    f"{_LOCK}legal-hold": "s3:object-lock-legal-hold",
}
# Elements of bodies -> keys, by (method, subresource, whether it is about an object).
_CREATE = ("PUT", "", False)
_PUT_TAGGING = ("PUT", "tagging", True)
_REPLICATION = ("PUT", "replication", False)
_BODIES: dict[tuple[str, str, bool], dict[str, str]] = {
    ("PUT", "retention", True): {"Mode": "s3:object-lock-mode", "RetainUntilDate": "until"},
    ("PUT", "legal-hold", True): {"Status": "s3:object-lock-legal-hold"},
    _CREATE: {"LocationConstraint": "s3:locationconstraint"},
    _PUT_TAGGING: {},
    _REPLICATION: {},
}
_UNTIL = ("s3:object-lock-retain-until-date", "s3:object-lock-remaining-retention-days")


def with_s3_needs(
    call: S3Request, request: Request, accesses: Sequence[Access], body: Callable[[], bytes], tags_of: TagsOf
) -> list[Access]:
    """The accesses with the keys that stand in the request, and those that it needs besides.

    Args:
        body: the decoded body; asked for only where it says something that decides.

    Raises:
        AwsError: MalformedXML, InvalidArgument.
    """
    text = body() if call.bucket and _asked(call) in _BODIES else b""
    document = read_document(text) if text.strip() else None
    keys = {**_header_keys(call, request.headers), **_header_tags(request.headers), **_body_keys(call, document)}
    found = [replace(access, context={**access.context, **keys}) for access in accesses]
    return [*found, *_conditional(call, request, found), *_copied_tags(call, request, found, tags_of),
            *_of_body(call, document, found)]  # fmt: skip


def _asked(call: S3Request) -> tuple[str, str, bool]:
    return call.method, call.subresource, bool(call.key)


def _header_keys(call: S3Request, headers: Mapping[str, str]) -> Keys:
    keys: Keys = {key: headers[name] for name, key in _HEADERS.items() if name in headers}
    keys |= _until(headers.get(f"{_LOCK}retain-until-date"))
    # Parts and the start of a multipart upload create no object yet.
    completes = (call.method, call.subresource) in (("PUT", ""), ("POST", "uploadId"))
    return {**keys, "s3:ObjectCreationOperation": "true" if completes else "false"}


def _until(date: str | None) -> Keys:
    if not date:
        return {}
    try:
        moment = datetime.fromisoformat(date.strip())
    except ValueError:
        return dict.fromkeys(_UNTIL, UNKNOWN)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    days = floor((moment - datetime.now(UTC)).total_seconds() / 86_400)
    return {_UNTIL[0]: date.strip(), _UNTIL[1]: str(days)}


def _header_tags(headers: Mapping[str, str]) -> Keys:
    """Condition keys for the tags that the header `x-amz-tagging` gives.

    Raises:
        AwsError: InvalidArgument for a key that appears twice: which of its values counts depends on the reader.
    """
    tags = parse_qsl(headers.get("x-amz-tagging", ""), keep_blank_values=True)
    if len({key for key, _ in tags}) < len(tags):
        raise AwsError(
            "InvalidArgument",
            "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag "
            "name duplicates.",
        )
    return _object_tags(tags)


def _object_tags(tags: Sequence[tuple[str, str]]) -> Keys:
    if not tags:
        return {}
    values = {f"s3:RequestObjectTag/{key}": value for key, value in tag_values(tags).items()}
    return {"s3:RequestObjectTagKeys": [key for key, _ in tags], **values}


def _body_keys(call: S3Request, document: "etree._Element | None") -> Keys:
    asked = _asked(call)
    if document is None:
        return {}
    found: Keys = {}
    for name, key in _BODIES.get(asked, {}).items():
        text = only_text(document, name)
        if text:
            found |= _until(text) if key == "until" else {key: text}
    if asked == _PUT_TAGGING:
        return found | _object_tags(tags_in(document, "TagSet"))
    tags = tags_in(document, "Tags") if asked == _CREATE else []
    if tags:
        found |= {f"aws:RequestTag/{key}": value for key, value in tag_values(tags).items()}
        found["aws:TagKeys"] = [key for key, _ in tags]
    return found


def _conditional(call: S3Request, request: Request, accesses: Sequence[Access]) -> list[Access]:
    """To compare an ETag is to read the object; `*` on a deletion only asks whether it is there."""
    match = request.headers.get("if-match")
    actions = {access.action for access in accesses if access.resource == call.arn}
    writes = "s3:PutObject" in actions
    deletes = not actions.isdisjoint(("s3:DeleteObject", "s3:DeleteObjectVersion")) and match != "*"
    if match is None or not (writes or deletes):
        return []
    return [Access("s3:GetObject", call.arn, accesses[-1].context)]


def _copied_tags(call: S3Request, request: Request, accesses: Sequence[Access], tags_of: TagsOf) -> list[Access]:
    """A copy takes the tags of its source along unless it is told to replace them."""
    source = call.copy_source
    replaced = request.headers.get("x-amz-tagging-directive", "").upper() == "REPLACE"
    if source is None or call.subresource or replaced:
        return []
    tags = tags_of(source.bucket, source.key, source.version_id)
    if not tags:
        return []
    context = accesses[0].context
    read = "s3:GetObjectVersionTagging" if source.version_id else "s3:GetObjectTagging"
    written = Access("s3:PutObjectTagging", call.arn, {**accesses[-1].context, **_object_tags(list(tags.items()))})
    return [Access(read, source.arn, context), written]


def _of_body(call: S3Request, document: "etree._Element | None", accesses: Sequence[Access]) -> list[Access]:
    asked = _asked(call)
    if document is None:
        return []
    if asked == _CREATE and tags_in(document, "Tags"):
        return [Access("s3:TagResource", call.arn, accesses[0].context)]
    role = only_text(document, "Role") if asked == _REPLICATION else ""
    return [Access("iam:PassRole", role, {"iam:PassedToService": "s3.amazonaws.com"})] if role else []
