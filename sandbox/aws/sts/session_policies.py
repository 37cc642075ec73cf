"""Session policies that a caller of STS asks for: one document as text, and managed policies by ARN."""

from collections.abc import Mapping
from typing import Any

from iampolicy.documents import parse_policy
from sandbox.aws.access.assume import SessionPolicies
from sandbox.aws.iam.managed_policies import aws_policies, find_managed_policy
from sandbox.aws.iam.names import account_of
from sandbox.core.call import Call
from sandbox.core.errors import AwsError

_MOST_ARNS = 10
_LARGEST = 2048  # characters of the text and the ARNs together


def session_policies(call: Call) -> SessionPolicies:
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
    documents: list[Mapping[str, Any]] = [parse_policy(text)] if text else []
    managed: list[str] = []
    account = call.params["RoleArn"].split(":")[4]
    for arn in arns:
        known = account_of(arn) in ("aws", account)
        document = find_managed_policy(call.instance.store, arn, account) if known else None
        if document is None:
            raise AwsError("ValidationError", f"The managed session policy {arn} does not exist or is not attachable.")
        if arn in aws_policies():
            managed.append(arn)
        else:
            documents.append(document)
    return SessionPolicies(documents, managed, size)
