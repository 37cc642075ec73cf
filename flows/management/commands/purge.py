"""`manage.py purge`: delete old runs, and what has expired in the vault."""

from argparse import ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from flows.services import runs_purge


def _days(text: str) -> int:
    """`30` or `30d`."""
    number = text.removesuffix("d")
    if not (number.isascii() and number.isdigit()) or int(number) < 1:
        raise ArgumentTypeError(f"{text!r} is not a whole number of days of at least 1")
    return int(number)


class Command(BaseCommand):
    help = "Delete runs opened more than a number of days ago, with their calls, and expired secrets from the vault."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--older-than", type=_days, metavar="DAYS", help="default: RETENTION_DAYS")

    def handle(self, *args: Any, **options: Any) -> None:
        days = options["older_than"] or settings.RETENTION_DAYS
        if not days:
            raise CommandError("Say how old: --older-than DAYS, or set RETENTION_DAYS.")
        deleted = runs_purge(older_than=timedelta(days=days))
        self.stdout.write(f"Deleted {deleted} run{'' if deleted == 1 else 's'} opened more than {days} days ago.")
