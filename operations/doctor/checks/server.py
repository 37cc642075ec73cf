"""What the server's own credentials may do."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings

from operations.doctor import fixes
from operations.doctor.findings import Finding, Fix
from operations.doctor.looking import ALLOWED, Unreadable
from operations.doctor.rights import allows
from operations.doctor.subject import Subject


def server(it: Subject) -> Iterator[Finding | str]:
    """Whether the server may vouch for people of its own, where it is to, and may do no more than that and look."""
    wanted = "cognito-identity:GetOpenIdTokenForDeveloperIdentity"
    name, arn = it.registration.setting("DEVELOPER_PROVIDER_NAME"), str(it.caller["Arn"])
    if ":assumed-role/" not in arn:
        if name and settings.APP_MODE == "aws":
            raise Unreadable("the server’s credentials are no role’s, whose policies could be read")
        yield "no role’s credentials"
        return
    role_name = arn.split("/")[1]
    role = it.role_named(role_name)
    if role is None:
        raise Unreadable(f"there is no role {role_name}")
    role = it.with_policies(role)
    pool = f"arn:aws:cognito-identity:{it.region}:{it.account}:identitypool/{it.pool.pool_id}"
    policies = [*role.policies.values(), *role.attached.values()]
    if name and not allows(policies, wanted, pool):
        right = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": wanted, "Resource": pool}]}
        put = {"RoleName": role_name, "PolicyName": "DeveloperIdentities", "PolicyDocument": json.dumps(right)}
        yield Finding(
            "error",
            f"the server's role {role_name} may not call {wanted.partition(':')[2]}",
            "exactly that, on the pool",
            "Developer-authenticated identities are refused.",
            (fixes.aws("iam", "PutRolePolicy", put),),
        )
    known = {wanted.lower(), *(one.lower() for service in ALLOWED.values() for one in service.values())}
    for where, policy, document in fixes.documents_of(role):
        whole = fixes.statements(document)
        more = {str(a) for one in whole if one.get("Effect") == "Allow" for a in fixes.listed(one.get("Action", "*"))}
        if extra := sorted(one for one in more if one.lower() not in known):
            kept = [_without(one, extra) for one in whole]
            fix: Fix = fixes.policy_with(role, where, policy, [one for one in kept if one])
            yield Finding(
                "warning",
                f"the server's role {role_name} may also do {', '.join(extra)}",
                "what it does, and no more",
                "Whoever gets into the server may do the same.",
                (fix,),
            )
    yield role_name


def _without(statement: dict[str, Any], actions: Sequence[str]) -> dict[str, Any] | None:
    if statement.get("Effect") != "Allow":
        return statement
    kept = [one for one in fixes.listed(statement.get("Action", "*")) if one not in actions]
    return {**statement, "Action": kept} if kept else None
