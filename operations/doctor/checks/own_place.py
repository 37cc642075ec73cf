"""What people who signed in may do: a place of their own each, and nobody else's."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings

from flows.exchange.pool_facts import RoleFacts
from operations.doctor import fixes
from operations.doctor.findings import Finding
from operations.doctor.subject import Subject
from web.counted import counted

_ME = "${cognito-identity.amazonaws.com:sub}"


def own_place(it: Subject) -> Iterator[Finding | str]:
    """Whether policies that give each person a place of their own give them no more than that."""
    looked = 0
    for arn, kind in it.chosen_roles.items():
        role = it.role(arn) if kind != "unauthenticated" else None
        if role is None:
            continue
        looked += 1
        role = it.with_policies(role)
        for where, name, document in fixes.documents_of(role):
            yield from _place_problems(role, where, name, fixes.statements(document))
    yield counted(looked, "role")


def _place_problems(role: RoleFacts, where: str, name: str, whole: list[dict[str, Any]]) -> Iterator[Finding]:
    mended: list[dict[str, Any]] = []
    problems: list[tuple[str, str, str]] = []
    for statement in whole:
        better, more = _mended_place(statement) if statement.get("Effect") == "Allow" else (statement, [])
        problems += more
        mended += [better] if better else []
    fix = fixes.policy_with(role, where, name, mended)
    for found, expected, why in problems:
        yield Finding("error", f"{role.name}, {name.rpartition('/')[2]}: {found}", expected, why, (fix,))


def _mended_place(statement: dict[str, Any]) -> tuple[dict[str, Any] | None, list[tuple[str, str, str]]]:
    """A statement as it should be, and what is wrong with it."""
    problems, better = [], dict(statement)
    resources = [str(one) for one in fixes.listed(statement.get("Resource", []))]
    if any(_ME in one and not one.partition(_ME)[2].startswith("/") for one in resources if ":s3:::" in one):
        why = (
            "Without the slash a person also gets what belongs to those whose IDs begin with theirs, or lies beside it."
        )
        problems.append((f"{_ME} without a slash behind it", f"{_ME}/*", why))
        better["Resource"] = [
            f"{one.partition(_ME)[0]}{_ME}/*" if _ME in one and ":s3:::" in one else one for one in resources
        ]
    actions = [str(one).lower() for one in fixes.listed(statement.get("Action", []))]
    private = f"arn:aws:s3:::{settings.SAMPLE_PRIVATE_BUCKET}"
    lists = bool(settings.SAMPLE_PRIVATE_BUCKET) and private in resources and "s3:listbucket" in actions
    if lists and not _has_condition(statement, "s3:prefix"):
        why = "Everybody sees the names of everybody’s files, and the identity IDs in them."
        problems.append(("s3:ListBucket of the private bucket without a prefix", "a condition on s3:prefix", why))
        own = {"StringLike": {"s3:prefix": [f"{_ME}/*"]}}
        better["Condition"] = {**statement.get("Condition", {}), **own}
    notes = [one for one in resources if one.endswith(f":table/{settings.SAMPLE_NOTES_TABLE}")]
    if settings.SAMPLE_NOTES_TABLE and notes and any(one.startswith("dynamodb:") for one in actions):
        return _mended_table(better, actions, problems)
    return better, problems


def _mended_table(
    statement: dict[str, Any], actions: list[str], problems: list[tuple[str, str, str]]
) -> tuple[dict[str, Any] | None, list[tuple[str, str, str]]]:
    if not _has_condition(statement, "dynamodb:LeadingKeys"):
        why = "Everybody reads and writes everybody’s notes."
        problems.append(("the notes' table without a condition", "a condition on dynamodb:LeadingKeys", why))
        own = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [_ME]}, "Null": {"dynamodb:LeadingKeys": "false"}}
        statement = {**statement, "Condition": {**statement.get("Condition", {}), **own}}
    if scanning := [one for one in actions if one in ("dynamodb:scan", "dynamodb:*", "*")]:
        why = "A scan has no leading keys, and ForAllValues holds where there are none: it reads everybody’s notes."
        problems.append((f"{scanning[0]} of the notes' table", "no scan of it", why))
        fine = [one for one in fixes.listed(statement["Action"]) if str(one).lower() not in scanning]
        return ({**statement, "Action": fine} if fine else None), problems
    return statement, problems


def _has_condition(statement: Mapping[str, Any], key: str) -> bool:
    return any(key.lower() in map(str.lower, block) for block in (statement.get("Condition") or {}).values())
