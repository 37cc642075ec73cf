"""The real Terraform with its AWS provider, where both are there: a set-up applied, changed, and taken down again.

`tests/clients/test_terraform.py` makes the calls of the provider without it.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from sandbox.testing import RunningSandbox
from tests import ROOT
from tests.cloudformation.conftest import new_account

pytestmark = pytest.mark.slow

# Where providers lie on machines that reach no registry ("Implied Local Mirror Directories", and one more).
_MIRRORS = ("/usr/local/share/terraform/plugins", "/opt/tf-plugins")

_IMPORTED = (
    "aws_cognito_identity_pool.pool",
    "aws_cognito_identity_pool_roles_attachment.roles",
    "aws_cognito_user_pool.people",
    "aws_iam_openid_connect_provider.company",
    "aws_iam_role.guest",
)


class Terraform:
    """One working directory."""

    def __init__(self, directory: Path, endpoint: str, account: str) -> None:
        self.directory, self.account = directory, account
        self._variables = [f"-var=endpoint={endpoint}", f"-var=account={account}"]
        shutil.copy(ROOT / "tests/clients/terraform_set_up/main.tf", directory)
        mirror = next((place for place in _MIRRORS if Path(place).is_dir()), "")
        settings = f'provider_installation {{ filesystem_mirror {{ path = "{mirror}" }} }}\n' if mirror else ""
        (directory / "terraform.rc").write_text(f"{settings}disable_checkpoint = true\n")

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        environment = os.environ | {"TF_CLI_CONFIG_FILE": str(self.directory / "terraform.rc"), "TF_IN_AUTOMATION": "1"}
        for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "HTTP_PROXY", "HTTPS_PROXY"):
            environment.pop(name, None)
        command = ["terraform", *arguments]
        return subprocess.run(command, cwd=self.directory, env=environment, capture_output=True, text=True, check=False)

    def apply(self, verb: str = "apply", **changed: str) -> None:
        done = self.run(verb, "-auto-approve", "-input=false", "-no-color", *self._with(changed))
        assert done.returncode == 0, done.stdout + done.stderr

    def is_as_planned(self, **changed: str) -> bool:
        """Whether a plan finds nothing to do; Terraform's exit code says so."""
        done = self.run("plan", "-detailed-exitcode", "-input=false", "-no-color", *self._with(changed))
        assert done.returncode in (0, 2), done.stdout + done.stderr
        return done.returncode == 0

    def resources(self) -> list[str]:
        return self.run("state", "list").stdout.split()

    def _with(self, changed: dict[str, str]) -> list[str]:
        return [*self._variables, *(f"-var={name}={value}" for name, value in changed.items())]


@pytest.fixture
def terraform(served_sandbox: RunningSandbox, tmp_path: Path) -> Terraform:
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not there")
    made = Terraform(tmp_path, served_sandbox.url, new_account())
    begun = made.run("init", "-input=false", "-no-color")
    if begun.returncode:
        pytest.skip(f"Terraform's AWS provider is not there: {begun.stderr.strip()[-200:]}")
    return made


def test_a_set_up_is_applied_changed_and_taken_down(terraform: Terraform, served_sandbox: RunningSandbox) -> None:
    terraform.apply()
    assert terraform.is_as_planned()
    assert len(terraform.resources()) == 17
    changes = {"guests": "false", "department": "custom:dept"}
    assert not terraform.is_as_planned(**changes)
    terraform.apply(**changes)
    assert terraform.is_as_planned(**changes)
    pools = served_sandbox.client("cognito-identity", access_key=terraform.account)
    (pool,) = pools.list_identity_pools(MaxResults=10)["IdentityPools"]
    found = pools.describe_identity_pool(IdentityPoolId=pool["IdentityPoolId"])
    assert found["AllowUnauthenticatedIdentities"] is False
    tags = pools.get_principal_tag_attribute_map(
        IdentityPoolId=pool["IdentityPoolId"],
        IdentityProviderName=found["CognitoIdentityProviders"][0]["ProviderName"],
    )["PrincipalTags"]
    assert tags == {"department": "custom:dept"}
    terraform.apply("destroy", **changes)
    assert terraform.resources() == []
    assert pools.list_identity_pools(MaxResults=10)["IdentityPools"] == []


def test_what_is_there_is_imported_as_it_is(terraform: Terraform) -> None:
    terraform.apply()
    state = json.loads((terraform.directory / "terraform.tfstate").read_text())
    ids = {f"{one['type']}.{one['name']}": one["instances"][0]["attributes"]["id"] for one in state["resources"]}
    for address in _IMPORTED:
        forgotten = terraform.run("state", "rm", address)
        assert forgotten.returncode == 0, forgotten.stderr
        done = terraform.run("import", "-input=false", "-no-color", *terraform._with({}), address, ids[address])
        assert done.returncode == 0, done.stderr
    assert terraform.is_as_planned()
    terraform.apply("destroy")
