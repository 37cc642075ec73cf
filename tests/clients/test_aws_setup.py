"""The commands of docs/aws-setup.md, pasted into a shell as they are written, give what the page says they give."""

import os
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from sandbox.core.config import SandboxConfig
from sandbox.testing import RunningSandbox, running_sandbox
from tests import ROOT
from tests.clients.conftest import REGION

pytestmark = pytest.mark.slow

# An account of its own: what moto keeps belongs to the process, and other sandboxes of it are seeded.
ACCOUNT = "444455556666"
BUCKET, PRIVATE_BUCKET = f"identity-pools-lab-{ACCOUNT}", f"identity-pools-lab-private-{ACCOUNT}"
TEAM_KEY = "teams/engineers/roadmap.txt"


def commands() -> str:
    """The shell's blocks before the settings."""
    page = (ROOT / "docs" / "aws-setup.md").read_text().partition("## 4. ")[0]
    return "\n".join(re.findall(r"```sh\n(.*?)```", page, re.DOTALL))


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    """An account in which nothing is set up, after the commands were run in it."""
    directory = tmp_path_factory.mktemp("setup")
    config = SandboxConfig(data_file=directory / "sandbox.sqlite3", port=0, seed=False, account_id=ACCOUNT)
    (directory / "any.pdf").write_bytes(b"%PDF-1.4")
    with running_sandbox(config) as sandbox:
        environment = {
            "PATH": f"{ROOT / '.venv-awscli' / 'bin'}:{os.environ['PATH']}",
            "HOME": str(directory),
            "AWS_ENDPOINT_URL": sandbox.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }
        shell = ["bash", "-euo", "pipefail", "-c", commands()]
        done = subprocess.run(shell, env=environment, cwd=directory, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr
        yield sandbox


@pytest.fixture(scope="module")
def pool(account: RunningSandbox) -> dict[str, Any]:
    found = account.client("cognito-identity").list_identity_pools(MaxResults=10)["IdentityPools"]
    assert [pool["IdentityPoolName"] for pool in found] == ["IdentityPoolsLab"]
    described: dict[str, Any] = account.client("cognito-identity").describe_identity_pool(
        IdentityPoolId=found[0]["IdentityPoolId"]
    )
    return described


def code(call: Any, **parameters: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    return str(refused.value.response["Error"]["Code"])


def client(account: RunningSandbox, service: str, credentials: dict[str, Any]) -> Any:
    return boto3.Session(
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials.get("SecretKey") or credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
        region_name=REGION,
    ).client(service, endpoint_url=account.url)


def test_guests_read_the_bucket_and_the_table_and_nothing_else(account: RunningSandbox, pool: dict[str, Any]) -> None:
    public = account.anonymous("cognito-identity")
    identity = public.get_id(IdentityPoolId=pool["IdentityPoolId"])["IdentityId"]
    credentials = public.get_credentials_for_identity(IdentityId=identity)["Credentials"]
    s3, dynamodb = client(account, "s3", credentials), client(account, "dynamodb", credentials)
    assert s3.get_object(Bucket=BUCKET, Key="product-catalog.pdf")["Body"].read() == b"%PDF-1.4"
    assert dynamodb.scan(TableName="SampleProducts", Limit=5)["Count"] == 1
    assert code(s3.put_object, Bucket=BUCKET, Key="x", Body=b"") == "AccessDenied"
    assert code(s3.list_objects_v2, Bucket=PRIVATE_BUCKET) == "AccessDenied"
    assert code(client(account, "ssm", credentials).get_parameter, Name="identity-pools-lab/x")


def test_the_basic_flow_is_on_and_keeps_guests_out_of_the_other_role(
    account: RunningSandbox, pool: dict[str, Any]
) -> None:
    public, sts = account.anonymous("cognito-identity"), account.anonymous("sts")
    identity = public.get_id(IdentityPoolId=pool["IdentityPoolId"])["IdentityId"]
    token = public.get_open_id_token(IdentityId=identity)["Token"]

    def assume(role: str) -> Any:
        arn = f"arn:aws:iam::{ACCOUNT}:role/{role}"
        return sts.assume_role_with_web_identity(RoleArn=arn, RoleSessionName="setup", WebIdentityToken=token)

    assert assume("LabGuest")["AssumedRoleUser"]["Arn"].endswith("assumed-role/LabGuest/setup")
    assert code(assume, role="LabAuthenticated") == "AccessDenied"


def test_people_who_sign_in_have_a_place_of_their_own_alone(account: RunningSandbox, pool: dict[str, Any]) -> None:
    cognito = account.client("cognito-identity")
    settings = {name: value for name, value in pool.items() if name not in ("ResponseMetadata", "IdentityPoolTags")}
    cognito.update_identity_pool(**{**settings, "DeveloperProviderName": "login.setup"})
    logins = {"login.setup": "ana"}
    given = cognito.get_open_id_token_for_developer_identity(IdentityPoolId=pool["IdentityPoolId"], Logins=logins)
    credentials = account.anonymous("cognito-identity").get_credentials_for_identity(
        IdentityId=given["IdentityId"], Logins={"cognito-identity.amazonaws.com": given["Token"]}
    )["Credentials"]
    s3, dynamodb = client(account, "s3", credentials), client(account, "dynamodb", credentials)
    s3.put_object(Bucket=PRIVATE_BUCKET, Key=f"{given['IdentityId']}/note.txt", Body=b"mine")
    note = {"IdentityId": {"S": given["IdentityId"]}, "NoteId": {"S": "1"}}
    dynamodb.put_item(TableName="LabNotes", Item=note)
    assert code(s3.put_object, Bucket=PRIVATE_BUCKET, Key="somebody-else/note.txt", Body=b"") == "AccessDenied"
    other = note | {"IdentityId": {"S": "somebody-else"}}
    assert code(dynamodb.put_item, TableName="LabNotes", Item=other) == "AccessDeniedException"


def test_the_role_of_a_team_reads_its_file(account: RunningSandbox, pool: dict[str, Any]) -> None:
    """With a user pool whose group names the role, and the role taken from its token."""
    idp = account.client("cognito-idp")
    user_pool_id = idp.create_user_pool(PoolName="People")["UserPool"]["Id"]
    app_client = idp.create_user_pool_client(
        UserPoolId=user_pool_id, ClientName="app", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]
    role, password = f"arn:aws:iam::{ACCOUNT}:role/LabEngineers", "Correct-Horse-9"
    idp.create_group(UserPoolId=user_pool_id, GroupName="engineers", RoleArn=role)
    for person in ("ana", "grace"):
        idp.admin_create_user(UserPoolId=user_pool_id, Username=person)
        idp.admin_set_user_password(UserPoolId=user_pool_id, Username=person, Password=password, Permanent=True)
    idp.admin_add_user_to_group(UserPoolId=user_pool_id, Username="ana", GroupName="engineers")

    cognito, pool_id = account.client("cognito-identity"), pool["IdentityPoolId"]
    provider = f"cognito-idp.{REGION}.amazonaws.com/{user_pool_id}"
    user_pool = {"ProviderName": provider, "ClientId": app_client["ClientId"]}
    settings = {name: value for name, value in pool.items() if name not in ("ResponseMetadata", "IdentityPoolTags")}
    cognito.update_identity_pool(**{**settings, "CognitoIdentityProviders": [user_pool]})
    by_token = {"Type": "Token", "AmbiguousRoleResolution": "AuthenticatedRole"}
    cognito.set_identity_pool_roles(
        IdentityPoolId=pool_id,
        Roles=cognito.get_identity_pool_roles(IdentityPoolId=pool_id)["Roles"],
        RoleMappings={f"{provider}:{app_client['ClientId']}": by_token},
    )
    public, asked = account.anonymous("cognito-identity"), {"Bucket": PRIVATE_BUCKET, "Key": TEAM_KEY}

    def s3_of(person: str) -> Any:
        signed_in = idp.initiate_auth(
            ClientId=app_client["ClientId"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": person, "PASSWORD": password},
        )
        logins = {provider: signed_in["AuthenticationResult"]["IdToken"]}
        identity = public.get_id(IdentityPoolId=pool_id, Logins=logins)["IdentityId"]
        credentials = public.get_credentials_for_identity(IdentityId=identity, Logins=logins)["Credentials"]
        return client(account, "s3", credentials)

    assert s3_of("ana").get_object(**asked)["Body"].read() == b"What the engineers do next\n"
    assert code(s3_of("grace").get_object, **asked) == "AccessDenied"
