"""What `manage.py check` says about settings, each time in a process with an environment of its own."""

import subprocess
from pathlib import Path

import pytest

from tests.fresh_processes import run_manage, run_program

Environment = dict[str, str]
AWS = {
    "APP_MODE": "aws",
    "SECRET_KEY": "9k-Vw2_uZq8sXy4tLr0aNc6eHb3mGd7pJf5iKo1xQ-zTvWyBnM",
    "AWS_REGION": "eu-central-1",
    "AWS_ACCOUNT_ID": "210987654321",
    "COGNITO_IDENTITY_POOL_ID": "eu-central-1:0f1e2d3c-4b5a-4697-8877-665544332211",
    "AUTHENTICATED_ROLE_ARN": "arn:aws:iam::210987654321:role/lab/Authenticated",
    "UNAUTHENTICATED_ROLE_ARN": "arn:aws:iam::210987654321:role/LabGuest",
}
EVERYWHERE = "0.0.0.0"  # noqa: S104 - said of the setting, not done here
PRODUCTION = AWS | {"PUBLIC_URL": "https://lab.example.org", "BEHIND_PROXY": "yes"}


def check(environment: Environment, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_manage(environment, "check", *arguments)


PROGRAM = """
from django.core.checks import run_checks
from cognitodemo import checks
for message in run_checks(tags=["lab"]):
    print(message)
"""


def findings(environment: Environment) -> list[str]:
    """What our own checks say, each with its hint. Without the applications, which take long to load."""
    environment = environment | {"DJANGO_SETTINGS_MODULE": "cognitodemo.settings"}
    result = run_program(environment, PROGRAM)
    assert result.returncode == 0, result.stderr
    return result.stdout.split("?: ")[1:]


def test_nothing_set_at_all_is_fine(environment: Environment) -> None:
    result = check(environment, "--fail-level", "WARNING")
    assert result.returncode == 0, result.stderr


def test_the_production_settings_pass_the_deployment_checks(environment: Environment) -> None:
    result = check(environment | PRODUCTION, "--deploy", "--fail-level", "WARNING")
    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"COGNITO_IDENTITY_POOL_ID": ""}, "(lab.E001) APP_MODE is aws, and COGNITO_IDENTITY_POOL_ID is not set."),
        ({"COGNITO_IDENTITY_POOL_ID": "eu-central-1_AbCdEfGhI"}, "(lab.E002) COGNITO_IDENTITY_POOL_ID is"),
        ({"AWS_REGION": "us-east-1"}, "(lab.W003) The identity pool is in eu-central-1, and AWS_REGION is us-east-1."),
        ({"AWS_REGION": "Frankfurt"}, "(lab.E006) AWS_REGION is 'Frankfurt'"),
        ({"AWS_ACCOUNT_ID": "2109-8765-4321"}, "(lab.E004) AWS_ACCOUNT_ID is"),
        ({"AUTHENTICATED_ROLE_ARN": "LabAuthenticated"}, "(lab.E005) AUTHENTICATED_ROLE_ARN is"),
        (
            {"UNAUTHENTICATED_ROLE_ARN": "arn:aws:iam::111111111111:role/LabGuest"},
            "(lab.W007) UNAUTHENTICATED_ROLE_ARN",
        ),
        ({"UNAUTHENTICATED_ROLE_ARN": "arn:aws:iam::ACCOUNT:role/EXAMPLE"}, "(lab.E008) UNAUTHENTICATED_ROLE_ARN"),
        ({"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE"}, "(lab.W019) AWS_ACCESS_KEY_ID is 'AKIAIOSFODNN7EXAMPLE'"),
        ({"SAMPLE_BUCKET": "your-bucket"}, "(lab.E008) SAMPLE_BUCKET is 'your-bucket'"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}, "(lab.E010) APP_MODE is aws, and AWS_ENDPOINT_URL is"),
        ({"AWS_ENDPOINT_URL_STS": "http://localhost:9000"}, "(lab.E010) APP_MODE is aws, and AWS_ENDPOINT_URL_STS is"),
        ({"AWS_PROFILE": "nobody"}, "(lab.E011) AWS_PROFILE is 'nobody'"),
        ({"ALLOWED_HOSTS": "other.example.org"}, "(lab.E012) PUBLIC_URL's host 'lab.example.org'"),
        ({"DEBUG": "yes"}, "(lab.E013) DEBUG is on"),
        ({"BEHIND_PROXY": "no"}, "(lab.W015) PUBLIC_URL is https, and BEHIND_PROXY is off"),
        (
            {"WEB_HOST": EVERYWHERE},
            "(lab.W020) The web server listens on 0.0.0.0 and believes X-Forwarded-* from every",
        ),
        ({"TRUSTED_PROXIES": "::/0"}, "(lab.W020) The web server listens on 127.0.0.1 and believes X-Forwarded-* from"),
        ({"SECRET_KEY": "k" * 49}, "(lab.E016) SECRET_KEY has 49 characters"),
        ({"CLASS_SANDBOXES": "x8Pq=http://127.0.0.1:4567"}, "(lab.E033) CLASS_SANDBOXES is set, and APP_MODE is aws."),
    ],
)
def test_a_gap_in_aws_mode_has_an_id_and_a_hint(environment: Environment, changes: Environment, told: str) -> None:
    (found,) = findings(environment | PRODUCTION | changes)
    assert found.startswith(told)
    assert "HINT: " in found


