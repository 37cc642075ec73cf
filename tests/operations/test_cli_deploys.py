"""CloudFormation itself deploys the template, by the commands of docs/aws-setup.md."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests import ROOT
from tests.operations.conftest import Operator

pytestmark = pytest.mark.slow


def test_the_documented_command_makes_the_stack(operator: Operator, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "aws-setup.md").read_text()
    (command,) = re.findall(r"^aws cloudformation deploy .*$", page, re.MULTILINE)
    environment = {
        **{name: value for name, value in os.environ.items() if name.startswith("AWS_")},
        "PATH": f"{ROOT / '.venv-awscli' / 'bin'}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    shell = ["bash", "-euc", command]
    done = subprocess.run(shell, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    (stack,) = [one for one in operator.cloudformation.stacks if one.deployer.account == operator.account]
    assert (stack.deployer.stack, stack.status) == ("identity-pools-lab", "CREATE_COMPLETE")
    assert stack.deployer.outputs["CognitoIdentityPoolId"].startswith("us-east-1:")
