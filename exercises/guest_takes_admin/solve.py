"""The attack, and the condition that was missing."""

import json

from training.exercises.building import trust
from training.exercises.hands import Learner

SIGNED_IN = ("sts:AssumeRoleWithWebIdentity", "sts:TagSession")


def before(learner: Learner) -> None:
    learner.answer("guess", 2)
    guest = learner.run(flow="basic", RoleArn=learner.account.role_arn("TakesAdminAdmins"))
    guest.use("s3", "GetObject", Bucket="guest-takes-admin", Key="payroll.csv")


def solve(learner: Learner) -> None:
    before(learner)
    account = learner.account
    mended = trust(account.pool_id, "authenticated", actions=SIGNED_IN)
    account.client("iam").update_assume_role_policy(RoleName="TakesAdminAdmins", PolicyDocument=json.dumps(mended))
