"""A look around, with the net and without, and then one statement."""

import json

from training.exercises.building import allow, policy
from training.exercises.hands import Learner

NAME = "too-generous-guest"
PARAMETER = "/identity-pools-lab/greeting"


def before(learner: Learner) -> None:
    learner.answer("guess", 2)
    guest = learner.run()
    guest.use("s3", "ListBuckets")
    guest.use("s3", "PutObject", Bucket=NAME, Key="mine.txt", Body=b"mine")
    guest.use("dynamodb", "Scan", TableName="GenerousOrders")
    guest.use("ssm", "GetParameter", Name=PARAMETER)
    learner.run(flow="basic").use("ssm", "GetParameter", Name=PARAMETER)


def solve(learner: Learner) -> None:
    before(learner)
    mended = policy(allow("s3:GetObject", f"arn:aws:s3:::{NAME}/catalogue.txt", Sid="Catalogue"))
    iam = learner.account.client("iam")
    iam.put_role_policy(RoleName="GenerousGuest", PolicyName="Rights", PolicyDocument=json.dumps(mended))
