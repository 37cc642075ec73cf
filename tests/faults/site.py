"""A site as an administrator runs it: `manage.py serve` with two workers, a sandbox, and a database that can be killed.

What systemd does with a service that dies, the test does.
"""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from benchmarks import processes
from benchmarks.servers import free_port
from tests import ROOT

PATIENCE = 60  # seconds, for what has to be there before a test begins
BACK = 60.0  # seconds in which a site is back, on a machine where others are at work
_MAKE_CLASS = """
from accounts.models import User
from training.services import classes, codes, sandbox_accounts
trainer, _ = User.objects.get_or_create(username="trainer", is_staff=True)
cohort = classes.cohort_make(trainer=trainer, name=NAME, seats=SEATS, preset="half-day", seed_soon=False)
sandbox_accounts.make_wanted(cohort)
print("CODE", codes.join_code(cohort))
print("CLASS", cohort.public_id)
"""


class Site:
    """The processes of one site, each started, killed and started again as the test wants.

    Attributes:
        environment: what each of them sees.
        before: what stands before each command.
        url, sandbox_url: where browsers and programs find the two servers.
    """

    def __init__(self, directory: Path, **settings: str) -> None:
        directory.mkdir(exist_ok=True)
        web, sandbox = free_port(), free_port()
        self.directory, self.data, self.log = directory, directory / "data", directory / "log"
        self.url, self.sandbox_url = f"http://127.0.0.1:{web}", f"http://127.0.0.1:{sandbox}"
        self.environment = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ} | {
            "ENV_FILE": str(directory / "none.env"),
            "DATA_DIR": str(self.data),
            "WEB_PORT": str(web),
            "WEB_WORKERS": "2",
            "SANDBOX_PORT": str(sandbox),
            "SECRET_KEY": secrets.token_urlsafe(50),
            **settings,
        }
        self.before: list[str] = []
        self.web: subprocess.Popen[bytes] | None = None
        self.sandbox: subprocess.Popen[bytes] | None = None

    @property
    def is_on_aws(self) -> bool:
        return self.environment.get("APP_MODE") == "aws"

    # --- Starting -----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Both servers, from a migrated database on."""
        self.manage("migrate", "--verbosity=0")
        if not self.is_on_aws:
            self.start_sandbox()
        self.start_web()

    def start_web(self, **changes: str) -> None:
        self.web = self._begin("serve", **changes)
        self.wait_until(lambda: answers(f"{self.url}/healthz"))

    def start_sandbox(self, **changes: str) -> None:
        self.sandbox = self.begin_sandbox(self.sandbox_url, **changes)

    def begin_sandbox(self, url: str, **changes: str) -> "subprocess.Popen[bytes]":
        """A sandbox that answers at this address."""
        process = self._begin("sandbox", **changes)
        self.wait_until(lambda: answers(f"{url}/_sandbox/health"))
        return process

    def make_class(self, seats: int, name: str = "Oslo, Monday") -> tuple[str, str]:
        """A class with its accounts; the code by which people join it, and its ID."""
        program = _MAKE_CLASS.replace("NAME", repr(name)).replace("SEATS", str(seats))
        told = dict(line.split() for line in self.manage("shell", "-v0", "-c", program).splitlines() if " " in line)
        return told["CODE"], told["CLASS"]

    def manage(self, *arguments: str) -> str:
        """What `manage.py` says that does what it was asked for."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=2 * PATIENCE,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def _begin(self, command: str, **changes: str) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as output:  # not a pipe, which a killed test would leave full
            return subprocess.Popen(
                [*self.before, sys.executable, "manage.py", command],
                env=self.environment | changes,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    # --- Looking ------------------------------------------------------------------------------------------------------

    def workers(self) -> list[int]:
        """The processes that answer requests. What makes probes is their child, and not among them."""
        assert self.web is not None
        found = []
        for pid in processes.children(self.web.pid):
            with suppress(FileNotFoundError, ProcessLookupError):  # one that has ended meanwhile
                if b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes():
                    found.append(pid)
        return found

    def runs(self) -> dict[str, tuple[str, int]]:
        """Of each run, by its code: how it ended, and how many calls of it are known."""
        program = (
            "from flows.models import Run; from django.db.models import Count\n"
            "for row in Run.objects.annotate(n=Count('calls')).values_list('code', 'outcome', 'n'): print(*row)"
        )
        rows = [line.split() for line in self.manage("shell", "-v0", "-c", program).splitlines()]
        return {code: (outcome, int(calls)) for code, outcome, calls in rows}

    def at_work(self) -> set[int]:
        """The processes that have a run under way now, as its lease names them (flows/services/holders.py)."""
        program = "from flows.models import Run; print(*Run.objects.under_way().values_list('lease_holder', flat=True))"
        return {int(holder[8:15], 16) for holder in self.manage("shell", "-v0", "-c", program).split()}

    def ready(self) -> bool:
        return answers(f"{self.url}/readyz")

    def mark(self) -> int:
        """How much is in the log."""
        return self.log.stat().st_size

    def lines(self, since: int = 0) -> list[dict[str, Any]]:
        """What was written into the log after a mark, each line as what it says; one that is no JSON under `text`."""
        with self.log.open("rb") as file:
            file.seek(since)
            written = file.read().decode(errors="replace")
        return [_read(line) for line in written.splitlines() if line.strip()]

    def troubles(self, since: int) -> list[str]:
        """The messages after a mark that are warnings or worse, or no lines of the log at all: tracebacks, say."""
        return [
            line.get("text") or f"{line['message']} {line.get('exception', '')}".strip()
            for line in self.lines(since)
            if "text" in line or line["level"] in ("WARNING", "ERROR", "CRITICAL")
        ]

    def wait_until(self, holds: Callable[[], bool], seconds: float = PATIENCE) -> float:
        """Return as soon as something holds, which it has to in time; how long that took."""
        began = time.monotonic()
        while not holds():
            assert time.monotonic() - began < seconds, self.log.read_text(errors="replace")[-5000:]
            time.sleep(0.05)
        return time.monotonic() - began

    def end(self) -> None:
        """Leave nothing behind, however the test went."""
        for process in (self.web, self.sandbox):
            kill(process)


def kill(process: "subprocess.Popen[bytes] | None") -> None:
    """`kill -9` of a process and all that it has started."""
    if process is not None and process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def has_postgres() -> bool:
    """Whether there is a PostgreSQL on this machine: nothing is installed for these tests."""
    return bool(shutil.which("initdb") or list(Path("/usr/lib/postgresql").glob("*/bin/initdb")))


class Postgres:
    """A PostgreSQL of the test's own, whose commits are in the system's hands before they are told."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(mode=0o755)
        self.url = self._do("start").strip()
        role = "ALTER ROLE app SET synchronous_commit = on"  # the script's server leaves them in its own memory
        subprocess.run(["psql", "-q", self.url, "-c", role], check=True, capture_output=True)

    def kill(self) -> None:
        """`kill -9` of the server and of each process that serves a connection."""
        first = int((self.directory / "data" / "postmaster.pid").read_text().split()[0])
        for pid in (first, *processes.children(first)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def start_again(self) -> None:
        """Not before the last of its processes is gone: the memory that they share is theirs until then."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self._do("again")
            except subprocess.CalledProcessError:
                assert time.monotonic() < deadline, (self.directory / "log").read_text()[-3000:]
                time.sleep(0.1)
            else:
                return

    def end(self) -> None:
        with suppress(subprocess.CalledProcessError):
            self._do("stop")

    def _do(self, what: str) -> str:
        command = [str(ROOT / "scripts" / "postgres"), what, str(self.directory)]
        # The server keeps what it is given as its standard error.
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout


@contextmanager
def running(directory: Path, **settings: str) -> Iterator[Site]:
    """A site with both servers."""
    site = Site(directory, **settings)
    try:
        site.start()
        yield site
    finally:
        site.end()


def answers(url: str) -> bool:
    """Whether an answer of status 2xx comes."""
    try:
        with urlopen(url, timeout=5):
            return True
    except (URLError, HTTPError, ConnectionError, TimeoutError):
        return False


def _read(line: str) -> dict[str, Any]:
    with suppress(ValueError):
        found = json.loads(line)
        if isinstance(found, dict) and "level" in found:
            return found
    return {"text": line}
