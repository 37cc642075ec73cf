"""All that a sandbox has, copied while it serves and while it does not, and another sandbox that goes on with it."""

import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from sandbox.config import SandboxConfig
from sandbox.testing import RunningSandbox, running_sandbox
from tests.sandbox.controls.people import Team

# Whoever closes a file of SQLite last takes its journal away; whether it is the last, it learns by locks.
_OPEN_READ_CLOSE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
print(*[row[0] for row in connection.execute("SELECT pool_id FROM identity_pool")])
connection.close()
"""


@pytest.fixture
def at(settings: Any) -> Any:
    """Has the commands look at one sandbox's settings."""

    def look(directory: Path, sandbox: RunningSandbox | None = None) -> None:
        settings.DATA_DIR = directory
        settings.SANDBOX_PORT = sandbox.config.port if sandbox else 1

    return look


def sandbox_in(directory: Path) -> Any:
    return running_sandbox(SandboxConfig(data_file=directory / "sandbox.sqlite3", port=0, seed=False))


@contextmanager
def writers(team: Team, written: list[str]) -> Iterator[None]:
    """Four who put objects, and note each that was answered, while the block runs."""
    stopping = threading.Event()

    def write(number: int) -> None:
        s3 = team.sandbox.client("s3", access_key=team.number, secret_key=team.secret)
        count = 0
        while not stopping.is_set():
            key = f"{number}/{(count := count + 1)}"
            s3.put_object(Bucket="own", Key=key, Body=key.encode() * 500)
            written.append(key)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        for thread in threads:
            thread.join()


@pytest.mark.slow
def test_a_copy_that_was_taken_under_writers_goes_on_as_the_sandbox_did(tmp_path: Path, at: Any) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy"
    written: list[str] = []
    with sandbox_in(data) as sandbox:
        team = Team(sandbox, *sandbox.make_account(name="kept", seed=False))
        team.client("s3").create_bucket(Bucket="own")
        team.client("ssm").put_parameter(Name="/own", Value="kept", Type="String")
        pool = team.client("cognito-identity").create_identity_pool(
            IdentityPoolName="own", AllowUnauthenticatedIdentities=True
        )["IdentityPoolId"]
        identity = sandbox.anonymous("cognito-identity").get_id(IdentityPoolId=pool)["IdentityId"]
        with writers(team, written):
            while len(written) < 40:
                time.sleep(0.01)
            before = list(written)
            at(data, sandbox)
            call_command("sandbox_backup", "take", copy)
        assert not list(data.glob(".backup-*"))
    assert stat.S_IMODE(copy.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in copy.rglob("*") if file.is_file()} == {0o600}
    call_command("sandbox_backup", "check", copy)
    with sandbox_in(copy) as sandbox:
        again = Team(sandbox, team.number, team.secret)  # the same key opens it
        s3 = again.client("s3")
        found = {
            one["Key"]
            for page in s3.get_paginator("list_objects_v2").paginate(Bucket="own")
            for one in page["Contents"]
        }
        assert found >= set(before)
        assert all(s3.get_object(Bucket="own", Key=key)["Body"].read() == key.encode() * 500 for key in found)
        assert again.client("ssm").get_parameter(Name="/own")["Parameter"]["Value"] == "kept"
        described = again.client("cognito-identity").describe_identity(IdentityId=identity)
        assert described["IdentityId"] == identity


