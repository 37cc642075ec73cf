"""The examples of docs/sandbox.md run as they are written."""

import json
import os
import re
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.testing import RunningSandbox
from tests import ROOT
from tests.javascript import with_packages


def examples(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / "docs" / "sandbox.md").read_text(), re.DOTALL)


def test_what_the_docs_import_keeps_its_import_path() -> None:
    lines = re.findall(r"^from (sandbox[\w.]*) import (.+)$", "".join(examples("python")), re.MULTILINE)
    documented = {(module, name) for module, names in lines for name in names.split(", ")}
    # Projects beside this one import these: a move keeps the path, or the old one warns for a release.
    assert documented == {("sandbox.config", "SandboxConfig"), ("sandbox.testing", "running_sandbox")}
    assert all(callable(getattr(import_module(module), name)) for module, name in documented)


@pytest.mark.slow
def test_the_pytest_example_passes(tmp_path: Path) -> None:
    (example,) = (each for each in examples("python") if "running_sandbox" in each)
    (tmp_path / "test_example.py").write_text(example)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:django", "-p", "no:cacheprovider", "test_example.py"]
    done = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "PATH": ""}, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout


def test_the_code_of_a_refusal_is_read_as_the_docs_say(served_sandbox: RunningSandbox) -> None:
    (example,) = (each for each in examples("python") if each.startswith("except ClientError"))
    logins = served_sandbox.logins("google", "ana")
    pools = served_sandbox.client("cognito-identity")
    pool = pools.create_identity_pool(
        IdentityPoolName="another",
        AllowUnauthenticatedIdentities=False,
        SupportedLoginProviders={"accounts.google.com": "another-app.apps.googleusercontent.com"},
    )["IdentityPoolId"]
    names = {"json": json, "ClientError": ClientError, "get_id": pools.get_id, "asked": (pool, logins)}
    exec(  # noqa: S102 (the documentation of this checkout)
        f"try:\n    get_id(IdentityPoolId=asked[0], Logins=asked[1])\n{example}\nelse:\n    assert not 'refused'", names
    )


@pytest.mark.slow
def test_the_javascript_examples_print_what_they_found(served_sandbox: RunningSandbox) -> None:
    catalogue, signed_in = (told_by_node(example, served_sandbox.url) for example in examples("js"))
    assert int(catalogue) > 1000
    assert "assumed-role/LabAuthenticated/" in signed_in


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_curl_example_gets_a_login(served_sandbox: RunningSandbox) -> None:
    told = told_by_curl("/_sandbox/tokens", served_sandbox)
    assert list(told["Logins"]) == ["cognito-idp.us-east-1.amazonaws.com/us-east-1_LabPool01"]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_curl_example_reads_the_mailbox(served_sandbox: RunningSandbox) -> None:
    assert set(told_by_curl("/_sandbox/mailbox", served_sandbox)) == {"account", "messages"}


def told_by_curl(address: str, sandbox: RunningSandbox) -> dict[str, Any]:
    (example,) = (each for each in examples("sh") if each.startswith("curl") and address in each)
    command = example.replace("http://127.0.0.1:4566", sandbox.url)
    environment = {**os.environ, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    done = subprocess.run(["sh", "-c", command], env=environment, capture_output=True, text=True, timeout=60)
    return dict(json.loads(done.stdout))


def told_by_node(program: str, endpoint: str) -> str:
    done = subprocess.run(
        ["node", "--input-type=module", "--eval", program],
        cwd=with_packages(),
        env={"AWS_ENDPOINT_URL": endpoint, "PATH": "/usr/bin:/bin:/usr/local/bin"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
