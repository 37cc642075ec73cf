"""Whether a caller may do what a request asks for: the role's policies, limited by those of the session."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from iampolicy.evaluator import Access, Evaluation, authorize
from iampolicy.resources import decide_resource
from sandbox.aws.access.condition_keys import request_context
from sandbox.aws.iam.roles import Role, find_role
from sandbox.core.caller import ADMINISTRATOR, Caller, RoleSession
from sandbox.core.decisions import Code, Decisions
from sandbox.core.errors import AwsError
from sandbox.core.http import Request
from sandbox.core.instance import Instance

_DOC = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html"
_DOC_COGNITO = "https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html"
_COGNITO_SUBJECT = "cognito-identity.amazonaws.com:sub"
# "The bucket owner's account can always" do these (S3 API reference, PutBucketPolicy).
_KEPT_BY_THE_ACCOUNT = {"s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"}
_CLOSED_TO_POOL_CREDENTIALS = ("cognito-identity:", "cognito-sync:")

ContextKeys = dict[str, str | Sequence[str]]


def global_keys(instance: Instance, request: Request, caller: Caller) -> ContextKeys:
    """The global condition keys of a request, and those that the session carries.

    Source: IAM User Guide, "AWS global condition context keys". Times are on the account's clock.
    """
    now = instance.clock.now(caller.account)
    keys: ContextKeys = {
        "aws:PrincipalAccount": caller.account,
        # Accounts see nothing of each other here, except roles to assume.
        "aws:ResourceAccount": caller.account,
        "s3:ResourceAccount": caller.account,
        "aws:userid": caller.user_id,
        "aws:CurrentTime": _iso(now),
        "aws:EpochTime": str(int(now)),
        "aws:PrincipalIsAWSService": "false",
        "aws:ViaAWSService": "false",
    }
    keys |= network_keys(instance, request, caller.region)
    if caller.session is None:
        if caller.issued:
            keys |= {"aws:TokenIssueTime": _iso(caller.issued), "aws:MultiFactorAuthPresent": "false"}
        return {**keys, "aws:PrincipalArn": caller.arn, "aws:PrincipalType": "User", "aws:username": ADMINISTRATOR}
    return {**keys, **_session_keys(instance, caller.session)}


def network_keys(instance: Instance, request: Request, region: str) -> dict[str, str]:
    """The condition keys that a request's connection, headers and endpoint give, whoever makes it."""
    keys = {
        "aws:RequestedRegion": region,
        "aws:SourceIp": request.client,
        "aws:SecureTransport": "true" if instance.config.public_url.startswith("https://") else "false",
    }
    for key, header in (("aws:UserAgent", "user-agent"), ("aws:Referer", "referer")):
        if header in request.headers:
            keys[key] = request.headers[header]
    return keys


def _session_keys(instance: Instance, session: RoleSession) -> ContextKeys:
    keys: ContextKeys = {
        "aws:PrincipalArn": session.role_arn,
        "aws:PrincipalType": "AssumedRole",
        "aws:TokenIssueTime": _iso(session.issued),
    }
    if _COGNITO_SUBJECT in session.context:
        keys["aws:FederatedProvider"] = "cognito-identity.amazonaws.com"
    elif "aws:FederatedProvider" not in session.context:
        # Whoever comes from an identity provider proved nothing to AWS: the key is absent, and not "false".
        keys["aws:MultiFactorAuthPresent"] = "false"
    role = find_role(instance.store, session.role_arn)
    if role is not None:
        keys.update((f"aws:PrincipalTag/{name}", value) for name, value in role.tags.items())
    # A session tag replaces the role's tag of the same name, however the two are capitalised.
    given = {name.lower() for name in session.context}
    return {name: value for name, value in keys.items() if name.lower() not in given} | dict(session.context)


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def require_access(
    instance: Instance,
    request: Request,
    caller: Caller,
    accesses: Sequence[Access],
    decisions: Decisions,
    *,
    json: bool,
    granted: bool = False,
) -> None:
    """Let the request go on only when the caller may do all of `accesses`.

    Args:
        accesses: actions and resources, with only the condition keys of the service; the global ones are added here.
        json: whether the service speaks JSON, where a refusal is AccessDeniedException with 400 instead of AccessDenied
            with 403.
        granted: whether the resource's own policy allows the very caller.

    Raises:
        AwsError: with AWS's sentence: who, which action, which resource, and which kind of policy was missing.
    """
    if caller.session is None:
        _require_administrator(instance, request, caller, accesses, decisions, json=json)
        return
    role = find_role(instance.store, caller.session.role_arn)
    shared = global_keys(instance, request, caller)
    for access in accesses:
        complete = _complete(instance, request, shared, access, caller.account)
        evaluation = _evaluated(role, caller, caller.session, complete, granted)
        _record(decisions, complete, evaluation, role, caller.session)
        if evaluation.verdict != "allow":
            raise access_denied(caller, complete, evaluation, json=json)
        if complete.action.lower().startswith(_CLOSED_TO_POOL_CREDENTIALS) and _COGNITO_SUBJECT in shared:
            decisions.denied(
                "policy.pool_credentials",
                "Credentials of an identity pool",
                "no call to identity pools",
                complete.action,
                _DOC_COGNITO,
            )
            raise access_denied(caller, complete, Evaluation("implicit_deny", "session"), json=json)


def evaluate(instance: Instance, request: Request, caller: Caller, access: Access) -> Evaluation:
    """Whether the caller may do one thing, without writing a decision down."""
    if caller.session is None:
        return _of_administrator(instance, request, caller, access)
    role = find_role(instance.store, caller.session.role_arn)
    complete = _complete(instance, request, global_keys(instance, request, caller), access, caller.account)
    return _evaluated(role, caller, caller.session, complete)


