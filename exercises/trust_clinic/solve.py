"""Both sentences, a stranger who gets in, and five policies that are as they should be."""

import json

from training.exercises.building import trust
from training.exercises.hands import Learner

SIGNED_IN = ("sts:AssumeRoleWithWebIdentity", "sts:TagSession")
ROLES = ("ClinicA", "ClinicB", "ClinicC", "ClinicD", "ClinicE")


def before(learner: Learner) -> None:
    learner.run(provider="user-pool", person="ana")
    learner.run(flow="basic", provider="user-pool", person="ana", RoleArn=learner.account.role_arn("ClinicE"))
    learner.run(
        flow="basic",
        provider="user-pool",
        person="ana",
        pool="opponent",
        RoleArn=learner.account.role_arn("ClinicA"),
    )


def solve(learner: Learner) -> None:
    before(learner)
    account = learner.account
    document = json.dumps(trust(account.pool_id, "authenticated", actions=SIGNED_IN))
    for name in ROLES:
        account.client("iam").update_assume_role_policy(RoleName=name, PolicyDocument=document)
