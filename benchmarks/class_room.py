"""A class to measure: the application as `manage.py demo` serves it, a trainer, and learners who join by its code."""

import os
import re
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import processes, servers
from benchmarks.browser import Browser, Page

_START_SECONDS = 120
_ACCOUNTS_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the site, as somebody's browser saw it. `at`: seconds of the monotonic clock, when it was there."""

    who: str
    what: str
    page: Page
    at: float


@dataclass
class Heard:
    """All answers, of all browsers."""

    answers: list[Answer] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, who: str, what: str, page: Page) -> None:
        with self._lock:
            self.answers.append(Answer(who, what, page, time.monotonic()))

    def since(self, mark: int) -> list[Answer]:
        """Those that came after the first `mark`."""
        with self._lock:
            return self.answers[mark:]

    @property
    def mark(self) -> int:
        with self._lock:
            return len(self.answers)


@dataclass(frozen=True, slots=True)
class Served:
    """The application and its sandbox at work. `web` and `sandbox` are process IDs."""

    origin: str
    directory: Path
    web: int
    sandbox: int
    log: Path

    def processor_seconds(self) -> dict[str, float]:
        """What each process has used so far, threads that have ended included; `beside`: what makes probes."""
        beside = sum(processes.processor_seconds(pid) for pid in processes.children(self.web) if pid != self.sandbox)
        return {
            "web": processes.processor_seconds(self.web),
            "sandbox": processes.processor_seconds(self.sandbox),
            "beside": beside,
        }

    def problems(self) -> list[str]:
        """Lines of the log that nobody wants to see."""
        bad = re.compile(r'"level": ?"(ERROR|CRITICAL)"|Traceback|database is locked|deadlock|OperationalError')
        return [line for line in self.log.read_text(errors="replace").splitlines() if bad.search(line)]


@contextmanager
def served(directory: Path, database_url: str = "", more: Mapping[str, str] | None = None) -> Iterator[Served]:
    """`manage.py demo` on free ports, until the block ends.

    Args:
        directory: for the data of the application and the sandbox.
        database_url: the application's database; a file of SQLite in `directory` where it is empty.
    """
    directory.mkdir(parents=True, exist_ok=True)
    port, sandbox_port = servers.free_port(), servers.free_port()
    # Whatever this machine is set to, what is measured are the defaults.
    own = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV", "TMPDIR") if name in os.environ}
    environment = own | {
        "ENV_FILE": str(directory / "none.env"),
        "DATA_DIR": str(directory / "data"),
        "WEB_PORT": str(port),
        "SANDBOX_PORT": str(sandbox_port),
        **({"DATABASE_URL": database_url, "SECRET_KEY": secrets.token_urlsafe(50)} if database_url else {}),
        **(more or {}),
    }
    log = directory / "log"
    with log.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "demo"], cwd=servers.ROOT, env=environment, stdout=written, stderr=written
        )
    try:
        _await(process, f"http://127.0.0.1:{port}")
        yield Served(f"http://127.0.0.1:{port}", directory / "data", process.pid, _sandbox_of(process.pid), log)
    finally:
        process.terminate()
        process.wait(timeout=30)


@contextmanager
def postgres(directory: Path) -> Iterator[str]:
    """A throw-away PostgreSQL; its DATABASE_URL."""
    directory.mkdir(mode=0o755, parents=True)
    temporary = Path(tempfile.gettempdir())
    for above in (directory, *directory.parents):  # it runs as another user, who has to get there
        if temporary in above.parents:
            above.chmod(above.stat().st_mode | 0o055)
    program = str(servers.ROOT / "scripts" / "postgres")
    started = subprocess.run([program, "start", str(directory)], stdout=subprocess.PIPE, text=True, check=True)
    try:
        yield started.stdout.strip()
    finally:
        subprocess.run([program, "stop", str(directory)], check=True)


@dataclass
class Learner:
    """One seat, and the browser in it."""

    name: str
    browser: Browser
    account: str = ""  # of the sandbox
    keys: dict[str, str] = field(default_factory=dict)


@dataclass
class Room:
    """A class that is open, with its trainer's browser."""

    served: Served
    heard: Heard
    trainer: Browser
    public_id: str
    code: str

    def learner(self, number: int) -> Learner:
        """Somebody who has not joined yet."""
        name = f"Learner {number:03}"
        return Learner(name, Browser(self.served.origin, lambda what, page: self.heard.add(name, what, page)))


def open_room(site: Served, seats: int, *, wait: bool = True) -> Room:
    """Have the site's administrator open a class, and wait until its accounts are made."""
    heard = Heard()
    password = dict(line.split(" ", 1) for line in (site.directory / "demo-accounts").read_text().splitlines())["admin"]
    trainer = Browser(site.origin, lambda what, page: heard.add("trainer", what, page))
    trainer.get("/accounts/sign-in/?next=/class/new/", "other page")
    trainer.post("/accounts/sign-in/", "other page", username="admin", password=password, next="/class/new/")
    made = trainer.post(
        "/class/new/", "other page", name="Load", seats=str(seats), preset="one-day", names="nickname", hints="free",
        hint_minutes="5", retention_days="30", welcome="", hours="8",
    )  # fmt: skip
    code = made.found(r'<span class="secret-code">([^<]+)<')
    public_id = made.path.rstrip("/").rpartition("/")[2]
    deadline = time.monotonic() + _ACCOUNTS_SECONDS
    while wait and "being made" in trainer.page.text:
        if time.monotonic() > deadline:
            raise RuntimeError(f"The accounts were not made within {_ACCOUNTS_SECONDS} seconds.")
        time.sleep(0.5)
        trainer.get(made.path, "other page")
    return Room(site, heard, trainer, public_id, code)


def _await(process: "subprocess.Popen[bytes]", origin: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    browser = Browser(origin)
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"manage.py demo ended with {process.returncode}")
        try:
            if browser.get("/", "start").status == 200:
                browser.close()
                return
        except OSError:
            browser.close()
            time.sleep(0.1)
    raise RuntimeError(f"The application did not answer within {_START_SECONDS} seconds.")


def _sandbox_of(pid: int) -> int:
    """The first process that `manage.py demo` has started."""
    return min(processes.children(pid))
