"""What guests may do: anyone on the internet who knows the pool's ID has their role."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings

from flows.exchange.pool_facts import RoleFacts
from iampolicy.guest_limits import guest_session_policies
from operations.doctor import fixes
from operations.doctor.findings import Finding, Severity
from operations.doctor.rights import allows
from operations.doctor.subject import Subject

_LESSON = "ssm:GetParameter"  # which guests of the enhanced flow are refused on purpose: a sample call shows it
# What nobody on the internet should be able to do, by the beginnings of actions.
_NEVER = (
    "iam:",
    "sts:",
    "organizations:",
    "cognito-idp:admin",
    "s3:put",
    "s3:delete",
    "dynamodb:put",
    "dynamodb:delete",
)


def guest_rights(it: Subject) -> Iterator[Finding | str]:
    """Whether the guest role gives away no more than the samples need, and those in both flows."""
    arn = it.facts.roles.get("unauthenticated")
    role = it.role(arn) if arn else None
    if role is None:
        yield "no guest role"
        return
    role = it.with_policies(role)
    for where, name, document in fixes.documents_of(role):
        left = fixes.statements(document)  # as the commands so far leave it
        for statement in fixes.statements(document):
            for severity, found, why, better in (*_too_much(statement), *_in_vain(it, statement)):
                left = [one for one in left if one != statement] + ([better] if better else [])
                fix, shown = fixes.policy_with(role, where, name, left), name.rpartition("/")[2]
                yield Finding(severity, f"{shown}: {found}", "what the samples need", why, (fix,))
                break  # what is wrong with the rest of the statement is found when this is mended
    yield from _samples_refused(it, role)
    yield f"{role.name} reads the samples and no more"


# Severity, what was found, why it matters, and the statement as it should be, if any of it should be there.
_Problem = tuple[Severity, str, str, dict[str, Any] | None]


def _too_much(statement: dict[str, Any]) -> Iterator[_Problem]:
    if statement.get("Effect") != "Allow":
        return
    everybody = "Anyone on the internet who knows the pool’s ID has this role."
    if "NotAction" in statement or "NotResource" in statement:
        yield "error", "everything but what is listed", everybody, None
        return
    actions = [str(action) for action in fixes.listed(statement.get("Action", []))]
    if bad := [one for one in actions if one == "*" or one.endswith(":*") or one.lower().startswith(_NEVER)]:
        yield "error", f"the action {', '.join(bad)}", everybody, _with(statement, actions, bad)
    elif "*" in fixes.listed(statement.get("Resource", [])):
        yield "error", f"{', '.join(actions)} on every resource", everybody, None


def _in_vain(it: Subject, statement: dict[str, Any]) -> Iterator[_Problem]:
    """What the role allows in vain: in the enhanced flow AWS limits guests by session policies of its own."""
    limits, why = guest_session_policies(it.region), "In the enhanced flow no session policy allows the action."
    actions = [str(one) for one in fixes.listed(statement.get("Action", []))]
    vain = [one for one in actions if "*" not in one and one != _LESSON and not allows(limits, one, "*")]
    if statement.get("Effect") == "Allow" and vain:
        yield "warning", f"allows {', '.join(vain)}, which guests cannot use", why, _with(statement, actions, vain)


def _with(statement: dict[str, Any], actions: Sequence[str], without: Sequence[str]) -> dict[str, Any] | None:
    kept = [one for one in actions if one not in without]
    return {**statement, "Action": kept} if kept else None


def _samples_refused(it: Subject, role: RoleFacts) -> Iterator[Finding]:
    wanted = _sample_statements(it)
    policies = [*role.policies.values(), *role.attached.values()]
    missing = [one for one in wanted if not all(allows(policies, action, one["Probe"]) for action in one["Action"])]
    if not missing:
        return
    document = {
        "Version": "2012-10-17",
        "Statement": [{name: value for name, value in one.items() if name != "Probe"} for one in missing],
    }
    put = {"RoleName": role.name, "PolicyName": "IdentityPoolsLabSamples", "PolicyDocument": json.dumps(document)}
    actions = ", ".join(action for one in missing for action in one["Action"])
    yield Finding(
        "warning",
        f"{role.name} does not allow {actions}",
        "what the sample calls of guests do",
        "The sample calls that ought to succeed are refused.",
        (fixes.aws("iam", "PutRolePolicy", put),),
    )


def _sample_statements(it: Subject) -> list[dict[str, Any]]:
    """What the sample calls of guests need, each with a resource to try it on."""
    found = []
    if bucket := settings.SAMPLE_BUCKET:
        arn, key = f"arn:aws:s3:::{bucket}", settings.SAMPLE_OBJECT_KEY
        found.append({"Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": arn, "Probe": arn})
        found.append({"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": f"{arn}/*", "Probe": f"{arn}/{key}"})
    if table := settings.SAMPLE_TABLE:
        arn = f"arn:aws:dynamodb:{settings.AWS_REGION}:{it.account}:table/{table}"
        found.append({"Effect": "Allow", "Action": ["dynamodb:Scan"], "Resource": arn, "Probe": arn})
    return found
