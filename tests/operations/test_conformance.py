"""The known cases, asked of the sandbox and of an emulator that decides otherwise."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import boto3
import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from benchmarks import servers
from operations.conformance.cases import CASES
from operations.conformance.place import PREFIX
from sandbox.testing import RunningSandbox
from tests.cloudformation.conftest import new_account


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> str:
    """Credentials of an account with nothing in it."""
    number = new_account()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", number)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    for name in ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    return number


def run(*arguments: str) -> tuple[int, str]:
    """What the command returns, and says."""
    out = StringIO()
    try:
        call_command("conformance", *arguments, stdout=out, stderr=out, no_color=True)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue()
    return 0, out.getvalue()


def left(endpoint: str) -> list[str]:
    """What of the cases is still in the account."""
    own: dict[str, Any] = {"endpoint_url": endpoint, "region_name": "us-east-1"}
    pools = boto3.client("cognito-identity", **own).list_identity_pools(MaxResults=60)["IdentityPools"]
    roles = boto3.client("iam", **own).list_roles()["Roles"]
    names = [pool["IdentityPoolName"] for pool in pools] + [role["RoleName"] for role in roles]
    return [name for name in names if name.startswith(PREFIX)]


def test_the_sandbox_answers_every_case_as_aws_does(served_sandbox: RunningSandbox, account: str) -> None:
    code, told = run("--endpoint", served_sandbox.url)
    assert code == 0, told
    assert f"{len(CASES)} of {len(CASES)} as expected, 0 different." in told
    assert left(served_sandbox.url) == []


def test_the_report_has_every_case_and_no_credentials(served_sandbox: RunningSandbox, account: str) -> None:
    _, told = run("--endpoint", served_sandbox.url, "--json")
    found = json.loads(told)
    assert [result["case"] for result in found["results"]] == [case.name for case in CASES]
    assert (found["same"], found["different"]) == (len(CASES), 0)
    assert "eyJ" not in told


@pytest.mark.slow
def test_an_endpoint_that_decides_nothing_is_found_out(account: str, tmp_path: Path) -> None:
    with servers.moto() as server:
        endpoint = f"http://127.0.0.1:{server.port}"
        code, told = run("--endpoint", endpoint)
        assert left(endpoint) == []
    assert code == 1
    assert "≠ no guests (observed)" in told
    assert "    expected  NotAuthorizedException: Unauthenticated access is not supported" in told


def test_on_aws_it_says_what_it_makes_and_waits_for_a_yes(account: str) -> None:
    with pytest.raises(CommandError, match=f"four identity pools and four IAM roles.*{PREFIX}.*--yes"):
        run()


def test_who_may_not_set_it_up_is_told(served_sandbox: RunningSandbox, settings: Settings, account: str) -> None:
    guest = served_sandbox.anonymous("cognito-identity")
    admin = served_sandbox.client("cognito-identity")
    pool = admin.list_identity_pools(MaxResults=1)["IdentityPools"][0]["IdentityPoolId"]
    identity = guest.get_id(IdentityPoolId=pool)["IdentityId"]
    keys = guest.get_credentials_for_identity(IdentityId=identity)["Credentials"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", keys["AccessKeyId"])
        patch.setenv("AWS_SECRET_ACCESS_KEY", keys["SecretKey"])
        patch.setenv("AWS_SESSION_TOKEN", keys["SessionToken"])
        with pytest.raises(CommandError, match=r"The cases could not be set up\. AWS refused CreateIdentityPool"):
            run("--endpoint", served_sandbox.url)
