"""The headers and query parameters that an S3 operation has, by botocore's model: nothing else is read or passed on.

moto finds meanings of its own in others: it takes them for the parameters of another operation, and `_` for `-`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from botocore.model import OperationModel

from sandbox.aws.wire.models import service_model

# Query parameters that turn a request into another operation. Two of them in one request contradict each other.
SUBRESOURCES = frozenset(
    [
        "abac", "accelerate", "acl", "analytics", "annotation", "attributes",
        "cors", "delete", "encryption",
        "intelligent-tiering", "inventory", "legal-hold", "lifecycle", "location", "logging", "metadataAnnotationTable",
        "metadataConfiguration", "metadataInventoryTable", "metadataJournalTable", "metadataTable", "metrics",
        "notification", "object-lock", "ownershipControls", "policy", "policyStatus", "publicAccessBlock",
        "renameObject",
        "replication", "requestPayment", "restore", "retention", "select", "session", "tagging", "torrent", "uploadId",
        "uploads", "versioning", "versions", "website",
    ]
)  # fmt: skip
META = "x-amz-meta-"
# The name of a header (RFC 9110, section 5.6.2), which the metadata of an object may use to the full.
_META = re.compile(r"x-amz-meta-[!#$%&'*+.^_`|~0-9a-z-]+")
# What concerns the request itself; the gate reads these, and moto gets none of them but the hash.
_OF_THE_REQUEST = frozenset(
    [
        "host", "authorization", "date", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256",
        "x-amz-decoded-content-length", "x-amz-trailer", "content-length", "user-agent", "referer", "origin", "accept",
    ]
)  # fmt: skip
_PASSED = frozenset(["x-amz-content-sha256"])
# Headers of every body, though not every operation's model has them all.
_OF_THE_BODY = frozenset(["content-type", "content-encoding", "content-md5"])


@dataclass(frozen=True, slots=True)
class WireNames:
    """What the operations of one method, resource and subresource have.

    Attributes:
        headers, query: names of headers, in lower case, and of query parameters.
        switches: those of the headers that are `true` or nothing.
        required: query parameters without which it would be another operation.
        metadata: whether the object's own metadata is among the headers.
    """

    headers: frozenset[str]
    query: frozenset[str]
    switches: frozenset[str]
    required: frozenset[str]
    metadata: bool


def known_headers(headers: Mapping[str, str], names: WireNames) -> dict[str, str]:
    """The headers that mean something to the operation. A switch that is not on is left out."""
    return {
        name: "true" if name in names.switches else value
        for name, value in headers.items()
        if _is_known(name, names) and (name not in names.switches or value.strip().lower() == "true")
    }


def passed_headers(headers: Mapping[str, str], names: WireNames) -> dict[str, str]:
    """Those of the headers that whoever serves the operation is given."""
    return {
        name: value
        for name, value in known_headers(headers, names).items()
        if name not in _OF_THE_REQUEST or name in _PASSED
    }


def _is_known(name: str, names: WireNames) -> bool:
    if name in names.headers or name in _OF_THE_REQUEST or name in _OF_THE_BODY:
        return True
    return names.metadata and _META.fullmatch(name) is not None


@cache
def wire_names(method: str, subresource: str, *, bucket: bool, key: bool) -> WireNames:
    """The names of the operations that a request could be: S3 has several for one address."""
    found = [model for model, place in _places() if place == (method, subresource, bucket, key)]
    return WireNames(
        headers=frozenset(name for model in found for name in _located(model, "header")),
        query=frozenset(name for model in found for name in (*_flags(model), *_located(model, "querystring"))),
        switches=frozenset(name for model in found for name in _located(model, "header", "boolean")),
        required=frozenset.intersection(*(frozenset(_required(model)) for model in found)) if found else frozenset(),
        metadata=any(_located(model, "headers") for model in found),
    )


def places() -> dict[str, tuple[str, str, bool, bool]]:
    """Operation -> its method, its subresource, and whether it names a bucket and a key."""
    return {model.name: place for model, place in _places()}


@cache
def _places() -> tuple[tuple[OperationModel, tuple[str, str, bool, bool]], ...]:
    service = service_model("s3")
    models = [service.operation_model(name) for name in service.operation_names]
    return tuple((model, _place(model)) for model in models)


def _place(model: OperationModel) -> tuple[str, str, bool, bool]:
    path = model.http["requestUri"].partition("?")[0]
    named = [name for name in (*_flags(model), *_required(model)) if name in SUBRESOURCES]
    return model.http["method"], named[0] if named else "", "{Bucket}" in path, "{Key+}" in path


def _flags(model: OperationModel) -> list[str]:
    """The query parameters that stand in the operation's address itself."""
    query = model.http["requestUri"].partition("?")[2]
    return [part.partition("=")[0] for part in query.split("&") if part]


def _required(model: OperationModel) -> Iterable[str]:
    if model.input_shape is None:
        return []
    required = model.input_shape.required_members
    return [name for member, name in _members(model, "querystring", "") if member in required]


def _located(model: OperationModel, location: str, type_name: str = "") -> list[str]:
    return [name for _, name in _members(model, location, type_name)]


def _members(model: OperationModel, location: str, type_name: str) -> list[tuple[str, str]]:
    """The members of the input that stand at a place: (member, name on the wire)."""
    members = model.input_shape.members if model.input_shape is not None else {}
    return [
        (member, shape.serialization["name"] if location == "querystring" else shape.serialization["name"].lower())
        for member, shape in members.items()
        if shape.serialization.get("location") == location and type_name in ("", shape.type_name)
    ]
