"""The two hops of a SAML response, and the service provider's metadata.

The response comes by a POST from another site, to which browsers add no Lax cookie: nobody is known there. So the first
hop finds its sign-in by RelayState, seals the response for whoever began that, and redirects to a GET of our own site
with a code that counts once; there the cookies are back, and the second hop checks whose it is and what it says.
"""

import secrets
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST, require_safe
from djangosaml2.views import MetadataView

from accounts.http import Request
from providers.saml.config import acs_url, sp_config
from providers.saml.consumer import AssertionConsumer
from providers.saml.provider import SAML
from providers.sign_in.arrivals import note_arrival, show_unaccepted
from providers.sign_in.models import SignIn
from providers.sign_in.refusals import Failed, Refused
from providers.sign_in.registration import registration_for
from providers.sign_in.sign_ins import request_key, sign_in_claim_row, sign_in_fail
from vault import services as vault

_STASHED = "saml_response"
_NOBODY = "none"


@csrf_exempt
@require_POST
def acs(request: HttpRequest) -> HttpResponse:
    """First hop: no cookie is read or set here."""
    relay_state, encoded = request.POST.get("RelayState", ""), request.POST.get("SAMLResponse", "")
    sign_in = _answered(relay_state) if encoded else None
    code, token = (sign_in.code, secrets.token_urlsafe(24)) if sign_in else (_NOBODY, _NOBODY)
    if sign_in:
        content = {"response": encoded, "token": token}
        vault.seal(
            sign_in.owner,
            reference=sign_in.code,
            purpose=_STASHED,
            content=content,
            expires_at=sign_in.expires_at,
        )
    response = HttpResponseRedirect(reverse("providers:saml_continue", args=[code, token]))
    response.status_code = 303  # RFC 9110, 15.4.4: go on with GET
    response.without_visitor = True  # type: ignore[attr-defined]  # accounts.middleware
    return response


@never_cache
@require_GET
def saml_continue(request: Request, code: str, token: str) -> HttpResponse:
    """Second hop, with the person's own cookies: whose is it, and is it what was asked for."""
    sign_in = SignIn.objects.filter(code=code, provider=SAML.key).first()
    stashed = _stashed(request, code, token)
    try:
        if stashed is None and sign_in and sign_in.belongs_to(request.owner):
            raise Refused("already_used", "This answer has already been used, or a later one has replaced it.")
        transaction = sign_in_claim_row(request.owner, sign_in)
    except Refused as refused:
        return show_unaccepted(request, SAML, refused)
    assert stashed is not None  # nobody else's is claimed
    note_arrival(request, transaction)
    if (trip := transaction.transcript.last("authorization")) is not None:
        trip.answer_url, trip.response_body = acs_url(), urlencode({"SAMLResponse": stashed})
    try:
        return AssertionConsumer(transaction=transaction, encoded=stashed).consume(request)
    except Failed as failed:  # the metadata could not be read
        sign_in_fail(transaction, failed)
        return HttpResponseRedirect(transaction.sign_in.return_path)


@require_safe
def metadata(request: HttpRequest) -> HttpResponseBase:
    """What an identity provider has to know of us. It needs none of the identity provider's own metadata."""
    registration = registration_for()
    if not registration.setting("SAML_ENTITY_ID"):
        raise Http404("SAML_ENTITY_ID is not set.")
    return MetadataView.as_view(config_loader_path=lambda _: sp_config(registration, ""))(request)  # type: ignore[no-any-return]


def _answered(relay_state: str) -> SignIn | None:
    found = SignIn.objects.under_way().filter(request_key=request_key(SAML.key, relay_state))
    return found.first() if relay_state else None


def _stashed(request: Request, code: str, token: str) -> str | None:
    """The response that the first hop sealed for this person under this code, if the token is the one it gave out."""
    content = vault.unseal(request.owner, reference=code, purpose=_STASHED)
    return content["response"] if content and constant_time_compare(content["token"], token) else None
