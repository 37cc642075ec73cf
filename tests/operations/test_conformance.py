"""The known cases, asked of the sandbox and of an emulator that decides otherwise."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import boto3
import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from benchmarks import servers
from operations.conformance.cases import CASES
from operations.conformance.place import PREFIX, TAG, Place, made
from sandbox.testing import RunningSandbox
from tests.cloudformation.conftest import new_account
from tests.conftest import ROOT


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


def client(endpoint: str, service: str) -> Any:
    """The account's administrator; boto3's own session would go on with the account of the test before."""
    return boto3.Session(region_name="us-east-1").client(service, endpoint_url=endpoint)


def left(endpoint: str) -> list[str]:
    """What of the cases is still in the account."""
    pools = client(endpoint, "cognito-identity").list_identity_pools(MaxResults=60)["IdentityPools"]
    roles = client(endpoint, "iam").list_roles()["Roles"]
    names = [pool["IdentityPoolName"] for pool in pools] + [role["RoleName"] for role in roles]
    return [name for name in names if name.startswith(PREFIX)]


def left_at_last(endpoint: str) -> list[str]:
    """What is left once the calls have ended that were under way."""
    before, names = None, left(endpoint)
    while before != names:
        time.sleep(0.5)
        before, names = names, left(endpoint)
    return names


@contextmanager
def interrupted(endpoint: str, *, when: Callable[[subprocess.Popen[str]], object]) -> Iterator[list[str]]:
    """What a run leaves that is killed in the middle, as by `kill -9`."""
    command = [sys.executable, "manage.py", "conformance", "--endpoint", endpoint, "--region", "us-east-1"]
    environment = {**os.environ, "ENV_FILE": os.devnull, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            when(process)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=60)
    assert process.returncode == -signal.SIGKILL
    yield left_at_last(endpoint)


def test_the_sandbox_answers_every_case_as_aws_does(served_sandbox: RunningSandbox, account: str) -> None:
    code, told = run("--endpoint", served_sandbox.url)
    assert code == 0, told
    assert f"{len(CASES)} of {len(CASES)} as expected, 0 different." in told
    assert left(served_sandbox.url) == []


def test_at_ones_own_sandbox_nothing_has_to_be_said_about_credentials(
    sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    code, told = run("--endpoint", f"{sandbox.url}/")
    assert (code, f"{len(CASES)} of {len(CASES)} as expected" in told) == (0, True), told
    assert run("--endpoint", sandbox.url, "--clean") == (0, "Nothing of any run is left in us-east-1.\n")


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


@pytest.fixture
def unfinished(served_sandbox: RunningSandbox, account: str) -> Iterator[Place]:
    """A run that has made everything, and asks."""
    with made(Place("us-east-1", served_sandbox.url)) as place:
        yield place


@pytest.mark.slow
def test_all_that_a_run_makes_has_its_name_and_tag(served_sandbox: RunningSandbox, unfinished: Place) -> None:
    names = left(served_sandbox.url)
    assert len(names) == 8
    assert all(name.startswith(f"{unfinished.name}-") for name in names)
    identity, iam = (client(served_sandbox.url, service) for service in ("cognito-identity", "iam"))
    for pool in unfinished.pools.values():
        assert identity.describe_identity_pool(IdentityPoolId=pool)["IdentityPoolTags"] == {TAG: unfinished.name}
    for role in unfinished.roles.values():
        tags = iam.list_role_tags(RoleName=role.rsplit("/", 1)[1])["Tags"]
        assert tags == [{"Key": TAG, "Value": unfinished.name}]


def test_clean_lists_and_deletes_nothing_without_a_yes(served_sandbox: RunningSandbox, unfinished: Place) -> None:
    names = left(served_sandbox.url)
    code, told = run("--endpoint", served_sandbox.url, "--clean")
    assert code == 0
    assert f"{unfinished.name}, begun 20" in told
    assert all(name in told for name in names)
    assert unfinished.pools["open"] in told
    assert "Nothing was deleted. --yes deletes it" in told
    assert left(served_sandbox.url) == names


@pytest.mark.slow
def test_clean_deletes_one_run_of_two(served_sandbox: RunningSandbox, unfinished: Place) -> None:
    with made(Place("us-east-1", served_sandbox.url)) as other:
        code, told = run("--endpoint", served_sandbox.url, "--clean", other.name, "--yes")
        assert (code, "8 of 8 deleted." in told) == (0, True)
        names = left(served_sandbox.url)
    assert len(names) == 8
    assert all(name.startswith(unfinished.name) for name in names)


def test_clean_leaves_what_only_begins_alike(served_sandbox: RunningSandbox, account: str) -> None:
    identity = client(served_sandbox.url, "cognito-identity")
    identity.create_identity_pool(IdentityPoolName=f"{PREFIX}of-mine", AllowUnauthenticatedIdentities=False)
    code, told = run("--endpoint", served_sandbox.url, "--clean", "--yes")
    assert (code, told) == (0, "Nothing of any run is left in us-east-1.\n")
    assert left(served_sandbox.url) == [f"{PREFIX}of-mine"]


@pytest.mark.slow
def test_clean_names_what_it_could_not_delete(served_sandbox: RunningSandbox, unfinished: Place) -> None:
    role, policy = f"{unfinished.name}-guest", "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    iam = client(served_sandbox.url, "iam")
    iam.attach_role_policy(RoleName=role, PolicyArn=policy)  # somebody did, to look at something
    with pytest.raises(CommandError, match=rf"^The IAM role {role} stays\. DeleteRole was refused: DeleteConflict"):
        run("--endpoint", served_sandbox.url, "--clean", "--yes")
    assert left(served_sandbox.url) == [role]
    iam.detach_role_policy(RoleName=role, PolicyArn=policy)
    assert "1 of 1 deleted." in run("--endpoint", served_sandbox.url, "--clean", "--yes")[1]


@pytest.mark.slow
def test_a_run_that_was_killed_among_its_cases_is_cleaned(served_sandbox: RunningSandbox, account: str) -> None:
    def first_answer(process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("= ")

    with interrupted(served_sandbox.url, when=first_answer) as names:
        assert len(names) >= 8
    cleaned(served_sandbox.url, names)


@pytest.mark.slow
def test_a_run_that_was_killed_while_it_made_things_is_cleaned(served_sandbox: RunningSandbox, account: str) -> None:
    def first_pool(process: subprocess.Popen[str]) -> None:
        end = time.monotonic() + 60
        while not left(served_sandbox.url) and time.monotonic() < end:
            time.sleep(0.01)

    with interrupted(served_sandbox.url, when=first_pool) as names:
        assert names
    cleaned(served_sandbox.url, names)


def cleaned(endpoint: str, names: list[str]) -> None:
    """Have it cleaned as an operator does: looked at, then deleted."""
    _, listed = run("--endpoint", endpoint, "--clean")
    assert all(name in listed for name in names)
    code, told = run("--endpoint", endpoint, "--clean", "--yes")
    assert (code, f"{len(names)} of {len(names)} deleted." in told) == (0, True)
    assert left(endpoint) == []
