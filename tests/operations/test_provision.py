"""`manage.py provision` against CloudFormation's protocol: real requests, and the resources really made."""

import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from dotenv import dotenv_values
from pytest_django import Settings

from tests import ROOT
from tests.cloudformation.application import Somebody, settings_of, take
from tests.cloudformation.test_template import everything_in
from tests.operations.conftest import Operator
from tests.sandbox.saml_idp import SamlIdp

STACK = "identity-pools-lab"


def stacks(operator: Operator) -> list[str]:
    mine = [one for one in operator.cloudformation.stacks if one.deployer.account == operator.account]
    return [one.deployer.stack for one in mine if one.status != "DELETE_COMPLETE"]


def left(operator: Operator) -> list[str]:
    """Everything that the account holds."""
    stack: Any = type("Account", (), {"client_of": staticmethod(operator.client)})
    return everything_in(stack)


def outputs(operator: Operator) -> dict[str, str]:
    (stack,) = [one for one in operator.cloudformation.stacks if one.deployer.account == operator.account]
    return stack.deployer.outputs


def test_a_dry_run_prints_the_change_set_and_makes_nothing(operator: Operator) -> None:
    said = operator.run("provision", "--dry-run")
    assert re.search(r"^  Add +IdentityPool +AWS::Cognito::IdentityPool$", said, re.MULTILINE)
    assert re.search(r"^  Add +SampleBucket +AWS::S3::Bucket$", said, re.MULTILINE)
    assert said.count("\n  Add") == 20
    assert "Nothing was changed." in said
    operator.cloudformation.finish()
    assert (stacks(operator), left(operator)) == ([], [])


def test_it_makes_the_stack_fills_it_and_says_the_settings(operator: Operator) -> None:
    said = operator.run("provision", "--yes")
    assert stacks(operator) == [STACK]
    assert re.search(r"^  CREATE_COMPLETE +IdentityPool$", said, re.MULTILINE)
    found = outputs(operator)
    assert f"\nCOGNITO_IDENTITY_POOL_ID={found['CognitoIdentityPoolId']}\n" in said
    assert "\nAPP_MODE=aws\n" in said
    assert "SECRET_KEY=" not in said
    assert f"Put s3://{found['SampleBucket']}/product-catalog.txt." in said
    read = operator.client("s3").get_object(Bucket=found["SampleBucket"], Key="product-catalog.txt")["Body"].read()
    assert b"Field notebook" in read
    assert operator.client("dynamodb").scan(TableName=found["SampleTable"])["Count"] == 3
    team = operator.client("s3").list_objects_v2(Bucket=found["SamplePrivateBucket"])["Contents"]
    assert [one["Key"] for one in team] == ["teams/engineers/roadmap.txt"]
    tags = operator.client("cognito-identity").describe_identity_pool(IdentityPoolId=found["CognitoIdentityPoolId"])
    assert tags["IdentityPoolTags"] == {"identity-pools-lab": STACK}


@pytest.mark.slow
def test_a_second_run_changes_what_is_asked_for_and_keeps_the_rest(operator: Operator) -> None:
    operator.run("provision", "--yes", "--parameter", "RoleChoice=same", "--public-url", "https://lab.example")
    assert "nothing to change" in operator.run("provision", "--yes")
    assert "Put " not in operator.said
    said = operator.run("provision", "--yes", "--parameter", "GuestAccess=false")
    changes = re.findall(r"^  (Modify|Remove|Add)(?:, replaced)? +(\w+)", said, re.MULTILINE)
    assert changes == [("Modify", "IdentityPool"), ("Modify", "Roles"), ("Remove", "GuestRole")]
    found = outputs(operator)
    assert found["PublicUrl"] == "https://lab.example"
    roles = operator.client("cognito-identity").get_identity_pool_roles(IdentityPoolId=found["CognitoIdentityPoolId"])
    assert "RoleMappings" not in roles
    assert "UNAUTHENTICATED_ROLE_ARN" not in said


