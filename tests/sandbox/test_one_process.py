"""Several sandboxes in one process, which is where moto's state lives."""

import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.core.config import SandboxConfig
from sandbox.testing import running_sandbox

# A process of its own: in this one the sandbox of the other tests may be running.
_SCRIPT = """
import sys
from pathlib import Path
from sandbox.core.config import SandboxConfig
from sandbox.testing import running_sandbox

def sandbox(name):
    return running_sandbox(SandboxConfig(data_file=Path(sys.argv[1]) / name, port=0, seed=False))

def buckets(running):
    return [bucket["Name"] for bucket in running.client("s3").list_buckets()["Buckets"]]

with sandbox("first") as first:
    first.client("s3").create_bucket(Bucket="of-the-first")
    first.client("ssm").put_parameter(Name="/first", Value="v", Type="String")
with sandbox("second") as second:
    assert buckets(second) == []
    assert second.client("ssm").describe_parameters()["Parameters"] == []
    second.client("s3").create_bucket(Bucket="of-the-second")
    with sandbox("third"):
        assert buckets(second) == ["of-the-second"]
    assert buckets(second) == ["of-the-second"]
"""


@pytest.mark.slow
def test_a_sandbox_finds_nothing_of_one_that_has_ended_and_takes_nothing_from_one_that_runs(tmp_path: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", _SCRIPT, str(tmp_path)], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


_AT_ONCE = """
import sys
from pathlib import Path
from sandbox.core.config import SandboxConfig
from sandbox.testing import running_sandbox

with running_sandbox(SandboxConfig(data_file=Path(sys.argv[1]) / "file", port=0)) as running:
    key, secret = running.make_account()
    running.switch("reset", account=key, secret_key=secret)
"""


@pytest.mark.slow
def test_an_account_is_made_and_reset_while_moto_is_being_imported(tmp_path: Path) -> None:
    """The samples of the home account are put there behind the start, which imports moto in a thread."""
    script = [sys.executable, "-c", _AT_ONCE, str(tmp_path)]
    ended = subprocess.run(script, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


@pytest.mark.slow
def test_samples_come_back_when_another_sandbox_of_the_process_was_reset(tmp_path: Path) -> None:
    """moto's memory is common to both, so that the other's reset empties the account of both."""
    with (
        running_sandbox(SandboxConfig(data_file=tmp_path / "one", port=0, account_id="515151515151")) as one,
        running_sandbox(SandboxConfig(data_file=tmp_path / "two", port=0, account_id="515151515151")) as two,
    ):
        for sandbox in (one, two):
            assert "SampleProducts" in sandbox.client("dynamodb").list_tables()["TableNames"]
        two.switch("reset")
        for sandbox in (one, two):
            assert "SampleProducts" in sandbox.client("dynamodb").list_tables()["TableNames"]
