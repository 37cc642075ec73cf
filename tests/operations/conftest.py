"""An operator at a terminal: credentials of an empty account in the environment, CloudFormation and AWS on loopback."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from sandbox.testing import RunningSandbox
from tests.certificates import certify
from tests.clients.tls import tls_in_front_of
from tests.cloudformation.conftest import cloud, deployer_in, new_account, new_stack, template
from tests.cloudformation.service import CloudFormation, serving
from tests.tunnels import Proxy, proxy_to

__all__ = ["cloud", "new_stack", "template"]


@dataclass
class Operator:
    """Runs the commands in this process; `said` is what the last one said."""

    cloud: RunningSandbox
    cloudformation: CloudFormation
    account: str
    said: str = field(default="")

    def client(self, service: str) -> Any:
        return self.cloud.client(service, access_key=self.account, secret_key="test")

    def run(self, command: str, *arguments: str) -> str:
        out = StringIO()
        try:
            call_command(command, *arguments, stdout=out, stderr=out, no_color=True)
        finally:
            self.said = out.getvalue()
        return self.said

    def refused(self, command: str, *arguments: str) -> str:
        """What the command says when it gives up."""
        with pytest.raises(CommandError) as told:
            self.run(command, *arguments)
        return str(told.value)


@pytest.fixture(scope="session")
def cloudformation(cloud: RunningSandbox) -> Iterator[tuple[CloudFormation, str]]:
    service = CloudFormation(lambda account, region, name, tags: deployer_in(cloud, account, name, tags, region))
    with serving(service) as address:
        yield service, address


@pytest.fixture
def operator(
    cloud: RunningSandbox,
    cloudformation: tuple[CloudFormation, str],
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
) -> Operator:
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    service, address = cloudformation
    account = new_account()
    for name, value in {
        "AWS_ACCESS_KEY_ID": account,
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_ENDPOINT_URL": cloud.url,
        "AWS_ENDPOINT_URL_CLOUDFORMATION": address,
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    return Operator(cloud, service, account)


_AWS = ("*.us-east-1.amazonaws.com", "*.amazonaws.com", "*.s3.us-east-1.amazonaws.com", "*.s3.amazonaws.com")


@pytest.fixture
def company(
    operator: Operator,
    cloudformation: tuple[CloudFormation, str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[Proxy]:
    """The operator's machine is in a company: AWS is reached by its names, through a proxy, and shows a certificate of
    the company's own authority, as docs/aws-setup.md has it."""
    authority, certificate = tmp_path / "authority.pem", tmp_path / "amazon.pem"
    certify(_AWS, authority, certificate)
    plain = [urlsplit(address).port or 0 for address in (operator.cloud.url, cloudformation[1])]
    with (
        tls_in_front_of(plain[0], certificate) as aws,
        tls_in_front_of(plain[1], certificate) as stacks,
        proxy_to(lambda authority: stacks if authority.startswith("cloudformation.") else aws) as proxy,
    ):
        for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_CLOUDFORMATION", "AWS_CA_BUNDLE", "NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HTTPS_PROXY", f"http://lab:secret@127.0.0.1:{proxy.port}")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))
        yield proxy
    assert proxy.credentials == {"Basic bGFiOnNlY3JldA=="}
