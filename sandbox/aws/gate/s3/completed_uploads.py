"""Uploads that were completed, so that whoever completes one again gets the same answer.

An SDK whose answer was lost asks a second time; S3 then says what it said (S3 API Reference, CompleteMultipartUpload:
"the operation is idempotent"). In memory and bounded: what is asked for again is asked for soon.
"""

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256

from sandbox.aws.gate.s3.request import S3Request
from sandbox.aws.moto.state import region_of_bucket
from sandbox.core.http import Response
from sandbox.core.instance import Instance

_MOST = 1000
_Upload = tuple[str, int, str, str, str]


@dataclass(frozen=True, slots=True)
class _Completed:
    """`parts` is a hash of the document that named the parts."""

    parts: str
    body: bytes
    headers: tuple[tuple[str, str], ...]


class CompletedUploads:
    """The latest completed uploads of all accounts."""

    def __init__(self, instance: Instance) -> None:
        self._accounts = instance.accounts
        self._kept: OrderedDict[_Upload, _Completed] = OrderedDict()

    def answer(self, account: str, call: S3Request, parts: bytes) -> Response | None:
        """The answer that completed this upload from these parts; None where none did, or its bucket is gone."""
        found = self._kept.get(self._key(account, call))
        if found is None or found.parts != sha256(parts).hexdigest() or region_of_bucket(account, call.bucket) is None:
            return None
        return Response(200, found.body, list(found.headers))

    def keep(self, account: str, call: S3Request, parts: bytes, response: Response) -> None:
        completed = _Completed(sha256(parts).hexdigest(), response.body, tuple(response.headers))
        self._kept[self._key(account, call)] = completed
        if len(self._kept) > _MOST:
            self._kept.popitem(last=False)

    def _key(self, account: str, call: S3Request) -> _Upload:
        """A reset begins a new life of the account."""
        return account, self._accounts.epoch(account), call.bucket, call.key, call.value("uploadId") or ""
