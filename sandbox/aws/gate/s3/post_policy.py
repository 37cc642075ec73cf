"""The policy of a form: until when it is good, and what each field may say.

Source: Amazon S3 API Reference, "Creating a POST policy".
"""

import base64
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

from sandbox.aws.gate.s3.post_form import PostForm
from sandbox.core.errors import AwsError

_RANGE = "content-length-range"
# Fields that no condition has to name.
_FREE = frozenset({"policy", "x-amz-signature", "signature", "awsaccesskeyid", "file"})


def check_policy(form: PostForm, bucket: str) -> None:
    """Refuse a form that its own policy does not allow.

    Raises:
        AwsError: InvalidPolicyDocument; AccessDenied with the condition that failed; EntityTooLarge, EntityTooSmall.
    """
    policy = _read(form.fields["policy"])
    if datetime.now(UTC).timestamp() > _until(policy.get("expiration")):
        _refuse("Policy expired.")
    given = {**form.fields, "bucket": bucket}
    named: set[str] = set()
    for condition in _conditions(policy):
        named.add(_checked(condition, given, len(form.content)))
    extra = [name for name in form.fields if name not in named | _FREE and not name.startswith("x-ignore-")]
    if extra:
        _refuse(f"Extra input fields: {', '.join(sorted(extra))[:200]}")


def _read(text: str) -> Mapping[str, Any]:
    try:
        policy = json.loads(base64.b64decode(text, validate=True))
    except (ValueError, RecursionError):
        raise AwsError("InvalidPolicyDocument", "Invalid Policy: Invalid JSON.") from None
    if not isinstance(policy, dict):
        raise AwsError("InvalidPolicyDocument", "Invalid Policy: Invalid JSON.")
    return policy


def _until(expiration: Any) -> float:
    try:
        moment = datetime.fromisoformat(str(expiration))
    except ValueError:
        raise AwsError(
            "InvalidPolicyDocument", f"Invalid Policy: Invalid 'expiration' value: '{str(expiration)[:40]}'"
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _conditions(policy: Mapping[str, Any]) -> Iterable[list[Any]]:
    """Each condition as `[operator, "$field", value]`, or as the range of sizes.

    Raises:
        AwsError: InvalidPolicyDocument.
    """
    listed = policy.get("conditions")
    if not isinstance(listed, list):
        raise AwsError("InvalidPolicyDocument", "Invalid Policy: Policy missing conditions.")
    for condition in listed:
        if isinstance(condition, dict):
            yield from (["eq", f"${name}", value] for name, value in condition.items())
        elif isinstance(condition, list) and len(condition) == 3:
            yield [str(condition[0]).lower(), *condition[1:]]
        else:
            raise AwsError("InvalidPolicyDocument", "Invalid Policy: Invalid Conditions.")


def _checked(condition: list[Any], given: Mapping[str, str], size: int) -> str:
    """The name of the field that the condition is about, once it holds.

    Raises:
        AwsError: it does not hold, or is none.
    """
    operator, field, value = condition
    if operator == _RANGE:
        _check_size(field, value, size)
        return ""
    name = str(field).removeprefix("$").lower()
    found = given.get(name, "")
    holds = {"eq": found == str(value), "starts-with": found.startswith(str(value))}.get(operator)
    if holds is None or not str(field).startswith("$"):
        raise AwsError("InvalidPolicyDocument", "Invalid Policy: Invalid Conditions.")
    if not holds:
        _refuse(f"Policy Condition failed: {json.dumps(condition)}")
    return name


def _check_size(least: Any, most: Any, size: int) -> None:
    try:
        low, high = int(least), int(most)
    except (TypeError, ValueError, OverflowError):
        raise AwsError("InvalidPolicyDocument", "Invalid Policy: Invalid content-length-range.") from None
    if size > high:
        error = AwsError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
        error.members = {"ProposedSize": str(size), "MaxSizeAllowed": str(high)}
        raise error
    if size < low:
        error = AwsError("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
        error.members = {"ProposedSize": str(size), "MinSizeAllowed": str(low)}
        raise error


def _refuse(why: str) -> NoReturn:
    raise AwsError("AccessDenied", f"Invalid according to Policy: {why}", 403)
