"""`python manage.py sandbox`: serve the local AWS endpoint until Ctrl-C."""

import errno
import os
import sys
import threading
from argparse import ArgumentParser
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from sandbox.core import spare_keys
from sandbox.core.config import SandboxConfig
from sandbox.core.store import StaleStore
from sandbox.server.lifecycle import SandboxServer, listen


class Command(BaseCommand):
    help = "Serve the sandbox: identity pools, STS, IAM, S3 and DynamoDB on one local address."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, help="port to listen on (default: SANDBOX_PORT)")
        parser.add_argument("--stop-with-stdin", action="store_true", help="stop when the standard input ends")
        parser.add_argument("--no-seed", action="store_true", help="start without the sample pools, roles and data")

    def handle(self, *args: Any, **options: Any) -> None:
        config = config_from_settings()
        if options["port"] is not None:
            port = options["port"]
            config = replace(config, port=port, public_url=f"http://127.0.0.1:{port}")
        if options["no_seed"]:
            config = replace(config, seed=False)
        try:
            listener = listen(config)
        except OSError as error:
            raise CommandError(_sentence(config, error)) from None
        try:
            server = SandboxServer(config, listener)
        except (StaleStore, LookupError) as problem:
            raise CommandError(problem.args[0]) from None
        self.stdout.write(
            f"The sandbox answers at {config.public_url} (administrator {config.access_key_id!r}). Ctrl-C stops it."
        )
        if options["stop_with_stdin"]:
            threading.Thread(target=_stop_with_stdin, args=(server,), daemon=True).start()
        spare_keys.make_ahead()
        server.run()


def config_from_settings() -> SandboxConfig:
    """The sandbox that Django's settings describe."""
    return SandboxConfig(
        data_file=settings.DATA_DIR / "sandbox.sqlite3",
        host=settings.SANDBOX_HOST,
        port=settings.SANDBOX_PORT,
        public_url=settings.SANDBOX_PUBLIC_URL,
        region=settings.AWS_REGION,
        account_id=settings.SANDBOX_ACCOUNT_ID,
        access_key_id=settings.SANDBOX_ACCESS_KEY_ID,
        secret_access_key=settings.SANDBOX_SECRET_ACCESS_KEY,
        open_accounts=settings.SANDBOX_OPEN_ACCOUNTS,
        oidc_leeway=settings.SANDBOX_OIDC_LEEWAY,
        services=tuple(settings.SANDBOX_SERVICES),
        app_url=settings.PUBLIC_URL,
        more_hosts=(urlsplit(settings.SANDBOX_CLI_URL).hostname or "",),
        unlisted_apps=(settings.APPLICATION_ID,),
        trusted_origins=tuple(settings.SANDBOX_TRUSTED_ORIGINS),
    )


def _stop_with_stdin(server: SandboxServer) -> None:
    """Whoever started the sandbox holds the other end; when that process is gone, however it ended, so are we."""
    # Not through sys.stdin's buffer: its lock would be held here for ever, and Python aborts when it ends and wants it.
    while os.read(sys.stdin.fileno(), 4096):
        pass
    server.stop()


def _sentence(config: SandboxConfig, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {config.port} is taken, so the sandbox cannot start. Stop what uses it, "
            "or choose another one with SANDBOX_PORT."
        )
    return f"The sandbox cannot listen on {config.host}:{config.port}: {error.strerror}."
