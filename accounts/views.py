"""Sign up, sign in, sign out, change the password, and the page of one's account."""

from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeDoneView, PasswordChangeView
from django.core.exceptions import PermissionDenied
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts.backends import ACCOUNTS
from accounts.company import SIGN_OUT_AT_COMPANY, is_set_up
from accounts.forms import ChangePasswordForm, SignInForm, SignUpForm
from accounts.models import User
from accounts.passwords import guess_limits
from web.errors import too_many
from web.ratelimit import Limit, address_of, give_back, hit

NEXT = "next"
_OFFERED_SECONDS = 600  # in which somebody who signed out here is offered to sign out at the company


class SignInView(LoginView):
    """Django's own view, which changes the session's key and takes only a `next` of this site; failures are counted."""

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: str, **kwargs: Any) -> HttpResponse:
        if not settings.LOCAL_PASSWORDS:
            return passwords_off(request)
        self.limits = guess_limits(request, request.POST.get("username", ""))
        if wait := hit(*self.limits):
            return too_many(request, wait, "sign-ins")
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponse:
        give_back(*self.limits)
        return super().form_valid(form)  # type: ignore[arg-type]

    def get_default_redirect_url(self) -> str:
        """Where somebody goes who did not say: their class, where they run one, or their history."""
        page_of: Callable[[Any], str] = import_string(settings.PAGE_AFTER_SIGN_IN)
        return page_of(self.request.user) or super().get_default_redirect_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        company = settings.COMPANY_NAME if is_set_up() else ""
        return super().get_context_data(
            sign_up_open=_sign_up_is_open(), passwords=settings.LOCAL_PASSWORDS, company=company, **kwargs
        )


class SignOutView(LogoutView):
    """Ends the session here; whoever the company signed in is told that it has one of its own, and may end that."""

    def post(self, request: HttpRequest, *args: str, **kwargs: Any) -> HttpResponse:
        at_company = request.session.get(SIGN_OUT_AT_COMPANY, "")
        response = super().post(request, *args, **kwargs)
        if not at_company or not is_set_up():
            return response
        request.session[SIGN_OUT_AT_COMPANY] = at_company
        request.session.set_expiry(_OFFERED_SECONDS)
        return redirect("accounts:signed_out")


class ChangePasswordView(PasswordChangeView):
    """Ends the account's other sessions, since their hash no longer fits. Guesses of the old password are counted."""

    template_name = "accounts/password_change.html"
    form_class = ChangePasswordForm
    success_url = reverse_lazy("accounts:password_change_done")

    def get(self, request: HttpRequest, *args: str, **kwargs: Any) -> HttpResponse:
        return super().get(request, *args, **kwargs) if settings.LOCAL_PASSWORDS else passwords_off(request)

    def post(self, request: HttpRequest, *args: str, **kwargs: Any) -> HttpResponse:
        if not settings.LOCAL_PASSWORDS:
            return passwords_off(request)
        limits = guess_limits(request, request.user.get_username())
        if wait := hit(*limits):
            return too_many(request, wait, "sign-ins")
        response = super().post(request, *args, **kwargs)
        if response.status_code == 302:
            give_back(*limits)
        return response


sign_in = never_cache(SignInView.as_view())
sign_out = never_cache(SignOutView.as_view())
password_change = never_cache(ChangePasswordView.as_view())
password_change_done = PasswordChangeDoneView.as_view(template_name="accounts/password_change_done.html")


def passwords_off(request: HttpRequest) -> HttpResponse:
    """The page for what needs a password where there are none."""
    return render(request, "accounts/passwords_off.html", {"company": settings.COMPANY_NAME}, status=403)


@never_cache
@require_safe
def signed_out(request: HttpRequest) -> HttpResponse:
    """What somebody sees who signed out of a session that the company's sign-in had opened."""
    at_company = request.session.get(SIGN_OUT_AT_COMPANY, "")
    return _page_of_signed_out(request, at_company=at_company)


@never_cache
@require_safe
def signed_out_at_company(request: HttpRequest) -> HttpResponse:
    """Where the company leads those back who signed out there. It is registered at companies: do not change it."""
    return _page_of_signed_out(request, by_company=True)


def _page_of_signed_out(request: HttpRequest, **more: Any) -> HttpResponse:
    if request.user.is_authenticated:  # who came back here otherwise, or has signed in again
        return redirect("accounts:account")
    return render(request, "accounts/signed_out.html", {"company": settings.COMPANY_NAME, **more})


@never_cache
@login_required
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """Whose account it is, and by what its owner signs in."""
    user = cast(User, request.user)
    identities = list(user.company_identities.all())
    context = {
        "identities": identities,
        "company": settings.COMPANY_NAME if is_set_up() else "",
        "passwords": settings.LOCAL_PASSWORDS and user.has_usable_password(),
        "linked_here": any(one.issuer.rstrip("/") == settings.COMPANY_ISSUER.rstrip("/") for one in identities),
    }
    return render(request, "accounts/account.html", context)


def _sign_up_is_open() -> bool:
    return bool(settings.SIGN_UP_OPEN and settings.LOCAL_PASSWORDS)


def _if_sign_up_is_open(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def guarded(request: HttpRequest) -> HttpResponse:
        if not _sign_up_is_open():
            context = {NEXT: _safe_next(request), "passwords": settings.LOCAL_PASSWORDS}
            return render(request, "accounts/sign_up_closed.html", context, status=403)
        return view(request)

    return guarded


@_if_sign_up_is_open
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """Make an account and sign in to it. Runs that this browser made before become the account's."""
    target = _safe_next(request)
    if request.user.is_authenticated:
        return HttpResponseRedirect(target)
    form = SignUpForm(request.POST or None)
    if request.method == "POST":
        if wait := hit(Limit("sign-up from an address", address_of(request), settings.SIGN_UPS_PER_MINUTE)):
            return too_many(request, wait, "sign-ups")
        if form.is_valid():
            user = form.save()
            login(request, user, backend=ACCOUNTS)
            messages.success(request, f"Welcome, {user.get_username()}. Your runs are kept in your history.")
            return HttpResponseRedirect(target)
    return render(request, "accounts/sign_up.html", {"form": form, NEXT: target})


def admin_sign_in(request: HttpRequest) -> HttpResponseBase:
    """The admin site's door leads to ours, which counts guesses. Who is in already, but is no staff, may not enter."""
    if request.user.is_authenticated and not request.user.is_staff:
        raise PermissionDenied("This account has no access to the admin site.")
    return sign_in(request)


def _safe_next(request: HttpRequest) -> str:
    """Where to go afterwards: `next` if it leads to this site, else the history."""
    target = request.POST.get(NEXT) or request.GET.get(NEXT) or ""
    here = {request.get_host()}
    if url_has_allowed_host_and_scheme(target, allowed_hosts=here, require_https=request.is_secure()):
        return target
    return resolve_url(settings.LOGIN_REDIRECT_URL)
