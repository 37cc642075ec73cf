"""Whether policies allow an access, as the sandbox decides it."""

from collections.abc import Mapping, Sequence
from typing import Any

from iampolicy.evaluator import Access, authorize
from iampolicy.statements import PolicyDocument


def allows(policies: Sequence[Mapping[str, Any]], action: str, resource: str) -> bool:
    """Whether the policies together allow an action on a resource (an ARN, or `*`) to a caller without tags."""
    documents = [policy if isinstance(policy, PolicyDocument) else PolicyDocument(policy) for policy in policies]
    return authorize(documents, [], Access(action, resource)).verdict == "allow"
