"""Guesses at passwords are counted, wherever a page takes one."""

import unicodedata

from django.conf import settings
from django.http import HttpRequest

from accounts.models import User
from web.ratelimit import Limit, address_of, give_back, hit


def guess_limits(request: HttpRequest, name: str) -> tuple[Limit, Limit]:
    """By address, against many guesses from one place; by name, against guesses at one account from many places."""
    most = settings.SIGN_INS_PER_MINUTE
    return (
        Limit("sign-in from an address", address_of(request), most),
        Limit("sign-in to an account", _as_the_form_reads(name).casefold()[:150], most),
    )


def is_owners_password(request: HttpRequest, user: User, password: str) -> tuple[int, bool]:
    """Whether somebody who is signed in knows their password. The first is how many seconds to wait, mostly none."""
    limits = guess_limits(request, user.get_username())
    if wait := hit(*limits):
        return wait, False
    is_right = user.check_password(password)
    if is_right:
        give_back(*limits)
    return 0, is_right


def _as_the_form_reads(name: str) -> str:
    """Django's form takes spaces around a name and other letters of the same meaning (NFKC) for the plain name."""
    return unicodedata.normalize("NFKC", name[:1000].strip()).strip()
