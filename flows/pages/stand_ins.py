"""The way to the stand-ins: those of the account that somebody works in, in whichever sandbox that is."""

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.http import Request
from flows.exchange.own_accounts import accounts_of
from web import sandboxes


@never_cache
@require_safe
def stand_ins(request: Request) -> HttpResponse:
    """On to the page of the stand-ins, found when somebody asks for it: every page has the link.

    An account's own have people and keys of their own; whoever has no account meets those of everybody.
    """
    if settings.APP_MODE != "sandbox":
        raise Http404("There are no stand-ins on AWS.")
    account_id = next((account.account_id for account in accounts_of(request.owner)), "")
    place = sandboxes.of_account(account_id)
    return HttpResponseRedirect(f"{place.public_url}{settings.STAND_INS_PATH}/{f'{account_id}/' if account_id else ''}")
