"""What the sandbox has to know of the state that moto keeps."""

import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from sandbox.aws.moto.bridge import STUMBLES, is_moto_imported, moto_lock
from sandbox.aws.moto.buckets import find_bucket
from sandbox.aws.moto.changes import note_all_emptied, note_emptied

_users: set[object] = set()  # one for each sandbox that runs in this process
_users_lock = threading.Lock()


def hash_key_of(account: str, region: str, table: str, index: str | None) -> str | None:
    """The name of a DynamoDB table's partition key, or of one of its indexes; None when there is no such table."""
    from moto.dynamodb.models import dynamodb_backends

    found = dynamodb_backends[account][region].tables.get(table)
    if found is None:
        return None
    if index is None:
        return str(found.hash_key_attr)
    for known in (*found.all_indexes(),):
        if known.name == index:
            return next((str(key["AttributeName"]) for key in known.schema if key["KeyType"] == "HASH"), None)
    return None


def region_of_bucket(account: str, bucket: str) -> str | None:
    """The region that a bucket is in; None when there is no such bucket."""
    found = _bucket(account, bucket)
    if found is None:
        return None
    # Ireland's name of before there were others in Europe (S3 API Reference, CreateBucketConfiguration).
    return "eu-west-1" if found.region_name == "EU" else str(found.region_name)


def policy_of_bucket(account: str, bucket: str) -> str | None:
    """The text of a bucket's policy; None when there is none, or no such bucket."""
    found = _bucket(account, bucket)
    return found.policy.decode() if found is not None and found.policy else None


@dataclass(frozen=True, slots=True)
class CorsRule:
    """One of a bucket's rules about pages of other origins; `max_age` in seconds, empty where it says nothing."""

    origins: tuple[str, ...]
    methods: tuple[str, ...]
    headers: tuple[str, ...]
    exposed: tuple[str, ...]
    max_age: str


def cors_of_bucket(account: str, bucket: str) -> list[CorsRule]:
    """The CORS rules of a bucket, in their order; none where it has none, or does not exist."""
    found = _bucket(account, bucket) if _uses_s3(account) else None
    return [
        CorsRule(
            tuple(map(str, rule.allowed_origins or ())),
            tuple(map(str, rule.allowed_methods or ())),
            tuple(map(str, rule.allowed_headers or ())),
            tuple(map(str, rule.exposed_headers or ())),
            str(rule.max_age_seconds or ""),
        )
        for rule in (found.cors if found is not None else ())
    ]


def _uses_s3(account: str) -> bool:
    """Whether moto has anything of the account; to look there would otherwise make it."""
    if not is_moto_imported():
        return False
    from moto.s3.models import s3_backends

    return account in s3_backends


def holders_of_bucket(bucket: str) -> list[str]:
    """The accounts that have a bucket of this name, of those that use S3 at present."""
    if not is_moto_imported():
        return []
    from moto.s3.models import s3_backends

    return [account for account in list(s3_backends) if _bucket(account, bucket) is not None]


def key_of_upload(account: str, bucket: str, upload_id: str) -> str | None:
    """The key of a multipart upload that is under way; None when there is none of that id."""
    found = _bucket(account, bucket)
    return str(found.multiparts[upload_id].key_name) if found is not None and upload_id in found.multiparts else None


def put_object(account: str, bucket: str, key: str, headers: Mapping[str, str], body: bytes) -> None:
    """Put an object into a bucket that exists, as a PUT would that says nothing but these headers."""
    with moto_lock:
        found = find_bucket(account, bucket)
        assert found is not None
        made = found[1].put_object(bucket, key, body, storage="STANDARD")
        made.set_metadata(dict(headers))
        made.set_acl(found[0].acl)


def _bucket(account: str, name: str) -> Any:
    found = find_bucket(account, name)
    return None if found is None else found[0]


@contextmanager
def moto_in_use() -> Iterator[None]:
    """While the block runs, a sandbox uses moto, whose state belongs to the process.

    One that comes when no other is running finds it empty. Those that run at the same time share it, account by
    account.
    """
    user = object()
    with _users_lock:
        if not _users:
            _forget_everything()
        _users.add(user)
    try:
        yield
    finally:
        with _users_lock:
            _users.discard(user)


def _forget_everything() -> None:
    if "moto.core.base_backend" not in sys.modules:
        return  # Importing moto takes long, and what was never imported holds nothing.
    with moto_lock:
        note_all_emptied()
        for backends in _memories():
            for account in list(backends):
                backends[account].reset()


def _memories() -> list[Any]:
    """What moto keeps: for each service that was used a dictionary of accounts."""
    from moto.core.base_backend import BackendDict

    return list(BackendDict._instances)  # type: ignore[misc]


def forget_account(account: str) -> None:
    """Drop everything that moto holds for an account."""
    if not is_moto_imported():
        return
    with moto_lock:
        for backends in _memories():
            if account in backends:
                _forget(backends, account)


def forget_service(account: str, service: str) -> None:
    """Drop what moto holds for an account in one service, such as `s3`."""
    if not is_moto_imported():
        return
    with moto_lock:
        for backends in _memories():
            if backends.service_name == service and account in backends:
                _forget(backends, account)


def _forget(backends: Any, account: str) -> None:
    note_emptied(account, backends.service_name)
    for backend in backends[account].values():
        _reset(backend)


def _reset(backend: Any) -> None:
    """What `backend.reset()` does for one account. For S3 it would close the files of all accounts' objects."""
    from moto.core.base_backend import BaseBackend
    from moto.s3.models import S3Backend

    if not isinstance(backend, S3Backend):
        backend.reset()
        return
    # Whatever an account was imported with, it can be emptied.
    with suppress(*STUMBLES):
        _dispose(backend)
    BaseBackend.reset(backend)


def _dispose(backend: Any) -> None:
    from moto.s3.models import FakeKey

    for bucket in backend.buckets.values():
        for versions in dict.values(bucket.keys):
            for version in versions:
                if isinstance(version, FakeKey):
                    version.dispose()
        for upload in bucket.multiparts.values():
            upload.dispose()
