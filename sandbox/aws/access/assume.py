"""Assuming a role: trust policy, session tags, duration; the same for every way in."""

import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct, field

from decisioncodes import Code
from iampolicy.trust import TrustEvaluation, evaluate_trust
from sandbox.aws.access.condition_keys import request_context
from sandbox.aws.access.sessions import SessionCredentials, Sessions
from sandbox.aws.iam.roles import Role, find_role
from sandbox.core.caller import ContextValue, RoleSession
from sandbox.core.decisions import Decisions
from sandbox.core.errors import AwsError
from sandbox.core.instance import Instance

DEFAULT_SECONDS = 3600
DOC_TRUST = "https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html"
_COGNITO = "cognito-identity.amazonaws.com"
_TESTED_ABROAD: Mapping[str, Code] = {"aud": "trust.aud", "amr": "trust.amr"}
_PACKED_SPACE = 2048  # characters of session policies and tags that STS is documented to take in plain text
_LARGEST_TOKEN = 12_000


class Principal(Struct, frozen=True):
    """Who wants to assume the role, as trust policies speak of them.

    Attributes:
        kind: the element of the Principal block.
        names: for Federated the provider; for AWS every ARN that names the caller.
        action: `sts:AssumeRoleWithWebIdentity` and its like.
        context: condition keys of the trust policy, which the session keeps too.
        account: of the identity pool; a role elsewhere must test `aud` and `amr`. Empty when it does not matter.
    """

    kind: Literal["Federated", "AWS"]
    names: Sequence[str]
    action: str
    context: Mapping[str, ContextValue]
    account: str = ""


class SessionPolicies(Struct, frozen=True):
    """Policies that shall limit the session.

    Attributes:
        managed: ARNs of AWS's own, which are not among `documents`.
        size: characters in which all of them were asked for.
    """

    documents: Sequence[Mapping[str, Any]] = ()
    managed: Sequence[str] = ()
    size: int = 0


class Terms(Struct, frozen=True):
    """What the session shall be like.

    Attributes:
        seconds: None takes STS's default.
        transitive: keys of the tags that roles assumed from the session inherit, in lower case.
        source_identity: who is behind the session and all that follow it; empty when nothing is said.
        guest_of: the region of the pool whose guest in the enhanced flow this is; empty for everybody else.
        capped: whether the role's MaxSessionDuration limits `seconds` (it does not in the enhanced flow).
    """

    session_name: str
    seconds: int | None = None
    policies: SessionPolicies = SessionPolicies()
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive: Collection[str] = ()
    source_identity: str = ""
    guest_of: str = ""
    capped: bool = True
    request_context: Mapping[str, ContextValue] = field(default_factory=dict)
    session_context: Mapping[str, ContextValue] = field(default_factory=dict)

    @property
    def further_actions(self) -> list[str]:
        """What has to be allowed besides assuming the role (IAM User Guide, "Passing session tags in AWS STS")."""
        wanted = {"sts:TagSession": self.tags, "sts:SetSourceIdentity": self.source_identity}
        return [action for action, asked in wanted.items() if asked]

    def keys(self) -> dict[str, ContextValue]:
        """Condition keys that speak of the session which is asked for."""
        keys: dict[str, ContextValue] = {"sts:RoleSessionName": self.session_name}
        keys |= {f"aws:RequestTag/{key}": value for key, value in self.tags.items()}
        if self.tags:
            keys["aws:TagKeys"] = list(self.tags)
        if self.transitive:
            keys["sts:TransitiveTagKeys"] = [key for key in self.tags if key.lower() in self.transitive]
        if self.source_identity:
            keys["sts:SourceIdentity"] = self.source_identity
        return keys


class NotTrusted(AwsError):
    """The trust policy does not allow `action`: assuming the role, or what has to be allowed besides."""

    def __init__(self, assuming: str, action: str) -> None:
        super().__init__("AccessDenied", f"Not authorized to perform {assuming}", 403)
        self.action = action


class Assumed(Struct, frozen=True):
    """`packed_size`: percent of the space for session policies and tags; None where there are none."""

    session: RoleSession
    credentials: SessionCredentials
    packed_size: int | None = None

    @property
    def user_id(self) -> str:
        return f"{self.session.role_id}:{self.session.session_name}"


