"""AWS's answers lead to the same pages, and the environment alone leads to AWS."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape, strip_tags
from pytest_django import Settings

from flows.models import Run
from flows.pages.run.run_view import VIEWS
from lessons.errors import BY_SLUG
from tests import ROOT
from tests.flows.aws_wire import ACCOUNT, GUEST_ROLE, POOL, SECRET_KEY, SESSION_TOKEN, AwsWire, refusal, sts_refusal
from tests.forgotten import forget_clients


def guest_page(client: Client, flow: str) -> str:
    sent = {"provider": "guest", "flow": flow, "pool": "configured", "pace": "all"}
    page = client.post(reverse("flows:run_create"), sent, follow=True)
    assert page.status_code == 200
    assert page.redirect_chain
    return page.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("flow", ["enhanced", "basic"])
def test_success(aws_mode: AwsWire, client: Client, flow: str) -> None:
    page = guest_page(client, flow)
    run = Run.objects.get()
    assert (run.outcome, run.mode) == ("succeeded", "aws")
    assert run.identity_id in strip_tags(page)
    assert "us-east-1" in page
    for secret in (SECRET_KEY, SESSION_TOKEN, aws_mode.token):
        assert secret not in page


@pytest.mark.django_db
def test_refusal(aws_mode: AwsWire, client: Client) -> None:
    sentence = "Unauthenticated access is not supported for this identity pool."
    aws_mode.answers["GetId"] = [refusal("NotAuthorizedException", sentence)]
    page = guest_page(client, "enhanced")
    assert sentence in page
    assert "NotAuthorizedException" in page


@pytest.mark.django_db
def test_why_names_every_cause_that_a_refusal_of_aws_may_have(aws_mode: AwsWire, client: Client) -> None:
    sentence = "Not authorized to perform sts:AssumeRoleWithWebIdentity"
    aws_mode.answers["AssumeRoleWithWebIdentity"] = [sts_refusal("AccessDenied", sentence)]
    guest_page(client, "basic")
    why = client.get(f"{Run.objects.get().get_absolute_url()}why/").content.decode()
    assert "<h3" in why.partition(sentence)[0].partition("<main")[2], "it comes first, before what was observed"
    for cause in BY_SLUG["assume-role-denied"].causes:
        assert escape(cause.text) in why
        assert escape(cause.fix) in why
    assert "ruled out" not in why


@pytest.mark.django_db
def test_no_answer_is_not_explained_by_the_sandbox(aws_mode: AwsWire, client: Client) -> None:
    aws_mode.refuses = True
    forget_clients()
    page = guest_page(client, "enhanced")
    assert "Could not connect to the endpoint URL" in page
    assert "AWS did not answer" in page
    assert "sandbox" not in page.lower()


@pytest.mark.django_db
def test_basic_flow_without_a_role_says_which_settings_name_one(
    aws_mode: AwsWire, client: Client, settings: Settings
) -> None:
    settings.IDENTITY_POOLS[0]["guest_role_arn"] = ""
    page = guest_page(client, "basic")
    assert "UNAUTHENTICATED_ROLE_ARN" in page
    assert "AssumeRoleWithWebIdentity" not in aws_mode.operations


@pytest.mark.slow
@pytest.mark.django_db
def test_every_page_says_where_it_is(aws_mode: AwsWire, client: Client, settings: Settings) -> None:
    settings.AWS_ACCOUNT_ID = ACCOUNT
    guest_page(client, "basic")
    run = Run.objects.get()
    paths = ["/", "/learn/flows/", "/learn/api/GetId/", "/demo/", "/runs/", "/accounts/sign-in/", "/no-such-page/"]
    for path in [*paths, run.get_absolute_url(), *(reverse("flows:run_view", args=[run.code, view]) for view in VIEWS)]:
        page = client.get(path).content.decode()
        assert f"AWS · us-east-1 · account …{ACCOUNT[-4:]}" in page, path
        assert ">Sandbox" not in page, path
        assert "127.0.0.1" not in page, path


@pytest.mark.slow
@pytest.mark.django_db
def test_use_of_the_credentials(aws_mode: AwsWire, client: Client) -> None:
    guest_page(client, "enhanced")
    run = Run.objects.get()
    for sample in ("who-am-i", "write-object"):
        page = client.post(reverse("flows:run_use", args=[run.code]), {"sample": sample}, follow=True)
        assert page.status_code == 200
    body = page.content.decode()
    assert "s3:PutObject" in body
    assert SESSION_TOKEN not in body


@pytest.mark.slow
def test_settings_of_aws_mode_come_from_the_environment_alone(tmp_path: Path) -> None:
    program = (
        "import json\nfrom cognitodemo import settings as s\n"
        "print(json.dumps([s.AWS_ENDPOINT, s.AWS_REGION, s.IDENTITY_POOLS]))"
    )
    environment = {
        "PATH": os.environ["PATH"],
        "ENV_FILE": str(tmp_path / "none.env"),
        "DATA_DIR": str(tmp_path),
        "APP_MODE": "aws",
        "SECRET_KEY": "a key for this test alone",
        "AWS_REGION": "us-east-1",
        "COGNITO_IDENTITY_POOL_ID": POOL,
        "AWS_ACCOUNT_ID": ACCOUNT,
        "UNAUTHENTICATED_ROLE_ARN": GUEST_ROLE,
    }
    done = subprocess.run([sys.executable, "-c", program], env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    endpoint, region, (pool,) = json.loads(done.stdout)
    assert (endpoint, region) == (None, "us-east-1")
    assert (pool["pool_id"], pool["account_id"], pool["guest_role_arn"]) == (POOL, ACCOUNT, GUEST_ROLE)
