"""What people do instead of telling guests from people who signed in."""

import json
from typing import Any

from training.exercises.building import trust
from training.exercises.hands import Learner

SIGNED_IN = ("sts:AssumeRoleWithWebIdentity", "sts:TagSession")

LEAVES = {
    "classic_flow_switched_off": ["attack-closed"],
    "guests_switched_off": ["attack-closed", "guests-still-in"],
    "nobody_trusted": ["admins-still-in"],
    "audience_condition_replaced": ["still-this-pool-only"],
}


def classic_flow_switched_off(learner: Learner) -> None:
    """The way is closed, and the role is as open as before."""
    _change_pool(learner, AllowClassicFlow=False)


def guests_switched_off(learner: Learner) -> None:
    """Nobody can be a guest any more, the app's visitors neither."""
    _change_pool(learner, AllowUnauthenticatedIdentities=False)


def nobody_trusted(learner: Learner) -> None:
    """A value of amr that nobody has."""
    _trust(learner, trust(learner.account.pool_id, "administrator", actions=SIGNED_IN))


def audience_condition_replaced(learner: Learner) -> None:
    """The condition on amr in the place of the one on aud."""
    _trust(learner, trust("*", "authenticated", actions=SIGNED_IN), like=True)


def _trust(learner: Learner, document: dict[str, Any], *, like: bool = False) -> None:
    if like:  # IAM asks for a condition on aud; a pattern that fits every pool is one
        condition = document["Statement"][0]["Condition"]
        condition["StringLike"] = condition.pop("StringEquals")
    iam = learner.account.client("iam")
    iam.update_assume_role_policy(RoleName="TakesAdminAdmins", PolicyDocument=json.dumps(document))


def _change_pool(learner: Learner, **changes: bool) -> None:
    cognito = learner.account.client("cognito-identity")
    pool = cognito.describe_identity_pool(IdentityPoolId=learner.account.pool_id)
    pool.pop("ResponseMetadata")
    cognito.update_identity_pool(**{**pool, **changes})
