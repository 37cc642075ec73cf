"""Policies of resources, such as those of buckets: whom they allow or deny what. Pure, like the evaluator.

Source: IAM User Guide, "Policy evaluation logic", requests within one account: what a resource's policy allows to the
caller by name, or to everyone, needs no identity policy; what it allows to the account is left to identity policies.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from iampolicy.conditions import list_of
from iampolicy.context import as_context
from iampolicy.evaluator import Access, Evaluation
from iampolicy.statements import statements_of
from iampolicy.trust import names_by_name, names_principal


def decide_resource(document: Mapping[str, Any], access: Access, names: Sequence[str], federated: str) -> Evaluation:
    """Evaluate a resource's policy for a caller of its own account.

    Args:
        names: every ARN that names the caller.
        federated: the identity provider of the caller's session; empty when there is none.
    """
    context = as_context(access.context)
    found = Evaluation("implicit_deny", "resource")
    for statement in statements_of(document):
        raw = statement.raw
        spoken_of = names_principal(raw, "AWS", names) or (federated and names_principal(raw, "Federated", [federated]))
        if not spoken_of:
            continue
        matches = statement.matches(access.action, access.resource, context)
        if matches is not False and statement.effect == "Deny":
            doubts = () if matches else statement.doubts(access.action, access.resource, context)
            return Evaluation("explicit_deny", "resource", raw, statement.label, doubts=doubts)
        if matches and _grants(raw, names, federated):
            found = Evaluation("allow", "resource", raw, statement.label)
    return found


def _grants(raw: Mapping[str, Any], names: Sequence[str], federated: str) -> bool:
    principal = raw.get("Principal")
    everyone = principal == "*" or (isinstance(principal, Mapping) and "*" in list_of(principal.get("AWS", [])))
    return everyone or names_by_name(raw, "AWS", names) or names_by_name(raw, "Federated", [federated])
