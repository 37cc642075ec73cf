"""Several sandboxes in one process, which is where moto's state lives."""

import subprocess
import sys
from pathlib import Path

# A process of its own: in this one the sandbox of the other tests may be running.
_SCRIPT = """
import sys
from pathlib import Path
from sandbox.config import SandboxConfig
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


def test_a_sandbox_finds_nothing_of_one_that_has_ended_and_takes_nothing_from_one_that_runs(tmp_path: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", _SCRIPT, str(tmp_path)], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
