"""`manage.py conformance`: the same questions to the sandbox, to AWS or to any other endpoint."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from operations.aws import said
from operations.conformance.cases import CASES
from operations.conformance.place import PREFIX, Place, made
from operations.conformance.running import Result, ask_all, report

_ON_AWS = (
    f"This makes four identity pools and four IAM roles, whose names begin with {PREFIX}, in the account of your AWS "
    "credentials, asks identity pools and STS about {count} questions, and takes all of it away again. None of this "
    "costs anything. Run it with --yes."
)


class Command(BaseCommand):
    help = (
        "Ask an endpoint what identity pools and STS answer in known cases, and say where it differs. Without "
        "--endpoint that is AWS, with the SDK's own credentials. 1 is returned where something differs."
    )
    requires_system_checks: list[str] = []  # it is about an endpoint, not about this installation

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--endpoint", default="", metavar="URL", help="such as http://127.0.0.1:4566")
        parser.add_argument("--profile", default="", help="of the AWS SDK")
        parser.add_argument("--region", default=settings.AWS_REGION)
        parser.add_argument("--json", action="store_true", help="the report, to be filed")
        parser.add_argument("--yes", action="store_true", help="go on, in the AWS account that it is")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["endpoint"] and not options["yes"]:
            raise CommandError(_ON_AWS.format(count=len(CASES)))
        place = Place(options["region"], options["endpoint"].rstrip("/"), options["profile"])
        results: list[Result] = []
        try:
            with made(place):
                for result in ask_all(place):
                    results.append(result)
                    if not options["json"]:
                        self._tell(result)
        except (ClientError, BotoCoreError) as error:
            raise CommandError(f"The cases could not be set up. {said(error)}") from None
        different = sum(not result.same for result in results)
        if options["json"]:
            self.stdout.write(json.dumps(report(place, results), indent=2, ensure_ascii=False))
        else:
            self.stdout.write(f"{len(results) - different} of {len(results)} as expected, {different} different.")
        if different:
            sys.exit(1)

    def _tell(self, result: Result) -> None:
        self.stdout.write(f"{'=' if result.same else '≠'} {result.case} ({result.mark})")
        if not result.same:
            self.stdout.write(f"    expected  {result.expected}\n    found     {result.found}")
