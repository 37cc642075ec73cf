"""The web server and the sandbox as one command: what `demo` and `class` have in common."""

import logging
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection
from django.db.migrations.exceptions import InconsistentMigrationHistory, NodeNotFoundError
from django.db.migrations.executor import MigrationExecutor

import httpget
from cognitodemo import env
from cognitodemo.backups import serving
from cognitodemo.server import WebServer, is_taken

START_SECONDS = 60
_LARGEST = 64 * 1024  # bytes of what the sandbox says of its health
MOST_DEATHS = 4  # of the sandbox, after each of which it is started again,
WITHIN_SECONDS = 60  # unless they come this fast
FIRST_PAUSE_SECONDS = 0.25  # before it is started again; each further one doubles

# How a process ends that was asked to, by itself or by the signal.
_TOLD_TO_END = {0, *(code for number in (signal.SIGTERM, signal.SIGINT) for code in (-number, 128 + number))}

log = logging.getLogger("lab.server")


def require_both_free() -> None:
    """Pass where both ports are free.

    Raises:
        CommandError
    """
    require_free(settings.WEB_HOST, settings.WEB_PORT, "the web server", "WEB_PORT")
    require_free(settings.SANDBOX_HOST, settings.SANDBOX_PORT, "the sandbox", "SANDBOX_PORT")


def begin_again(*more: str) -> NoReturn:
    """Put the same command in this process's place, since settings are read once: with these arguments besides."""
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, *sys.argv, *more], env.as_given())  # noqa: S606 - ourselves again


class SandboxBeside:
    """The sandbox in a process of its own, which ends with this one, and is started again where it dies.

    Attributes:
        gave_up: whether it died so often that it was left so, or cannot be started again.
    """

    def __init__(self) -> None:
        self.gave_up = False
        self._process = _start_sandbox()
        self._stopping = threading.Event()

    def wait_until_ready(self) -> None:
        """Return when it answers.

        Raises:
            CommandError: it did not start.
        """
        _wait_until_ready(self._process)

    def watch(self, ended: Callable[[], None]) -> None:
        """Start it again whenever it dies, at most MOST_DEATHS times within WITHIN_SECONDS. Does not return before
        `stop`, or its end: it ended as it was asked to, or died once too often; `ended` is called then."""
        deaths: deque[float] = deque(maxlen=MOST_DEATHS + 1)
        while self._process.wait() not in _TOLD_TO_END and not self._stopping.is_set():
            deaths.append(time.monotonic())
            if len(deaths) > MOST_DEATHS and deaths[-1] - deaths[0] < WITHIN_SECONDS:
                self.gave_up = True
                break
            pause = FIRST_PAUSE_SECONDS * 2 ** (len(deaths) - 1)
            log.error("The sandbox died (%s). It is started again.", _how_it_ended(self._process.returncode))
            if self._stopping.wait(pause):
                return
            self._process = _start_sandbox()
        if not self._stopping.is_set():
            ended()

    def stop(self) -> None:
        self._stopping.set()
        _stop(self._process)


@contextmanager
def sandbox_beside() -> Iterator[SandboxBeside]:
    """A sandbox that answers, in a process of its own, which ends with the block.

    Raises:
        CommandError: it did not start.
    """
    sandbox = SandboxBeside()
    try:
        sandbox.wait_until_ready()
        yield sandbox
    finally:
        sandbox.stop()


def serve_until_stopped(sandbox: SandboxBeside) -> None:
    """Serve the web application until Ctrl-C, SIGTERM, or the end of the sandbox.

    Raises:
        CommandError: the sandbox died again and again.
    """
    server = WebServer(settings.WEB_HOST, settings.WEB_PORT)
    threading.Thread(target=sandbox.watch, args=(server.close,), daemon=True).start()
    server.run()
    if sandbox.gave_up:
        raise CommandError(
            f"The sandbox died {MOST_DEATHS + 1} times within {WITHIN_SECONDS} seconds; its last lines above say why. "
            "The web server was stopped as well."
        )


