"""The roles that the pool hands out by default."""

import json
from collections.abc import Iterator

from flows.pages.pools.who_gets_in import logins_of
from operations.doctor import fixes
from operations.doctor.findings import Finding
from operations.doctor.subject import Subject


def default(it: Subject) -> Iterator[Finding | str]:
    """Whether the roles that the pool hands out are there, of its own account, and those of the settings."""
    roles = dict(it.facts.roles)
    if logins_of(it.facts) and "authenticated" not in roles:
        wanted = it.pool.authenticated_role_arn
        yield Finding(
            "error",
            "the pool has no role for people who sign in",
            "a role for them",
            "GetCredentialsForIdentity is refused: Invalid identity pool configuration.",
            it.set_roles(roles={**it.roles_as_mended, "authenticated": wanted})
            if wanted
            else (fixes.by_hand("Make one (docs/aws-setup.md, step 2), and set it with set-identity-pool-roles."),),
        )
    for kind, arn in roles.items():
        if it.role(arn) is None:
            yield _gone(it, kind, arn)
    settings_of = {
        "unauthenticated": ("UNAUTHENTICATED_ROLE_ARN", it.pool.guest_role_arn),
        "authenticated": ("AUTHENTICATED_ROLE_ARN", it.pool.authenticated_role_arn),
    }
    for kind, (name, value) in settings_of.items():
        if value and kind in roles and roles[kind] != value:
            yield Finding(
                "warning",
                f"{name} is {value}, and the pool's role is {roles[kind]}",
                "the same role",
                "The two flows give different rights.",
                (fixes.setting(name, roles[kind]),),
            )
    yield ", ".join(f"{kind}: {arn.rpartition('/')[2]}" for kind, arn in roles.items()) or "none"


def _gone(it: Subject, kind: str, arn: str) -> Finding:
    trust = fixes.trust_document(it.pool.pool_id, kind, tags=kind != "unauthenticated" and bool(it.tag_maps))
    path, _, name = arn.partition(":role/")[2].rpartition("/")
    made = {
        "RoleName": name,
        "AssumeRolePolicyDocument": json.dumps(trust),
        **({"Path": f"/{path}/"} if path else {}),
    }
    return Finding(
        "error",
        f"the {kind} role {arn} is not there",
        "a role that exists",
        "GetCredentialsForIdentity is refused: Invalid identity pool configuration.",
        (fixes.aws("iam", "CreateRole", made), fixes.by_hand("Then give it its policies (docs/aws-setup.md, step 2).")),
    )
