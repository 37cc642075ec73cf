"""The web server and the sandbox as one command: what `demo` and `class` have in common."""

import secrets
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection
from django.db.migrations.exceptions import InconsistentMigrationHistory, NodeNotFoundError
from django.db.migrations.executor import MigrationExecutor

from cognitodemo.server import WebServer, is_taken

START_SECONDS = 60


def require_both_free() -> None:
    """Pass where both ports are free.

    Raises:
        CommandError
    """
    require_free(settings.WEB_HOST, settings.WEB_PORT, "the web server", "WEB_PORT")
    require_free(settings.SANDBOX_HOST, settings.SANDBOX_PORT, "the sandbox", "SANDBOX_PORT")


@contextmanager
def sandbox_beside() -> Iterator["subprocess.Popen[bytes]"]:
    """A sandbox that answers, in a process of its own, which ends with the block.

    Raises:
        CommandError: it did not start.
    """
    sandbox = _start_sandbox()
    try:
        _wait_until_ready(sandbox)
        yield sandbox
    finally:
        _stop(sandbox)


def serve_until_stopped(sandbox: "subprocess.Popen[bytes]") -> None:
    """Serve the web application until Ctrl-C, SIGTERM, or the end of the sandbox.

    Raises:
        CommandError: the sandbox ended by itself.
    """
    server = WebServer(settings.WEB_HOST, settings.WEB_PORT)
    threading.Thread(target=_stop_when_gone, args=(sandbox, server), daemon=True).start()
    server.run()
    if sandbox.poll() not in (None, 0):
        raise CommandError("The sandbox stopped; its last lines above say why. The web server was stopped as well.")


def migrate() -> None:
    """Bring the database up to date.

    Raises:
        CommandError: it was made by another version, or cannot be reached.
    """
    try:
        executor = MigrationExecutor(connection)
        if unknown := set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations):
            app, name = sorted(unknown)[0]
            found = f"The database was made by another version (it has {app}.{name})."
            raise CommandError(f"{found} {_database_advice()}")
        call_command("migrate", verbosity=0, interactive=False)
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
    """
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
    while time.monotonic() < deadline:
        if sandbox.poll() is not None:
            raise CommandError("The sandbox did not start; the line above says why.")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{settings.SANDBOX_PORT}/_sandbox/health", timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise CommandError(f"The sandbox did not answer within {START_SECONDS} seconds.")


def _stop_when_gone(sandbox: "subprocess.Popen[bytes]", server: WebServer) -> None:
    sandbox.wait()
    server.close()


def _stop(sandbox: "subprocess.Popen[bytes]") -> None:
    if sandbox.poll() is None:
        sandbox.terminate()
        try:
            sandbox.wait(timeout=10)
        except subprocess.TimeoutExpired:
            sandbox.kill()
