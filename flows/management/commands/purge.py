"""`manage.py purge`: delete old runs and sign-ins, and what has expired: sealed values and sessions."""

from argparse import ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from flows.services import runs_purge
from flows.services.housekeeping import purge_others
from providers.services import sign_ins_purge
from vault import services as vault
from web.counted import counted


def _days(text: str) -> int:
    """`30` or `30d`."""
    number = text.removesuffix("d")
    if not (number.isascii() and number.isdigit()) or int(number) < 1:
        raise ArgumentTypeError(f"{text!r} is not a whole number of days of at least 1")
    return int(number)


class Command(BaseCommand):
    help = (
        "Delete runs, with their calls, and sign-ins that are older than a number of days, and whatever has expired: "
        "secrets in the vault, and sessions."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--older-than", type=_days, metavar="DAYS", help="default: RETENTION_DAYS")

    def handle(self, *args: Any, **options: Any) -> None:
        # These say by themselves how old is old enough.
        for what, number in purge_others().items():
            if number:
                self.stdout.write(f"Deleted {number} × {what}.")
        call_command("clearsessions")
        vault.purge()
        days = options["older_than"] or settings.RETENTION_DAYS
        if not days:  # every night, on a site that keeps runs for good: what has expired goes there, too
            self.stdout.write("Runs and sign-ins stay: say how old, by --older-than DAYS or RETENTION_DAYS.")
            return
        age = timedelta(days=days)
        runs, sign_ins = (
            counted(runs_purge(older_than=age), "run"),
            counted(sign_ins_purge(older_than=age), "sign-in"),
        )
        self.stdout.write(f"Deleted {runs} and {sign_ins} of more than {days} days ago.")
