"""The pages of a sign-in: the one between our application and the provider, the way back, and the history."""

from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe
from social_core.exceptions import SocialAuthBaseException

from accounts.company import is_set_up
from accounts.http import Request
from lessons.sign_in_advice import advice_for
from providers.company.provider import KEY as COMPANY
from providers.forms import SignInFilterForm
from providers.registry import provider_called, provider_of_backend
from providers.sign_in.arrivals import note_arrival, show_unaccepted
from providers.sign_in.artifacts import Artifact
from providers.sign_in.models import SignIn
from providers.sign_in.refusals import Declined, Refused, SignInError
from providers.sign_in.request_parameters import address, request_parameters
from providers.sign_in.sign_ins import sign_in_claim, sign_in_fail, sign_ins_abandon, transaction_of
from providers.sign_in.transaction import Transaction
from providers.social.begin import redirect_uri
from providers.social.errors import UNREADABLE, from_social_auth, unreadable
from providers.social.refused import refused_artifact
from providers.social.strategy import SignInStrategy
from redaction.xml_text import indented
from web.origins import origin_of

_PER_PAGE = 50
_MOST_LISTED = 2_000  # of one person: to count and to filter more takes longer than anybody should wait for a page
# The names under which an answer says which request it answers: OAuth 2.0, OAuth 1.0a, and X when somebody declines.
_ANSWERS_TO = ("state", "oauth_token", "denied")


@never_cache
@require_safe
def sign_in_request(request: Request, code: str) -> HttpResponse:
    """The page in between: the authorization request, each parameter explained, and a plain link that sends it.

    A link, and not a form or a redirect: a browser checks our policy for forms along the whole chain of redirects that
    a form's submission leads to, and nobody can list every host that a provider redirects to.
    """
    sign_in = get_object_or_404(SignIn.objects.owned_by(request.owner), code=code)
    transaction = transaction_of(request.owner, sign_in)
    if transaction is None:
        return redirect(sign_in)
    prepared = transaction.values["request"]
    response = render(
        request,
        "providers/sign_in_request.html",
        {
            "area": "" if sign_in.provider == COMPANY else "demo",
            "sign_in": sign_in,
            "provider": provider_called(sign_in.provider),
            "for_site": sign_in.provider == COMPANY,
            "url": prepared["url"],
            "fields": prepared["fields"],
            "address": address(prepared["url"]),
            "host": urlsplit(prepared["url"]).netloc,
            "parameters": request_parameters(prepared["url"], prepared["fields"]),
            "request_xml": indented(prepared["xml"]),
        },
    )
    if prepared["fields"]:
        # The POST binding of SAML needs a form, and identity providers redirect on from where it goes.
        response._csp_update = {"form-action": ["https:", origin_of(prepared["url"])]}  # type: ignore[attr-defined]  # django-csp
    return response


@require_POST
def sign_in_cancel(request: Request, code: str) -> HttpResponse:
    """Turn back on the page in between: the run it was for ends as cancelled."""
    sign_in = get_object_or_404(SignIn.objects.owned_by(request.owner).under_way(), code=code)
    sign_in_fail(Transaction(sign_in), Declined("cancelled", "The sign-in was cancelled before anything was sent."))
    return HttpResponseRedirect(sign_in.return_path)


@never_cache
@require_GET
def complete(request: Request, backend: str) -> HttpResponse:
    """The redirect URI. What the provider sent is used up here, and the browser goes on to an address without it."""
    try:
        provider = provider_of_backend(backend)
    except KeyError as error:
        raise Http404("There is no such provider.") from error
    named = next((request.GET[name] for name in _ANSWERS_TO if request.GET.get(name)), "")
    try:
        transaction = sign_in_claim(owner=request.owner, backend=backend, name=named)
    except Refused as unaccepted:
        return show_unaccepted(request, provider, unaccepted)
    note_arrival(request, transaction)
    strategy = SignInStrategy(transaction, provider, request)
    attempt = provider.backend_class(strategy, redirect_uri=redirect_uri(provider))
    refused: Artifact | None = None
    try:
        result = attempt.complete()
        if isinstance(result, HttpResponse):
            return result
        # The pipeline's last step answers with a redirect; whatever else came back means that it did not get there.
        failure: SignInError = unreadable()
    except SocialAuthBaseException as error:
        failure = from_social_auth(error, attempt, transaction.transcript)
        refused = refused_artifact(attempt, error, failure)
    except UNREADABLE:
        failure = unreadable()
    sign_in_fail(transaction, failure, refused)
    return HttpResponseRedirect(transaction.sign_in.return_path)


@never_cache
@require_safe
def sign_in_list(request: Request) -> HttpResponse:
    """Every sign-in at a provider of this person, or those that are looked for, the newest first."""
    newest, stopped = SignIn.objects.owned_by(request.owner).newest(_MOST_LISTED)
    sign_ins_abandon(newest)
    form = SignInFilterForm(request.GET)
    page = Paginator(form.selected(newest), _PER_PAGE).get_page(request.GET.get("page"))
    chosen = form.values
    context = {
        "area": "runs",
        "page": page,
        "form": form,
        "chosen": urlencode(chosen),
        "filtered": bool(chosen),
        "company": settings.COMPANY_NAME if is_set_up() else "",
        "stopped": stopped,
        "most": _MOST_LISTED,
    }
    return render(request, "providers/sign_in_list.html", context)


@never_cache
@require_safe
def sign_in_detail(request: Request, code: str) -> HttpResponse:
    """One sign-in: how it ended, what was checked, and what to do when it failed."""
    sign_ins_abandon(SignIn.objects.owned_by(request.owner).filter(code=code))
    sign_in = get_object_or_404(SignIn.objects.owned_by(request.owner), code=code)
    return render(
        request,
        "providers/sign_in.html",
        {
            "area": "runs",
            "sign_in": sign_in,
            "provider": provider_called(sign_in.provider),
            "for_site": sign_in.provider == COMPANY,
            "advice": advice_for(sign_in.error_code, sign_in.outcome, for_site=sign_in.provider == COMPANY),
        },
    )
