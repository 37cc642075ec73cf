"""What closes too much, too little, or for one person only."""

import json
from typing import Any

from training.exercises.building import SUBJECT, allow, policy
from training.exercises.hands import Learner

BUCKET = "arn:aws:s3:::mine-and-everybodys"
OBJECTS = ["s3:GetObject", "s3:PutObject"]

LEAVES = {
    "listing_taken_away": ["own-list-still"],
    "slash_in_one_place_only": ["list-closed"],
    "written_for_ana_alone": ["everybody"],
    "all_taken_away": ["own-still", "own-list-still", "everybody"],
}


def listing_taken_away(learner: Learner) -> None:
    _rights(learner, allow(OBJECTS, f"{BUCKET}/{SUBJECT}/*"))


def slash_in_one_place_only(learner: Learner) -> None:
    _rights(learner, allow(OBJECTS, f"{BUCKET}/{SUBJECT}/*"), _listing(f"{SUBJECT}*"))


def written_for_ana_alone(learner: Learner) -> None:
    account = learner.account
    logins = account.logins("user-pool", "ana")
    cognito = account.anonymous("cognito-identity")
    ana = cognito.get_id(IdentityPoolId=account.pool_id, Logins=logins)["IdentityId"]
    _rights(learner, allow(OBJECTS, f"{BUCKET}/{ana}/*"), _listing(f"{ana}/*"))


def all_taken_away(learner: Learner) -> None:
    _rights(learner, allow("s3:ListAllMyBuckets"))


def _listing(prefix: str) -> dict[str, Any]:
    return allow("s3:ListBucket", BUCKET, Condition={"StringLike": {"s3:prefix": prefix}})


def _rights(learner: Learner, *statements: dict[str, Any]) -> None:
    iam = learner.account.client("iam")
    iam.put_role_policy(RoleName="MineUser", PolicyName="Rights", PolicyDocument=json.dumps(policy(*statements)))
