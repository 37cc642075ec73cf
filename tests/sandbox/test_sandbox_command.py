"""`manage.py sandbox` as a process: how it starts, how it ends, and what it keeps when it is killed."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from benchmarks.servers import free_port
from sandbox.core.config import SandboxConfig
from sandbox.testing import RunningSandbox
from tests import ROOT
from tests.sandbox.issuers import Providers
from tests.sandbox.lab import Lab


def test_a_taken_port_is_one_sentence(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} is taken, so the sandbox cannot start"):
            call_command("sandbox", "--port", str(port))


def test_a_file_of_a_later_version_is_one_sentence(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    with sqlite3.connect(tmp_path / "sandbox.sqlite3") as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(CommandError, match="was written by a later version of the sandbox"):
        call_command("sandbox", "--port", "0")


@contextmanager
def process(directory: Path, port: int, *options: str) -> Iterator["subprocess.Popen[bytes]"]:
    """The command, once it answers; killed at the end of the block if it still runs."""
    command = [sys.executable, str(ROOT / "manage.py"), "sandbox", "--port", str(port), "--no-seed", *options]
    environment = {**os.environ, "DATA_DIR": str(directory)}
    running = subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        deadline = time.monotonic() + 60
        while True:
            assert running.poll() is None, running.stdout.read() if running.stdout else b""
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_sandbox/health", timeout=5).close()
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.1)
        yield running
    finally:
        if running.poll() is None:
            running.kill()
        running.communicate()


@pytest.mark.parametrize("how", ["interrupt", "terminate", "stdin"])
@pytest.mark.slow
def test_it_ends_quietly(tmp_path: Path, how: str) -> None:
    with process(tmp_path, free_port(), "--stop-with-stdin") as running:
        if how == "stdin":
            assert running.stdin
            running.stdin.close()
            running.stdin = None
        else:
            running.send_signal(signal.SIGINT if how == "interrupt" else signal.SIGTERM)
            running.wait(timeout=60)  # with its standard input still open
        output, _ = running.communicate(timeout=60)
        assert running.returncode == 0  # by a signal, it would have ended before all was written
        assert b"Traceback" not in output
        assert b"Fatal" not in output


@pytest.mark.slow
def test_what_was_put_just_before_it_is_told_to_end_is_kept(tmp_path: Path) -> None:
    port = free_port()
    sandbox = RunningSandbox(
        f"http://127.0.0.1:{port}", SandboxConfig(data_file=tmp_path / "sandbox.sqlite3", port=port)
    )
    s3 = sandbox.client("s3")
    with process(tmp_path, port) as running:
        s3.create_bucket(Bucket="mine")
        time.sleep(1)  # the bucket is in a snapshot, and the object is not yet
        s3.put_object(Bucket="mine", Key="last.txt", Body=b"last")
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=60) == 0
    with process(tmp_path, port):
        assert s3.get_object(Bucket="mine", Key="last.txt")["Body"].read() == b"last"


@pytest.mark.slow
def test_nothing_that_was_answered_is_lost_by_a_kill(tmp_path: Path, identity_providers: Providers) -> None:
    port = free_port()
    config = SandboxConfig(data_file=tmp_path / "sandbox.sqlite3", port=port)
    lab = Lab(RunningSandbox(f"http://127.0.0.1:{port}", config), identity_providers)
    answered: list[str] = []
    with process(tmp_path, port) as running:
        pool_id = lab.pool()
        credentials = lab.public.get_credentials_for_identity(IdentityId=lab.guest(pool_id))["Credentials"]
        threads = [threading.Thread(target=_load, args=(lab, pool_id, answered)) for _ in range(4)]
        for thread in threads:
            thread.start()
        while len(answered) < 100:
            time.sleep(0.01)
        running.send_signal(signal.SIGKILL)
        for thread in threads:
            thread.join()
    with process(tmp_path, port):
        assert lab.with_credentials("sts", credentials).get_caller_identity()["Account"] == lab.account
        for identity_id in answered:
            assert lab.pools.describe_identity(IdentityId=identity_id)["IdentityId"] == identity_id


def _load(lab: Lab, pool_id: str, answered: list[str]) -> None:
    from botocore.exceptions import BotoCoreError

    client = lab.sandbox.anonymous("cognito-identity")
    while True:
        try:
            answered.append(client.get_id(IdentityPoolId=pool_id)["IdentityId"])
        except BotoCoreError:
            return
