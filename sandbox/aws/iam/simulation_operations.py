"""SimulateCustomPolicy and SimulatePrincipalPolicy, and which condition keys policies ask for.

Judged by the evaluator that decides about every call here. A key that is given counts; every other one is absent, as in
AWS's simulator (IAM API Reference, "SimulatePrincipalPolicy").
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from iampolicy.asked_keys import asked_keys
from iampolicy.documents import PolicyRefused, parse_policy
from iampolicy.evaluator import Access, Evaluation, authorize
from iampolicy.resources import decide_resource
from iampolicy.statements import PolicyDocument
from sandbox.aws.iam.managed_policies import aws_policies
from sandbox.aws.iam.names import account_of, no_such_entity, require_arn
from sandbox.aws.iam.paging import page
from sandbox.aws.iam.roles import find_role
from sandbox.core.call import Call
from sandbox.core.caller import ADMINISTRATOR_POLICY, administrator_of
from sandbox.core.errors import AwsError

_DECISIONS = {"allow": "allowed", "explicit_deny": "explicitDeny", "implicit_deny": "implicitDeny"}


_MOST_RESULTS = 100  # on one page
_LARGEST = 131_072  # characters


@dataclass(frozen=True, slots=True)
class _Policies:
    """Identity policies with the names by which the answer calls them."""

    names: Sequence[str]
    documents: Sequence[Mapping[str, Any]]
    boundary: Mapping[str, Any] | None = None


async def simulate_custom_policy(call: Call) -> dict[str, Any]:
    return _simulated(call, _given(call), str(call.params.get("CallerArn", "")))


async def simulate_principal_policy(call: Call) -> dict[str, Any]:
    own, given = _of_principal(call), _given(call)
    boundary = own.boundary if given.boundary is None else given.boundary
    policies = _Policies([*own.names, *given.names], [*own.documents, *given.documents], boundary)
    return _simulated(call, policies, str(call.params.get("CallerArn") or call.params["PolicySourceArn"]))


async def get_context_keys_for_custom_policy(call: Call) -> dict[str, Any]:
    return {"ContextKeyNames": _keys_of(_given(call).documents)}


async def get_context_keys_for_principal_policy(call: Call) -> dict[str, Any]:
    return {"ContextKeyNames": _keys_of([*_of_principal(call).documents, *_given(call).documents])}


def _keys_of(documents: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(key for document in documents for key in asked_keys(document)))


def _given(call: Call) -> _Policies:
    """The policies that the call brings along, with the permissions boundary that takes the place of the role's own.

    Raises:
        AwsError: InvalidInput.
    """
    if call.params.get("OrderedOrganizationPolicyInputList"):
        raise AwsError("InvalidInput", "This sandbox simulates no policies of organizations.")
    boundaries = call.params.get("PermissionsBoundaryPolicyInputList") or []
    if len(boundaries) > 1:
        raise AwsError("InvalidInput", "Only one permissions boundary can be simulated.")
    texts = call.params.get("PolicyInputList") or []
    if sum(map(len, texts)) > _LARGEST:
        raise AwsError("InvalidInput", f"The policies are of more than {_LARGEST} characters together.")
    names = [f"PolicyInputList.{number}" for number in range(1, len(texts) + 1)]
    boundary = _parsed(boundaries[0]) if boundaries else None
    return _Policies(names, [_parsed(text) for text in texts], boundary)


def _parsed(text: str) -> PolicyDocument:
    try:
        return parse_policy(text)
    except PolicyRefused as refused:
        raise AwsError("InvalidInput", f"Invalid Input Policy: {refused.message}") from None


def _of_principal(call: Call) -> _Policies:
    """The policies of the role, or of the one user, that the call names.

    Raises:
        AwsError: NoSuchEntity; ValidationError for what is no ARN.
    """
    arn = call.params["PolicySourceArn"]
    require_arn(arn)
    if arn == administrator_of(call.account).arn:
        name = ADMINISTRATOR_POLICY.rpartition("/")[2]
        return _Policies([name], [aws_policies()[ADMINISTRATOR_POLICY].document])
    role = find_role(call.instance.store, arn) if account_of(arn) == call.account else None
    if role is None:
        raise no_such_entity(f"The entity with ARN {arn} cannot be found.")
    return _Policies(role.policy_names, role.policies, role.boundary)


def _simulated(call: Call, policies: _Policies, caller: str) -> dict[str, Any]:
    """A result for each action on each resource, cut into pages."""
    context = {
        entry["ContextKeyName"]: _values(entry) for entry in call.params.get("ContextEntries") or [] if _values(entry)
    }
    given = {name.lower() for name in context}
    every = [*policies.documents, *([policies.boundary] if policies.boundary is not None else [])]
    missing = [key for key in _keys_of(every) if key.lower() not in given]
    actions, resources = _actions(call), call.params.get("ResourceArns") or ["*"]
    # Only what stands on the page is judged: a thousand actions on a thousand resources would hold up everybody.
    wanted = {**call.params, "MaxItems": min(call.params.get("MaxItems", _MOST_RESULTS), _MOST_RESULTS)}
    cut = page(wanted, "EvaluationResults", range(len(actions) * len(resources)))
    judged = []
    for number in cut["EvaluationResults"]:
        access = Access(actions[number // len(resources)], resources[number % len(resources)], context)
        judged.append({**_result(call, policies, access, caller), "MissingContextValues": missing})
    return {**cut, "EvaluationResults": judged}


def _actions(call: Call) -> list[str]:
    """The actions to judge: each with its service, and none with a wildcard (IAM API Reference, ActionNames).

    Raises:
        AwsError: InvalidInput, with a sentence of the sandbox's own.
    """
    actions: list[str] = call.params["ActionNames"]
    for action in actions:
        service, colon, name = action.partition(":")
        if not (service and colon and name) or "*" in action or "?" in action or ":" in name:
            raise AwsError("InvalidInput", f"Invalid Action: {action} is not SERVICE:NAME, without wildcards.")
    return actions


def _values(entry: Mapping[str, Any]) -> str | list[str]:
    values = list(entry.get("ContextKeyValues") or [])
    return values if len(values) != 1 or str(entry.get("ContextKeyType", "")).endswith("List") else str(values[0])


def _result(call: Call, policies: _Policies, access: Access, caller: str) -> dict[str, Any]:
    resource = _of_resource(call, access, caller)
    owner = call.params.get("ResourceOwner") or caller
    abroad = bool(resource) and account_of(owner) != account_of(caller)
    granted = resource is not None and resource.verdict == "allow" and not abroad
    found = authorize(policies.documents, [], access, granted=granted, boundary=policies.boundary)
    if resource is not None and found.verdict != "explicit_deny" and (resource.verdict == "explicit_deny" or abroad):
        # To another account's resource both have to say yes.
        found = found if resource.verdict == "allow" else resource
    bounds: dict[str, Any] = {}
    if policies.boundary is not None:
        allowed = authorize([policies.boundary], [], access).verdict == "allow"
        bounds["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": allowed}
    return {
        **bounds,
        "EvalActionName": access.action,
        "EvalResourceName": access.resource,
        "EvalDecision": _DECISIONS[found.verdict],
        "MatchedStatements": [
            {"SourcePolicyId": name, "SourcePolicyType": "IAM Policy"} for name in _source(policies, found)
        ],
    }


def _of_resource(call: Call, access: Access, caller: str) -> Evaluation | None:
    """What the resource's policy says of the caller; None where the call brings none.

    Raises:
        AwsError: InvalidInput.
    """
    text = call.params.get("ResourcePolicy")
    if not text:
        return None
    if not caller:
        raise AwsError("InvalidInput", "CallerArn is required where a ResourcePolicy is given.")
    try:
        document = json.loads(text)
        return decide_resource(document, access, [caller], "")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise AwsError("InvalidInput", "Invalid Input ResourcePolicy: Syntax errors in policy.") from None


def _source(policies: _Policies, found: Evaluation) -> list[str]:
    """The policy whose statement decided."""
    if found.layer == "boundary":
        return []
    if found.statement is None:
        return ["ResourcePolicy"] if found.layer == "resource" and found.verdict == "allow" else []
    return ["ResourcePolicy"] if found.layer == "resource" else [policies.names[found.policy or 0]]
