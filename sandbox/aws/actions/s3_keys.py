"""What an S3 request brings along: condition keys of headers and bodies, and the further actions that it needs.

Source: Amazon S3 User Guide, "Policy actions, resources, and condition keys for Amazon S3", "Enforce conditional writes
on Amazon S3 buckets" and "Enforce conditional deletes on Amazon S3 buckets"; "Permissions" of the operations.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from math import floor

from lxml import etree

from sandbox.aws.actions.s3_request import S3Request
from sandbox.aws.policy.evaluator import Access
from sandbox.aws.policy.truth import UNKNOWN, Unknown
from sandbox.http import Request

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
_BODIES: dict[tuple[str, str, bool], dict[str, str]] = {
    ("PUT", "retention", True): {"Mode": "s3:object-lock-mode", "RetainUntilDate": "until"},
    ("PUT", "legal-hold", True): {"Status": "s3:object-lock-legal-hold"},
    ("PUT", "", False): {"LocationConstraint": "s3:locationconstraint"},
}
_UNTIL = ("s3:object-lock-retain-until-date", "s3:object-lock-remaining-retention-days")


def with_s3_needs(
    call: S3Request, request: Request, accesses: Sequence[Access], body: Callable[[], bytes], tags_of: TagsOf
) -> list[Access]:
    """The accesses with the keys that stand in the request, and those that it needs besides.

    Args:
        body: the decoded body; asked for only where it says something that decides.
    """
    document = _document(call, body)
    keys = {**_header_keys(call, request.headers), **_body_keys(call, document)}
    found = [replace(access, context={**access.context, **keys}) for access in accesses]
    return [*found, *_conditional(call, request, found), *_copied_tags(call, request, found, tags_of),
            *_of_body(call, document, found)]  # fmt: skip


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


def _document(call: S3Request, body: Callable[[], bytes]) -> "etree._Element | Unknown | None":
    """The body as XML where it decides something; None where there is none, UNKNOWN where it cannot be read."""
    asked = (call.method, call.subresource, bool(call.key))
    if not call.bucket or (asked not in _BODIES and asked not in (_PUT_TAGGING, _REPLICATION)):
        return None
    text = body()
    if not text.strip():
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(text, parser)
    except (etree.XMLSyntaxError, ValueError):
        return UNKNOWN
    return UNKNOWN if root.getroottree().docinfo.doctype else root


_PUT_TAGGING = ("PUT", "tagging", True)
_REPLICATION = ("PUT", "replication", False)


def _body_keys(call: S3Request, document: "etree._Element | Unknown | None") -> Keys:
    asked = (call.method, call.subresource, bool(call.key))
    names = _BODIES.get(asked, {})
    if document is None:
        return {}
    if isinstance(document, Unknown):
        keys = [*names.values(), *_UNTIL, "s3:RequestObjectTagKeys", "aws:TagKeys"]
        return dict.fromkeys(keys, UNKNOWN)
    found: Keys = {}
    for name, key in names.items():
        text = _first(document, name)
        if text:
            found |= _until(text) if key == "until" else {key: text}
    tags = _tags(document)
    if asked == _PUT_TAGGING and tags:
        found |= {"s3:RequestObjectTagKeys": list(tags)}
        found |= {f"s3:RequestObjectTag/{key}": value for key, value in tags.items()}
    elif asked == ("PUT", "", False) and tags:
        found |= {"aws:TagKeys": list(tags), **{f"aws:RequestTag/{key}": value for key, value in tags.items()}}
    return found


def _first(document: "etree._Element", name: str) -> str:
    found = next(iter(document.iter(f"{{*}}{name}")), None)
    return "".join(map(str, found.itertext())).strip() if found is not None else ""


def _tags(document: "etree._Element") -> dict[str, str]:
    tags: dict[str, str] = {}
    for tag in document.iter("{*}Tag"):
        members = {etree.QName(child).localname: "".join(map(str, child.itertext())) for child in tag}
        tags[members.get("Key", "")] = members.get("Value", "")
    return tags


def _conditional(call: S3Request, request: Request, accesses: Sequence[Access]) -> list[Access]:
    """To compare an ETag is to read the object; `*` on a deletion only asks whether it is there."""
    match = request.headers.get("if-match")
    action = accesses[-1].action if accesses else ""
    writes = any(access.action == "s3:PutObject" for access in accesses)
    deletes = action.startswith("s3:DeleteObject") and not call.subresource and match != "*"
    if match is None or not call.key or not (writes or deletes):
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
    given: Keys = {f"s3:RequestObjectTag/{key}": value for key, value in tags.items()}
    given["s3:RequestObjectTagKeys"] = list(tags)
    written = Access("s3:PutObjectTagging", call.arn, {**accesses[-1].context, **given})
    return [Access(read, source.arn, context), written]


def _of_body(call: S3Request, document: "etree._Element | Unknown | None", accesses: Sequence[Access]) -> list[Access]:
    if document is None or isinstance(document, Unknown):
        return []
    asked = (call.method, call.subresource, bool(call.key))
    if asked == ("PUT", "", False) and _tags(document):
        return [Access("s3:TagResource", call.arn, accesses[0].context)]
    role = _first(document, "Role") if asked == _REPLICATION else ""
    return [Access("iam:PassRole", role, {"iam:PassedToService": "s3.amazonaws.com"})] if role else []
