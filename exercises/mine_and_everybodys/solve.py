"""Over the fence, and the slash that closes it."""

import json

from training.exercises.building import SUBJECT, allow, policy
from training.exercises.hands import Learner

BUCKET = "mine-and-everybodys"


def before(learner: Learner) -> None:
    learner.answer("guess", 2)
    ana = learner.run(provider="user-pool", person="ana")
    ana.use("s3", "PutObject", Bucket=BUCKET, Key="her-sub-of-the-user-pool/hello.txt", Body=b"hello")
    ana.use("s3", "PutObject", Bucket=BUCKET, Key=f"{ana.identity_id}/hello.txt", Body=b"hello")
    ana.use("s3", "GetObject", Bucket=BUCKET, Key=f"{ana.identity_id}-old/salary.txt")
    ana.use("s3", "ListObjectsV2", Bucket=BUCKET)


def solve(learner: Learner) -> None:
    before(learner)
    mended = policy(
        allow(["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::{BUCKET}/{SUBJECT}/*", Sid="OwnFiles"),
        allow(
            "s3:ListBucket",
            f"arn:aws:s3:::{BUCKET}",
            Sid="List",
            Condition={"StringLike": {"s3:prefix": f"{SUBJECT}/*"}},
        ),
    )
    iam = learner.account.client("iam")
    iam.put_role_policy(RoleName="MineUser", PolicyName="Rights", PolicyDocument=json.dumps(mended))
