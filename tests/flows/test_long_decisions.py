"""A list of decisions that is too long for a header is stored whole all the same."""

import json
from collections.abc import Callable

import pytest

from flows.models import Run
from flows.services import run_all
from sandbox.testing import RunningSandbox

pytestmark = pytest.mark.django_db

POOL = "us-east-1:5a4db000-0000-c000-8000-000000000001"


def test_all_conditions_of_a_long_trust_policy_are_stored(
    sandbox: RunningSandbox, open_run: Callable[..., Run]
) -> None:
    iam = sandbox.client("iam")
    conditions = {
        "StringEquals": {"cognito-identity.amazonaws.com:aud": POOL},
        "StringNotEquals": {f"cognito-identity.amazonaws.com:nothing{index}": "x" for index in range(20)},
    }
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": "cognito-identity.amazonaws.com"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": conditions,
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role = iam.create_role(RoleName="ManyConditions", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    run = run_all(run=open_run("basic", RoleArn=role))
    decisions = run.calls.get(operation="AssumeRoleWithWebIdentity").decisions
    assert decisions[0]["code"] != "request.summary"
    assert sum("nothing" in decision["check"] for decision in decisions) == 20
