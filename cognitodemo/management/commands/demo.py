"""`manage.py demo`: the whole product on one machine, by one command."""

import secrets
import subprocess
import sys
import threading
import time
import urllib.request
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.error import URLError

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.db.migrations.exceptions import InconsistentMigrationHistory, NodeNotFoundError
from django.db.migrations.executor import MigrationExecutor

from cognitodemo.server import WebServer, is_taken

START_SECONDS = 30
DEMO_ACCOUNTS = {"learner": False, "admin": True}


class Command(BaseCommand):
    help = "Migrate, make the demo accounts, start the sandbox and the web server; Ctrl-C stops both."
    requires_system_checks = "__all__"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-accounts", action="store_true", help="Make no demo accounts.")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.APP_MODE != "sandbox":
            raise CommandError("The demo runs in sandbox mode. Remove APP_MODE from .env, or see the README on AWS.")
        _require_free(settings.WEB_HOST, settings.WEB_PORT, "the web server", "WEB_PORT")
        _require_free(settings.SANDBOX_HOST, settings.SANDBOX_PORT, "the sandbox", "SANDBOX_PORT")
        self._migrate()
        accounts = {} if options["no_accounts"] else _demo_accounts(settings.DATA_DIR / "demo-accounts")
        sandbox = _start_sandbox()
        try:
            _wait_until_ready(sandbox)
            self._serve(sandbox, accounts)
        finally:
            _stop(sandbox)

    def _migrate(self) -> None:
        try:
            executor = MigrationExecutor(connection)
            if unknown := set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations):
                app, name = sorted(unknown)[0]
                found = f"The database was made by another version (it has {app}.{name})."
                raise CommandError(f"{found} {_database_advice()}")
            call_command("migrate", verbosity=0, interactive=False)
        except (DatabaseError, InconsistentMigrationHistory, NodeNotFoundError) as error:
            raise CommandError(f"The database cannot be brought up to date: {error}. {_database_advice()}") from error

    def _serve(self, sandbox: "subprocess.Popen[bytes]", accounts: dict[str, str]) -> None:
        server = WebServer(settings.WEB_HOST, settings.WEB_PORT)
        self.stdout.write(self.style.SUCCESS(f"\n  Identity Pools Lab   {settings.PUBLIC_URL}"))
        self.stdout.write(
            f"  Sandbox (AWS)        {settings.SANDBOX_PUBLIC_URL}   (in a browser: the providers' stand-ins)"
        )
        for name, password in accounts.items():
            self.stdout.write(f"  Demo account         {name} / {password}")
        self.stdout.write("  Ctrl-C stops both.\n")
        self.stdout.flush()  # or it would wait in a buffer where the output is a file or a pipe
        threading.Thread(target=_stop_when_gone, args=(sandbox, server), daemon=True).start()
        server.run()
        if sandbox.poll() not in (None, 0):
            raise CommandError("The sandbox stopped; its last lines above say why. The web server was stopped as well.")
        self.stdout.write("Stopped.")


def _require_free(host: str, port: int, what: str, setting: str) -> None:
    if is_taken(host, port):
        raise CommandError(f"Port {port} of {host} is taken, and {what} needs it. Stop what uses it, or set {setting}.")


def _database_advice() -> str:
    if connection.vendor == "sqlite":
        return f"Move {connection.settings_dict['NAME']} away to start over."
    return "Point DATABASE_URL at another database to start over."


def _demo_accounts(path: Path) -> dict[str, str]:
    """The demo accounts' names and passwords.

    The passwords are made once per installation and kept in a file that only we may read: a well-known administrator's
    password would be a hole in every classroom that opens the demo to its network.
    """
    kept = dict(line.split(" ", 1) for line in path.read_text().splitlines()) if path.exists() else {}
    User = get_user_model()
    for name, staff in DEMO_ACCOUNTS.items():
        password = kept.setdefault(name, secrets.token_urlsafe(9))
        account, made = User.objects.get_or_create(username=name, defaults={"is_staff": staff, "is_superuser": staff})
        if made:
            account.set_password(password)
            account.save(update_fields=["password"])
        elif not account.check_password(password):
            kept.pop(name)  # somebody chose another one, which is theirs alone to know
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text("".join(f"{name} {password}\n" for name, password in kept.items()))
    return kept


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
