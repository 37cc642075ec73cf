"""A trainer's machine with `manage.py class` on it, and learners with browsers and keys."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any

import boto3
import requests
from botocore.config import Config

from tests import ROOT
from tests.cognitodemo.demo.conftest import Demo, answers

NAME = "Oslo, Monday"
_PATIENCE = 120  # seconds


class Machine:
    """One machine: ports, a data directory and an `.env` of its own.

    Attributes:
        url: where browsers find the class, by the address that it was told.
        told: what the command printed, by its labels.
        output: all of it.
        log: the file with what it wrote below that.
    """

    def __init__(self, directory: Path, *, address: str = "127.0.0.1") -> None:
        directory.mkdir(exist_ok=True)
        demo = Demo(directory)
        self.address, self.directory, self.data = address, directory, demo.data
        self.environment = demo.environment | {"ENV_FILE": str(directory / ".env")}
        self.log = directory / "class.log"
        self.url = demo.url.replace("127.0.0.1", address)
        self.told: dict[str, str] = {}
        self.output = ""
        self.process: subprocess.Popen[str] | None = None

    def start(self, seats: int = 3) -> None:
        """Serve the class, and return when a page comes."""
        self._serve(NAME, "--seats", str(seats))

    def restore(self, backup: Path) -> None:
        """Serve what a backup holds, and return when a page comes."""
        self._serve("restore", str(backup))

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """`manage.py` with these, to its end."""
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(
            command, env=self.environment, cwd=ROOT, capture_output=True, text=True, timeout=_PATIENCE
        )

    def _serve(self, *arguments: str) -> None:
        command = [sys.executable, "manage.py", "class", *arguments, "--address", self.address]
        self.told, self.output = {}, ""
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command, env=self.environment, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output += line
            if found := re.match(r"  ([A-Z][\w -]*?)  +(\S.*)", line):
                self.told[found[1]] = found[2].strip()
            if "Ctrl-C" in line:
                break
        deadline = time.monotonic() + _PATIENCE
        while not answers(self.url):
            assert self.process.poll() is None, self.output
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def kill(self) -> None:
        """`kill -9` of all processes at once, as when the power fails."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def trainer(self) -> "Browser":
        """The trainer's browser, signed in."""
        name, password = self.told["Your sign-in"].split(" / ")
        browser = Browser(self.url)
        browser.post("/accounts/sign-in/", username=name, password=password)
        return browser


class Browser:
    """One browser without JavaScript."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()

    def get(self, path: str) -> str:
        answer = self.session.get(self.url + path, timeout=60)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:2000])
        return answer.text

    def post(self, path: str, page: str = "", **fields: str) -> requests.Response:
        """Send the form that stands on `page`, by default at the same address."""
        (token, *_) = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(page or path))
        answer = self.session.post(self.url + path, {"csrfmiddlewaretoken": token, **fields}, timeout=60)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:2000])
        return answer


class Learner(Browser):
    """Somebody in the class, and what they know of it.

    Attributes:
        account: the number of their account in the sandbox.
        return_code: what brings them back.
        runs: the codes of their runs that have ended.
        objects: the keys of what they put into their bucket, each answered -> when it was. Their bodies are made of
            the keys.
    """

    account = return_code = secret = seat = ""

    def __init__(self, url: str, name: str) -> None:
        super().__init__(url)
        self.name = name
        self.runs: list[str] = []
        self.objects: dict[str, float] = {}

    def join(self, code: str) -> None:
        self._sit_down(self.post(f"/join/{code}/", name=self.name).text)

    def come_back(self, url: str) -> "Learner":
        """The same person at another device, with nothing but the return code."""
        other = Learner(url, self.name)
        other._sit_down(other.post("/join/back/", code=self.return_code.lower()).text)
        return other

    def _sit_down(self, page: str) -> None:
        self.account = _only(r"Account <code>(\d{12})</code>", page)
        self.return_code = _only(r'id="return-code">([^<]+)<', page)
        self.seat = _only(r'<p class="crumb">(Seat [^<]+)</p>', page)

    def is_in(self) -> bool:
        """Whether this browser is still signed in to the seat."""
        page = self.get("/class/me/")
        return self.account in page and self.seat in page

    def show_key(self) -> str:
        """Have the account's key shown."""
        page = unescape(self.post("/class/account/", account=self.account).text)
        self.secret = _only(r"AWS_SECRET_ACCESS_KEY='?([A-Za-z0-9/+=]+)", page)
        return self.secret

    def client(self, service: str, origin: str) -> Any:
        """A boto3 client with the account's key at the sandbox's own port."""
        return boto3.session.Session().client(
            service,
            region_name="us-east-1",
            endpoint_url=origin,
            aws_access_key_id=self.account,
            aws_secret_access_key=self.secret,
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )

    def run(self, pool: str = "lab") -> str:
        """A guest's run; its code."""
        answer = self.post(
            "/runs/", "/demo/?access=guest", provider="guest", access="guest", flow="enhanced", pool=pool, pace="all"
        )
        code = _only(r"/runs/([\w-]+)/", answer.url)
        self.runs.append(code)
        return code

    def solve_ready(self) -> None:
        """The first exercise, by its buttons."""
        self.post("/exercises/ready/begin/", "/exercises/ready/")
        code = self.run("ready")
        self.post(f"/runs/{code}/use/", f"/runs/{code}/use/", sample="who-am-i")
        self.post("/exercises/ready/check/", "/exercises/ready/")
        deadline = time.monotonic() + _PATIENCE
        while "<b>Solved.</b>" not in self.get("/exercises/ready/"):
            assert time.monotonic() < deadline
            time.sleep(0.2)

    def empty_account(self) -> None:
        """Have everything in the account as it was at the start; its key is another one then."""
        self.post("/class/account/reset/", f"/class/account/reset/?account={self.account}", account=self.account)

    def put(self, s3: Any) -> None:
        """One more object in the own bucket, noted when it is answered."""
        key = f"{len(self.objects):05d}"
        s3.put_object(Bucket="mine", Key=key, Body=key.encode() * 400)
        self.objects[key] = time.monotonic()


@contextmanager
def at_work(*verbs: Callable[[], object], dying: threading.Event | None = None) -> Iterator[None]:
    """Each verb again and again, in a thread of its own, while the block runs. None may fail before `dying` is set."""
    stopping, failures = threading.Event(), list[BaseException]()

    def work(verb: Callable[[], object]) -> None:
        try:
            while not stopping.is_set():
                verb()
                time.sleep(0.1)
        except BaseException as failure:  # noqa: BLE001 - told where it is seen
            if dying is None or not dying.is_set():
                failures.append(failure)

    threads = [threading.Thread(target=work, args=(verb,)) for verb in verbs]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        for thread in threads:
            thread.join()
    assert failures == [], failures


def _only(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found is not None, (pattern, text[:3000])
    return unescape(found[1]).strip()
