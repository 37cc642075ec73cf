"""Whether a role's trust policy lets a principal assume it, and if not, which part of it said no."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct

from decisioncodes import Code
from iampolicy.conditions import Condition, list_of
from iampolicy.context import as_context
from iampolicy.statements import Statement, statements_of
from iampolicy.truth import Unknown
from iampolicy.wildcards import Context

PrincipalKind = Literal["Federated", "AWS", "Service"]

_ACTIONS: Mapping[str, Code] = {"sts:TagSession": "trust.tag_session", "sts:SetSourceIdentity": "trust.source_identity"}
_CONDITIONS: Mapping[str, Code] = {"aud": "trust.aud", "amr": "trust.amr", "sub": "trust.sub"}
# Providers whose condition keys are called otherwise (IAM User Guide, "Available keys for AWS OIDC federation").
_CLAIMS = {
    "graph.facebook.com:app_id": "aud",
    "www.amazon.com:app_id": "aud",
    "graph.facebook.com:id": "sub",
    "www.amazon.com:user_id": "sub",
}


class TrustCheck(Struct, frozen=True):
    """One thing the trust policy asked for. `expected` is what it writes, `actual` what the request had."""

    code: Code
    check: str
    expected: str
    actual: str
    ok: bool


class TrustEvaluation(Struct, frozen=True):
    """`checks` are those of the statement that decided; of a refusal, those of the statement that came nearest."""

    allowed: bool
    checks: list[TrustCheck]


def evaluate_trust(
    document: Mapping[str, Any],
    *,
    action: str,
    principal_kind: PrincipalKind,
    principal_value: str | Sequence[str],
    context: Mapping[str, str | Sequence[str] | Unknown],
    by_name: bool = False,
) -> TrustEvaluation:
    """Evaluate a trust policy for `action` (`sts:AssumeRoleWithWebIdentity`, `sts:TagSession`, ...).

    Args:
        principal_value: for Federated the provider's host name or ARN. For AWS the caller's ARN, or all ARNs that name
            the caller (session, role); the account's root and number are added here.
        context: condition keys, such as `cognito-identity.amazonaws.com:aud`.
        by_name: count only statements that name the caller, not those that leave it to the account's administrator.
    """
    keys = as_context(context)
    names = [principal_value] if isinstance(principal_value, str) else list(principal_value)
    statements = statements_of(document)
    for statement in statements:
        if statement.effect == "Deny" and _applies(statement, action, principal_kind, names, keys):
            certain = statement.holds(keys) is True
            code: Code = "trust.deny" if certain else "policy.condition_key"
            found = statement.label if certain else f"{statement.label}, whose conditions cannot be told here"
            denied = TrustCheck(code, "Trust policy: no statement denies", "no Deny that applies", found, ok=False)
            return TrustEvaluation(False, [denied])
    best: list[TrustCheck] = []
    for statement in statements:
        if statement.effect != "Allow" or (by_name and not names_by_name(statement.raw, principal_kind, names)):
            continue
        checks = _checks(statement, action, principal_kind, names, keys)
        if all(check.ok for check in checks):
            return TrustEvaluation(True, checks)
        if not best or _nearness(checks) > _nearness(best):
            best = checks
    none = TrustCheck("trust.statement", "Trust policy: statement", "an Allow statement", "(none)", ok=False)
    return TrustEvaluation(False, best or [none])


def _applies(statement: Statement, action: str, kind: PrincipalKind, names: Sequence[str], context: Context) -> bool:
    """Whether a Deny takes effect: also where it cannot be told whether its conditions hold."""
    if not names_principal(statement.raw, kind, names) or not statement.names_action(action):
        return False
    return statement.holds(context) is not False


def _checks(
    statement: Statement, action: str, kind: PrincipalKind, names: Sequence[str], context: Context
) -> list[TrustCheck]:
    raw = statement.raw
    element = "NotAction" if "NotAction" in raw else "Action"
    actions = ", ".join(str(item) for item in list_of(raw.get(element, [])))
    return [
        TrustCheck(
            "trust.principal",
            "Trust policy: principal",
            _principal_text(raw),
            f"{kind}: {names[0] if names else '(none)'}",
            names_principal(raw, kind, names),
        ),
        TrustCheck(
            _ACTIONS.get(action, "trust.action"),
            "Trust policy: action",
            actions if element == "Action" else f"anything but {actions}",
            action,
            statement.names_action(action),
        ),
        *(
            TrustCheck(
                _code(condition, context),
                f"Trust policy: {condition.operator} {condition.key}",
                " or ".join(condition.values),
                _given(context.get(condition.key.lower())),
                condition.holds(context) is True,
            )
            for condition in statement.conditions
        ),
    ]


def _code(condition: Condition, context: Context) -> Code:
    unknown = isinstance(context.get(condition.key.lower()), Unknown) and condition.holds(context) is None
    return "policy.condition_key" if unknown else condition_code(condition.key)


def condition_code(key: str) -> Code:
    """The code of a condition on `key`: those that say who comes, and from where, have one each."""
    return _CONDITIONS.get(_CLAIMS.get(key.lower(), key.lower().rpartition(":")[2]), "trust.condition")


def _nearness(checks: Sequence[TrustCheck]) -> tuple[bool, bool, float]:
    """Order of statements that did not allow: the right principal counts most, then the action, then the conditions."""
    conditions = checks[2:]
    share = sum(check.ok for check in conditions) / len(conditions) if conditions else 1.0
    return checks[0].ok, checks[1].ok, share


def _given(value: str | tuple[str, ...] | Unknown | None) -> str:
    if isinstance(value, Unknown):
        return "(a key that this sandbox cannot supply)"
    if value is None:
        return "(not in the request)"
    return value if isinstance(value, str) else ", ".join(value) or "(empty)"


def _principal_text(raw: Mapping[str, Any]) -> str:
    element = "NotPrincipal" if "NotPrincipal" in raw else "Principal"
    value = raw.get(element, "(none)")
    text = (
        "; ".join(f"{kind}: {', '.join(map(str, list_of(names)))}" for kind, names in value.items())
        if isinstance(value, Mapping)
        else str(value)
    )
    return text if element == "Principal" else f"anyone but {text}"


def names_principal(raw: Mapping[str, Any], kind: PrincipalKind, names: Sequence[str]) -> bool:
    """Whether a statement's Principal or NotPrincipal speaks of the caller.

    Names are compared whole: `*` stands for everyone but is no wildcard inside a name (IAM User Guide, "Principal").
    """
    if "NotPrincipal" in raw:
        return not _matches(raw["NotPrincipal"], kind, names)
    return "Principal" in raw and _matches(raw["Principal"], kind, names)


def names_by_name(raw: Mapping[str, Any], kind: PrincipalKind, names: Sequence[str]) -> bool:
    """Whether a statement's Principal has one of these very names, rather than their account or everyone."""
    principal = raw.get("Principal")
    return isinstance(principal, Mapping) and any(item in names for item in list_of(principal.get(kind, [])))


def _matches(principal: Any, kind: PrincipalKind, names: Sequence[str]) -> bool:
    if principal == "*":
        return True
    if not isinstance(principal, Mapping):
        return False
    wanted = [str(item) for item in list_of(principal.get(kind, []))]
    accepted = {*names, "*"}
    if kind == "AWS":
        for name in names:
            account = name.split(":")[4] if name.count(":") >= 5 else name
            accepted |= {account, f"arn:aws:iam::{account}:root"}
    return any(item in accepted for item in wanted)
