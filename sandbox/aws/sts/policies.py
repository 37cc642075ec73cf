"""Session policies that a caller of STS asks for: one document as text, and managed policies by ARN."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.errors import AwsError
from sandbox.aws.iam.managed_policies import find_managed_policy
from sandbox.aws.iam.names import account_of
from sandbox.aws.policy.documents import parse_policy

_MOST_ARNS = 10
_LARGEST = 2048  # characters of the text and the ARNs together


@dataclass(frozen=True, slots=True)
class Asked:
    """`managed` are ARNs of AWS's own policies; `size` is in characters of plain text."""

    documents: list[Mapping[str, Any]]
    managed: list[str]
    size: int


def session_policies(call: Call) -> Asked:
    """What the caller wants the session to be limited to.

    Raises:
        AwsError: MalformedPolicyDocument; PackedPolicyTooLarge; ValidationError for an ARN that names no policy.
    """
    text = call.params.get("Policy")
    arns = [entry["arn"] for entry in call.params.get("PolicyArns") or [] if entry.get("arn")]
    if len(arns) > _MOST_ARNS:
        raise AwsError("ValidationError", f"At most {_MOST_ARNS} managed session policies can be passed.")
    size = len(text or "") + sum(len(arn) for arn in arns)
    if size > _LARGEST:
        raise AwsError(
            "PackedPolicyTooLarge",
            f"Packed size of session policies consumes {100 * size // _LARGEST}% of allotted space.",
        )
    asked = Asked([parse_policy(text)] if text else [], [], size)
    account = call.params["RoleArn"].split(":")[4]
    for arn in arns:
        document = find_managed_policy(call.world.store, arn) if account_of(arn) in ("aws", account) else None
        if document is None:
            raise AwsError("ValidationError", f"The managed session policy {arn} does not exist or is not attachable.")
        if account_of(arn) == "aws":
            asked.managed.append(arn)
        else:
            asked.documents.append(document)
    return asked
