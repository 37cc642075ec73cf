"""The demo starts both servers, and neither outlives the other."""

import os
import re
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import boto3
import pytest

from cognitodemo import class_settings, envfile
from cognitodemo.together import MOST_DEATHS
from tests import ROOT
from tests.cognitodemo.demo.conftest import Demo, answers


@pytest.mark.slow
def test_ctrl_c_stops_both(demo: Demo) -> None:
    process = demo.start()
    assert answers(f"{demo.sandbox_url}/_sandbox/health")
    output = demo.interrupt()
    assert process.returncode == 0
    assert "Traceback" not in output
    assert output.rstrip().endswith("Stopped.")
    assert demo.is_down()

    assert f"Identity Pools Lab   {demo.url}\n" in output
    assert f"Sandbox (AWS)        {demo.sandbox_url}   (in a browser: the providers' stand-ins)\n" in output
    accounts = demo.data / "demo-accounts"
    assert stat.S_IMODE(accounts.stat().st_mode) == 0o600
    assert re.findall(r"Demo account +(\S+) / (\S+)", output) == [
        tuple(line.split()) for line in accounts.read_text().splitlines()
    ]
    assert accounts_that_work(demo) == ["learner False False", "admin True True"]


@pytest.mark.slow
def test_after_a_class_in_another_network_the_demo_serves_this_machine_again(demo: Demo) -> None:
    file, port = Path(demo.environment["ENV_FILE"]), int(demo.environment["WEB_PORT"])
    class_settings.write(file, class_settings.wanted_settings("192.0.2.77", port, "k9" * 20), ())
    demo.start()
    output = demo.interrupt()
    assert "This machine is no longer 192.0.2.77, which a class was served under" in output
    assert f"Identity Pools Lab   {demo.url}\n" in output
    assert envfile.read_env_file(file)["WEB_HOST"] == "127.0.0.1"


@pytest.mark.slow
def test_a_database_and_a_key_from_elsewhere_leave_the_data_directory_to_be_made(demo: Demo, tmp_path: Path) -> None:
    demo.start(DATABASE_URL=f"sqlite:///{tmp_path / 'elsewhere.sqlite3'}", SECRET_KEY="k9" * 30)
    assert "Traceback" not in demo.interrupt()
    assert {path.name for path in demo.data.iterdir()} >= {"demo-accounts", "sandbox.sqlite3"}
    assert not (demo.data / "app.sqlite3").exists()


@pytest.mark.slow
def test_a_killed_demo_takes_its_sandbox_along(demo: Demo) -> None:
    process = demo.start()
    process.kill()
    assert demo.is_down()


@pytest.mark.slow
def test_a_sandbox_that_dies_comes_back_with_what_it_had(demo: Demo) -> None:
    demo.start()
    (sandbox,) = demo.children()
    client = boto3.client(
        "cognito-identity",
        endpoint_url=demo.sandbox_url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    pool = client.create_identity_pool(IdentityPoolName="kept", AllowUnauthenticatedIdentities=True)["IdentityPoolId"]
    os.kill(sandbox, signal.SIGKILL)
    demo.wait_until(lambda: answers(f"{demo.sandbox_url}/_sandbox/health"))
    assert demo.children() != [sandbox]
    assert client.describe_identity_pool(IdentityPoolId=pool)["IdentityPoolName"] == "kept"
    output = demo.interrupt()
    assert "The sandbox died (signal 9). It is started again." in output
    assert "Traceback" not in output
    assert demo.is_down()


@pytest.mark.slow
def test_a_sandbox_that_dies_again_and_again_ends_the_demo_with_one_sentence(demo: Demo) -> None:
    process = demo.start()
    for _ in range(MOST_DEATHS + 1):
        demo.wait_until(lambda: bool(demo.children()))
        (sandbox,) = demo.children()
        os.kill(sandbox, signal.SIGKILL)
        demo.wait_until(lambda sandbox=sandbox: sandbox not in demo.children())  # type: ignore[misc]
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert output.rstrip().splitlines()[-1] == (
        f"CommandError: The sandbox died {MOST_DEATHS + 1} times within 60 seconds; its last lines above say why. "
        "The web server was stopped as well."
    )
    assert "Traceback" not in output
    assert demo.is_down()


@pytest.mark.slow
def test_a_sandbox_that_is_told_to_end_ends_the_demo(demo: Demo) -> None:
    process = demo.start()
    (sandbox,) = demo.children()
    os.kill(sandbox, signal.SIGTERM)
    output, _ = process.communicate(timeout=60)
    assert "Traceback" not in output
    assert demo.is_down()


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["secret_key", "app.sqlite3"])
def test_ctrl_c_while_starting_is_quiet_and_spoils_nothing(demo: Demo, moment: str) -> None:
    demo.begin()
    while not (demo.data / moment).exists():
        time.sleep(0.01)
    assert "Traceback" not in demo.interrupt()
    assert demo.is_down()
    demo.start()


def accounts_that_work(demo: Demo) -> list[str]:
    """The demo accounts as a process of the application finds them: name, is_staff, is_superuser."""
    program = (
        "import django; django.setup()\n"
        "from django.conf import settings\nfrom django.contrib.auth import authenticate\n"
        "kept = dict(line.split() for line in (settings.DATA_DIR / 'demo-accounts').read_text().splitlines())\n"
        "for name, password in kept.items():\n"
        "    account = authenticate(username=name, password=password)\n"
        "    print(name, account.is_staff, account.is_superuser)\n"
    )
    environment = demo.environment | {"DJANGO_SETTINGS_MODULE": "cognitodemo.settings"}
    told = subprocess.run([sys.executable, "-c", program], env=environment, cwd=ROOT, capture_output=True, text=True)
    return told.stdout.splitlines()