def assume(
    instance: Instance, role_arn: str, principal: Principal, terms: Terms, now: float, decisions: Decisions
) -> Assumed:
    """A session of the role.

    Raises:
        NotTrusted
        AwsError: ValidationError for the duration, PackedPolicyTooLarge.
    """
    role = find_role(instance.store, role_arn)
    if role is not None:
        # A session lives on the clock of its role's account, whose owner nobody else may put forward.
        now = instance.clock.now(role.account)
    _check_trust(instance, role, role_arn, principal, terms, now, decisions)
    assert role is not None
    seconds = DEFAULT_SECONDS if terms.seconds is None else terms.seconds
    if terms.capped and seconds > role.max_session_duration:
        decisions.denied("role.duration", "duration", f"at most {role.max_session_duration} s", f"{seconds} s")
        raise AwsError(
            "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )
    packed = _packed_size(terms)
    context: dict[str, ContextValue] = {**principal.context, **terms.session_context}
    context |= {f"aws:PrincipalTag/{key}": value for key, value in terms.tags.items()}
    if terms.source_identity:
        context["aws:SourceIdentity"] = terms.source_identity
    session = RoleSession(
        account=role.account,
        role_arn=role.arn,
        role_id=role.role_id,
        session_name=terms.session_name,
        context=context,
        session_policies=list(terms.policies.documents),
        managed_policies=list(terms.policies.managed),
        transitive=sorted(terms.transitive),
        issued=int(now),
        expires=int(now) + seconds,
    )
    credentials = instance.part(Sessions).issue(session, guest_of=terms.guest_of)
    if len(credentials.session_token) > _LARGEST_TOKEN:
        raise AwsError("PackedPolicyTooLarge", "Serialized token too large for session", decision="role.packed_size")
    return Assumed(session, credentials, packed)


def _check_trust(
    instance: Instance,
    role: Role | None,
    role_arn: str,
    principal: Principal,
    terms: Terms,
    now: float,
    decisions: Decisions,
) -> None:
    if role is None:
        decisions.denied("role.exists", "role", "a role that exists", role_arn, DOC_TRUST)
        raise NotTrusted(principal.action, principal.action)
    context = {
        **principal.context,
        **terms.request_context,
        **terms.session_context,
        **terms.keys(),
        "aws:CurrentTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)),
        "aws:EpochTime": str(int(now)),
    }
    evaluation = _evaluated(instance, role, principal, principal.action, context, decisions)
    if principal.account and principal.account != role.account:
        _check_tested(principal, evaluation, decisions)
    for action in terms.further_actions:
        _evaluated(instance, role, principal, action, context, decisions)


def _check_tested(principal: Principal, evaluation: TrustEvaluation, decisions: Decisions) -> None:
    """A role of another account has to test which pool it is and how the identity was authenticated.

    Source: Cognito Developer Guide, "Security best practices for Amazon Cognito identity pools".

    Raises:
        NotTrusted
    """
    tested = [check.check.lower() for check in evaluation.checks]
    for claim, code in _TESTED_ABROAD.items():
        if not any(check.endswith(f" {_COGNITO}:{claim}") for check in tested):
            expected = f"a condition on {_COGNITO}:{claim}, as the role is in another account"
            decisions.denied(code, f"Trust policy: {claim}", expected, "none", DOC_TRUST)
            raise NotTrusted(principal.action, principal.action)


def _evaluated(
    instance: Instance,
    role: Role,
    principal: Principal,
    action: str,
    context: Mapping[str, ContextValue],
    decisions: Decisions,
) -> TrustEvaluation:
    """The evaluation, written down check by check.

    Raises:
        NotTrusted
    """
    evaluation = evaluate_trust(
        role.trust_policy,
        action=action,
        principal_kind=principal.kind,
        principal_value=principal.names,
        context=request_context(instance, None, context, action, role.arn, role.account),
    )
    failed = [check for check in evaluation.checks if not check.ok]
    for check in evaluation.checks:
        if check.ok:
            decisions.passed(check.code, check.check, check.expected, check.actual, DOC_TRUST)
    # A refusal's list ends with what failed.
    for check in failed:
        decisions.denied(check.code, check.check, check.expected, check.actual, DOC_TRUST)
    if not evaluation.allowed:
        raise NotTrusted(principal.action, action)
    return evaluation


def _packed_size(terms: Terms) -> int | None:
    size = terms.policies.size + sum(len(key) + len(value) for key, value in terms.tags.items())
    if not size:
        return None
    percent = -(-100 * size // _PACKED_SPACE)
    if percent > 100:
        kind = "session tags" if terms.tags else "session policies"
        raise AwsError(
            "PackedPolicyTooLarge",
            f"Packed size of {kind} consumes {percent}% of allotted space.",
            decision="role.packed_size",
        )
    return percent
