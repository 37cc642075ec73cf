"""Who gets in: the trust policies of the pool's roles, judged by typical callers at their doors."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flows.exchange.pool_facts import COGNITO, RoleFacts
from flows.pages.pools.who_gets_in import FOREIGN_POOL, SignInWay, let_in, logins_of, why_refused
from iampolicy.statements import statements_of
from operations.doctor import fixes
from operations.doctor.findings import Finding
from operations.doctor.subject import Subject
from web.counted import counted

_NETWORK = ("aws:sourceip", "aws:vpcsourceip", "aws:sourcevpc", "aws:sourcevpce")


@dataclass(frozen=True, slots=True)
class TypicalCaller:
    """Somebody at a role's door.

    Attributes:
        amr: what the token of their pool says of how they came.
        meant_for: the kinds of roles that they are to get into: `unauthenticated`, `authenticated`, a provider's name.
    """

    label: str
    pool_id: str
    amr: tuple[str, ...]
    tagged: bool
    meant_for: frozenset[str]
    foreign: bool = False


def typical_callers(it: Subject) -> list[TypicalCaller]:
    """The six: a guest and somebody signed in here, by way of a provider, with tags; both of another pool."""
    pool_id, logins = it.pool.pool_id, logins_of(it.facts)
    guest, signed_in = ("unauthenticated",), ("authenticated",)
    callers = [TypicalCaller("a guest of this pool", pool_id, guest, False, frozenset(guest))]
    if logins:
        callers.append(TypicalCaller("somebody signed in here", pool_id, signed_in, False, frozenset(signed_in)))
    for login in logins:
        tagged = bool(it.tag_maps.get(_provider(login)))
        kinds = frozenset({"authenticated", _provider(login)})
        amr = ("authenticated", *login.amr)
        callers.append(TypicalCaller(f"somebody of {login.label}", pool_id, amr, False, kinds))
        if tagged:
            callers.append(TypicalCaller(f"somebody of {login.label} with tags", pool_id, amr, True, kinds))
    return [
        *callers,
        TypicalCaller("a guest of another pool", FOREIGN_POOL, guest, False, frozenset(), foreign=True),
        TypicalCaller(
            "somebody signed in at another account’s pool", FOREIGN_POOL, signed_in, False, frozenset(), True
        ),
    ]


def _provider(login: SignInWay) -> str:
    """A login's provider as principal tag maps have it: a user pool without its client."""
    return login.mapping_key if login.mapping_key.startswith("arn:") else login.mapping_key.partition(":")[0]


def trust(it: Subject) -> Iterator[Finding | str]:
    """Whether each role lets in whom it is for, and nobody else: the callers are evaluated, not the text compared."""
    callers, judged = typical_callers(it), 0
    for arn, kind in it.chosen_roles.items():
        role = it.role(arn)
        if role is None:
            continue  # another check speaks of it
        judged += 1
        problems = [one for caller in callers if (one := _judged(it, role, kind, caller))]
        problems += _network(role)
        tags = kind != "unauthenticated" and _needs_tags(it, kind)
        mended = _mended_trust(it, role, kind, tags=tags)
        fix = fixes.aws("iam", "UpdateAssumeRolePolicy", {"RoleName": role.name, "PolicyDocument": json.dumps(mended)})
        for found, expected, why in problems:
            yield Finding("error", f"{role.name}: {found}", expected, why, (fix,))
    yield f"{counted(judged, 'role')}, {len(callers)} typical callers each"


def _needs_tags(it: Subject, kind: str) -> bool:
    return bool(it.tag_maps) if kind == "authenticated" else bool(it.tag_maps.get(kind))


def _judged(it: Subject, role: RoleFacts, kind: str, caller: TypicalCaller) -> tuple[str, str, str] | None:
    """What is wrong with how a role treats a caller: found, expected, why."""
    evaluation = let_in(role.trust, caller.pool_id, caller.amr, tagged=caller.tagged)
    wanted = kind in caller.meant_for
    if evaluation.allowed and not wanted and (caller.foreign or _is_guest(caller) or kind == "unauthenticated"):
        why = (
            "Identity pools cost nothing: anybody in the world can make one, and have this role."
            if caller.foreign
            else "In the basic flow clients choose the role, so that it is theirs for the asking."
        )
        return f"{caller.label} gets in", "not let in", why
    if not evaluation.allowed and wanted and not (caller.tagged and not _untagged_gets_in(role, caller)):
        return f"{caller.label} is kept out", "let in", f"It is their role. {why_refused(evaluation)[1]}"
    return None


def _is_guest(caller: TypicalCaller) -> bool:
    return caller.amr == ("unauthenticated",)


def _untagged_gets_in(role: RoleFacts, caller: TypicalCaller) -> bool:
    """Whether tags alone are what keeps them out; otherwise the same is said already."""
    return let_in(role.trust, caller.pool_id, caller.amr, tagged=False).allowed


def _network(role: RoleFacts) -> list[tuple[str, str, str]]:
    keys = {
        condition.key
        for statement in statements_of(role.trust)
        for condition in statement.conditions
        if condition.key.lower() in _NETWORK
    }
    why = "In the enhanced flow it is Cognito that calls STS, from an address of its own."
    return [(f"a condition on {key}", "no condition on the network", why) for key in sorted(keys)]


def _mended_trust(it: Subject, role: RoleFacts, kind: str, *, tags: bool) -> dict[str, Any]:
    """A trust policy for this pool and kind, with what the role says of others than identity pools."""
    document = fixes.trust_document(it.pool.pool_id, kind, tags=tags)
    others = [one for one in fixes.statements(role.trust) if not _is_about_pools(one)]
    return {**document, "Statement": [*document["Statement"], *others]}


def _is_about_pools(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal")
    if principal == "*" or "NotPrincipal" in statement:
        return True
    named = fixes.listed(principal.get("Federated", [])) if isinstance(principal, Mapping) else []
    return bool({COGNITO, "*"} & set(named))
