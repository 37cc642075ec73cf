"""`manage.py demo`: the whole product on one machine, by one command."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cognitodemo import class_settings, together
from training.services import restart

DEMO_ACCOUNTS = {"learner": False, "admin": True}


class Command(BaseCommand):
    help = "Migrate, make the demo accounts, start the sandbox and the web server; Ctrl-C stops both."
    requires_system_checks = "__all__"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-accounts", action="store_true", help="Make no demo accounts.")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.APP_MODE != "sandbox":
            raise CommandError("The demo runs in sandbox mode. Remove APP_MODE from .env, or see the README on AWS.")
        self._leave_the_room()
        together.require_both_free()
        together.migrate()
        restart.let_go()
        wanted = {} if options["no_accounts"] else DEMO_ACCOUNTS
        kept = settings.DATA_DIR / "demo-accounts"
        accounts = together.accounts_with_passwords(kept, wanted, superusers=True) if wanted else {}
        with together.sandbox_beside() as sandbox:
            self.stdout.write(self.style.SUCCESS(f"\n  Identity Pools Lab   {settings.PUBLIC_URL}"))
            self.stdout.write(
                f"  Sandbox (AWS)        {settings.SANDBOX_PUBLIC_URL}   (in a browser: the providers' stand-ins)"
            )
            for name, password in accounts.items():
                self.stdout.write(f"  Demo account         {name} / {password}")
            self.stdout.write("  Ctrl-C stops both.\n")
            self.stdout.flush()  # or it would wait in a buffer where the output is a file or a pipe
            together.serve_until_stopped(sandbox)
            self.stdout.write("Stopped.")

    def _leave_the_room(self) -> None:
        """Serve for this machine alone where `manage.py class` has set an address that this machine no longer has."""
        path = Path(settings.ENV_FILE)
        if not (address := class_settings.left_behind(path, class_settings.own_addresses())):
            return
        wanted = class_settings.wanted_settings(
            class_settings.LOOPBACK, settings.WEB_PORT, settings.SANDBOX_SECRET_ACCESS_KEY
        )
        class_settings.write(path, wanted, settings.SET_OUTSIDE)
        self.stdout.write(f"This machine is no longer {address}, which a class was served under: {path} is set anew.")
        self.stdout.flush()
        together.begin_again()
