"""From the answer that came back to an account that is entered or linked."""

from typing import Any

from django.conf import settings
from django.db.transaction import atomic
from django.http import HttpRequest
from social_core.backends.base import BaseAuth
from social_core.exceptions import SocialAuthBaseException

from accounts.company import CompanyPerson, NotEntered, account_enter, account_link
from accounts.models import User
from providers.company.people import PIPELINE, Verified, person_of
from providers.company.provider import Company, CompanyProvider
from providers.company.signing_out import sign_out_url
from providers.sign_in.refusals import Refused
from providers.sign_in.sign_ins import sign_in_entered
from providers.sign_in.transaction import Transaction
from providers.social.begin import redirect_uri
from providers.social.errors import UNREADABLE, from_social_auth, unreadable
from providers.social.strategy import SignInStrategy

LINK = "link"  # in the transaction's values: the account that asked to be linked


class _CompanyStrategy(SignInStrategy):
    def get_pipeline(self, backend: BaseAuth[Any] | None = None) -> list[str]:
        return list(PIPELINE)


def person_back(request: HttpRequest, provider: CompanyProvider, transaction: Transaction) -> tuple[CompanyPerson, str]:
    """Who it is, after the code was exchanged and the ID token checked; and where the company signs people out.

    Raises:
        SignInError
    """
    backend = Company(_CompanyStrategy(transaction, provider, request), redirect_uri=redirect_uri(provider))
    try:
        _require_issuer(backend, request.GET.get("iss"))
        result, signs_out_at = backend.complete(), sign_out_url(backend)
    except SocialAuthBaseException as error:
        raise from_social_auth(error, backend, transaction.transcript) from error
    except UNREADABLE as error:
        raise unreadable() from error
    if not isinstance(result, Verified):
        raise unreadable()
    return person_of(result), signs_out_at


def _require_issuer(backend: Company, told: str | None) -> None:
    """That the answer says it comes from the company, where it says so, or where the company always does (RFC 9207)."""
    if told is None and backend.oidc_config().get("authorization_response_iss_parameter_supported") is not True:
        return
    if (told or "").rstrip("/") != settings.COMPANY_ISSUER.rstrip("/"):
        raise Refused(
            "issuer_mismatch",
            "The answer does not say that it comes from the issuer of COMPANY_ISSUER. It was not used.",
        )


def enter(transaction: Transaction, person: CompanyPerson) -> User:
    """The account of that person, made where it is their first time.

    Raises:
        Refused: there is none to enter, or the sign-in has ended meanwhile.
    """
    with atomic():
        try:
            user = account_enter(person)
        except NotEntered as error:
            raise Refused(error.code, str(error)) from error
        _end(transaction, person)
    return user


def link(transaction: Transaction, person: CompanyPerson, user: User) -> User:
    """Link the account whose owner began this sign-in, and enter it by that. Raises Refused likewise."""
    with atomic():
        try:
            account_link(user, person)
            entered = account_enter(person)
        except NotEntered as error:
            raise Refused(error.code, str(error)) from error
        _end(transaction, person)
    return entered


def _end(transaction: Transaction, person: CompanyPerson) -> None:
    if not sign_in_entered(transaction, subject=person.subject, issuer=person.issuer):
        raise Refused("sign_in_expired", "This sign-in had ended before the answer was looked at.")
