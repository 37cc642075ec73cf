"""The company's sign-in: begin it, come back from it, and link one's own account to it."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from accounts.backends import ACCOUNTS
from accounts.company import SIGN_OUT_AT_COMPANY, CompanyPerson, is_set_up
from accounts.http import Request
from accounts.models import User
from accounts.passwords import is_owners_password
from providers.company import exchange
from providers.company.provider import KEY, company
from providers.sign_in.arrivals import note_arrival, show_unaccepted
from providers.sign_in.models import SignIn
from providers.sign_in.refusals import Refused, SignInError
from providers.sign_in.sign_ins import sign_in_claim, sign_in_fail, sign_in_open
from providers.sign_in.transaction import Transaction
from providers.social.begin import begin
from web.errors import too_many
from web.ratelimit import Limit, address_of, hit

_LONGEST_PATH = 255  # of SignIn.return_path


@never_cache
@require_GET
def company_sign_in(request: Request) -> HttpResponse:
    """Straight on to the company, by a link: browsers follow redirects from one to wherever the company's lead.

    They would not from a form, whose whole chain of redirects our policy would have to list.
    """
    _require_set_up()
    target = _path_of_ours(request, request.GET.get("next", ""))
    if request.user.is_authenticated:
        return HttpResponseRedirect(target)
    limit = Limit("sign-in at the company", address_of(request), settings.RUNS_PER_MINUTE_PER_ADDRESS)
    if wait := hit(limit):
        return too_many(request, wait, "sign-ins")
    sign_in, url = _begin(request, target)
    return HttpResponseRedirect(url) if url else redirect(sign_in)


@never_cache
@require_POST
@sensitive_post_parameters("password")
def company_link(request: Request) -> HttpResponse:
    """Link the account that is signed in, after its password, to whoever signs in at the company next.

    The password, since a browser that was left alone could otherwise give the account to somebody for good.
    """
    _require_set_up()
    user, back = request.user, reverse("accounts:account")
    if not isinstance(user, User) or not settings.LOCAL_PASSWORDS or not user.has_usable_password():
        raise Http404("There is no account here with a password.")
    wait, is_right = is_owners_password(request, user, request.POST.get("password", ""))
    if wait:
        return too_many(request, wait, "sign-ins")
    if not is_right:
        messages.error(request, "This is not your current password. Nothing was linked.")
        return redirect(back)
    sign_in, url = _begin(request, back, link=user.pk)
    return redirect("providers:sign_in_request", sign_in.code) if url else redirect(sign_in)


@never_cache
@require_GET
def company_complete(request: Request) -> HttpResponse:
    """The redirect URI. The code is used up here, and the browser goes on to an address without it."""
    _require_set_up()
    provider = company()
    try:
        transaction = sign_in_claim(owner=request.owner, backend=KEY, name=request.GET.get("state", ""))
    except Refused as unaccepted:
        return show_unaccepted(request, provider, unaccepted)
    note_arrival(request, transaction)
    try:
        person, sign_out_url = exchange.person_back(request, provider, transaction)
        if exchange.LINK in transaction.values:
            return _linked(request, transaction, person, sign_out_url)
        user = exchange.enter(transaction, person)
    except SignInError as error:
        sign_in_fail(transaction, error)
        return redirect(transaction.sign_in)
    _open_session(request, user, sign_out_url)
    return HttpResponseRedirect(_path_of_ours(request, transaction.sign_in.return_path))


def _linked(request: Request, transaction: Transaction, person: CompanyPerson, sign_out_url: str) -> HttpResponse:
    """The row is the account's own, so that whoever claimed it is signed in to it; it is compared all the same."""
    user = request.user
    if not isinstance(user, User) or user.pk != transaction.values[exchange.LINK]:
        raise Refused("other_browser", "Another account asked for this. It was not used.")
    _open_session(request, exchange.link(transaction, person, user), sign_out_url)
    messages.success(request, f"{settings.COMPANY_NAME} signs you in to this account from now on.")
    return redirect("accounts:account")


def _open_session(request: Request, user: User, sign_out_url: str) -> None:
    login(request, user, backend=ACCOUNTS)
    # From then on the company is asked again: whether there still is such a person, and in which groups.
    request.session.set_expiry(timezone.now() + timedelta(hours=settings.COMPANY_SESSION_HOURS))
    request.session["signed_in_by_company"] = True  # for the header: such an account has no password to change
    request.session[SIGN_OUT_AT_COMPANY] = sign_out_url


def _begin(request: Request, return_path: str, link: int | None = None) -> tuple[SignIn, str]:
    """A sign-in, and where it goes on; nowhere if the company could not be asked, which the sign-in says then."""
    sign_in = sign_in_open(owner=request.owner, provider=KEY, run_code="", return_path=return_path)
    transaction = Transaction(sign_in, values={} if link is None else {exchange.LINK: link})
    try:
        begin(request.owner, company(), transaction)
    except SignInError as error:
        sign_in_fail(transaction, error)
        return sign_in, ""
    return sign_in, str(transaction.values["request"]["url"])


def _path_of_ours(request: Request, target: str) -> str:
    """Where to go on this site; what leads elsewhere is left aside. The sign-in page leads who is in to their own."""
    here = {request.get_host()}
    if len(target) <= _LONGEST_PATH and url_has_allowed_host_and_scheme(target, here, request.is_secure()):
        return target
    return reverse("accounts:sign_in")


def _require_set_up() -> None:
    if not is_set_up():
        raise Http404("There is no company’s sign-in here.")
