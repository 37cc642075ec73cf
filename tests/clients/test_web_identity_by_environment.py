"""An SDK that is told by its environment alone where a token lies and which role it is for, as in Kubernetes."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sandbox.testing import RunningSandbox
from tests.clients.conftest import ACCOUNT, REGION, Administrator, Member, OpenIdProvider

pytestmark = pytest.mark.slow
# Nothing in it says how to get credentials, or where AWS is.
PROGRAM = """
import json
import boto3
from botocore.config import Config

who = boto3.client("sts").get_caller_identity()
s3 = boto3.client("s3", config=Config(s3={"addressing_style": "path"}))
body = s3.get_object(Bucket="identity-pools-lab-public", Key="product-catalog.pdf")["Body"].read(5)
print(json.dumps({"arn": who["Arn"], "read": body.decode()}))
"""

Done = subprocess.CompletedProcess[str]


def run(served: RunningSandbox, directory: Path, token: str, role: str, **more: str) -> Done:
    file = directory / "token"
    file.write_text(token)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(directory),
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": served.url,
        "AWS_WEB_IDENTITY_TOKEN_FILE": str(file),
        "AWS_ROLE_ARN": role,
        "AWS_EC2_METADATA_DISABLED": "true",
        **more,
    }
    return subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, cwd=directory, capture_output=True, text=True, timeout=60
    )


def answered(done: Done) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def direct_role(administrator: Administrator, provider: OpenIdProvider, member: Member, name: str) -> str:
    """A role for the bearers of the provider's own tokens."""
    condition = {
        "StringEquals": {f"{provider.logins_key}:aud": provider.client_id, f"{provider.logins_key}:sub": "pod"}
    }
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": member.provider_arn},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": condition,
    }
    iam = administrator("iam")
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    arn = str(iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"])
    iam.attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
    return arn


def test_a_token_of_an_issuer_that_iam_knows(
    served: RunningSandbox,
    administrator: Administrator,
    openid_provider: OpenIdProvider,
    member_pool: Member,
    tmp_path: Path,
) -> None:
    role = direct_role(administrator, openid_provider, member_pool, "OfAPod")
    done = answered(run(served, tmp_path, openid_provider.token("pod"), role, AWS_ROLE_SESSION_NAME="pod-1"))
    assert done == {"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/OfAPod/pod-1", "read": "%PDF-"}
    refused = run(served, tmp_path, openid_provider.token("somebody"), role)
    assert refused.returncode != 0
    assert "Not authorized to perform sts:AssumeRoleWithWebIdentity" in refused.stderr


def test_a_token_of_an_identity_pool(served: RunningSandbox, member_pool: Member, tmp_path: Path) -> None:
    """The basic flow, of which the SDK does the second half by itself."""
    cognito = served.client("cognito-identity")
    given = {"IdentityPoolId": member_pool.pool_id, "Logins": {"login.example.app": "ana"}}
    token = cognito.get_open_id_token_for_developer_identity(**given)["Token"]
    done = answered(run(served, tmp_path, token, member_pool.role_arn, AWS_ROLE_SESSION_NAME="ana"))
    assert done["arn"].endswith("/ana")
    assert done["read"] == "%PDF-"


def test_the_regional_endpoint_of_sts(served: RunningSandbox, member_pool: Member, tmp_path: Path) -> None:
    cognito = served.client("cognito-identity")
    given = {"IdentityPoolId": member_pool.pool_id, "Logins": {"login.example.app": "ana"}}
    token = cognito.get_open_id_token_for_developer_identity(**given)["Token"]
    more = {"AWS_STS_REGIONAL_ENDPOINTS": "regional", "AWS_ENDPOINT_URL_STS": served.url}
    assert answered(run(served, tmp_path, token, member_pool.role_arn, **more))["read"] == "%PDF-"
