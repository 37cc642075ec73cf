"""`manage.py backup FILE-or-DIRECTORY`: everything of this installation as one file, taken while it serves."""

import shlex
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cognitodemo.backups import archive, taking


class Command(BaseCommand):
    help = (
        "Write the application's rows (SQLite or PostgreSQL), the sandbox's file and what accounts have in S3, "
        "DynamoDB and Systems Manager into one file that only you may read, while everything serves or while it does "
        "not. `restore` makes an installation of it. What is not in it is said; 1 is returned where it should be."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("place", type=Path, help="a file, or a directory in which one is made, named by the time")
        parser.add_argument("--replace", action="store_true", help="replace a backup of that name, once it is whole")
        parser.add_argument(
            "--without-sandbox",
            action="store_true",
            help="the site's sandbox has a DATA_DIR of its own, and is backed up there (`sandbox_backup take`)",
        )
        parser.add_argument("--every", type=int, metavar="MINUTES", help="again and again, until Ctrl-C")

    def handle(self, *args: Any, **options: Any) -> None:
        place, every = Path(options["place"]).absolute(), options["every"]
        sandbox = not options["without_sandbox"]
        if every is not None and every < 1:
            raise CommandError("--every takes a number of minutes.")
        path = taking.place_of(place)
        taken = self._once(path, replace=options["replace"] or self._may_replace(path), sandbox=sandbox)
        for sentence in taking.left_to_you(taken):
            self.stdout.write(sentence)
        # `class restore` serves at once, by the address of that machine: as `manage.py class` does, and no site.
        served_at_once = "class " if taken.classes and taken.manifest.engine == archive.SQLITE else ""
        self.stdout.write(
            "It holds all that DATA_DIR holds: every class and account of this site, names, work, keys, the trainer's\n"
            "password. Keep it as you keep that directory. On another machine:\n"
            f"  .venv/bin/python manage.py {served_at_once}restore {shlex.quote(str(path))}"
        )
        if taken.not_kept and not every:
            raise CommandError("What is named above is not in this backup. It was written all the same.")
        while every:
            self.stdout.flush()
            time.sleep(60 * every)
            try:
                self._once(taking.place_of(place), replace=True, sandbox=sandbox)
            except CommandError as failed:  # a full stick, a class that is just started again: the next one may do
                self.stderr.write(f"{timezone.localtime():%H:%M:%S} UTC: {failed} The backup before is still there.")

    def _may_replace(self, path: Path) -> bool:
        if not path.is_file() or not sys.stdin.isatty():
            return False
        return input(f"{path} is there already. Replace it, if it is a backup? [y/N] ").strip().lower() in ("y", "yes")

    def _once(self, path: Path, *, replace: bool, sandbox: bool) -> taking.WrittenBackup:
        began = time.monotonic()
        taken = taking.take(path, replace=replace, sandbox=sandbox)
        names = ", ".join(f"“{one.name}” ({one.people} of {one.seats} seats)" for one in taken.classes)
        self.stdout.write(
            f"{timezone.localtime():%H:%M:%S} UTC: {path}, {taken.size / 1_000_000:.1f} MB in "
            f"{time.monotonic() - began:.1f} s: {sum(taken.manifest.rows.values())} rows, {names or 'no class'}."
        )
        for sentence in (*taken.not_kept, *taken.elsewhere):
            self.stderr.write(f"Not in it: {sentence}")
        return taken
