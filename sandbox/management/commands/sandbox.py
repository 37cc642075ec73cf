"""`python manage.py sandbox`: serve the local AWS endpoint until Ctrl-C."""

from argparse import ArgumentParser
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from sandbox.core.config import SandboxConfig
from sandbox.server.process import CannotStart, serve


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
            serve(config, self._say, stop_with_stdin=options["stop_with_stdin"], port_option="SANDBOX_PORT")
        except CannotStart as problem:
            raise CommandError(str(problem)) from None

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()  # or it would wait in a buffer where the output is a file or a pipe


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
