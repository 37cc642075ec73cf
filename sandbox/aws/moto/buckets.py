"""The buckets that moto keeps: for each account under the partition of their region, such as `aws` or `aws-cn`."""

from typing import Any


def find_bucket(account: str, name: str) -> tuple[Any, Any] | None:
    """A bucket and the backend that has it; None when there is none of that name."""
    from moto.s3.models import s3_backends

    for backend in list(s3_backends[account].values()):
        found = backend.buckets.get(name)
        if found is not None:
            return found, backend
    return None
