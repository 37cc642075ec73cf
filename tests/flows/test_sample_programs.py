"""The programs shown beside the sample calls really run, with the credentials taken from the environment."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import Settings

from flows.models import Run
from flows.services import run_all, run_credentials
from lessons.sample_calls import SAMPLES, Sample, samples_for
from sandbox.testing import RunningSandbox
from tests import ROOT
from tests.fresh_processes import run_program

_JAVASCRIPT = ROOT / "tests" / "clients" / "javascript"
GUEST_SAMPLES = samples_for("guest")
SIGNED_IN_SAMPLES = [sample for sample in SAMPLES.values() if sample.access == "authenticated"]
ROLE_BY_RULE = "us-east-1:5a4db000-0000-c000-8000-000000000004"
_EXPECTED = {
    "who-am-i": "arn:aws:sts::000000000000:assumed-role/LabGuest/CognitoIdentityCredentials",
    "list-bucket": "product-catalog.pdf",
    "read-object": "application/pdf",
    "scan-table": "'S'",
    "write-object": "AccessDenied",
    "read-parameter": "AccessDenied",
}


@pytest.fixture
def environment(open_run: Callable[..., Run], tmp_path: Path) -> dict[str, str]:
    credentials = run_credentials(run=run_all(run=open_run()))
    assert credentials is not None
    return {
        **machine(tmp_path),
        "AWS_ACCESS_KEY_ID": credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
        "AWS_SESSION_TOKEN": credentials.session_token,
    }


def machine(home: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(home)}


def signed_in(sandbox: RunningSandbox, person: str) -> tuple[str, dict[str, str]]:
    """Somebody's identity, and their credentials of the role that the pool's rules choose."""
    cognito, logins = sandbox.anonymous("cognito-identity"), sandbox.logins("userpool", person)
    identity_id = cognito.get_id(IdentityPoolId=ROLE_BY_RULE, Logins=logins)["IdentityId"]
    keys = cognito.get_credentials_for_identity(IdentityId=identity_id, Logins=logins)["Credentials"]
    return identity_id, {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
    }


def told_by(command: list[str], environment: dict[str, str], **options: str) -> tuple[int, str]:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, **options)  # type: ignore[call-overload]
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("sample", GUEST_SAMPLES.values(), ids=GUEST_SAMPLES)
def test_python(sample: Sample, environment: dict[str, str]) -> None:
    done = run_program(environment, sample.python("us-east-1"))
    assert _EXPECTED[sample.key] in done.stdout + done.stderr
    assert (done.returncode != 0) == (sample.expected == "refused")


@pytest.mark.slow
@pytest.mark.parametrize("sample", GUEST_SAMPLES.values(), ids=GUEST_SAMPLES)
def test_javascript(sample: Sample, environment: dict[str, str]) -> None:
    if not (_JAVASCRIPT / "node_modules" / sample.javascript_package).exists():
        pytest.skip(f"{sample.javascript_package} is not installed beside tests/clients/javascript")
    command = ["node", "--input-type=module", "-e", sample.javascript("us-east-1")]
    code, told = told_by(command, environment, cwd=str(_JAVASCRIPT))
    assert _EXPECTED[sample.key].replace("'S'", "S:") in told
    assert (code != 0) == (sample.expected == "refused")


@pytest.mark.parametrize("sample", SIGNED_IN_SAMPLES, ids=lambda sample: sample.key)
@pytest.mark.parametrize("person", ["ana", "bo"])  # LabEngineers, LabFinance
def test_python_of_who_signed_in(sandbox: RunningSandbox, tmp_path: Path, sample: Sample, person: str) -> None:
    identity_id, keys = signed_in(sandbox, person)
    done = run_program(machine(tmp_path) | keys, sample.python("us-east-1", identity_id))
    assert_ended_well(sample, person, (done.returncode, done.stdout + done.stderr))


@pytest.mark.slow
@pytest.mark.parametrize("sample", SIGNED_IN_SAMPLES, ids=lambda sample: sample.key)
@pytest.mark.parametrize("person", ["ana", "bo"])
def test_javascript_of_who_signed_in(sandbox: RunningSandbox, tmp_path: Path, sample: Sample, person: str) -> None:
    if not (_JAVASCRIPT / "node_modules" / sample.javascript_package).exists():
        pytest.skip(f"{sample.javascript_package} is not installed beside tests/clients/javascript")
    identity_id, keys = signed_in(sandbox, person)
    command = ["node", "--input-type=module", "-e", sample.javascript("us-east-1", identity_id)]
    assert_ended_well(sample, person, told_by(command, machine(tmp_path) | keys, cwd=str(_JAVASCRIPT)))


def assert_ended_well(sample: Sample, person: str, ending: tuple[int, str]) -> None:
    code, told = ending
    allowed = sample.expected == "allowed" or (sample.expected == "by role" and person == "ana")
    assert (code == 0) == allowed, told
    assert ("AccessDenied" in told) != allowed
    assert ("Roadmap of the team engineers" in told) == (allowed and sample.key == "read-team-object")


def test_aws_mode_names_no_endpoint(settings: Settings) -> None:
    settings.APP_MODE = "aws"
    for sample in SAMPLES.values():
        assert "http" not in sample.python("eu-west-1") + sample.javascript("eu-west-1")
        assert "eu-west-1" in sample.python("eu-west-1")


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
def test_the_api_reference_is_that_of_the_call(sample: Sample) -> None:
    assert sample.doc.endswith(f"API_{sample.operation}.html")
