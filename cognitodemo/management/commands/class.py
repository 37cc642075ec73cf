"""`manage.py class "Oslo, Monday" --seats 24`: a class on this machine, for everybody in the room, by one command."""

import os
import sys
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from cognitodemo import class_settings, env, together
from training.models import Cohort, CohortState
from training.services import classes, codes, joining, sandbox_accounts
from training.services.errors import Refused
from training.services.presets import amount_of, preset_choices, require_known

_TRAINER = "trainer"
_READY = "--settings-are-written"


class Command(BaseCommand):
    help = (
        "Serve a class from this machine: find its address, write what has to be set into .env, make an account of the "
        "sandbox for every seat, start the sandbox and the web server, and say how people join. Run again with the "
        "same name, it goes on with that class. Needs no internet."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help='what people see when they join: "Oslo, Monday"')
        parser.add_argument("--seats", type=int, default=24)
        chosen = parser.add_mutually_exclusive_group()
        chosen.add_argument("--preset", default="half-day", help="the exercises: half-day, one-day, security, or all")
        chosen.add_argument(
            "--exercises",
            metavar="SLUGS",
            help="single exercises instead, in their order, with commas between: ready,two-doors "
            "(`manage.py exercises list` names them). A class that goes on gets them as well",
        )
        parser.add_argument("--hours", type=int, default=10, help="until it ends by itself")
        parser.add_argument("--address", help="this machine's name or address, or the origin of a tunnel or proxy")
        parser.add_argument(_READY, action="store_true", dest="ready", help="used by the command itself")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.APP_MODE != "sandbox":
            raise CommandError("A class gets its accounts from the sandbox. Remove APP_MODE from .env.")
        if not 1 <= options["seats"] <= 500:
            raise CommandError("--seats takes a number from 1 to 500.")
        known = [key for key, _ in preset_choices()]
        if options["preset"] not in known:
            raise CommandError(f"--preset is one of {', '.join(known)}.")
        try:
            chosen = require_known(_slugs_in(options["exercises"])) if options["exercises"] is not None else []
        except Refused as refused:
            raise CommandError(f"--exercises: {refused} `manage.py exercises list` says which there are.") from None
        if not options["ready"]:
            self._set(options["address"])
        together.require_both_free()
        together.migrate()
        kept = settings.DATA_DIR / "demo-accounts"
        accounts = together.accounts_with_passwords(kept, {_TRAINER: True}, superusers=False)
        with together.sandbox_beside() as sandbox:
            cohort = self._cohort(options, chosen)
            self._make_accounts(cohort)
            self._say(cohort, accounts.get(_TRAINER))
            together.serve_until_stopped(sandbox)
            self.stdout.write("Stopped. Run the same command to go on.")

    def _set(self, address: str | None) -> None:
        """Write the settings, and begin once more where they are others than this process has."""
        found = address or class_settings.own_address()
        wanted = class_settings.wanted_settings(found, settings.WEB_PORT, settings.SANDBOX_SECRET_ACCESS_KEY)
        path = Path(settings.ENV_FILE)
        written = class_settings.write(path, wanted, settings.SET_OUTSIDE)
        if any(str(getattr(settings, name)) != value for name, value in written.items()):
            self.stdout.write(f"Wrote {', '.join(written)} into {path}.")
            self.stdout.flush()
            os.execve(sys.executable, [sys.executable, *sys.argv, _READY], env.as_given())  # noqa: S606 - ourselves again

    def _cohort(self, options: dict[str, Any], chosen: list[str]) -> Cohort:
        trainer = User.objects.get(username=_TRAINER)
        found = Cohort.objects.filter(name=options["name"], created_by=trainer, state=CohortState.OPEN).first()
        if found is None:
            return classes.cohort_make(
                trainer=trainer,
                name=options["name"],
                seats=options["seats"],
                preset=options["preset"],
                exercises=chosen,
                ends_at=timezone.now() + timedelta(hours=options["hours"]),
                seed_soon=False,
            )
        joining.keep_join_code(found)
        if options["seats"] > found.seats:
            classes.cohort_change(found, seats=options["seats"])
        if chosen:
            classes.exercises_choose(found, chosen)
        return found

    def _make_accounts(self, cohort: Cohort) -> None:
        self.stdout.write(f"Looking after the accounts of {cohort.seats} seats …")
        self.stdout.flush()
        sandbox_accounts.make_wanted(cohort)

    def _say(self, cohort: Cohort, password: str | None) -> None:
        page = f"{settings.PUBLIC_URL}/class/{cohort.public_id}/"
        own = "the password that you chose" if password is None else password
        exercises = [row.exercise for row in cohort.assignments.order_by("position", "pk")]
        lines = [
            ("Class", cohort.name),
            ("Exercises", amount_of(exercises)),
            ("Link to join", codes.join_link(cohort)),
            ("Code", f"{codes.join_code(cohort)}   at {codes.join_page()}"),
            ("Projector", f"{page}projector/"),
            ("The class", page),
            ("Your sign-in", f"{_TRAINER} / {own}"),
            ("CLI and SDK", settings.SANDBOX_CLI_URL),
        ]
        self.stdout.write("")
        for label, text in lines:
            self.stdout.write(f"  {label:<13} {text}")
        if settings.PUBLIC_URL.startswith(("http://127.", "http://localhost")):
            self.stdout.write(
                "\n  This machine is in no network, so only browsers on it reach the class. Join a network, or open a\n"
                "  hotspot, and run the command again; or name an address with --address."
            )
        self.stdout.write("\n  Ctrl-C stops the class; the same command goes on with it.\n")
        self.stdout.flush()


def _slugs_in(text: str) -> list[str]:
    return [slug for slug in text.replace(",", " ").split() if slug]