def test_named_proxies_are_enough(environment: Environment) -> None:
    changes = {"BEHIND_PROXY": "no", "TRUSTED_PROXIES": "10.0.3.0/24", "WEB_HOST": EVERYWHERE}
    assert findings(environment | PRODUCTION | changes) == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"AWS_ENDPOINT_URL": "https://sts.amazonaws.com"}, "(lab.E009) APP_MODE is sandbox, and AWS_ENDPOINT_URL is"),
        ({"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9000"}, "(lab.E009) APP_MODE is sandbox, and AWS_ENDPOINT_URL_S3"),
        (
            {"PUBLIC_URL": "https://lab.example.org", "TRUSTED_PROXIES": "loopback"},
            "(lab.W035) PUBLIC_URL is https://lab.example.org, and SANDBOX_PUBLIC_URL sends whoever signs in to their",
        ),
        ({"WEB_PORT": "4566"}, "(lab.E014) WEB_PORT and SANDBOX_PORT are both 4566."),
        ({"SANDBOX_HOST": EVERYWHERE}, "(lab.W017) The sandbox listens on 0.0.0.0"),
        ({"SANDBOX_HOST": "127.0.0.2"}, "(lab.E018) SANDBOX_HOST is 127.0.0.2, and this application reaches"),
        ({"AWS_REGION": "eu-nowhere-9"}, "(lab.E006) AWS_REGION is 'eu-nowhere-9', which is not a Region."),
        ({"SANDBOX_ACCOUNT_ID": "7"}, "(lab.E004) SANDBOX_ACCOUNT_ID is '7'"),
        (
            {"CLASS_SANDBOXES": "x8Pq=http://localhost:4566"},
            "(lab.E033) CLASS_SANDBOXES pins x8Pq to the site's own sandbox, http://localhost:4566.",
        ),
        (
            {"CLASS_SANDBOXES": "x8Pq=http://127.0.0.1:4567 http://127.0.0.1:4566"},
            "(lab.E033) CLASS_SANDBOXES pins x8Pq to the site's own sandbox, http://127.0.0.1:4566.",
        ),
        ({"CLASS_SANDBOXES": "x8Pq=http://10.0.0.7:4566"}, "(lab.W034) The sandbox of x8Pq at http://10.0.0.7:4566"),
        ({"WEB_WORKERS": "2"}, "(lab.E021) WEB_WORKERS is 2, and SECRET_KEY is one that was made for DATA_DIR."),
        ({"DATABASE_URL": "postgres://app@db/app"}, "(lab.E021) DATABASE_URL is a server, and SECRET_KEY is one"),
        ({"SECRET_KEY": "django-insecure-changeme" + "k" * 40}, "(lab.E008) SECRET_KEY is the value of an example."),
    ],
)
def test_a_gap_in_sandbox_mode_too(environment: Environment, changes: Environment, told: str) -> None:
    (found,) = findings(environment | changes)
    assert found.startswith(told)
    assert "HINT: " in found


@pytest.mark.parametrize("shared", [{"WEB_WORKERS": "2"}, {"DATABASE_URL": "postgres://app@db/app"}])
def test_a_key_that_all_are_told_is_fine(environment: Environment, shared: Environment) -> None:
    assert findings(environment | shared | {"SECRET_KEY": AWS["SECRET_KEY"]}) == []


@pytest.mark.parametrize("name", ["http://127.0.0.1:4566", "http://localhost:4566/"])
def test_an_override_that_is_the_sandbox_is_fine_in_sandbox_mode(environment: Environment, name: str) -> None:
    assert findings(environment | {"AWS_ENDPOINT_URL": name}) == []


def test_an_endpoint_in_the_shared_config_file_is_found(environment: Environment, tmp_path: Path) -> None:
    config = "[profile local]\nservices = here\n[services here]\nsts =\n  endpoint_url = http://127.0.0.1:4566\n"
    (tmp_path / "aws-config").write_text(config)
    (found,) = findings(environment | PRODUCTION | {"AWS_PROFILE": "local"})
    assert found.startswith("(lab.E010) APP_MODE is aws, and the profile's sts.endpoint_url is")


def test_no_check_shows_a_secret(environment: Environment) -> None:
    planted = "planted-secret-changeme"
    found = "".join(findings(environment | {"SECRET_KEY": planted, "SANDBOX_HOST": EVERYWHERE}))
    assert "lab.E016" in found
    assert planted not in found


def test_every_other_command_is_held_up_by_an_error_too(environment: Environment) -> None:
    changes = {"AWS_ENDPOINT_URL": "https://sts.amazonaws.com"}
    result = run_manage(environment | changes, "migrate")
    assert result.returncode == 1
    assert "lab.E009" in result.stderr
