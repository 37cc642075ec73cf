"""`manage.py class` in a process of its own: people join, everything is killed, and the same command goes on."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from urllib.parse import urlencode

import pytest

from tests import ROOT
from tests.cognitodemo.demo.conftest import Demo, answers

pytestmark = pytest.mark.slow


class Room:
    """One class, started and killed; what the command printed, by its labels."""

    def __init__(self, demo: Demo) -> None:
        self.environment = demo.environment | {"SANDBOX_PUBLIC_URL": demo.url, "PUBLIC_URL": demo.url}
        self.url = demo.url
        self.told: dict[str, str] = {}
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        command = [sys.executable, "manage.py", "class", "Oslo, Monday", "--seats", "3", "--address", "127.0.0.1"]
        self.process = subprocess.Popen(
            command, env=self.environment, cwd=ROOT, text=True, stdout=subprocess.PIPE, start_new_session=True
        )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if found := re.match(r"  ([A-Z][\w ]*?)  +(\S.*)", line):
                self.told[found[1]] = found[2].strip()
            if "Ctrl-C" in line:
                break
        deadline = time.monotonic() + 60
        while not answers(self.url):
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def kill(self) -> None:
        """All processes at once, as when the power fails."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@pytest.fixture
def room(demo: Demo) -> Iterator[Room]:
    room = Room(demo)
    yield room
    room.kill()


def test_who_sat_there_before_everything_was_killed_still_does(room: Room) -> None:
    room.start()
    first = dict(room.told)
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    page = browser.open(first["Link to join"]).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None
    form = urlencode({"csrfmiddlewaretoken": token[1], "name": "Ana"}).encode()
    own = browser.open(urllib.request.Request(first["Link to join"], form, {"Referer": room.url})).read().decode()
    account = re.search(r"Account <code>(\d{12})</code>", own)
    assert account is not None
    room.kill()
    room.start()
    assert room.told == first
    again = browser.open(f"{room.url}/class/me/").read().decode()
    assert account[0] in again
    assert "Seat 1" in again
