"""`manage.py pool`: a pool of an AWS account in the sandbox, tried there, and written down to be deployed."""

import json
import shlex
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from operations import pools
from operations.pools import CallResult, Copy, PoolProblem
from poolconfig.cli import cli
from poolconfig.cloudformation import cloudformation
from poolconfig.document import Document
from poolconfig.permissions import reading_policy
from poolconfig.written import Written

_MARKS = {"pass": "ok  ", "deny": "NO  ", "info": "    "}


_NEXT = """
Try who gets in, change it under Pools as a member of staff or by the AWS CLI, and try again:
  manage.py pool try {pool}
  manage.py pool try {pool} LOGIN --claims '{{"sub": "kim"}}'
  eval "$(manage.py pool env {pool})" && aws iam list-roles"""


def _as_json(document: Document) -> Written:
    return Written(json.dumps(document, indent=2) + "\n")


FORMATS: dict[str, Callable[[Document], Written]] = {"cloudformation": cloudformation, "cli": cli, "json": _as_json}


class Command(BaseCommand):
    help = (
        "Bring an identity pool of an AWS account into the sandbox with all that belongs to it, under its own account "
        "number and IDs; try tokens there; write a pool of the sandbox as CloudFormation or AWS CLI. AWS is only read."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(
            dest="verb", required=True, metavar="import|export|try|token|env|list|permissions"
        )
        self._import_arguments(verbs.add_parser("import", help="read a pool from AWS and make it in the sandbox"))
        export = verbs.add_parser("export", help="write a pool of the sandbox")
        export.add_argument("pool", help="its ID")
        export.add_argument("--format", choices=FORMATS, required=True)
        export.add_argument("--output", type=Path, metavar="FILE", help="by default it is printed")
        tried = verbs.add_parser("try", help="make the calls of an application, and say what was decided and why")
        self._login_arguments(tried, needed=False)
        tried.add_argument("--role", default="", metavar="ARN", help="ask for this role, in the basic (classic) flow")
        token = verbs.add_parser("token", help="print a Logins map with a token by a provider that the pool trusts")
        self._login_arguments(token, needed=True)
        env = verbs.add_parser("env", help="print what the AWS CLI and SDKs have to be told to work in its account")
        env.add_argument("pool", help="its ID")
        for one in (export, tried, token, env):
            one.add_argument("--account", default="", help="that has the pool; by default that of its import")
        verbs.add_parser("list", help="the pools that were imported")
        verbs.add_parser("permissions", help="print the policy that whoever imports needs at AWS")

    @staticmethod
    def _import_arguments(parser: ArgumentParser) -> None:
        parser.add_argument("pool", nargs="?", default="", help="its ID, which begins with its region")
        parser.add_argument("--profile", default=settings.AWS_PROFILE, help="of the AWS SDK's configuration")
        parser.add_argument(
            "--from-file", type=Path, metavar="FILE", help="a document that --save wrote, in place of AWS"
        )
        parser.add_argument(
            "--save", type=Path, metavar="FILE", help="write what was read into a file, and import nothing"
        )
        parser.add_argument("--remap", action="store_true", help="under another account number and other IDs")
        parser.add_argument("--account", default="", help="with --remap: which number; by default a free one")
        parser.add_argument("--replace", action="store_true", help="in the place of what was imported before")

    @staticmethod
    def _login_arguments(parser: ArgumentParser, *, needed: bool) -> None:
        about = "the provider's name in a Logins map, or its ARN"
        parser.add_argument("pool", help="its ID")
        if needed:
            parser.add_argument("login", help=about)
        else:
            parser.add_argument("login", nargs="?", default="", help=f"{about}; without it a guest comes")
        parser.add_argument("--claims", default={}, type=_claims, metavar="JSON", help="what the token is to say")
        parser.add_argument("--client", default="", help="for which of the pool's applications")
        parser.add_argument("--username", default="", help="of a user of the copy's user pool")

    def handle(self, *args: Any, **options: Any) -> None:
        verbs = {
            "import": self._import,
            "export": self._export,
            "try": self._try,
            "token": self._token,
            "env": self._env,
            "list": self._list,
            "permissions": self._permissions,
        }
        try:
            verbs[options["verb"]](options)
        except PoolProblem as problem:
            raise CommandError(str(problem)) from None
        except BotoCoreError as problem:
            raise CommandError(f"The sandbox does not answer: {problem}") from None

    # --- Import -------------------------------------------------------------------------------------------------------

    def _import(self, options: dict[str, Any]) -> None:
        document = self._document(options)
        if options["save"]:
            _write(options["save"], json.dumps(document, indent=2) + "\n")
            self.stdout.write(f"{options['save']} has the pool's configuration. Nothing was imported.")
            return
        asked = {name: options[name] for name in ("remap", "replace", "account")}
        made = pools.import_document(document, **asked)
        self.stdout.write(f"{made['pool']} is in account {made['account']} of the sandbox.")
        for old, new in made["remapped"].items():
            self.stdout.write(f"  {old} is {new}")
        for note in made["notes"]:
            self.stdout.write(f"Mind: {note}")
        self.stdout.write("\nPlayed here, with keys of the copy:")
        for login in _logins_of(document, made["remapped"]):
            self.stdout.write(f"  {login}")
        self.stdout.write(_NEXT.format(pool=made["pool"]))

    def _document(self, options: dict[str, Any]) -> Document:
        if bool(options["pool"]) == bool(options["from_file"]):
            raise CommandError("Say which pool: its ID, or --from-file FILE.")
        if options["pool"]:
            return pools.read_from_aws(options["pool"], options["profile"])
        try:
            found = json.loads(options["from_file"].read_text())
        except (OSError, ValueError) as problem:
            raise CommandError(f"{options['from_file']} cannot be read: {problem}") from None
        return dict(found) if isinstance(found, dict) else {}

    # --- Export -------------------------------------------------------------------------------------------------------

    def _export(self, options: dict[str, Any]) -> None:
        written = FORMATS[options["format"]](_copy(options).document())
        if options["output"]:
            _write(options["output"], written.text)
            self.stdout.write(f"{options['output']} has the pool as {options['format']}.")
        else:
            self.stdout.write(written.text, ending="")
        for note in written.notes:
            self.stderr.write(f"Mind: {note}")

    # --- Trying -------------------------------------------------------------------------------------------------------

    def _try(self, options: dict[str, Any]) -> None:
        copy = _copy(options)

        def logins() -> dict[str, str]:
            return _logins(copy, options) if options["login"] else {}

        answers = pools.attempt(copy, logins, options["role"])
        for answer in answers:
            self._tell(answer)
        if answers[-1].refused:
            sys.exit(1)

    def _tell(self, answer: CallResult) -> None:
        self.stdout.write(f"{answer.operation}: {answer.sentence}")
        for one in answer.decisions:
            asked = f", asked for: {one['expected']}" if one["expected"] else ""
            found = f", is: {one['actual']}" if one["actual"] else ""
            self.stdout.write(f"  {_MARKS.get(one['verdict'], '    ')}{one['check']} ({one['code']}){asked}{found}")

    def _token(self, options: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(_logins(_copy(options), options)))

    def _env(self, options: dict[str, Any]) -> None:
        for name, value in _copy(options).environment().items():
            self.stdout.write(f"export {name}={shlex.quote(value)}")

    # --- The rest -----------------------------------------------------------------------------------------------------

    def _list(self, options: dict[str, Any]) -> None:
        for one in pools.imported_pools():
            self.stdout.write(f"{one['pool']}  {one['account']}  {one['name']}")

    def _permissions(self, options: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(reading_policy(), indent=2))


def _copy(options: dict[str, Any]) -> Copy:
    return pools.copy_of(options["pool"], options["account"])


def _logins(copy: Copy, options: dict[str, Any]) -> dict[str, str]:
    more = {"client": options["client"], "username": options["username"]}
    return copy.logins(options["login"], options["claims"], **more)


def _logins_of(document: Document, remapped: Mapping[str, str]) -> list[str]:
    """Every provider that the pool trusts, as `try` and `token` name it."""
    for old, new in remapped.items():
        document = json.loads(json.dumps(document).replace(old, new))
    pool = document["identityPool"]
    user_pools = dict.fromkeys(entry["ProviderName"] for entry in pool.get("CognitoIdentityProviders", []))
    issuers = [arn.partition(":oidc-provider/")[2] for arn in pool.get("OpenIdConnectProviderARNs", [])]
    public = pool.get("SupportedLoginProviders", {})
    return [*user_pools, *(issuer.rstrip("/") for issuer in issuers), *public, *pool.get("SamlProviderARNs", [])]


def _claims(text: str) -> dict[str, Any]:
    try:
        return pools.claims_in(text)
    except PoolProblem as problem:
        raise ArgumentTypeError(str(problem)) from None


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text)
    except OSError as problem:
        raise CommandError(f"{path} cannot be written: {problem}") from None