def test_write_env_writes_a_file_that_its_owner_alone_reads(operator: Operator, tmp_path: Path) -> None:
    path = tmp_path / "new.env"
    operator.run("provision", "--yes", "--write-env", str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    found = dotenv_values(path, interpolate=False)
    assert (found["APP_MODE"], found["COGNITO_USER_POOL_ID"]) == ("aws", outputs(operator)["CognitoUserPoolId"])
    assert len(str(found["SECRET_KEY"])) >= 50
    assert str(found["SECRET_KEY"]) not in operator.said


@pytest.mark.parametrize("kind", ["file", pytest.param("link", marks=pytest.mark.slow)])
def test_write_env_writes_over_nothing(operator: Operator, tmp_path: Path, kind: str) -> None:
    path, before = tmp_path / ".env", "APP_MODE=aws\nSAMPLE_BUCKET=mine\nSECRET_KEY=kept-to-itself\n"
    if kind == "file":
        path.write_text(before)
    else:
        path.symlink_to(tmp_path / "nowhere")
    said = operator.refused("provision", "--yes", "--write-env", str(path))
    assert "was left as it is" in said
    assert f"+ COGNITO_IDENTITY_POOL_ID={outputs(operator)['CognitoIdentityPoolId']}" in said
    assert "kept-to-itself" not in said
    if kind == "file":
        assert path.read_text() == before
        assert "- SAMPLE_BUCKET=mine\n+ SAMPLE_BUCKET=identity-pools-lab-samplebucket-" in said
        assert "APP_MODE" not in said
    else:
        assert not (tmp_path / "nowhere").exists()


def test_destroy_empties_what_it_filled_says_so_and_leaves_nothing(operator: Operator) -> None:
    operator.run("provision", "--yes")
    found = outputs(operator)
    said = operator.run("provision", "--destroy", "--yes")
    assert f"Deleted 1 object from the bucket {found['SampleBucket']}." in said
    assert f"Deleted 1 object from the bucket {found['SamplePrivateBucket']}." in said
    assert f"The stack {STACK} is gone" in said
    assert (stacks(operator), left(operator)) == ([], [])
    assert "There is no stack" in operator.run("provision", "--destroy", "--yes")


@pytest.mark.slow
def test_destroy_leaves_everything_where_somebody_else_has_written(operator: Operator) -> None:
    operator.run("provision", "--yes")
    bucket = outputs(operator)["SamplePrivateBucket"]
    operator.client("s3").put_object(Bucket=bucket, Key="us-east-1:0f1e/note.txt", Body=b"mine")
    before = left(operator)
    told = operator.refused("provision", "--destroy", "--yes")
    assert f"{bucket}: 1, such as us-east-1:0f1e/note.txt" in told
    assert left(operator) == before
    operator.run("provision", "--destroy", "--yes", "--with-what-people-wrote")
    assert left(operator) == []


@pytest.mark.slow
def test_destroy_leaves_a_stack_that_somebody_else_made(operator: Operator) -> None:
    template = (ROOT / "deploy" / "cloudformation.yaml").read_text()
    operator.cloudformation.answer(
        operator.account,
        "us-east-1",
        "CreateChangeSet",
        {
            "StackName": "theirs",
            "ChangeSetName": "x",
            "ChangeSetType": "CREATE",
            "TemplateBody": template,
            "Capabilities": ["CAPABILITY_IAM"],
        },
    )
    named = {"StackName": "theirs", "ChangeSetName": "x"}
    operator.cloudformation.answer(operator.account, "us-east-1", "ExecuteChangeSet", named)
    operator.cloudformation.finish()
    assert "was not made by this command" in operator.refused("provision", "--destroy", "--yes", "--stack", "theirs")
    assert stacks(operator) == ["theirs"]


@pytest.mark.slow
def test_what_fails_is_told_with_its_reason_and_leaves_nothing(operator: Operator) -> None:
    iam = operator.client("iam")
    iam.create_open_id_connect_provider(Url="https://login.example", ClientIDList=["other"])
    parameters = ["--parameter", "OidcIssuer=https://login.example", "--parameter", "OidcClientId=lab"]
    told = operator.refused("provision", "--yes", *parameters)
    assert "CloudFormation could not do it" in told
    assert re.search(r"OidcProvider: .*EntityAlreadyExists", told)
    assert left(operator) == [f"arn:aws:iam::{operator.account}:oidc-provider/login.example"]
    assert stacks(operator) == []


@pytest.mark.slow
def test_an_update_that_fails_leaves_the_stack_as_it_was(operator: Operator) -> None:
    operator.run("provision", "--yes")
    before = outputs(operator)
    operator.client("iam").create_open_id_connect_provider(Url="https://login.example", ClientIDList=["other"])
    parameters = ["--parameter", "OidcIssuer=https://login.example", "--parameter", "OidcClientId=lab"]
    told = operator.refused("provision", "--yes", "--parameter", "Greeting=good day", *parameters)
    assert "(UPDATE_ROLLBACK_COMPLETE)" in told
    assert re.search(r"OidcProvider: .*EntityAlreadyExists", told)
    assert outputs(operator) == before
    greeting = operator.client("ssm").get_parameter(Name="/identity-pools-lab/greeting")["Parameter"]
    assert greeting["Value"] == "hello"
    assert "nothing to change" in operator.run("provision", "--yes")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--parameter", "GuestAccess=perhaps"], "GuestAccess failed to satisfy constraint"),
        (["--parameter", "GuestAccess"], "NAME=VALUE"),
        (["--public-url", "http://lab.example"], "https only, or to http://localhost"),
        (["--stack", "under_score"], "letters, digits and hyphens"),
        (["--saml-metadata", "/nowhere.xml"], "/nowhere.xml cannot be read"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_done(
    operator: Operator, arguments: list[str], told: str
) -> None:
    assert told in operator.refused("provision", "--yes", *arguments)
    assert left(operator) == []


def test_nobody_to_ask_changes_nothing(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", open("/dev/null"))  # noqa: SIM115 (closed with the process)
    assert "add --yes" in operator.refused("provision")
    assert left(operator) == []


@pytest.mark.slow
def test_saml_metadata_of_several_parameters_arrive_whole(operator: Operator, tmp_path: Path) -> None:
    document = SamlIdp().metadata.replace("<!-- ", "<!-- ü" + "y" * 9000)
    path = tmp_path / "metadata.xml"
    path.write_text(document)
    operator.run("provision", "--yes", "--saml-metadata", str(path))
    arn = outputs(operator)["SamlProviderArn"]
    assert operator.client("iam").get_saml_provider(SAMLProviderArn=arn)["SAMLMetadataDocument"] == document
    path.write_text(document + "z" * 16_000)
    assert "longer than 16000 bytes" in operator.refused("provision", "--yes", "--saml-metadata", str(path))


def test_no_answer_names_the_host(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", "http://127.0.0.1:9")
    told = operator.refused("provision", "--dry-run")
    assert "No answer from http://127.0.0.1:9" in told
    assert "--plan" in told


def test_no_credentials_say_how_to_get_some(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert "aws sso login" in operator.refused("provision", "--dry-run")


@pytest.mark.slow
@pytest.mark.django_db
def test_the_written_file_starts_the_application_and_a_guest_gets_in(
    operator: Operator, environment: dict[str, str], tmp_path: Path, settings: Settings
) -> None:
    path = tmp_path / "new.env"
    operator.run("provision", "--yes", "--write-env", str(path))
    environment["ENV_FILE"] = str(path)
    for arguments in (["migrate", "-v0"], ["check", "--fail-level", "WARNING"]):
        program = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(program, env=environment, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    take(settings, settings_of(environment), operator.cloud)
    somebody = Somebody()
    sent = {"access": "guest", "provider": "guest", "flow": "enhanced", "pool": "configured", "pace": "all"}
    assert somebody.post("/runs/", **sent).status_code == 302
    assert (somebody.latest.outcome, somebody.latest.mode) == ("succeeded", "aws")


def test_the_plan_has_the_names_in_it(operator: Operator) -> None:
    said = operator.run(
        "provision", "--plan", "--stack", "Oslo", "--region", "eu-north-1", "--public-url", "https://x.example"
    )
    assert "\nexport AWS_REGION=eu-north-1\nSTACK=oslo\nPUBLIC_URL=https://x.example\n" in said
    assert said.count("# Console:") == 5
