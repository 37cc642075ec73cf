"""`manage.py conformance`: the same questions to the sandbox, to AWS or to any other endpoint."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from operations.aws import said
from operations.conformance import leftovers
from operations.conformance.cases import CASES
from operations.conformance.place import PREFIX, TAG, Place, made
from operations.conformance.running import Result, ask_all, report

_ON_AWS = (
    f"This makes four identity pools and four IAM roles in the account of your AWS credentials, asks identity pools "
    "and STS about {count} questions, and takes all of it away again. Their names begin with "
    f"{PREFIX}, and each has the tag {TAG}. None of this costs anything. Run it with --yes."
)
_ANY_RUN = "*"


def _administrator_at(endpoint: str) -> tuple[str, str] | None:
    """The keys of this installation's own sandbox, where that is what is asked: it knows no others that this machine
    may have."""
    if settings.APP_MODE != "sandbox" or endpoint not in (settings.AWS_ENDPOINT, settings.SANDBOX_CLI_URL):
        return None
    return settings.SANDBOX_ACCESS_KEY_ID, settings.SANDBOX_SECRET_ACCESS_KEY


class Command(BaseCommand):
    help = (
        "Ask an endpoint what identity pools and STS answer in known cases, and say where it differs. Without "
        "--endpoint that is AWS. The SDK's own credentials sign, and at this installation's sandbox its administrator, "
        "unless --profile names others. 1 is returned where something differs."
    )
    requires_system_checks: list[str] = []  # it is about an endpoint, not about this installation

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--endpoint", default="", metavar="URL", help="such as http://127.0.0.1:4566")
        parser.add_argument("--profile", default="", help="of the AWS SDK")
        parser.add_argument("--region", default=settings.AWS_REGION)
        parser.add_argument("--json", action="store_true", help="the report, to be filed")
        parser.add_argument(
            "--clean",
            nargs="?",
            const=_ANY_RUN,
            metavar="RUN",
            help="ask nothing: list what interrupted runs, or this one, have left behind, and with --yes delete it",
        )
        parser.add_argument("--yes", action="store_true", help="go on, in the AWS account that it is")

    def handle(self, *args: Any, **options: Any) -> None:
        endpoint, profile = options["endpoint"].rstrip("/"), options["profile"]
        place = Place(options["region"], endpoint, profile, None if profile else _administrator_at(endpoint))
        if options["clean"] is not None:
            self._clean(place, options["clean"], really=options["yes"])
            return
        if not options["endpoint"] and not options["yes"]:
            raise CommandError(_ON_AWS.format(count=len(CASES)))
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

    def _clean(self, place: Place, run: str, *, really: bool) -> None:
        """List what is left of runs; delete it where that is asked for."""
        try:
            left = leftovers.found(place, "" if run == _ANY_RUN else run)
        except (ClientError, BotoCoreError) as error:
            raise CommandError(f"What is left of earlier runs cannot be listed. {said(error)}") from None
        if not left:
            self.stdout.write(f"Nothing of {'any run' if run == _ANY_RUN else run} is left in {place.region}.")
            return
        self._list(left)
        if not really:
            self.stdout.write("Nothing was deleted. --yes deletes it; a run that is under way is listed as well.")
            return
        stays = [told for one in left if (told := self._deleted(place, one))]
        self.stdout.write(f"{len(left) - len(stays)} of {len(left)} deleted.")
        if stays:
            raise CommandError("\n".join(stays))

    def _list(self, left: Sequence[leftovers.Left]) -> None:
        for run, things in groupby(left, key=lambda one: one.run):
            listed = list(things)
            self.stdout.write(f"{run}, begun {listed[0].began:%Y-%m-%d %H:%M} UTC:")
            for one in listed:
                self.stdout.write(f"  {one.kind} {one.name}" + (f" ({one.key})" if one.key != one.name else ""))

    def _deleted(self, place: Place, one: leftovers.Left) -> str:
        """Why it could not be deleted; nothing where it was."""
        try:
            leftovers.delete(place, one)
        except (ClientError, BotoCoreError) as error:
            return f"The {one.kind} {one.name} stays. {said(error)}"
        return ""
