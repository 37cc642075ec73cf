"""docs/bring-your-pool.md: its commands as they stand there, one after the other."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from poolconfig.permissions import READS
from sandbox.core.config import SandboxConfig
from sandbox.testing import RunningSandbox, running_sandbox
from tests import ROOT
from tests.cloudformation.conftest import deployer_in
from tests.cloudformation.service import CloudFormation, serving
from tests.poolconfig.real_pool import make_real_pool

PAGE = (ROOT / "docs" / "bring-your-pool.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
POOL_ID, ACCOUNT = "us-east-1:11111111-2222-4333-8444-555555555555", "424242424242"


def test_the_page_names_every_permission() -> None:
    for service, operations in READS.items():
        for operation in operations:
            assert f"`{operation}`" in PAGE or f"`{service}:{operation}`" in PAGE


@pytest.fixture
def place(tmp_path: Path, environment: dict[str, str]) -> Iterator[tuple[Path, dict[str, str], RunningSandbox]]:
    """A directory to type in, with AWS at hand under two profiles, and a sandbox that runs."""

    def configured(name: str) -> SandboxConfig:
        return SandboxConfig(data_file=tmp_path / f"{name}.sqlite3", port=0, seed=name == "lab")

    with (
        running_sandbox(configured("lab")) as lab,
        running_sandbox(configured("production")) as production,
        running_sandbox(configured("staging")) as staging,
        serving(
            CloudFormation(lambda account, region, name, tags: deployer_in(staging, account, name, tags, region))
        ) as cloudformation,
    ):
        number, secret = production.make_account(account=ACCOUNT, seed=False)
        keys = {"access_key": number, "secret_key": secret}
        make_real_pool(lambda service: production.client(service, **keys), number, pool_id=POOL_ID)
        (tmp_path / "aws-config").write_text(
            f"[profile production]\nregion = us-east-1\nendpoint_url = {production.url}\n"
            f"[profile staging]\nregion = us-east-1\nendpoint_url = {staging.url}\nservices = local\n"
            f"[services local]\ncloudformation =\n  endpoint_url = {cloudformation}\n"
        )
        (tmp_path / "aws-credentials").write_text(
            f"[production]\naws_access_key_id = {number}\naws_secret_access_key = {secret}\n"
            "[staging]\naws_access_key_id = 565656565656\naws_secret_access_key = test\n"
        )
        (tmp_path / "manage.py").symlink_to(ROOT / "manage.py")
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
        (tmp_path / "bin" / "python").chmod(0o755)
        path = f"{tmp_path / 'bin'}:{Path(shutil.which('aws') or '').parent}:{os.environ['PATH']}"
        port = str(urlsplit(lab.url).port)
        yield tmp_path, {**environment, "PATH": path, "SANDBOX_PORT": port, "PYTHONPATH": str(ROOT)}, staging


@pytest.mark.slow
def test_its_commands_do_what_the_page_says(place: Any) -> None:
    directory, environment, staging = place

    def run(block: str) -> tuple[int, str]:
        told = subprocess.run(
            ["sh", "-c", block],
            cwd=directory,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return told.returncode, told.stdout + told.stderr

    permissions, imported, *tries, changed, exported, by_template, by_script = BLOCKS
    assert '"cognito-identity:DescribeIdentityPool"' in run(permissions)[1]
    code, said = run(imported)
    assert code == 0, said
    assert f"{POOL_ID} is in account {ACCOUNT} of the sandbox." in said
    for block, role in zip(tries, ("Guests", "Staff", "Staff"), strict=True):
        code, said = run(block)
        assert (code, f"assumed-role/{role}/" in said) == (0, True), said
    assert run(changed)[0] == 0
    assert [run(block)[0] for block in tries] == [0, 0, 1]
    assert re.search(r"^  NO  .*trust\.amr", run(tries[-1])[1], re.MULTILINE)
    assert run(exported)[0] == 0
    for block in (by_template, by_script):
        code, said = run(block)
        assert code == 0, said
        cognito = staging.client("cognito-identity", access_key="565656565656", secret_key="test")
        (pool,) = cognito.list_identity_pools(MaxResults=10)["IdentityPools"]
        assert pool["IdentityPoolName"] == "Shop"
        staging.switch("reset", account="565656565656")
