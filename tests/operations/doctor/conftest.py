"""An installation on AWS as `provision` leaves it, and somebody who runs the commands that the doctor prints."""

import json
import os
import shlex
import subprocess
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from pytest_django import Settings

from operations.doctor.examination import examine
from operations.doctor.findings import Fix, ReportRow
from tests.cloudformation.application import settings_of, take
from tests.cloudformation.conftest import NewStack
from tests.cloudformation.deployer import Deployer
from tests.cloudformation.test_template import setting_of
from tests.operations.conftest import Operator

_SERVICES = {"s3api": "s3"}


@lru_cache(maxsize=64)
def _settings(environment: frozenset[tuple[str, str]]) -> dict[str, Any]:
    return settings_of(dict(environment))


@dataclass
class Installation:
    """The application in AWS mode on a stack.

    Attributes:
        env: as `.env` has it.
    """

    stack: Deployer
    env: dict[str, str]
    settings: Settings
    environment: dict[str, str]
    operator: Operator
    directory: Path
    run_commands: list[str] = field(default_factory=list)

    def client(self, service: str) -> Any:
        return self.stack.client_of(service)

    def set(self, **values: str) -> None:
        """Write lines of `.env`, and start again."""
        self.env |= values
        take(self.settings, _settings(frozenset((self.environment | self.env).items())), self.operator.cloud)

    def examine(self, name: str) -> ReportRow:
        (row,) = examine(only=[name]).rows
        return row

    def mend(self, row: ReportRow) -> None:
        """Run everything that the row prints, in its order."""
        for finding in row.findings:
            for fix in finding.fixes:
                self._run(fix)

    def _run(self, fix: Fix) -> None:
        self.run_commands.append(fix.text)
        if fix.kind == "setting":
            name, _, value = fix.text.partition("=")
            self.set(**{name: value})
        elif fix.kind == "shell":
            subprocess.run(["bash", "-euc", fix.text], check=True, cwd=self.directory, capture_output=True)
        elif fix.kind == "aws":
            self._aws(shlex.split(fix.text))

    def _aws(self, words: list[str]) -> None:
        """As the AWS CLI reads it; tests/operations/doctor/test_by_cli.py has the real one read some of each kind."""
        program, service, operation, *options = words
        assert program == "aws"
        given = dict(zip(options[::2], options[1::2], strict=True))
        client = self.client(_SERVICES.get(service, service))
        names = {xform_name(name, "-"): name for name in client.meta.service_model.operation_names}
        params = json.loads(given.pop("--cli-input-json", "{}"))
        shape = client.meta.service_model.operation_model(names[operation]).input_shape
        members = {f"--{xform_name(name, '-')}": (name, member) for name, member in shape.members.items()}
        for option, value in given.items():
            if option != "--region":
                name, member = members[option]
                if value.startswith("file://") or member.type_name == "blob":
                    value = Path(value.removeprefix("file://")).read_text()
                params[name] = value
        getattr(client, xform_name(names[operation]))(**params)


@pytest.fixture(scope="session")
def provisioned(new_stack: NewStack) -> Deployer:
    """One stack for all tests: each puts right what it broke, which is what it is about."""
    stack = new_stack({"DeveloperProviderName": "login.identity-lab"})
    bucket, key = stack.outputs["SampleBucket"], stack.outputs["SampleObjectKey"]
    stack.client_of("s3").put_object(Bucket=bucket, Key=key, Body=b"catalogue")
    return stack


@pytest.fixture(scope="session")
def plain_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The same for all tests, so that what settings make of it is asked for once."""
    directory = tmp_path_factory.mktemp("plain")
    return {"PATH": os.environ["PATH"], "ENV_FILE": str(directory / "none.env"), "DATA_DIR": str(directory)}


@pytest.fixture
def lab(
    provisioned: Deployer,
    operator: Operator,
    settings: Settings,
    plain_environment: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    db: None,
) -> Installation:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", provisioned.account)
    env = {setting_of(name): value for name, value in provisioned.outputs.items()}
    env |= {"APP_MODE": "aws", "SECRET_KEY": "k9" * 30}
    directory = tmp_path / "data"
    directory.mkdir(mode=0o700)
    settings.DATA_DIR, settings.ENV_FILE, settings.SECRET_KEY = directory, tmp_path / ".env", "k9" * 30
    found = Installation(provisioned, env, settings, plain_environment, operator, tmp_path)
    found.set()
    return found