@pytest.mark.slow
def test_a_sandbox_that_runs_and_is_not_found_is_not_copied(tmp_path: Path, at: Any) -> None:
    with sandbox_in(tmp_path / "data"), sandbox_in(tmp_path / "other") as other:
        at(tmp_path / "data")
        with pytest.raises(CommandError, match="does not answer"):
            call_command("sandbox_backup", "take", tmp_path / "copy")
        at(tmp_path / "data", other)
        with pytest.raises(CommandError, match="no such empty directory beside this sandbox's file"):
            call_command("sandbox_backup", "take", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
    assert not list(tmp_path.rglob(".backup-*"))


@pytest.mark.parametrize("directory", ["../elsewhere", ".backup-0123456789abcdef", "sandbox.content", None])
def test_the_switch_writes_into_an_empty_directory_that_was_made_for_it_only(
    shared_sandbox: RunningSandbox, directory: str | None
) -> None:
    with pytest.raises(HTTPError) as refused:
        shared_sandbox.switch("backup", {"directory": directory})
    assert refused.value.code == 400


def test_the_copy_is_the_home_administrators(shared_sandbox: RunningSandbox) -> None:
    number, secret = shared_sandbox.make_account(seed=False)
    with pytest.raises(HTTPError) as refused:
        shared_sandbox.switch("backup", {"directory": ".backup-0123456789abcdef"}, account=number, secret_key=secret)
    assert refused.value.code == 403


def test_nothing_is_overwritten_and_what_this_version_cannot_go_on_with_is_said(tmp_path: Path, at: Any) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy"
    with sandbox_in(data) as sandbox:
        team = Team(sandbox, *sandbox.make_account(seed=False))
        team.client("ssm").put_parameter(Name="/own", Value="kept", Type="String")
    at(tmp_path)
    with pytest.raises(CommandError, match="no sandbox was started"):
        call_command("sandbox_backup", "take", copy)
    at(data)
    call_command("sandbox_backup", "take", copy)  # of one that is stopped
    call_command("sandbox_backup", "check", copy)
    with pytest.raises(CommandError, match="exists already"):
        call_command("sandbox_backup", "take", copy)
    snapshot = copy / "sandbox.content" / team.number / "ssm.snapshot"
    whole = snapshot.read_bytes()
    snapshot.unlink()
    snapshot.write_bytes(whole[:-1])
    with pytest.raises(CommandError, match="is damaged"):
        call_command("sandbox_backup", "check", copy)
    head, line, rest = whole.split(b"\n", 2)
    snapshot.write_bytes(b"\n".join([head, line.replace(b'"moto":"', b'"moto":"9'), rest]))
    with pytest.raises(CommandError, match="one version of moto"):
        call_command("sandbox_backup", "check", copy)
    with closing(sqlite3.connect(copy / "sandbox.sqlite3")) as connection:
        connection.execute("PRAGMA user_version=999")
    with pytest.raises(CommandError, match="later version of the sandbox"):
        call_command("sandbox_backup", "check", copy)
    (copy / "sandbox.sqlite3").write_bytes(b"something else entirely, of no kind at all" * 100)
    with pytest.raises(CommandError, match="not the file of a sandbox"):
        call_command("sandbox_backup", "check", copy)
    # The running one's own file, of which the copy's content has second names, was not touched.
    assert (data / "sandbox.content" / team.number / "ssm.snapshot").read_bytes() == whole


def pools_read_by_another_process(path: Path) -> list[str]:
    """The ids of all identity pools in the file, by a process that opens it and closes it again."""
    command = [sys.executable, "-c", _OPEN_READ_CLOSE, str(path)]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.split()


def test_what_is_written_after_a_backup_is_in_the_file_also_where_a_saml_provider_was_read_before(
    shared: RunningSandbox,
) -> None:
    path = shared.config.data_file
    made = shared.switch("accounts", {"action": "make", "name": "Reader"})
    key = {"access_key": made["AccessKeyId"], "secret_key": made["SecretAccessKey"]}
    # The metadata of an account's own provider is made when somebody first asks, in the midst of serving.
    arn = f"arn:aws:iam::{made['AccessKeyId']}:saml-provider/LabSaml"
    assert shared.client("iam", **key).get_saml_provider(SAMLProviderArn=arn)["SAMLMetadataDocument"]
    pools_read_by_another_process(path)
    pools = shared.client("cognito-identity", **key)
    later = pools.create_identity_pool(IdentityPoolName="Later", AllowUnauthenticatedIdentities=True)
    assert later["IdentityPoolId"] in pools_read_by_another_process(path)
