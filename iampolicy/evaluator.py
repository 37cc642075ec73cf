"""Whether policies allow an access. Pure: no store, no network, no clock.

Source: IAM User Guide, "Policy evaluation logic": an explicit deny anywhere wins; else the identity policies have to
allow; else a permissions boundary has to allow as well, where the role has one, and session policies, where the session
carries any; what nobody allows is denied implicitly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from iampolicy.context import as_context
from iampolicy.statements import Statement, all_statements
from iampolicy.truth import Unknown
from iampolicy.wildcards import Context

Verdict = Literal["allow", "explicit_deny", "implicit_deny"]
Layer = Literal["identity", "boundary", "session", "resource"]


@dataclass(frozen=True, slots=True)
class Access:
    """What is to be done: an action (`s3:GetObject`), an ARN or `*`, and the condition keys of the request.

    `policy` is the resource's own, where it has one. A key whose value is UNKNOWN is one that AWS supplies and the
    sandbox cannot.
    """

    action: str
    resource: str
    context: Mapping[str, str | Sequence[str] | Unknown] = field(default_factory=dict)
    policy: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The outcome.

    Attributes:
        layer: the layer that decided; of an allow, the one whose statement is given.
        statement: what allowed or denied, as its policy writes it; None for an implicit deny.
        label: the statement's Sid or number.
        policy: index of the statement's document within its layer.
        doubts: what the outcome hung on and could not be told, such as condition keys that are unknown.
        layers: of what `authorize` returns, the outcome of each layer that was looked at, in order.
    """

    verdict: Verdict
    layer: Layer
    statement: Mapping[str, Any] | None = None
    label: str = ""
    policy: int | None = None
    doubts: tuple[str, ...] = ()
    layers: tuple["Evaluation", ...] = ()


def authorize(
    identity_policies: Sequence[Mapping[str, Any]],
    session_policies: Sequence[Mapping[str, Any]],
    access: Access,
    *,
    granted: bool = False,
    boundary: Mapping[str, Any] | None = None,
) -> Evaluation:
    """Evaluate identity policies, limited by a permissions boundary and by session policies when there are any.

    Several session policies are a union: one that allows is enough. Documents are taken as `parse_policy` returns them;
    a statement of which it cannot be told whether it applies never allows, and denies if it is a Deny.

    Args:
        granted: whether the resource's own policy allows the very caller, which within an account is as good as an
            identity policy that allows.
        boundary: of the role: it gives nothing, and what it does not allow nothing else can give.
    """
    context = as_context(access.context)
    identity = decide(identity_policies, "identity", access, context)
    if granted and identity.verdict == "implicit_deny":
        identity = Evaluation("allow", "resource")
    if identity.verdict == "explicit_deny":
        return replace(identity, layers=(identity,))
    looked_at: tuple[Evaluation, ...] = (identity,)
    if boundary is not None:
        bounded = decide([boundary], "boundary", access, context)
        looked_at = (identity, bounded)
        if bounded.verdict == "explicit_deny" or (identity.verdict == "allow" and bounded.verdict != "allow"):
            return replace(bounded, layers=looked_at)
    if not session_policies:
        return replace(identity, layers=looked_at)
    session = decide(session_policies, "session", access, context)
    decisive = session if session.verdict == "explicit_deny" or identity.verdict == "allow" else identity
    if session.verdict == "allow":
        decisive = identity
    return replace(decisive, layers=(*looked_at, session))


def decide(documents: Sequence[Mapping[str, Any]], layer: Layer, access: Access, context: Context) -> Evaluation:
    """Evaluate the policies of one layer; `context` is the access's, normalised."""
    allowing: tuple[int, Statement] | None = None
    doubts: dict[str, None] = {}
    for index, statement in all_statements(documents):
        if allowing is not None and statement.effect == "Allow":
            continue
        matches = statement.matches(access.action, access.resource, context)
        if matches is False:
            continue
        doubted = () if matches else statement.doubts(access.action, access.resource, context)
        if statement.effect == "Deny":
            return Evaluation("explicit_deny", layer, statement.raw, statement.label, index, doubted)
        if matches:
            allowing = (index, statement)
        doubts |= dict.fromkeys(doubted)
    if allowing is None:
        return Evaluation("implicit_deny", layer, doubts=tuple(doubts))
    index, statement = allowing
    return Evaluation("allow", layer, statement.raw, statement.label, index)
