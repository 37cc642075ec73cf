"""`manage.py restore FILE`: an installation made of a backup; `--check` looks at the file alone."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from cognitodemo.backups import archive, restoring
from cognitodemo.backups.archive import Manifest


class Command(BaseCommand):
    help = (
        "Make the data directory, and the tables of PostgreSQL where the backup is of one, of a file that `backup` "
        "wrote. Refused where it is damaged, of something else or of a newer version, where something serves, and "
        "where there are data already; `class restore` serves at once."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--check", action="store_true", help="read all of the file, and change nothing")
        parser.add_argument(
            "--replace",
            action="store_true",
            help="put aside what is there, under a name that is said; nothing is deleted",
        )
        parser.add_argument(
            "--without-content",
            action="store_true",
            help="without what accounts have in S3, DynamoDB and Systems Manager, if another version wrote it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            self.stdout.write(f"Whole: {_described(restoring.look(options['file']))}.")
            return
        given = {"content": not options["without_content"], "replace": options["replace"]}
        restored = restoring.restore(options["file"], **given)
        for sentence in restored.told:
            self.stdout.write(sentence)
        where = "the database and " if restored.manifest.engine == "postgresql" else ""
        self.stdout.write(f"Restored into {where}{settings.DATA_DIR}: {_described(restored.manifest)}.")


def _described(found: Manifest) -> str:
    by = f" by version {found.version}" if found.version else ""
    rows = f"{found.engine}, {sum(found.rows.values())} rows"
    sandbox = ", without a sandbox" if settings.APP_MODE == "sandbox" and archive.SANDBOX not in found.files else ""
    return f"a backup of {found.made:%Y-%m-%d %H:%M:%S} UTC{by}, {rows}{sandbox}"
