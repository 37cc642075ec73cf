"""AssumeRole: what a caller needs to be allowed, and what the caller's own session hands on to the next one.

Source: IAM User Guide, "Passing session tags in AWS STS" and "Monitor and control actions taken with assumed roles".
"""

import re

from iampolicy.evaluator import Access
from iampolicy.trust import evaluate_trust
from sandbox.aws.access.assume import Terms
from sandbox.aws.access.authorization import require_access
from sandbox.aws.access.condition_keys import request_context
from sandbox.aws.iam.roles import find_role
from sandbox.core.call import Call
from sandbox.core.caller import Caller, RoleSession
from sandbox.core.errors import AwsError

SOURCE_IDENTITY = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_TAG = "aws:PrincipalTag/"


def names_of(caller: Caller) -> list[str]:
    """Every ARN by which a trust policy may name the caller; the account's are known to the trust policy."""
    return [caller.arn] if caller.session is None else [caller.arn, caller.session.role_arn]


def requested_tags(call: Call) -> tuple[dict[str, str], set[str]]:
    """The tags of the new session, inherited ones among them, and which of their keys are transitive, in lower case.

    Raises:
        AwsError: InvalidParameterValue.
    """
    given = call.params.get("Tags") or []
    keys = {tag["Key"].lower() for tag in given}
    if len(keys) < len(given):
        raise _invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    inherited = _inherited(call.caller.session) if call.caller and call.caller.session else {}
    inherited_keys = {key.lower() for key in inherited}
    if keys & inherited_keys:
        raise _invalid(
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key "
            "from the calling session."
        )
    transitive = {key.lower() for key in call.params.get("TransitiveTagKeys") or []}
    if not transitive <= keys:
        raise _invalid("The specified transitive tag key must be included in the requested tags.")
    return {**inherited, **{tag["Key"]: tag["Value"] for tag in given}}, transitive | inherited_keys


def _inherited(session: RoleSession) -> dict[str, str]:
    return {
        key.removeprefix(_TAG): value
        for key, value in session.context.items()
        if key.startswith(_TAG) and isinstance(value, str) and key.removeprefix(_TAG).lower() in session.transitive
    }


def requested_source_identity(call: Call) -> str:
    """The source identity of the new session: the caller's, which nobody can change, or what is asked for.

    Raises:
        AwsError: ValidationError.
    """
    session = call.caller.session if call.caller else None
    held = str(session.context.get("aws:SourceIdentity", "")) if session else ""
    asked = str(call.params.get("SourceIdentity", ""))
    if held and asked and asked != held:
        raise AwsError("ValidationError", "The source identity is already set for this assume role session")
    return held or asked


def require_caller_access(call: Call, caller: Caller, role_arn: str, terms: Terms) -> None:
    """Let the call go on only when the caller may assume such a session: by the caller's policies, or, within an
    account, because the trust policy names the caller.

    Raises:
        AwsError: AccessDenied.
    """
    for action in ("sts:AssumeRole", *terms.further_actions):
        access = Access(action, role_arn, {**terms.keys(), "aws:ResourceAccount": role_arn.split(":")[4]})
        granted = _trusted_by_name(call, caller, role_arn, action, terms)
        require_access(call.instance, call.request, caller, [access], call.decisions, json=False, granted=granted)


def _trusted_by_name(call: Call, caller: Caller, role_arn: str, action: str, terms: Terms) -> bool:
    role = find_role(call.instance.store, role_arn)
    if role is None or role.account != caller.account:
        return False
    context = {**terms.request_context, **terms.keys()}
    evaluation = evaluate_trust(
        role.trust_policy,
        action=action,
        principal_kind="AWS",
        principal_value=names_of(caller),
        context=request_context(call.instance, call.request, context, action, role.arn, role.account),
        by_name=True,
    )
    return evaluation.allowed


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterValue", message)
