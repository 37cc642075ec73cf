"""`manage.py exercises validate [--run]`: whether the exercises are as their format says, and whether they work."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from flows.exchange.sandbox_requests import NotDone
from training.exercises import catalogue
from training.exercises.format import BadExercise
from training.services.exercise_cycle import NotProven, prove
from training.services.exercise_validation import mistakes


class Command(BaseCommand):
    help = "List the exercises, validate their folders and, with --run, prove that they work in a running sandbox."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["list", "validate"])
        parser.add_argument("slugs", nargs="*", help="exercises; all by default")
        parser.add_argument(
            "--run", action="store_true", help="go through set-up, wrong fixes and solution in accounts made for it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            folders = catalogue.folders()
        except BadExercise as bad:
            raise CommandError(str(bad)) from None
        chosen = [folders[slug] for slug in options["slugs"] or folders if slug in folders]
        if unknown := set(options["slugs"]) - folders.keys():
            raise CommandError(f"There is no exercise {', '.join(sorted(unknown))}.")
        if options["action"] == "list":
            for folder in chosen:
                exercise = folder.exercise
                self.stdout.write(f"{exercise.slug:24} {exercise.minutes:3} min  {exercise.title}")
            return
        wrong = mistakes(folders)
        for folder in chosen:
            self.stdout.write(f"{folder.slug}: {len(folder.exercise.checks)} checks")
            if not options["run"]:
                continue
            try:
                for seen in prove(folder):
                    self.stdout.write(f"  {seen}")
            except (NotProven, NotDone) as failed:
                wrong.append(f"{folder.slug}: {failed}")
        if wrong:
            raise CommandError("\n".join(wrong))
        self.stdout.write("All well.")
