"""The real AWS CLI runs the printed commands as they are printed."""

import os
import subprocess

import pytest

from tests import ROOT
from tests.operations.doctor.conftest import Installation
from tests.operations.doctor.test_faults import (
    FAULTS,
    Plant,
    _put_back,
)

pytestmark = pytest.mark.slow
_SETTINGS = (
    *("another_app", "secret_that", "another_domain", "another_stack", "audience", "classic_unset"),
    *("another_region", "other_keys", "no_bucket", "no_table"),
)
# Those whose fixes are commands of the AWS CLI alone.
_BY_CLI = [
    param
    for param in FAULTS
    if param.values[1] not in ("caller", "pool", "site") and not any(word in str(param.id) for word in _SETTINGS)
]


@pytest.mark.parametrize(("plant", "name", "told"), _BY_CLI)
def test_the_printed_command_clears_the_fault(lab: Installation, plant: Plant, name: str, told: str) -> None:
    plant(lab)
    row = lab.examine(name)
    environment = {
        **{key: value for key, value in os.environ.items() if key.startswith("AWS_")},
        "PATH": f"{ROOT / '.venv-awscli' / 'bin'}:{os.environ['PATH']}",
        "HOME": str(lab.directory),
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    (lab.directory / "README.md").write_text("sample")
    for finding in row.findings:
        for fix in finding.fixes:
            if fix.kind in ("aws", "shell"):
                shell = ["bash", "-euc", fix.text]
                done = subprocess.run(shell, env=environment, cwd=lab.directory, capture_output=True, text=True)
                assert done.returncode == 0, f"{fix.text}\n{done.stderr}"
    assert lab.examine(name).findings == ()
    _put_back(lab)


def test_the_secret_of_a_client_is_fetched_into_the_settings(lab: Installation) -> None:
    idp, pool_id = lab.client("cognito-idp"), lab.env["COGNITO_USER_POOL_ID"]
    made = idp.create_user_pool_client(UserPoolId=pool_id, ClientName="secret", GenerateSecret=True)["UserPoolClient"]
    lab.set(COGNITO_APP_CLIENT_ID=made["ClientId"])
    row = lab.examine("user-pool")
    (finding,) = [one for one in row.findings if "has a secret" in one.found]
    assert made["ClientSecret"] not in str(row)
    environment = {**os.environ, "PATH": f"{ROOT / '.venv-awscli' / 'bin'}:{os.environ['PATH']}"}
    subprocess.run(["bash", "-euc", finding.fixes[0].text], env=environment, cwd=lab.directory, check=True)
    line = (lab.directory / ".env").read_text().strip()
    assert line == f"COGNITO_APP_CLIENT_SECRET={made['ClientSecret']}"
    lab.set(COGNITO_APP_CLIENT_SECRET=line.partition("=")[2])
    assert not [one for one in lab.examine("user-pool").findings if "secret" in one.found]
    idp.delete_user_pool_client(UserPoolId=pool_id, ClientId=made["ClientId"])
