"""`manage.py doctor`: what of this installation and its AWS account is fine, and what mends the rest."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from operations.doctor.examination import CHECKS, examine
from operations.doctor.text import text_of


class Command(BaseCommand):
    help = (
        "Look at this installation and at the AWS account that it uses, and say what is wrong: found, expected, why, "
        "and the command that mends it. It only reads. The last line is the verdict; 0 is returned for fine, 1 for "
        "warnings, 2 for errors."
    )
    requires_system_checks: list[str] = []  # They are among the checks.

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = ", ".join(listed.name for listed in CHECKS)
        parser.add_argument("--json", action="store_true", help="as docs/doctor-v1.schema.json describes it")
        parser.add_argument("--only", default="", metavar="NAMES", help=f"with commas between, of: {names}")
        parser.add_argument("--offline", action="store_true", help="only what can be told without a network")

    def handle(self, *args: Any, **options: Any) -> None:
        only = [name.strip() for name in options["only"].split(",") if name.strip()]
        try:
            report = examine(only=only, offline=options["offline"], sandbox=settings.APP_MODE == "sandbox")
        except KeyError as unknown:
            raise CommandError(f"There is no check {unknown}. --help names them.") from None
        shown = json.dumps(report.as_json(), indent=2, ensure_ascii=False) if options["json"] else text_of(report)
        self.stdout.write(shown)
        if report.code:
            sys.exit(report.code)
