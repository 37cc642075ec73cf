"""Two sandboxes and one application: a class that is pinned to the second one."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from benchmarks.servers import free_port
from sandbox.controls.client import ask_switch
from tests.faults.people import Class
from tests.faults.site import BACK, Site, kill

pytestmark = pytest.mark.slow


class Second:
    """Another sandbox of the same site, with a data directory and a port of its own."""

    def __init__(self, site: Site, directory: Path) -> None:
        self.site, self.url = site, f"http://127.0.0.1:{free_port()}"
        port = self.url.rpartition(":")[2]
        self.own = {"DATA_DIR": str(directory), "SANDBOX_PORT": port, "SANDBOX_PUBLIC_URL": self.url}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = self.site.begin_sandbox(self.url, **self.own)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path / "site")
    yield made
    made.end()


@pytest.fixture
def second(site: Site, tmp_path: Path) -> Iterator[Second]:
    made = Second(site, tmp_path / "second")
    yield made
    kill(made.process)


def asked(origin: str, method: str, path: str, body: dict[str, str] | None = None) -> Any:
    """A sandbox's answer to its administrator."""
    sent = json.dumps(body or {}).encode()
    return json.loads(ask_switch(origin, method, path, sent, keys=("test", "test"), region="us-east-1", seconds=30))


def called_in(origin: str) -> set[str]:
    """The accounts in which people called something by SDK, as the sandbox lists it."""
    return set(asked(origin, "GET", "calls/accounts?after=")["accounts"])


def identities_in(origin: str, account: str) -> int:
    """How many people and guests the account's identity pools know in this sandbox."""
    key = asked(origin, "POST", "accounts", {"action": "key", "account": account})
    client: Any = boto3.client(
        "cognito-identity",
        region_name="us-east-1",
        endpoint_url=origin,
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    pools = client.list_identity_pools(MaxResults=60)["IdentityPools"]
    return sum(
        len(client.list_identities(IdentityPoolId=one["IdentityPoolId"], MaxResults=60)["Identities"]) for one in pools
    )


def test_a_class_works_in_its_own_sandbox_and_others_do_not_notice_when_it_dies(site: Site, second: Second) -> None:
    site.manage("migrate", "--verbosity=0")
    site.start_sandbox()
    second.start()
    site.start_web()
    bergen = Class(site, 2, "Bergen, Monday")
    oslo = Class(site, 2, "Oslo, Monday", stay_outside=True)
    site.environment["CLASS_SANDBOXES"] = f"{oslo.public_id}={second.url}"
    kill(site.web)
    site.start_web()
    for one in oslo.people:
        one.join(oslo.code)

    for one in (*oslo.people, *bergen.people):
        site.wait_until(lambda one=one: one.try_a_run().succeeded, BACK)  # type: ignore[misc]
    for one, own, other in [(each, second.url, site.sandbox_url) for each in oslo.people] + [
        (each, site.sandbox_url, second.url) for each in bergen.people
    ]:
        one.show_key()
        assert one.client("sts", own).get_caller_identity()["Account"] == one.account
        assert one.account in called_in(own)
        assert identities_in(own, one.account) > 0
        with pytest.raises(ClientError):
            one.client("sts", other).get_caller_identity()
        assert one.account not in called_in(other)
    # Before it was pinned, its accounts were made in the site's own.
    assert [identities_in(site.sandbox_url, one.account) for one in oslo.people] == [0, 0]

    kill(second.process)
    for one in oslo.people:
        told = one.try_a_run()
        assert not told.succeeded
        assert second.url in told.page or "does not answer" in told.page
    assert all(one.try_a_run().succeeded for one in bergen.people)
    assert site.ready()

    second.start()
    for one in oslo.people:
        site.wait_until(lambda one=one: one.try_a_run().succeeded, BACK)  # type: ignore[misc]
