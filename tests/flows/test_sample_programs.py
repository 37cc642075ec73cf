"""The programs shown beside the sample calls really run, with the credentials taken from the environment."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import Settings

from flows.models import Run
from flows.samples import SAMPLES, Sample, samples_for
from flows.services import run_all, run_credentials

_JAVASCRIPT = Path(__file__).resolve().parents[1] / "clients" / "javascript"
GUEST_SAMPLES = samples_for("guest")
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
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "AWS_ACCESS_KEY_ID": credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
        "AWS_SESSION_TOKEN": credentials.session_token,
    }


def told_by(command: list[str], environment: dict[str, str], **options: str) -> tuple[int, str]:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, **options)  # type: ignore[call-overload]
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("sample", GUEST_SAMPLES.values(), ids=GUEST_SAMPLES)
def test_python(sample: Sample, environment: dict[str, str]) -> None:
    code, told = told_by([sys.executable, "-c", sample.python("us-east-1")], environment)
    assert _EXPECTED[sample.key] in told
    assert (code != 0) == (sample.expected == "refused")


@pytest.mark.slow
@pytest.mark.parametrize("sample", GUEST_SAMPLES.values(), ids=GUEST_SAMPLES)
def test_javascript(sample: Sample, environment: dict[str, str]) -> None:
    if not (_JAVASCRIPT / "node_modules" / sample.javascript_package).exists():
        pytest.skip(f"{sample.javascript_package} is not installed beside tests/clients/javascript")
    command = ["node", "--input-type=module", "-e", sample.javascript("us-east-1")]
    code, told = told_by(command, environment, cwd=str(_JAVASCRIPT))
    assert _EXPECTED[sample.key].replace("'S'", "S:") in told
    assert (code != 0) == (sample.expected == "refused")


def test_aws_mode_names_no_endpoint(settings: Settings) -> None:
    settings.APP_MODE = "aws"
    for sample in SAMPLES.values():
        assert "http" not in sample.python("eu-west-1") + sample.javascript("eu-west-1")
        assert "eu-west-1" in sample.python("eu-west-1")
