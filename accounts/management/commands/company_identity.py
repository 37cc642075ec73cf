"""`manage.py company_identity`: whom the company's sign-in opens an account for, said by who runs the site."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.company import CompanyPerson, NotEntered, account_link, account_unlink, is_set_up
from accounts.models import User
from web.counted import counted


class Command(BaseCommand):
    help = (
        "Link an account to a person at the company, by the subject (sub) of their ID token, or end its links with "
        "--remove; alone, say to whom it is linked. For an account whose owner cannot ask for it on their own page: "
        "the first administrator's, where passwords are switched off."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the account's name")
        chosen = parser.add_mutually_exclusive_group()
        chosen.add_argument("--subject", help="of the person, as the company's provider names them in `sub`")
        chosen.add_argument("--remove", action="store_true", help="end the account's links")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["name"]).first()
        if user is None:
            raise CommandError(f"There is no account called {options['name']}.")
        if options["subject"] is not None:
            self._link(user, options["subject"])
        elif options["remove"]:
            identities = list(user.company_identities.all())
            for identity in identities:
                account_unlink(identity)
            ended = f"{counted(len(identities), 'link')} ended"
            self.stdout.write(f"{user.username}: {ended}, and the rights that came by groups.")
        for identity in user.company_identities.all():
            rights = ", ".join(identity.rights) or "none"
            self.stdout.write(
                f"{user.username}: {identity.subject} of {identity.issuer}. Rights by its groups: {rights}."
            )

    def _link(self, user: User, subject: str) -> None:
        if not is_set_up():
            raise CommandError("There is no company's sign-in here; docs/company.md says how to set it up.")
        try:
            account_link(user, CompanyPerson(issuer=settings.COMPANY_ISSUER.rstrip("/"), subject=subject))
        except NotEntered as error:
            raise CommandError(str(error)) from None
