"""The table of refusals: how each is provoked, and by which code its last decision is known."""

import json
import uuid
from collections.abc import Callable
from typing import Any

from decisioncodes import Code
from tests.sandbox.lab import Lab

Provoke = Callable[[Lab], object]
REFUSALS: list[tuple[Code, Provoke]] = []


def refused_as(code: Code) -> Callable[[Provoke], Provoke]:
    """Enter a call that has to be refused, its last decision having this code."""

    def enter(provoke: Provoke) -> Provoke:
        REFUSALS.append((code, provoke))
        return provoke

    return enter


def statement(principal: Any, *actions: str, effect: str = "Allow", **members: Any) -> dict[str, Any]:
    """A trust policy of one statement."""
    one = {"Effect": effect, "Principal": principal, "Action": list(actions), **members}
    return {"Version": "2012-10-17", "Statement": [one]}


def session(lab: Lab, policy: dict[str, Any] | None, **terms: Any) -> dict[str, Any]:
    """Credentials of a new role of the account with this policy, assumed by its administrator."""
    actions = ("sts:AssumeRole", "sts:TagSession")
    role = lab.role(f"Hired-{uuid.uuid4().hex[:8]}", statement({"AWS": lab.account}, *actions), policy)
    answer = lab.client("sts").assume_role(RoleArn=role, RoleSessionName="test", **terms)
    return dict(answer["Credentials"])


def basic(lab: Lab, pool_id: str, role: str, **more: Any) -> dict[str, Any]:
    """A guest of the pool assumes the role in the basic flow."""
    token = lab.public.get_open_id_token(IdentityId=lab.guest(pool_id))["Token"]
    return dict(
        lab.sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName="basic", WebIdentityToken=token, **more)
    )


def bucket(lab: Lab, policy: dict[str, Any] | None = None) -> str:
    """The name of a new bucket of the account."""
    name, s3 = f"codes-{uuid.uuid4().hex[:12]}", lab.client("s3")
    s3.create_bucket(Bucket=name)
    if policy:
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))
    return name
