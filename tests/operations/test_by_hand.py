"""The steps of `provision --plan`, pasted into a shell, make what the stack makes."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from dotenv import dotenv_values

from tests import ROOT
from tests.cloudformation.conftest import NewStack
from tests.operations.conftest import Operator

pytestmark = pytest.mark.slow
_OWN = ("UserPoolId", "ClientId", "ClientName", "CreationDate", "LastModifiedDate", "UserPoolTags")


def _carried_out(commands: str, directory: Path) -> None:
    environment = {
        **{name: value for name, value in os.environ.items() if name.startswith("AWS_")},
        "PATH": f"{ROOT / '.venv-awscli' / 'bin'}:{os.environ['PATH']}",
        "HOME": str(directory),
    }
    shell = ["bash", "-euo", "pipefail", "-c", commands]
    done = subprocess.run(shell, env=environment, cwd=directory, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr


@pytest.fixture
def settings_by_hand(operator: Operator, tmp_path: Path) -> dict[str, str]:
    _carried_out(operator.run("provision", "--plan", "--stack", "hand"), tmp_path)
    path = tmp_path / ".env"
    assert path.stat().st_mode & 0o777 == 0o600
    return {name: value or "" for name, value in dotenv_values(path, interpolate=False).items()}


def shape(client_of: Any, found: dict[str, str]) -> dict[str, Any]:
    """What was made, without the names and numbers that are new in every account."""
    names = {found[name] for name in ("COGNITO_USER_POOL_ID", "COGNITO_APP_CLIENT_ID", "COGNITO_IDENTITY_POOL_ID")}
    identity, idp, iam = client_of("cognito-identity"), client_of("cognito-idp"), client_of("iam")
    user_pool, client = found["COGNITO_USER_POOL_ID"], found["COGNITO_APP_CLIENT_ID"]
    provider = f"cognito-idp.us-east-1.amazonaws.com/{user_pool}"
    app_client = idp.describe_user_pool_client(UserPoolId=user_pool, ClientId=client)["UserPoolClient"]
    pool = identity.describe_identity_pool(IdentityPoolId=found["COGNITO_IDENTITY_POOL_ID"])
    roles = identity.get_identity_pool_roles(IdentityPoolId=found["COGNITO_IDENTITY_POOL_ID"])
    tags = identity.get_principal_tag_attribute_map(
        IdentityPoolId=found["COGNITO_IDENTITY_POOL_ID"], IdentityProviderName=provider
    )
    kept = ("Policies", "AdminCreateUserConfig", "UsernameAttributes", "SchemaAttributes", "UserPoolTier")
    described = idp.describe_user_pool(UserPoolId=user_pool)["UserPool"]
    group = idp.get_group(UserPoolId=user_pool, GroupName="engineers")["Group"]
    trusts = {}
    for kind, arn in {**roles["Roles"], "engineers": group["RoleArn"]}.items():
        role = iam.get_role(RoleName=arn.rpartition("/")[2])["Role"]["AssumeRolePolicyDocument"]
        attached = iam.list_attached_role_policies(RoleName=arn.rpartition("/")[2])["AttachedPolicies"]
        trusts[kind] = (_without(role, names), len(attached))
    return {
        "client": {name: value for name, value in app_client.items() if name not in _OWN},
        "user pool": {name: described[name] for name in kept},
        "switches": (pool["AllowUnauthenticatedIdentities"], pool["AllowClassicFlow"]),
        "mapping": list(roles["RoleMappings"].values()),
        "tags": (tags["UseDefaults"], tags["PrincipalTags"]),
        "trusts": trusts,
        "precedence": group["Precedence"],
        "settings": {name for name in found if name != "SECRET_KEY"},
    }


def _without(document: Any, names: set[str]) -> str:
    text = str(document)
    for name in names:
        text = text.replace(name, "")
    return text


def test_the_steps_make_what_the_stack_makes(
    operator: Operator, settings_by_hand: dict[str, str], new_stack: NewStack
) -> None:
    from operations.provisioning.env_text import settings_of

    stack = new_stack({})
    assert shape(operator.client, settings_by_hand) == shape(
        stack.client_of, {"APP_MODE": "aws", **settings_of(stack.outputs)}
    )
    read = operator.client("s3").get_object(
        Bucket=settings_by_hand["SAMPLE_PRIVATE_BUCKET"], Key=settings_by_hand["SAMPLE_TEAM_OBJECT_KEY"]
    )
    assert read["Body"].read() == b"What the engineers do next\n"


def _left(operator: Operator) -> dict[str, list[str]]:
    """The names of all that there is in the account."""
    pools = operator.client("cognito-identity").list_identity_pools(MaxResults=60)["IdentityPools"]
    user_pools = operator.client("cognito-idp").list_user_pools(MaxResults=60)["UserPools"]
    iam = operator.client("iam")
    return {
        "identity pools": [pool["IdentityPoolName"] for pool in pools],
        "user pools": [pool["Name"] for pool in user_pools],
        "roles": [role["RoleName"] for role in iam.list_roles()["Roles"]],
        "policies": [policy["PolicyName"] for policy in iam.list_policies(Scope="Local")["Policies"]],
        "buckets": [bucket["Name"] for bucket in operator.client("s3").list_buckets()["Buckets"]],
        "tables": operator.client("dynamodb").list_tables()["TableNames"],
        "parameters": [found["Name"] for found in operator.client("ssm").describe_parameters()["Parameters"]],
    }


def test_what_the_steps_made_is_taken_away_again(operator: Operator, tmp_path: Path) -> None:
    before = _left(operator)
    _carried_out(operator.run("provision", "--plan", "--stack", "hand"), tmp_path)
    made = _left(operator)
    assert all(len(made[kind]) > len(before[kind]) for kind in made), made
    _carried_out((ROOT / "deploy" / "by-hand-undo.sh").read_text(), tmp_path)
    assert _left(operator) == before
    assert (tmp_path / ".env").exists()
