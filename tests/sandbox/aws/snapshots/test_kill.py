"""A sandbox that is killed in the middle of writes has what it answered before the last ones."""

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError

from benchmarks.servers import free_port
from sandbox.aws.snapshots.files import ContentFiles
from sandbox.core.config import SandboxConfig
from sandbox.testing import RunningSandbox
from tests.sandbox.test_sandbox_command import process

_WRITERS = 2  # of each service
_SECONDS = 3.0  # until what was answered is due
_UNWRITTEN = 5.0  # seconds at least from then to the kill
_WRITTEN = ("s3", "dynamodb", "ssm")  # services whose content is written behind the answers


@pytest.mark.slow
def test_what_was_answered_a_few_seconds_ago_is_there(tmp_path: Path) -> None:
    port = free_port()
    sandbox = RunningSandbox(
        f"http://127.0.0.1:{port}", SandboxConfig(data_file=tmp_path / "sandbox.sqlite3", port=port)
    )
    s3, tables, ssm, idp = (sandbox.client(name) for name in ("s3", "dynamodb", "ssm", "cognito-idp"))
    bodies: dict[str, bytes] = {}
    answered: list[tuple[str, str, float]] = []

    def put_object(key: str) -> None:
        bodies[key] = os.urandom(20_000)
        s3.put_object(Bucket="kept", Key=key, Body=bodies[key])

    def put_item(key: str) -> None:
        tables.put_item(TableName="kept", Item={"k": {"S": key}})

    def put_parameter(key: str) -> None:
        ssm.put_parameter(Name=f"/kept/{key}", Value=key, Type="String")

    def create_user(key: str) -> None:
        idp.admin_create_user(UserPoolId=user_pool, Username=key, MessageAction="SUPPRESS")

    writers: dict[str, Callable[[str], None]] = {
        "s3": put_object,
        "dynamodb": put_item,
        "ssm": put_parameter,
        "cognito-idp": create_user,
    }

    def write(service: str, writer: int) -> None:
        number = 0
        while True:
            key = f"{writer}-{number}"
            try:
                writers[service](key)
            except BotoCoreError:
                return
            answered.append((service, key, time.monotonic()))
            number += 1
            time.sleep(0.02)  # the machine is not to be busy with the test itself

    with process(tmp_path, port) as running:
        s3.create_bucket(Bucket="kept")
        tables.create_table(
            TableName="kept",
            KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        user_pool: str = idp.create_user_pool(PoolName="kept")["UserPool"]["Id"]
        threads = [
            threading.Thread(target=write, args=(service, writer)) for service in writers for writer in range(_WRITERS)
        ]
        for thread in threads:
            thread.start()
        time.sleep(_SECONDS)
        noted = time.monotonic()
        _wait_until_written_again(tmp_path / "sandbox.sqlite3")
        running.send_signal(signal.SIGKILL)
        for thread in threads:
            thread.join()
    with process(tmp_path, port):
        found = {
            "s3": _objects(s3),
            "dynamodb": _items(tables),
            "ssm": _parameters(ssm),
            "cognito-idp": _users(idp, user_pool),
        }
        for service, keys in found.items():
            due = {key for name, key, when in answered if name == service and when < noted}
            assert due
            assert due - keys == set()
        for key in found["s3"]:
            assert s3.get_object(Bucket="kept", Key=key)["Body"].read() == bodies[key]


def _wait_until_written_again(data_file: Path) -> None:
    """However busy the machine is: each service twice, as the first writing may have begun before."""
    files, seen = ContentFiles(data_file), {service: set[int]() for service in _WRITTEN}
    began = time.monotonic()
    while time.monotonic() < began + _UNWRITTEN or any(len(times) < 3 for times in seen.values()):
        assert time.monotonic() < began + 120
        for service, times in seen.items():
            snapshot = files.snapshot("000000000000", service)
            times.add(snapshot.stat().st_mtime_ns if snapshot.exists() else 0)
        time.sleep(0.02)


def _objects(s3: Any) -> set[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="kept")
    return {one["Key"] for page in pages for one in page.get("Contents", [])}


def _items(tables: Any) -> set[str]:
    pages = tables.get_paginator("scan").paginate(TableName="kept")
    return {item["k"]["S"] for page in pages for item in page["Items"]}


def _parameters(ssm: Any) -> set[str]:
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path="/kept")
    return {one["Value"] for page in pages for one in page["Parameters"]}


def _users(idp: Any, user_pool: str) -> set[str]:
    pages = idp.get_paginator("list_users").paginate(UserPoolId=user_pool)
    return {one["Username"] for page in pages for one in page["Users"]}
