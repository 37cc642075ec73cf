"""The mailbox: what the user pools of the sandbox have sent to their people, codes above all."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.http import Request
from flows.exchange.mailbox import Message, UnreadableMailbox, messages_of
from flows.exchange.own_accounts import accounts_of
from flows.exchange.pools import pools_for
from web.proxies import is_loopback


@never_cache
@require_safe
def mailbox(request: Request) -> HttpResponse:
    """The messages of the accounts whose pools the visitor may use.

    Whoever reads them can sign in as anybody who has an address there, so a site that others reach as well shows those
    of the home account to those who run it. What is in accounts of one's own is one's own.
    """
    if settings.APP_MODE != "sandbox":
        raise Http404
    if not may_read(request) and not accounts_of(request.owner):
        return render(request, "flows/mailbox.html", {"closed": True}, status=403)
    messages, problems = _messages(request)
    return render(request, "flows/mailbox.html", {"sent_messages": messages, "problems": problems})


def may_read(request: Request) -> bool:
    """Whether the visitor sits at the machine that serves only itself, or runs this site."""
    names = [urlsplit(url).hostname or "" for url in (settings.PUBLIC_URL, settings.SANDBOX_PUBLIC_URL)]
    return bool(request.user.is_staff) or all(map(is_loopback, (*names, request.META["REMOTE_ADDR"])))


def _messages(request: Request) -> tuple[list[Message], list[str]]:
    """What can be read, the latest first, and why the rest cannot."""
    found: list[Message] = []
    problems = []
    for account in dict.fromkeys(pool.account_id for pool in pools_for(request.owner)):
        try:
            found += messages_of(request.owner, account)
        except UnreadableMailbox as unreadable:
            problems.append(str(unreadable))
    return sorted(found, key=lambda message: message.sent, reverse=True), problems
