"""In AWS mode, a name that is not there, and a resolver that does not answer."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.cognitodemo.test_checks import AWS
from tests.faults.names import Names, amazon, free_address
from tests.faults.people import Class, Told, Worker, lost
from tests.faults.site import BACK, Site
from tests.flows.aws_wire import HOSTS, POOL

pytestmark = pytest.mark.slow

_HOST = HOSTS[0]
_A_MINUTE = 60  # that this machine waits for a resolver; a site has an environment of its own for that
_SETTINGS = AWS | {"AWS_REGION": POOL.partition(":")[0], "COGNITO_IDENTITY_POOL_ID": POOL}
_IN_A_NAMESPACE = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'


@pytest.fixture
def resolver() -> str:
    """An address at which nobody answers by itself."""
    return free_address((53, socket.SOCK_DGRAM), (443, socket.SOCK_STREAM))


@pytest.fixture
def site(tmp_path: Path, resolver: str) -> Iterator[Site]:
    """In AWS mode, which looks names up there."""
    made = Site(tmp_path / "site", **_SETTINGS)
    settings = tmp_path / "resolv.conf"
    settings.write_text(f"nameserver {resolver}\noptions timeout:30 attempts:2\n")
    made.before = ["unshare", "--mount", "sh", "-c", _IN_A_NAMESPACE, str(settings)]
    if subprocess.run([*made.before, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    yield made
    made.end()


def told(site: Site) -> tuple[Told, float]:
    """What a visitor is told about a guest's run, and how long it took."""
    began = time.monotonic()
    return Worker(site.url, "Ana", "configured").try_a_run(), time.monotonic() - began


def test_nobody_to_ask_for_a_name_is_said_at_once(site: Site) -> None:
    """No resolver listens there."""
    site.start()
    mark = site.mark()
    for _ in range(2):
        answer, seconds = told(site)
        assert answer.status == 200
        assert "AWS did not answer" in answer.page
        assert f"https://{_HOST}/" in answer.page
        assert seconds < _A_MINUTE
    said = site.troubles(mark)
    assert all(line.startswith(f"AWS at https://{_HOST} does not answer.") for line in said), said
    assert 1 <= len(said) <= len(site.workers())


def test_a_resolver_that_is_silent_is_not_waited_for_as_long_as_the_system_says(site: Site, resolver: str) -> None:
    site.start()
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as silent:
        silent.bind((resolver, 53))
        answer, seconds = told(site)
        assert "AWS did not answer" in answer.page
        assert seconds < _A_MINUTE
        assert site.ready()  # the others are served meanwhile and afterwards


def test_a_class_at_work_whose_names_are_gone_goes_on_when_they_are_back(
    site: Site, resolver: str, tmp_path: Path
) -> None:
    names = Names(resolver, resolver)
    with amazon(tmp_path, resolver) as aws:
        site.environment["REQUESTS_CA_BUNDLE"] = str(aws.authority)
        names.begin()
        try:
            site.start()
            room = Class(site)
            with room.at_work():
                mark, moment = site.mark(), time.monotonic()
                names.end()
                site.wait_until(lambda: all(not one.told[-1].succeeded for one in room.people))
                names.begin()
                again = time.monotonic()
                site.wait_until(lambda: room.all_succeed_since(again), BACK)
        finally:
            names.end()
        failed = [told for told in room.told(moment) if not told.succeeded]
        assert {told.status for told in failed} == {200}
        assert all("AWS did not answer" in told.page and f"https://{_HOST}/" in told.page for told in failed)
        assert lost(room.told(), site) == []
        assert {outcome for outcome, _ in site.runs().values()} == {"succeeded", "failed"}
        said, host = site.troubles(mark), f"AWS at https://{_HOST}"
        assert all(line.startswith((f"{host} does not answer.", f"{host} answers again.")) for line in said), said
        assert len([line for line in said if "does not answer" in line]) <= len(site.workers()), said
