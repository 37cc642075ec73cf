"""An answer has come back with the browser: it is written down from where, and one that is not accepted is shown."""

from time import time

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.http import Request
from providers.sign_in.provider import Provider
from providers.sign_in.refusals import Refused
from providers.sign_in.sign_ins import sign_in_not_accepted, sign_in_seen
from providers.sign_in.transaction import Transaction
from web.errors import too_many
from web.ratelimit import Limit, address_of, hit


def note_arrival(request: Request, transaction: Transaction) -> None:
    """The browser is back: write down from where it came, and with what, into row and transcript."""
    sign_in_seen(transaction.sign_in, address_of(request), request.headers.get("User-Agent", ""))
    trip = transaction.transcript.last("authorization")
    if trip is not None:
        trip.answer_url = request.build_absolute_uri()
        trip.duration_ms = round((time() - transaction.sign_in.created_at.timestamp()) * 1000, 2)


def show_unaccepted(request: Request, provider: Provider, refused: Refused) -> HttpResponse:
    """Write down an answer that is not accepted, and lead to a page whose address holds nothing of it.

    Anybody can send such answers, so they are counted.
    """
    limit = Limit("stray answer of a provider", address_of(request), settings.RUNS_PER_MINUTE)
    if wait := hit(limit):
        return too_many(request, wait, "sign-ins")
    sign_in = sign_in_not_accepted(
        owner=request.owner,
        provider=provider.key,
        error=refused,
        address=address_of(request),
        user_agent=request.headers.get("User-Agent", ""),
    )
    return redirect(sign_in)
