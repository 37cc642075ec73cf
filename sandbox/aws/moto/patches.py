"""Habits of moto that do not suit a sandbox for several people, changed once in each process."""

from collections.abc import Mapping, MutableMapping
from typing import Any

from sandbox.aws.moto.bridge import import_moto
from sandbox.aws.wire.s3 import META
from sandbox.core.instance import Instance


class MotoPatches:
    """moto made ready: bucket names are free within each account, bucket policies are the gate's.

    What is changed in moto is changed for the process.
    """

    def __init__(self, instance: Instance) -> None:
        import_moto()
        _separate_bucket_names()
        _keep_buckets_that_are_there()
        _leave_bucket_policies_to_the_gate()
        _keep_names_of_metadata()
        _label_only_what_is_there()


class _NoNames(MutableMapping[str, tuple[str, str]]):
    """Remembers no bucket's owner, so that each account has the names to itself and sees no other's buckets.

    On AWS bucket names are unique worldwide. Here learners share one sandbox, and each has the same sample buckets.
    """

    def __getitem__(self, name: str) -> tuple[str, str]:
        raise KeyError(name)

    def __setitem__(self, name: str, owner: tuple[str, str]) -> None:
        return

    def __delitem__(self, name: str) -> None:
        raise KeyError(name)

    def __iter__(self) -> Any:
        return iter(())

    def __len__(self) -> int:
        return 0


def _separate_bucket_names() -> None:
    from moto.s3.models import s3_backends

    setattr(s3_backends, "bucket_accounts", _NoNames())  # noqa: B010


def _keep_buckets_that_are_there() -> None:
    """Where no names are remembered, moto puts an empty bucket in the place of the one that an account has."""
    from moto.s3.exceptions import BucketAlreadyExists
    from moto.s3.models import S3Backend

    original = S3Backend.create_bucket
    if original.__module__ == __name__:
        return

    def create_bucket(self: S3Backend, bucket_name: str, *args: Any, **more: Any) -> Any:
        if bucket_name in self.buckets:
            raise BucketAlreadyExists(bucket=bucket_name)
        return original(self, bucket_name, *args, **more)

    setattr(S3Backend, "create_bucket", create_bucket)  # noqa: B010


def _leave_bucket_policies_to_the_gate() -> None:
    """moto takes every statement to be about everyone, and looks at no conditions."""
    from moto.iam.access_control import PermissionResult
    from moto.s3.models import FakeBucket

    setattr(FakeBucket, "get_permission", lambda *_: PermissionResult.NEUTRAL)  # noqa: B010


def _keep_names_of_metadata() -> None:
    """moto leaves out metadata whose name has other characters than letters, digits, `-`, `_` and `.`."""
    from moto.s3 import responses, utils

    def metadata_from_headers(headers: Mapping[str, Any]) -> Any:
        metadata = utils.metadata_from_headers(headers)  # type: ignore[arg-type]
        metadata.update({name.lower(): value for name, value in headers.items() if name.lower().startswith(META)})
        return metadata

    setattr(responses, "metadata_from_headers", metadata_from_headers)  # noqa: B010


def _label_only_what_is_there() -> None:
    """moto remembers the name of a parameter that it did not find, and stumbles over it ever after."""
    from moto.ssm.exceptions import ParameterNotFound
    from moto.ssm.models import SimpleSystemManagerBackend as Backend

    original = Backend.label_parameter_version
    if original.__module__ == __name__:
        return

    def label_parameter_version(self: Backend, name: str, version: int, labels: list[str]) -> Any:
        if name not in self._parameters:
            raise ParameterNotFound(f"Parameter {name} not found.")
        return original(self, name, version, labels)

    setattr(Backend, "label_parameter_version", label_parameter_version)  # noqa: B010
