"""`manage.py provision`: an AWS account set up by one stack, with a `.env` that fits; `--destroy` takes it down."""

import re
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from dotenv import dotenv_values

from operations.aws import AwsAccount, AwsProblem
from operations.provisioning import env_text, plan, samples
from operations.provisioning.stack import Event, ResourceChange, Stack

TEMPLATE = settings.BASE_DIR / "deploy" / "cloudformation.yaml"
STEPS = settings.BASE_DIR / "deploy" / "by-hand.sh"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,40}")
_PIECE, _MOST_PIECES = 4000, 4  # bytes of a parameter; AWS takes 4096
_COSTS = (
    "What it costs: identity pools, roles and managed login are free up to 10,000 people a month; the two tables are\n"
    "paid by use, and the buckets hold some kilobytes: cents a month. `manage.py provision --destroy` ends it."
)


class Command(BaseCommand):
    help = (
        "Set an AWS account up for this application by the stack of deploy/cloudformation.yaml: print what would "
        "change, ask, do it, put the samples there, and say (or write) the settings. Run again, it changes the stack "
        "to what is asked for now. It uses the AWS SDK's credentials."
    )
    requires_system_checks: list[str] = []  # It is what writes the settings that they ask for.

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--stack", default="identity-pools-lab", help="its name; by default identity-pools-lab")
        parser.add_argument("--region", default=settings.AWS_REGION)
        parser.add_argument("--profile", default=settings.AWS_PROFILE, help="of the AWS SDK's configuration")
        parser.add_argument("--public-url", help="where browsers will reach the application; by default PUBLIC_URL")
        parser.add_argument(
            "--parameter", action="append", default=[], metavar="NAME=VALUE", help="of the template; may be repeated"
        )
        parser.add_argument("--saml-metadata", type=Path, metavar="FILE", help="of a SAML identity provider")
        parser.add_argument("--yes", action="store_true", help="do not ask")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--dry-run", action="store_true", help="print the change set, and change nothing")
        what.add_argument("--destroy", action="store_true", help="take the samples away and remove the stack")
        what.add_argument("--plan", action="store_true", help="print the steps for the console and the AWS CLI instead")
        parser.add_argument(
            "--write-env",
            nargs="?",
            type=Path,
            const=settings.ENV_FILE,
            metavar="FILE",
            help="write the settings into a new file that only you can read; by default .env. One that is there stays",
        )
        parser.add_argument(
            "--with-what-people-wrote", action="store_true", help="--destroy: delete objects of other people as well"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not _NAME.fullmatch(options["stack"]):
            raise CommandError("--stack takes letters, digits and hyphens, a letter first, 41 at most.")
        if options["plan"]:
            return self._plan(options)
        try:
            account = AwsAccount(options["region"], options["profile"])
            stack = Stack(account, options["stack"])
            return (
                self._destroy(account, stack, options)
                if options["destroy"]
                else self._provision(account, stack, options)
            )
        except AwsProblem as problem:
            raise CommandError(f"{problem}\nNothing else was done. Who may not run stacks: --plan") from None

    # --- Setting up ---------------------------------------------------------------------------------------------------

    def _provision(self, account: AwsAccount, stack: Stack, options: Mapping[str, Any]) -> None:
        parameters = self._parameters(options, is_new=stack.described() is None)
        changes = stack.plan(TEMPLATE.read_text(encoding="utf-8"), parameters)
        self._show(stack, changes, account.region)
        if changes:
            if options["dry_run"] or not self._has_consent(options, "Go ahead?"):
                stack.forget_plan()
                self.stdout.write("Nothing was changed.")
                return
            stack.carry_out(self._tell)
        elif options["dry_run"]:
            return
        found = env_text.settings_of(stack.outputs())
        for told in samples.fill(account, found):
            self.stdout.write(told)
        self._settings(stack, found, options["write_env"])
        self._say_what_next(found)

    def _parameters(self, options: Mapping[str, Any], *, is_new: bool) -> dict[str, str]:
        found = {}
        for pair in options["parameter"]:
            name, equals, value = pair.partition("=")
            if not equals:
                raise CommandError(f"--parameter takes NAME=VALUE, not {pair!r}.")
            found[name] = value
        if options["public_url"] or (is_new and "PublicUrl" not in found):
            found["PublicUrl"] = _public_url(options["public_url"] or settings.PUBLIC_URL)
        if options["saml_metadata"]:
            found |= _saml_pieces(options["saml_metadata"])
        return found

    def _show(self, stack: Stack, changes: list[ResourceChange], region: str) -> None:
        if not changes:
            self.stdout.write(f"The stack {stack.name} in {region} is as the template says: nothing to change.")
            return
        self.stdout.write(f"What would change in the stack {stack.name} in {region}:")
        for change in changes:
            how = f"{change.action}, replaced" if change.replaced else change.action
            self.stdout.write(f"  {how:<17} {change.logical:<22} {change.kind}")

    def _tell(self, event: Event) -> None:
        reason = f"  {event.reason}" if event.reason and event.status.endswith("FAILED") else ""
        self.stdout.write(f"  {event.status:<22} {event.logical}{reason}")

    def _settings(self, stack: Stack, found: Mapping[str, str], path: Path | None) -> None:
        text = env_text.text_of(found, stack.name)
        if path is None:
            self.stdout.write(f"\nThe settings for .env (--write-env writes them, and a SECRET_KEY):\n\n{text}")
            return
        try:
            env_text.write(path, text)
        except env_text.FileIsThere:
            there = {name: value or "" for name, value in dotenv_values(path, interpolate=False).items()}
            lines = "\n".join(env_text.difference(there, {"APP_MODE": "aws", **found}))
            raise CommandError(
                f"The stack is there. {path} is, too, and was left as it is. "
                + (f"To change in it:\n{lines}" if lines else "It says the same already.")
            ) from None
        except OSError as error:
            raise CommandError(f"The stack is there. {path} could not be written: {error.strerror}.") from None
        self.stdout.write(f"\nWrote {path}, which only you can read.")

    def _say_what_next(self, found: Mapping[str, str]) -> None:
        self.stdout.write(
            "\nThe first person, who gets a temporary password by e-mail:\n"
            f"  aws cognito-idp admin-create-user --region {found['AWS_REGION']} --user-pool-id"
            f" {found['COGNITO_USER_POOL_ID']} --username YOU@EXAMPLE.COM \\\n"
            "    --user-attributes Name=email,Value=YOU@EXAMPLE.COM Name=email_verified,Value=true\n"
            "Then: manage.py doctor, manage.py migrate, manage.py serve\n\n" + _COSTS
        )

    # --- Taking down --------------------------------------------------------------------------------------------------

    def _destroy(self, account: AwsAccount, stack: Stack, options: Mapping[str, Any]) -> None:
        if stack.described() is None:
            self.stdout.write(f"There is no stack {stack.name} in {account.region}.")
            return
        if not stack.is_ours():
            raise CommandError(f"The stack {stack.name} was not made by this command, and is left alone.")
        found = env_text.settings_of(stack.outputs())
        everything = options["with_what_people_wrote"]
        if found and (others := samples.of_people(account, found)) and not everything:
            raise CommandError(_theirs(others))
        if not self._has_consent(
            options, f"Remove the stack {stack.name} in {account.region}, its user pool and its people?"
        ):
            self.stdout.write("Nothing was changed.")
            return
        for told in samples.empty(account, found, everything=everything) if found else ():
            self.stdout.write(told)
        stack.remove(self._tell)
        self.stdout.write(f"The stack {stack.name} is gone, with everything that it made.")

    # --- Steps by hand ------------------------------------------------------------------------------------------------

    def _plan(self, options: Mapping[str, Any]) -> None:
        public_url = _public_url(options["public_url"] or settings.PUBLIC_URL)
        text = plan.steps(STEPS, stack=options["stack"], region=options["region"], public_url=public_url)
        self.stdout.write(text)

    def _has_consent(self, options: Mapping[str, Any], question: str) -> bool:
        if options["yes"]:
            return True
        if not sys.stdin.isatty():
            raise CommandError("There is no terminal to ask at: add --yes, or --dry-run to see the changes only.")
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")


def _public_url(url: str) -> str:
    """The address as a user pool takes it: https, or http for the name localhost.

    Raises:
        CommandError: it takes it in no form.
    """
    parts = urlsplit(url.rstrip("/"))
    if parts.scheme == "http" and parts.hostname == "127.0.0.1":
        parts = parts._replace(netloc=f"localhost:{parts.port}" if parts.port else "localhost")
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname == "localhost"):
        return parts.geturl()
    raise CommandError(f"User pools send people back to https only, or to http://localhost: {url} is neither.")


def _saml_pieces(path: Path) -> dict[str, str]:
    """The metadata as parameters, which hold 4096 bytes each.

    Raises:
        CommandError: it cannot be read, or is too long.
    """
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}.") from None
    pieces: list[str] = [""]
    for character in text:
        if len((pieces[-1] + character).encode()) > _PIECE:
            pieces.append("")
        pieces[-1] += character
    if len(pieces) > _MOST_PIECES:
        raise CommandError(
            f"{path} is longer than {_PIECE * _MOST_PIECES} bytes, which is what the template takes. Leave out the"
            " certificates for encryption and the entities that are not meant, or make the provider in IAM by hand."
        )
    pieces += [""] * (_MOST_PIECES - len(pieces))
    return {f"SamlMetadata{number if number > 1 else ''}": piece for number, piece in enumerate(pieces, start=1)}


def _theirs(others: Mapping[str, list[str]]) -> str:
    lines = [f"  {bucket}: {len(keys)}, such as {keys[0]}" for bucket, keys in others.items()]
    return (
        "The buckets hold what this command did not put there, and nothing was deleted:\n"
        + "\n".join(lines)
        + "\nKeep what is worth keeping (aws s3 sync), then say --with-what-people-wrote."
    )
