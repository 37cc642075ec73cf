"""What moto holds for an account in one service, taken out of it and put back.

moto keeps it in one backend object for each region (for each partition, in S3). Besides these it has, for the services
that are kept: a map of bucket names to accounts, which stays empty here (sandbox.aws.moto.patches); lists of all
objects it ever made, for its own tests; iterators over DynamoDB's streams, which AWS ends after 15 minutes; and keys of
KMS, of which only the ARN is seen, in a table's description. None of these has to come back.
"""

from collections.abc import Callable, Iterator
from typing import Any

from sandbox.aws.moto.bridge import moto_lock
from sandbox.aws.moto.changes import changes_of, is_filled, set_filled
from sandbox.aws.snapshots.graph import Body, UnreadableSnapshot, written_graph

KEPT = ("s3", "dynamodb", "ssm")
_IDENTITY = {"region_name", "account_id", "partition", "ssm_prefix"}  # what a new backend knows by itself
# Parameters that AWS publishes; moto loads thousands when it is first asked for one.
_PUBLISHED = "/aws/service/"

Content = dict[str, dict[str, Any]]


def taken(account: str, service: str, body_of: Callable[[Any], Body]) -> tuple[int, bytes]:
    """How often the content had been changed, and its bytes at this moment. Nothing changes meanwhile.

    Raises:
        Unwritable
    """
    with moto_lock:
        content: Content = {}
        for region, backend in _backends(service)[account].items():
            members = {name: value for name, value in vars(backend).items() if name not in _IDENTITY}
            content[region] = _without_published(members) if service == "ssm" else members
        return changes_of(account, service), written_graph(content, body_of)


def put_back(account: str, service: str, content: Any) -> bool:
    """Give moto what was taken; False where it holds something of the account's already.

    Raises:
        UnreadableSnapshot: it is not the content of such a service.
    """
    with moto_lock:
        if is_filled(account, service):
            return False
        for backend, members in _checked(account, service, content):
            tags = members.pop("_resource_tags", None)
            vars(backend).update(members)
            for kind, of_kind in (tags or {}).items():
                backend._resource_tags[kind].update(of_kind)
        set_filled(account, service)
        return True


def require_content(account: str, service: str, content: Any) -> None:
    """Pass if `put_back` could.

    Raises:
        UnreadableSnapshot
    """
    with moto_lock:
        _checked(account, service, content)


def _checked(account: str, service: str, content: Any) -> list[tuple[Any, dict[str, Any]]]:
    """Each backend with what it is to hold."""
    backends = _backends(service)[account]
    found = [(_backend(backends, region), members) for region, members in _regions(content)]
    for backend, members in found:
        _require_same_members(backend, members)
    return found


def objects_in_s3(account: str) -> list[Any]:
    """All versions of all objects of an account, and the parts of uploads that are under way."""
    with moto_lock:
        found = []
        for backend in _backends("s3")[account].values():
            for bucket in backend.buckets.values():
                found += [one for versions in dict.values(bucket.keys) for one in versions]
                found += [part for upload in bucket.multiparts.values() for part in upload.parts.values()]
        return [one for one in found if hasattr(one, "_value_buffer")]


def _backends(service: str) -> Any:
    if service == "s3":
        from moto.s3.models import s3_backends

        return s3_backends
    if service == "dynamodb":
        from moto.dynamodb.models import dynamodb_backends

        return dynamodb_backends
    from moto.ssm.models import ssm_backends

    return ssm_backends


def _without_published(members: dict[str, Any]) -> dict[str, Any]:
    from moto.ssm.models import ParameterDict

    known = members["_parameters"]
    own = ParameterDict(known.account_id, known.region_name)
    dict.update(own, {name: each for name, each in dict.items(known) if not name.startswith(_PUBLISHED)})
    # Its missing values are made by a function of moto's, which the new backend has again.
    tags = {kind: dict(of_kind) for kind, of_kind in members["_resource_tags"].items()}
    return {**members, "_parameters": own, "_resource_tags": tags}


def _regions(content: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if type(content) is not dict:
        raise UnreadableSnapshot("It is not divided into regions")
    for region, members in content.items():
        if type(region) is not str or type(members) is not dict:
            raise UnreadableSnapshot("It is not divided into regions")
        yield region, members


def _backend(backends: Any, region: str) -> Any:
    try:
        return backends[region]
    except KeyError:
        raise UnreadableSnapshot(f"It holds something in {region[:40]}, which is no region of the service") from None


def _require_same_members(backend: Any, members: dict[str, Any]) -> None:
    """A backend has the members that it is made with, each of its own kind."""
    new = {name: value for name, value in vars(backend).items() if name not in _IDENTITY}
    for name, value in members.items():
        plain = name == "_resource_tags" and type(value) is dict
        if name not in new or (type(value) is not type(new[name]) and not plain):
            raise UnreadableSnapshot(f"It holds a {str(name)[:80]}, which the service does not have")
