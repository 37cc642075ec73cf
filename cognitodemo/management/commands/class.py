"""`manage.py class "Oslo, Monday" --seats 24`: a class on this machine, for everybody in the room, by one command.

`manage.py class backup FILE` copies it while it runs, and `manage.py class restore FILE` goes on with it elsewhere.
"""

import logging
import shlex
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import User
from cognitodemo import class_settings, together
from cognitodemo.backups import restoring
from training.models import Cohort, CohortState, Role
from training.services import classes, codes, joining, restart, sandbox_accounts
from training.services.errors import Refused
from training.services.presets import amount_of, preset_choices, require_known

_TRAINER = "trainer"
_BACKUP, _RESTORE = "backup", "restore"
_READY = "--settings-are-written"
_MOST_HOURS = 24 * 14


class Command(BaseCommand):
    help = (
        "Serve a class from this machine: find its address, write what has to be set into .env, make an account of the "
        "sandbox for every seat, start the sandbox and the web server, and say how people join. Run again with the "
        "same name, it goes on with that class. Needs no internet. `class backup FILE` copies everything while it "
        "runs, and `class restore FILE` goes on with it on another machine."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help='what people see when they join: "Oslo, Monday"; or backup, or restore')
        parser.add_argument("file", nargs="?", type=Path, help="of a backup")
        parser.add_argument("--seats", type=int, default=24)
        chosen = parser.add_mutually_exclusive_group()
        chosen.add_argument("--preset", default="half-day", help="the exercises: half-day, one-day, security, or all")
        chosen.add_argument(
            "--exercises",
            metavar="SLUGS",
            help="single exercises instead, in their order, with commas between: ready,two-doors "
            "(`manage.py exercises list` names them). A class that goes on gets them as well",
        )
        parser.add_argument(
            "--hours", type=int, default=10, help="until it ends by itself, from each start of the command on"
        )
        parser.add_argument("--address", help="this machine's name or address, or the origin of a tunnel or proxy")
        parser.add_argument(
            "--replace", action="store_true", help="backup, restore: put what is there aside, or replace it"
        )
        parser.add_argument("--every", type=int, metavar="MINUTES", help="backup: again and again, until Ctrl-C")
        parser.add_argument(
            "--without-content",
            action="store_true",
            help="restore: without what accounts have in S3, DynamoDB and Systems Manager, if another version wrote it",
        )
        parser.add_argument(_READY, action="store_true", dest="ready", help="used by the command itself")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.APP_MODE != "sandbox":
            raise CommandError("A class gets its accounts from the sandbox. Remove APP_MODE from .env.")
        verbs = {_BACKUP: self._back_up, _RESTORE: self._restore}
        if options["file"] is None and options["name"] in verbs:
            raise CommandError(f"Say which file: manage.py class {options['name']} FILE")
        if options["file"] is not None and options["name"] not in verbs:
            raise CommandError(f'Put a name that has spaces in quotes: "{options["name"]} {options["file"]}".')
        verbs.get(options["name"], self._class)(options)

    def _class(self, options: dict[str, Any]) -> None:
        for name, most in (("seats", 500), ("hours", _MOST_HOURS)):
            if not 1 <= options[name] <= most:
                raise CommandError(f"--{name} takes a number from 1 to {most}.")
        known = [key for key, _ in preset_choices()]
        if options["preset"] not in known:
            raise CommandError(f"--preset is one of {', '.join(known)}.")
        try:
            chosen = require_known(_slugs_in(options["exercises"])) if options["exercises"] is not None else []
        except Refused as refused:
            raise CommandError(f"--exercises: {refused} `manage.py exercises list` says which there are.") from None
        if not options["ready"]:
            self._set(options["address"])
        self._serve(options, chosen)

    def _serve(self, options: dict[str, Any], chosen: list[str] | None = None) -> None:
        """Serve until Ctrl-C.

        Args:
            chosen: the exercises of the class, where they are not those of a preset; None for what was restored.
        """
        together.require_both_free()
        together.migrate()
        restart.let_go()
        is_restored = options["name"] == _RESTORE
        accounts = together.accounts_with_passwords(
            settings.DATA_DIR / "demo-accounts", self._staff(is_restored), superusers=False
        )
        with together.sandbox_beside() as sandbox:
            cohorts = self._restored() if is_restored else [self._cohort(options, chosen or [])]
            for cohort in cohorts:
                joining.keep_join_code(cohort)
                self._make_accounts(cohort)
            for cohort in cohorts:
                self._say(cohort)
            again = self._again(cohorts) if is_restored else "the same command"
            self._say_for_all(accounts, again)
            if not settings.LOG_LEVEL:
                logging.disable(logging.INFO)  # a line for each request of a room buries what was just said
            together.serve_until_stopped(sandbox)
            self.stdout.write(f"Stopped. Run {again} to go on.")

    def _staff(self, is_restored: bool) -> dict[str, bool]:
        """Whose passwords are told. A backup brings its own accounts, and may be of a site without a trainer's."""
        known = not is_restored or User.objects.filter(username=_TRAINER).exists()
        return {_TRAINER: True} if known else {}

    def _again(self, cohorts: list[Cohort]) -> str:
        """What to type to go on with these classes."""
        for cohort in cohorts:
            if cohort.created_by is not None and cohort.created_by.get_username() == _TRAINER:
                return f".venv/bin/python manage.py class {shlex.quote(cohort.name)}"
        return "make demo"

    def _back_up(self, options: dict[str, Any]) -> None:
        given = {name: options[name] for name in ("every", "replace")}
        call_command("backup", str(options["file"]), **given, stdout=self.stdout, stderr=self.stderr)

    def _restore(self, options: dict[str, Any]) -> None:
        """Make the data directory, and begin once more with its settings; then serve what it holds."""
        if options["ready"]:
            self._serve(options)
            return
        together.require_both_free()
        address = options["address"] or class_settings.own_address()
        given = {"content": not options["without_content"], "replace": options["replace"]}
        for sentence in restoring.restore(options["file"], address, **given).told:
            self.stdout.write(sentence)
        self.stdout.write(f"Restored into {settings.DATA_DIR}.")
        together.begin_again(_READY)

    def _set(self, address: str | None) -> None:
        """Write the settings, and begin once more where they are others than this process has."""
        found = address or class_settings.own_address()
        wanted = class_settings.wanted_settings(found, settings.WEB_PORT, settings.SANDBOX_SECRET_ACCESS_KEY)
        path = Path(settings.ENV_FILE)
        written = class_settings.write(path, wanted, settings.SET_OUTSIDE)
        if any(str(getattr(settings, name)) != value for name, value in written.items()):
            self.stdout.write(f"Wrote {', '.join(written)} into {path}.")
            together.begin_again(_READY)

    def _restored(self) -> list[Cohort]:
        """The classes of a backup that go on; of others it says how they do."""
        found = list(Cohort.objects.filter(state=CohortState.OPEN))
        for cohort in found:
            if not cohort.is_open:
                self.stdout.write(f"“{cohort.name}” has ended by itself. To go on with it: {self._page(cohort)}")
        return [cohort for cohort in found if cohort.is_open]

    def _cohort(self, options: dict[str, Any], chosen: list[str]) -> Cohort:
        trainer = User.objects.get(username=_TRAINER)
        named = Cohort.objects.filter(name=options["name"], created_by=trainer)
        found = named.filter(state=CohortState.OPEN).first()
        until = timezone.now() + timedelta(hours=options["hours"])
        if found is None:
            for ended in named.filter(state=CohortState.CLOSED)[:1]:
                self.stdout.write(
                    f"“{ended.name}” was ended by a trainer, so this is a new class of that name. To go on with the "
                    f"old one: {self._page(ended)}"
                )
            return classes.cohort_make(
                trainer=trainer,
                name=options["name"],
                seats=options["seats"],
                preset=options["preset"],
                exercises=chosen,
                ends_at=until,
                seed_soon=False,
            )
        joining.keep_join_code(found)
        if classes.cohort_prolong(found, until):
            self.stdout.write(f"“{found.name}” had ended by itself; it goes on.")
        if options["seats"] > found.seats:
            classes.cohort_change(found, seats=options["seats"], seed_soon=False)
        if chosen:
            classes.exercises_choose(found, chosen)
        return found

    def _make_accounts(self, cohort: Cohort) -> None:
        self.stdout.write(f"Looking after the accounts of {cohort.seats} seats …")
        self.stdout.flush()
        sandbox_accounts.make_wanted(cohort)

    def _page(self, cohort: Cohort) -> str:
        return f"{settings.PUBLIC_URL}{cohort.get_absolute_url()}"

    def _say(self, cohort: Cohort) -> None:
        page = self._page(cohort)
        taken = cohort.memberships.filter(role=Role.LEARNER).count()
        ends = f"{date_format(cohort.ends_at, 'j F, H:i')} UTC, by itself" if cohort.ends_at else "when you end it"
        exercises = [row.exercise for row in cohort.assignments.order_by("position", "pk")]
        lines = [
            ("Class", cohort.name),
            ("Exercises", amount_of(exercises)),
            ("Seats", f"{taken} of {cohort.seats} taken"),
            ("Ends", ends),
            ("Link to join", codes.join_link(cohort)),
            ("Code", f"{codes.join_code(cohort)}   at {codes.join_page()}"),
            ("Projector", f"{page}projector/"),
            ("The class", page),
        ]
        self.stdout.write("")
        self._write(lines)

    def _say_for_all(self, accounts: dict[str, str], again: str) -> None:
        """What concerns every class.

        Args:
            accounts: name -> password of those whose password is known.
            again: what goes on with it.
        """
        own = f"{_TRAINER} / {accounts.get(_TRAINER, 'the password that you chose')}"
        self._write([("Your sign-in", own), ("CLI and SDK", settings.SANDBOX_CLI_URL)])
        if sentences := class_settings.about_address(settings.PUBLIC_URL, class_settings.own_addresses(), again):
            self.stdout.write(f"\n  {sentences}")
        self.stdout.write(f"\n  Ctrl-C stops the class; {again} goes on with it.\n")
        self.stdout.flush()

    def _write(self, lines: list[tuple[str, str]]) -> None:
        for label, text in lines:
            self.stdout.write(f"  {label:<13} {text}")


def _slugs_in(text: str) -> list[str]:
    return [slug for slug in text.replace(",", " ").split() if slug]
