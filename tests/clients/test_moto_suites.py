"""moto's own tests at the sandbox: each that fails has its reason, which is documented."""

import subprocess
import sys
import tomllib

import pytest

from tests import ROOT

_LISTED = tomllib.loads((ROOT / "scripts/moto_suites/differences.toml").read_text())


def test_every_difference_is_documented() -> None:
    documented = (ROOT / "docs/sandbox.md").read_text()
    for one in _LISTED["difference"]:
        rows = [line for line in documented.splitlines() if line.startswith(f"| {one['what']} |")]
        assert [row.endswith(f"| {one['why']} |") for row in rows] == [True], one["what"]
    for one in _LISTED["left_out"]:
        assert one["file"] in documented


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ["iam"],
        ["ssm"],
        ["dynamodb"],
        ["s3", "--select", "test_s3_multipart.py", "--select", "test_s3_copyobject.py", "--select",
         "test_s3_list_objects.py", "--select", "test_s3_conditionals.py", "--select", "test_s3_presigned_url.py"],
    ],
    ids=lambda arguments: arguments[0],
)  # fmt: skip
def test_whatever_fails_has_its_reason(arguments: list[str]) -> None:
    command = [sys.executable, "scripts/moto_suites", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
