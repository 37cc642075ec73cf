"""AWS mode with nothing replaced but the socket."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from flows import clients, keysets

from .aws_wire import ACCOUNT, BUCKET, GUEST_ROLE, POOL, AwsWire, replaced_socket


@pytest.fixture
def aws_mode(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AwsWire]:
    settings.APP_MODE = "aws"
    settings.AWS_ENDPOINT = None
    settings.AWS_REGION = "us-east-1"
    settings.SAMPLE_BUCKET = BUCKET
    settings.SAMPLE_TABLE = "SampleProducts"
    settings.IDENTITY_POOLS = [
        {
            "key": "configured",
            "pool_id": POOL,
            "label": "Configured identity pool",
            "description": "",
            "region": "us-east-1",
            "account_id": ACCOUNT,
            "guest_role_arn": GUEST_ROLE,
            "authenticated_role_arn": "",
        }
    ]
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    wire = AwsWire(tmp_path)
    clients.forget_clients()
    keysets.forget_keys()
    with replaced_socket(wire, monkeypatch):
        yield wire
    clients.forget_clients()
    keysets.forget_keys()
    wire.close()
