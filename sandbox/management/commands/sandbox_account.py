"""`python manage.py sandbox_account export NUMBER FILE` or `import FILE`: an account of a running sandbox as a file."""

import json
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sandbox.management.asking import asked
from sandbox.management.commands.sandbox import config_from_settings


class Command(BaseCommand):
    help = "Write an account of the running sandbox to a file, or make an account of such a file."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        export = actions.add_parser(
            "export", help="write everything of an account, its private keys too, to a new file"
        )
        export.add_argument("number", help="twelve digits")
        export.add_argument("file", type=Path, help="is made, readable for you only")
        taken = actions.add_parser("import", help="make the account that a file holds")
        taken.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "export":
            self._export(options["number"], options["file"])
        else:
            self._import(options["file"])

    def _export(self, number: str, path: Path) -> None:
        if path.exists():
            raise CommandError(f"{path} exists already.")
        archive = asked(config_from_settings(), "GET", f"archive?account={number}", b"")
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(descriptor, "wb") as file:
                file.write(archive)
        except OSError as error:
            raise CommandError(f"{path} could not be written: {error.strerror}.") from None
        self.stdout.write(f"Account {number} is in {path}. The file holds its private keys: keep it as one.")

    def _import(self, path: Path) -> None:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path} could not be read: {error.strerror}.") from None
        made = json.loads(asked(config_from_settings(), "PUT", "archive", data))
        self.stdout.write(f"Account {made['account']} {made['name']!r} was imported.")
        self.stdout.write(f"Its administrator's key: {made['AccessKeyId']} {made['SecretAccessKey']}")
        for sentence in made["notKept"]:
            self.stdout.write(sentence)
