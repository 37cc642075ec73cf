"""The policies of buckets: added to what a request needs, and read before one is put."""

from dataclasses import replace

from iampolicy.documents import parse_bucket_policy
from iampolicy.evaluator import Access
from sandbox.aws.moto.state import policy_of_bucket


def with_bucket_policy(access: Access, account: str) -> Access:
    """The access with the policy of the bucket that it concerns."""
    bucket = access.resource.removeprefix("arn:aws:s3:::").partition("/")[0]
    text = policy_of_bucket(account, bucket)
    return access if text is None else replace(access, policy=parse_bucket_policy(text, bucket))
