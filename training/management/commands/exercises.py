"""`manage.py exercises validate [--run]`: whether the exercises are as their format says, and whether they work.

`manage.py exercises save SLUG --account N` prints what an account holds of an exercise, as the file for its set_up.
"""

import logging
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from flows.exchange.sandbox_requests import NotDone
from training.exercises import catalogue
from training.exercises.catalogue import Folder
from training.exercises.format import BadExercise
from training.services.exercise_cycle import NotProven, prove
from training.services.exercise_validation import mistakes
from training.services.exercise_work import wrong_fixes
from training.services.grounds import Ground
from training.services.saved_states import NotSaved, state_saved
from web.counted import counted


class Command(BaseCommand):
    help = "List the exercises, validate their folders and, with --run, prove that they work in a running sandbox."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["list", "validate", "save"])
        parser.add_argument("slugs", nargs="*", help="exercises; all by default")
        parser.add_argument(
            "--run", action="store_true", help="go through set-up, wrong fixes and solution in accounts made for it"
        )

        parser.add_argument("--account", default="", help="with save: the account of the sandbox, twelve digits")
        parser.add_argument("--opponent", default="", help="with save: the second account")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            folders = catalogue.folders()
        except BadExercise as bad:
            raise CommandError(str(bad)) from None
        chosen = [folders[slug] for slug in options["slugs"] or folders if slug in folders]
        if unknown := set(options["slugs"]) - folders.keys():
            raise CommandError(f"There is no exercise {', '.join(sorted(unknown))}.")
        if options["action"] == "save":
            self.stdout.write(_saved(chosen, options["account"], options["opponent"]), ending="")
            return
        if options["action"] == "list":
            for folder in chosen:
                exercise = folder.exercise
                self.stdout.write(f"{exercise.slug:24} {exercise.minutes:3} min  {exercise.title}")
            return
        wrong = mistakes(folders)
        for folder in chosen if options["run"] else ():
            if failure := self._proven(folder, steps=options["verbosity"] > 1):
                wrong.append(f"{folder.slug}: {failure}")
        if wrong:
            raise CommandError("\n".join([counted(len(wrong), "mistake"), *wrong]))
        self.stdout.write(f"{counted(len(chosen), 'exercise')}: {'all proven' if options['run'] else 'no mistakes'}.")

    def _proven(self, folder: Folder, *, steps: bool) -> str:
        """Prove an exercise, with a line about it; why it failed, or nothing."""
        began, seen, failure = monotonic(), 0, ""
        try:
            with _calls_unsaid():
                for each in prove(folder):
                    seen += 1
                    if steps:
                        self.stdout.write(f"  {each}")
        except (NotProven, NotDone, ClientError, BotoCoreError) as failed:
            failure = str(failed)
        told = f"{len(folder.exercise.checks):2} checks, {len(wrong_fixes(folder))} wrong fixes"
        took = f"{monotonic() - began:5.1f} s"
        self.stdout.write(f"{'FAILED' if failure else 'ok':6}  {folder.slug:24}  {told}, {took}")
        return f"after {counted(seen, 'step')}: {failure}" if failure else ""


@contextmanager
def _calls_unsaid() -> Iterator[None]:
    """Without a line of the log for each of some hundred calls, among which nobody would find the result."""
    logger = logging.getLogger("flows.calls")
    before = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(before)


def _saved(chosen: list[Folder], account: str, opponent: str) -> str:
    if len(chosen) != 1 or not account:
        raise CommandError("Name one exercise, and with --account the account in which it was built.")
    (folder,) = chosen
    if bool(opponent) != folder.exercise.environment.opponent:
        raise CommandError("--opponent goes with an exercise that has a second account, and only with such a one.")
    region = settings.AWS_REGION
    other = Ground(opponent, region, folder.slug) if opponent else None
    try:
        return state_saved(folder, Ground(account, region, folder.slug, other))
    except (NotSaved, NotDone, BadExercise) as failed:
        raise CommandError(str(failed)) from None
