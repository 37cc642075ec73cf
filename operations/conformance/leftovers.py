"""What runs that were interrupted have left behind in an account: found by the names that runs give, and deleted."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from botocore.exceptions import ClientError

from operations.conformance.place import BEGAN, PREFIX, Place

# A run's whole name, and after it what the one thing is for. Nothing else that begins with the prefix is touched.
_NAMED = re.compile(rf"(?P<run>{PREFIX}(?P<began>\d{{8}}T\d{{6}})-[0-9a-f]{{8}})-[a-z-]+")


@dataclass(frozen=True, slots=True)
class Left:
    """One pool or role of an earlier run. `key`: what it is deleted by, a pool's ID or a role's name."""

    run: str
    began: datetime
    kind: Literal["identity pool", "IAM role"]
    name: str
    key: str


def found(place: Place, run: str = "") -> list[Left]:
    """Everything of earlier runs, or of the one that is named: pools of the region, roles of the account.

    A run that is under way is among them.

    Raises:
        ClientError, BotoCoreError: the account may not list them, or nobody answers.
    """
    every = [*_pools(place), *_roles(place)]
    return sorted((one for one in every if run in ("", one.run)), key=lambda one: (one.run, one.kind, one.name))


def delete(place: Place, left: Left) -> None:
    """Delete it; what is gone meanwhile is gone.

    Raises:
        ClientError, BotoCoreError: it stays.
    """
    try:
        if left.kind == "identity pool":
            place.signed("cognito-identity").delete_identity_pool(IdentityPoolId=left.key)
        else:
            _delete_role(place, left.key)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("ResourceNotFoundException", "NoSuchEntity"):
            raise


def _delete_role(place: Place, name: str) -> None:
    """A role can be deleted once it has no policies (IAM API Reference, DeleteRole)."""
    iam = place.signed("iam")
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    iam.delete_role(RoleName=name)


def _pools(place: Place) -> Iterator[Left]:
    pages = place.signed("cognito-identity").get_paginator("list_identity_pools").paginate(MaxResults=60)
    for pool in (pool for page in pages for pool in page["IdentityPools"]):
        if named := _NAMED.fullmatch(pool["IdentityPoolName"]):
            yield Left(named["run"], _began(named), "identity pool", named[0], pool["IdentityPoolId"])


def _roles(place: Place) -> Iterator[Left]:
    for page in place.signed("iam").get_paginator("list_roles").paginate():
        for role in page["Roles"]:
            if named := _NAMED.fullmatch(role["RoleName"]):
                yield Left(named["run"], _began(named), "IAM role", named[0], named[0])


def _began(named: re.Match[str]) -> datetime:
    return datetime.strptime(named["began"], BEGAN).replace(tzinfo=UTC)