def _complete(instance: Instance, request: Request, shared: ContextKeys, access: Access, account: str) -> Access:
    """The access with every condition key that policies may ask for."""
    given = {**shared, **access.context}
    context = request_context(instance, request, given, access.action, access.resource, account)
    return replace(access, context=context)


def _of_administrator(instance: Instance, request: Request, caller: Caller, access: Access) -> Evaluation:
    """AdministratorAccess allows everything, and an explicit deny of the resource's own policy still wins.

    Only the bucket's policy itself stays within reach, as on AWS for the account that owns the bucket.
    """
    allowed = Evaluation("allow", "identity")
    if access.policy is None or access.action in _KEPT_BY_THE_ACCOUNT:
        return allowed
    complete = _complete(instance, request, global_keys(instance, request, caller), access, caller.account)
    found = decide_resource(access.policy, complete, [caller.arn], "")
    return replace(found, layers=(found,)) if found.verdict == "explicit_deny" else allowed


def _require_administrator(
    instance: Instance,
    request: Request,
    caller: Caller,
    accesses: Sequence[Access],
    decisions: Decisions,
    *,
    json: bool,
) -> None:
    for access in accesses:
        evaluation = _of_administrator(instance, request, caller, access)
        if evaluation.verdict != "allow":
            _record(decisions, access, evaluation, None, None)
            raise access_denied(caller, access, evaluation, json=json)
    found = f"AdministratorAccess allows {caller.arn} everything in account {caller.account}"
    decisions.info("policy.administrator", "Administrator", found)


def _evaluated(
    role: Role | None, caller: Caller, session: RoleSession, access: Access, granted: bool = False
) -> Evaluation:
    if access.policy is not None:
        federated = access.context.get("aws:federatedprovider", "")
        resource = decide_resource(access.policy, access, [caller.arn, session.role_arn], str(federated))
        if resource.verdict == "explicit_deny":
            return replace(resource, layers=(resource,))
        granted = granted or resource.verdict == "allow"
    boundary = role.boundary if role else None
    return authorize(
        role.policies if role else [], session.session_policies, access, granted=granted, boundary=boundary
    )


_CHECKS: dict[str, tuple[Code, str]] = {
    "identity": ("policy.identity", "Identity policy"),
    "boundary": ("policy.boundary", "Permissions boundary"),
    "session": ("policy.session", "Session policy"),
    "resource": ("policy.resource", "Resource policy"),
}
_LAYERS = {
    "identity": "identity-based policy",
    "boundary": "permissions boundary",
    "session": "session policy",
    "resource": "resource-based policy",
}


def access_denied(caller: Caller, access: Access, evaluation: Evaluation, *, json: bool) -> AwsError:
    """AWS's sentence for a refusal (IAM User Guide, "Troubleshoot access denied error messages")."""
    layer = _LAYERS[evaluation.layer]
    if evaluation.verdict == "explicit_deny":
        why = f"with an explicit deny in {'an' if layer[0] == 'i' else 'a'} {layer}"
    else:
        why = f"because no {layer} allows the {access.action} action"
    message = f"User: {caller.arn} is not authorized to perform: {access.action}{_resource(access)} {why}"
    error, status = ("AccessDeniedException", 400) if json else ("AccessDenied", 403)
    return AwsError(error, message, status, decision=_CHECKS[evaluation.layer][0])


def _resource(access: Access) -> str:
    """S3 puts the resource between quotation marks, and names none where there is none to be named."""
    if access.action == "s3:ListAllMyBuckets":
        return ""
    quote = '"' if access.action.startswith("s3:") else ""
    return f" on resource: {quote}{access.resource}{quote}"


def _record(
    decisions: Decisions, access: Access, evaluation: Evaluation, role: Role | None, session: RoleSession | None
) -> None:
    """One entry for each layer that was looked at, up to the one that refused."""
    wanted = f"allows {access.action} on {access.resource}"
    for layer in evaluation.layers:
        code, check = _CHECKS[layer.layer]
        if layer.verdict == "allow":
            decisions.passed(code, check, wanted, _where(layer, role), _DOC)
            continue
        if layer.layer != evaluation.layer:
            continue
        found = (
            f"denied by {_where(layer, role)}" if layer.verdict == "explicit_deny" else _nothing(layer, role, session)
        )
        if layer.doubts:
            code, found = "policy.condition_key", f"{found}: this sandbox does not know {', '.join(layer.doubts)}"
        decisions.denied(code, check, wanted, found, _DOC)
        return


def _where(layer: Evaluation, role: Role | None) -> str:
    if layer.layer == "identity" and role is not None and layer.policy is not None:
        return f"{role.policy_names[layer.policy]} of role {role.name}, {layer.label}"
    if layer.layer == "resource":
        return f"the resource's own policy, {layer.label}" if layer.label else "the resource's own policy"
    if layer.layer == "boundary":
        return f"the boundary of role {role.name if role else ''}, {layer.label}"
    return f"session policy {(layer.policy or 0) + 1}, {layer.label}"


def _nothing(layer: Evaluation, role: Role | None, session: RoleSession | None) -> str:
    if layer.layer == "session" and session is not None:
        return f"no statement of the {len(session.session_policies)} session policies"
    if layer.layer == "boundary" and role is not None:
        return f"no statement of the boundary of role {role.name}"
    return f"no statement of role {role.name}" if role else "the role no longer exists"
