"""A pool without guests that trusts Google and the company's SAML provider; the company's roles trust it in turn."""

import json
from typing import Any
from urllib.parse import unquote

from training.exercises.building import make_pool, make_role, trust
from training.exercises.hands import Account

SIGNED_IN = ("sts:AssumeRoleWithWebIdentity", "sts:TagSession")
COMPANY = ("LabAdmins", "LabEngineers")  # what assertions name; every account has them from the start
SID = "TwoDoors"


def set_up(account: Account) -> None:
    make_role(account, "TwoDoorsUser", trust(account.pool_id, "authenticated", actions=SIGNED_IN))
    make_pool(account, user_role="TwoDoorsUser", guests=False)
    for name in COMPANY:
        _let_in(account, name)


def _let_in(account: Account, name: str) -> None:
    """Add this pool to whom a role of the company trusts, and leave the rest as it is."""
    iam = account.client("iam")
    (mine,) = trust(account.pool_id, "authenticated", actions=SIGNED_IN)["Statement"]
    try:
        found: Any = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    except iam.exceptions.NoSuchEntityException:
        make_role(account, name, trust(account.pool_id, "authenticated", actions=SIGNED_IN))
        return
    document = json.loads(unquote(found)) if isinstance(found, str) else found
    others = [statement for statement in document["Statement"] if statement.get("Sid") != SID]
    document["Statement"] = [*others, {"Sid": SID, **mine}]
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(document))
