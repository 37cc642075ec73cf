"""What leaves a guest too much, or takes the catalogue as well."""

import json
from typing import Any

from training.exercises.building import allow, policy
from training.exercises.hands import Learner

LEAVES = {
    "only_writing_forbidden": ["no-orders", "no-plans"],
    "whole_bucket_to_read": ["no-plans"],
    "nothing_allowed": ["catalogue", "catalogue-basic"],
    "basic_flow_switched_off": ["basic-as-well", "catalogue-basic"],
    "guests_switched_off": ["no-writing", "no-orders"],
}


def only_writing_forbidden(learner: Learner) -> None:
    writing = ["s3:PutObject", "s3:DeleteObject", "s3:ListAllMyBuckets", "dynamodb:PutItem"]
    refused = {**allow(writing), "Effect": "Deny"}
    _rights(learner, allow(["s3:*", "dynamodb:*", "ssm:*"]), refused)


def whole_bucket_to_read(learner: Learner) -> None:
    _rights(learner, allow("s3:GetObject", "arn:aws:s3:::too-generous-guest/*"))


def nothing_allowed(learner: Learner) -> None:
    _rights(learner, allow("polly:SynthesizeSpeech"))


def basic_flow_switched_off(learner: Learner) -> None:
    """The role as it should be, and the net made the only way: the role is not shown to be right by itself."""
    _rights(learner, allow("s3:GetObject", "arn:aws:s3:::too-generous-guest/catalogue.txt"))
    _change_pool(learner, AllowClassicFlow=False)


def guests_switched_off(learner: Learner) -> None:
    _change_pool(learner, AllowUnauthenticatedIdentities=False)


def _rights(learner: Learner, *statements: dict[str, Any]) -> None:
    iam = learner.account.client("iam")
    iam.put_role_policy(RoleName="GenerousGuest", PolicyName="Rights", PolicyDocument=json.dumps(policy(*statements)))


def _change_pool(learner: Learner, **changes: bool) -> None:
    cognito = learner.account.client("cognito-identity")
    pool = cognito.describe_identity_pool(IdentityPoolId=learner.account.pool_id)
    pool.pop("ResponseMetadata")
    cognito.update_identity_pool(**{**pool, **changes})
