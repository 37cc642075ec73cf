"""AWS mode with nothing replaced but the socket."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.flows.aws_wire import ACCOUNT, BUCKET, GUEST_ROLE, POOL, AwsWire, replaced_socket
from tests.forgotten import forget_clients, forget_keys


@pytest.fixture(scope="session")
def aws_wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwsWire]:
    wire = AwsWire(tmp_path_factory.mktemp("aws"))
    yield wire
    wire.close()


@pytest.fixture
def aws_settings(aws_wire: AwsWire, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsWire]:
    """AWS mode without a way there."""
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
    aws_wire.reset()
    forget_keys()
    forget_clients()  # whose connections may lead to the far end of another test
    yield aws_wire
    forget_keys()
    forget_clients()


@pytest.fixture
def aws_mode(aws_settings: AwsWire, monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsWire]:
    with replaced_socket(aws_settings, monkeypatch):
        yield aws_settings