def _how_it_ended(code: int) -> str:
    """What a process ended with, in words: 9 is what the system sends where memory is short."""
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def migrate() -> None:
    """Bring the database up to date, and let nobody restore another under it from here on.

    Raises:
        CommandError: it was made by another version, cannot be reached, or is just being restored.
    """
    try:
        serving.hold(settings.DATA_DIR)
        executor = MigrationExecutor(connection)
        if unknown := set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations):
            app, name = sorted(unknown)[0]
            found = f"The database was made by another version (it has {app}.{name})."
            raise CommandError(f"{found} {_database_advice()}")
        call_command("migrate", verbosity=0, interactive=False)
    except serving.Busy as reason:
        raise CommandError(str(reason)) from None
    except (DatabaseError, InconsistentMigrationHistory, NodeNotFoundError) as error:
        raise CommandError(f"The database cannot be brought up to date: {error}. {_database_advice()}") from error


def require_free(host: str, port: int, what: str, setting: str) -> None:
    """Pass where nothing listens.

    Raises:
        CommandError
    """
    if is_taken(host, port):
        raise CommandError(f"Port {port} of {host} is taken, and {what} needs it. Stop what uses it, or set {setting}.")


def _database_advice() -> str:
    if connection.vendor == "sqlite":
        return f"Move {connection.settings_dict['NAME']} away to start over."
    return "Point DATABASE_URL at another database to start over."


def accounts_with_passwords(path: Path, staff: Mapping[str, bool], *, superusers: bool) -> dict[str, str]:
    """Names and passwords of these accounts, made now where they are missing.

    The passwords are made once per installation and kept in a file that only we may read: a well-known administrator's
    password would be a hole in every classroom that opens the application to its network.

    Args:
        staff: name -> whether it is staff, and with `superusers` a superuser as well.

    Raises:
        CommandError: no account of this site has a password.
    """
    if staff and not settings.LOCAL_PASSWORDS:
        raise CommandError(
            "LOCAL_PASSWORDS is no, and this command gives accounts passwords. Use `manage.py sandbox` and `manage.py "
            "serve`, where trainers open classes at /class/; or `manage.py demo --no-accounts`."
        )
    kept = dict(line.split(" ", 1) for line in path.read_text().splitlines()) if path.exists() else {}
    User = get_user_model()
    given = {}
    for name, is_staff in staff.items():
        password = kept.setdefault(name, secrets.token_urlsafe(9))
        flags = {"is_staff": is_staff, "is_superuser": is_staff and superusers}
        account, made = User.objects.get_or_create(username=name, defaults=flags)
        if made:
            account.set_password(password)
            account.save(update_fields=["password"])
        elif not account.check_password(password):
            kept.pop(name)  # somebody chose another one, which is theirs alone to know
            continue
        given[name] = password
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text("".join(f"{name} {password}\n" for name, password in kept.items()))
    return given


def _start_sandbox() -> "subprocess.Popen[bytes]":
    # The sandbox ends when its standard input does, so that it cannot outlive this process, however that one ends.
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "sandbox", "--stop-with-stdin"]
    return subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603


def _wait_until_ready(sandbox: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    health = f"http://127.0.0.1:{settings.SANDBOX_PORT}/_sandbox/health"
    while time.monotonic() < deadline:
        if sandbox.poll() is not None:
            raise CommandError("The sandbox did not start; the line above says why.")
        try:
            if httpget.get(health, seconds=2, largest=_LARGEST).status == 200:
                return
        except httpget.NoAnswer:
            pass
        time.sleep(0.1)
    raise CommandError(f"The sandbox did not answer within {START_SECONDS} seconds.")


def _stop(sandbox: "subprocess.Popen[bytes]") -> None:
    if sandbox.poll() is None:
        sandbox.terminate()
        try:
            sandbox.wait(timeout=10)
        except subprocess.TimeoutExpired:
            sandbox.kill()
