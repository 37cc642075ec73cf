"""In AWS mode, a name that is not there, and a resolver that does not answer."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.cognitodemo.test_checks import AWS
from tests.faults import people
from tests.faults.people import Told, Worker
from tests.faults.site import Site

pytestmark = pytest.mark.slow

_HOST = f"cognito-identity.{AWS['AWS_REGION']}.amazonaws.com"
_IN_A_NAMESPACE = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """In AWS mode, with a resolver of its own, whose address answers nothing by itself."""
    made = Site(tmp_path / "site", **AWS)
    resolver = tmp_path / "resolv.conf"
    resolver.write_text("nameserver 127.0.0.99\n")
    made.before = ["unshare", "--mount", "sh", "-c", _IN_A_NAMESPACE, str(resolver)]
    if subprocess.run([*made.before, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    made.start()
    yield made
    made.end()


def told(site: Site) -> tuple[Told, float]:
    """What a visitor is told about a guest's run, and how long it took."""
    began = time.monotonic()
    people._FORM["pool"], before = "configured", people._FORM["pool"]
    try:
        return Worker(site.url, "Ana").try_a_run(), time.monotonic() - began
    finally:
        people._FORM["pool"] = before


def test_nobody_to_ask_for_a_name_is_said_at_once(site: Site) -> None:
    """No resolver listens there."""
    mark = site.mark()
    for _ in range(2):
        answer, seconds = told(site)
        assert answer.status == 200
        assert "AWS did not answer" in answer.page
        assert f"https://{_HOST}/" in answer.page
        assert seconds < 10
    said = site.troubles(mark)
    assert all(line.startswith(f"AWS at https://{_HOST} does not answer.") for line in said), said
    assert 1 <= len(said) <= len(site.workers())


def test_a_resolver_that_is_silent_takes_less_than_ten_seconds(site: Site) -> None:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as silent:
        try:
            silent.bind(("127.0.0.99", 53))
        except PermissionError:
            pytest.skip("port 53 is root's")
        answer, seconds = told(site)
        assert "AWS did not answer" in answer.page
        assert seconds < 10
        assert site.ready()  # the others are served meanwhile and afterwards
