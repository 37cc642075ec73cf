"""The package of the sandbox alone, built and installed where nothing else is."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from pathlib import Path

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from benchmarks.servers import free_port
from tests import ROOT
from tests.sandbox.test_documented_examples import examples
from tests.test_requirements import imports

POOL = "us-east-1:5a4db000-0000-c000-8000-000000000001"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
LEFT_OUT = [ROOT / path for path in PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["exclude"]]


@dataclass(frozen=True)
class Installed:
    wheel: Path
    programs: Path  # the folder of the environment's commands
    metadata: str

    def environment(self, directory: Path, **more: str) -> dict[str, str]:
        """That of a project which knows the package and no checkout."""
        return {"PATH": f"{self.programs}:/usr/bin:/bin", "HOME": str(directory), "TMPDIR": str(directory), **more}


def shipped() -> Iterator[Path]:
    """The files of code in the package."""
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            if not any(file.is_relative_to(path) for path in LEFT_OUT):
                yield file


def test_it_requires_what_its_packages_import_and_holds_what_they_import_of_ours() -> None:
    hook = PROJECT["tool"]["hatch"]["metadata"]["hooks"]["custom"]
    imported = {name for file in shipped() for name in imports(file)}
    distributions = packages_distributions()
    theirs = {each for name in imported for each in distributions.get(name, ())}
    for_types_and_with_another = {"Werkzeug", "pytest", "uvloop"}  # Flask brings one, uvicorn takes another where it is
    assert theirs ^ {*hook["ranges"], *hook["minor"], *hook["exact"]} == for_types_and_with_another
    assert {name for name in imported if (ROOT / name).is_dir()} == set(PACKAGES)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    directory = tmp_path_factory.mktemp("package")
    built = run([str(ROOT / "scripts" / "wheel"), str(directory)], {**os.environ, "PYTHON": sys.executable})
    wheel = Path(built.stdout.strip().splitlines()[-1])
    run([sys.executable, "-m", "venv", str(directory / "venv")], dict(os.environ))
    pytest_pin = re.search(r"^pytest==.*$", (ROOT / "requirements-dev.txt").read_text(), re.MULTILINE)
    assert pytest_pin
    pip = [str(directory / "venv" / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, str(wheel), pytest_pin[0]], dict(os.environ))
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (each for each in archive.namelist() if each.endswith("/METADATA"))
        return Installed(wheel, directory / "venv" / "bin", archive.read(name).decode())


def run(
    command: list[str], environment: dict[str, str], directory: Path | None = None
) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, timeout=400, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.mark.slow
def test_it_installs_the_sandbox_and_what_it_stands_on_and_no_django(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert {name.partition("/")[0] for name in names} == set(PACKAGES)
    assert {ROOT / name for name in names if name.endswith(".py")} == set(shipped())
    assert {
        "sandbox/idp/templates/base.html",
        "iampolicy/service_keys.json",
        "appearance/static/css/palette.css",
    } < names
    listed = run([str(installed.programs / "pip"), "list", "--format", "freeze"], dict(os.environ)).stdout
    assert "identity-pools-lab==" in listed
    assert "django" not in listed.lower()


@pytest.mark.slow
def test_its_requirements_are_ranges_from_the_pinned_versions(installed: Installed) -> None:
    pins = dict(re.findall(r"^([\w-]+)(?:\[.*\])?==([\d.]+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
    required = re.findall(r"^Requires-Dist: (.*)$", installed.metadata, re.MULTILINE)
    major, minor = pins["boto3"].split(".")[:2]
    assert f"boto3<{int(major) + 1},>={pins['boto3']}" in required
    major, minor = pins["moto"].split(".")[:2]
    assert f"moto[dynamodb,s3,ssm]<{major}.{int(minor) + 1},>={pins['moto']}" in required
    assert {f"lxml=={pins['lxml']}", f"xmlsec=={pins['xmlsec']}"} < set(required)


@contextmanager
def command(installed: Installed, directory: Path, *options: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """The command, once it has said its address; killed at the end of the block if it still runs."""
    running = subprocess.Popen(
        [str(installed.programs / "identity-pools-lab"), "sandbox", "--port", "0", *options],
        cwd=directory,
        env=installed.environment(directory),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert running.stdout
        said = running.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+", said)
        assert address, said + running.stdout.read()
        yield running, address[0]
    finally:
        if running.poll() is None:
            running.kill()
        running.communicate()


ADMINISTRATOR = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}


@pytest.mark.slow
def test_the_command_gives_a_guest_credentials_and_leaves_nothing(installed: Installed, tmp_path: Path) -> None:
    with command(installed, tmp_path) as (running, address):
        pools = boto3.client(
            "cognito-identity", endpoint_url=address, region_name="us-east-1", config=Config(signature_version=UNSIGNED)
        )
        identity = pools.get_id(IdentityPoolId=POOL)["IdentityId"]
        keys = pools.get_credentials_for_identity(IdentityId=identity)["Credentials"]
        sts = boto3.client(
            "sts",
            endpoint_url=address,
            region_name="us-east-1",
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretKey"],
            aws_session_token=keys["SessionToken"],
        )
        assert ":assumed-role/LabGuest/" in sts.get_caller_identity()["Arn"]
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=60) == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_with_a_data_file_the_command_goes_on_where_it_was(installed: Installed, tmp_path: Path) -> None:
    options = ("--data-file", str(tmp_path / "kept" / "sandbox.sqlite3"), "--no-seed")
    with command(installed, tmp_path, *options) as (running, address):
        pools = boto3.client("cognito-identity", endpoint_url=address, region_name="us-east-1", **ADMINISTRATOR)
        assert pools.list_identity_pools(MaxResults=10)["IdentityPools"] == []
        pools.create_identity_pool(IdentityPoolName="mine", AllowUnauthenticatedIdentities=True)
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=60) == 0
    with command(installed, tmp_path, *options) as (_, address):
        pools = boto3.client("cognito-identity", endpoint_url=address, region_name="us-east-1", **ADMINISTRATOR)
        assert [each["IdentityPoolName"] for each in pools.list_identity_pools(MaxResults=10)["IdentityPools"]] == [
            "mine"
        ]


@pytest.mark.slow
def test_a_project_has_the_documented_fixture(installed: Installed, tmp_path: Path) -> None:
    (example,) = (each for each in examples("python") if "(identity_pools_sandbox)" in each)
    (tmp_path / "test_example.py").write_text(example)
    program = [str(installed.programs / "pytest"), "-q", "-p", "no:cacheprovider"]
    assert "1 passed" in run(program, installed.environment(tmp_path), tmp_path).stdout


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize(("asked", "status"), [("mine", 0), ("nobody's", 1)])
def test_the_lines_for_continuous_integration_end_with_the_status_of_the_tests(
    installed: Installed, tmp_path: Path, asked: str, status: int
) -> None:
    (lines,) = (each for each in examples("sh") if "trap" in each)
    (tmp_path / "test_pools.py").write_text(
        "import boto3\n"
        "def test_a_pool():\n"
        "    pools = boto3.client('cognito-identity')\n"
        "    pools.create_identity_pool(IdentityPoolName='mine', AllowUnauthenticatedIdentities=True)\n"
        "    names = [each['IdentityPoolName'] for each in pools.list_identity_pools(MaxResults=60)['IdentityPools']]\n"
        f"    assert {asked!r} in names\n"
    )
    environment = installed.environment(tmp_path, PORT=str(free_port()))
    done = subprocess.run(
        ["sh", "-e", "-c", lines], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == status, done.stdout + done.stderr
    assert f"1 {'failed' if status else 'passed'}" in done.stdout


@pytest.mark.slow
def test_what_the_command_cannot_do_is_one_sentence(installed: Installed, tmp_path: Path) -> None:
    program = [str(installed.programs / "identity-pools-lab"), "sandbox"]
    with command(installed, tmp_path) as (_, address):
        port = address.rpartition(":")[2]
        taken = subprocess.run([*program, "--port", port], capture_output=True, text=True, timeout=60)
        assert taken.returncode == 1
        assert taken.stderr.startswith(f"Port {port} is taken, so the sandbox cannot start.")
        assert "--port" in taken.stderr
    open_to_all = subprocess.run([*program, "--host", "192.0.2.1"], capture_output=True, text=True, timeout=60)
    assert open_to_all.returncode == 2
    assert "--public-url" in open_to_all.stderr
