"""The beginning of a sign-in at a SAML identity provider."""

from accounts.owners import Owner
from providers.saml.provider import SAML
from providers.saml.requests import saml_request
from providers.sign_in.registration import registration_for
from providers.sign_in.sign_ins import sign_in_await
from providers.sign_in.transaction import Transaction


def begin(owner: Owner, transaction: Transaction) -> None:
    """Prepare the request, and keep what its response will be compared with.

    Raises:
        Failed: the metadata cannot be had, or names no place on the web to send a request to.
    """
    registration = registration_for(transaction.sign_in.account_id)
    request = saml_request(registration, transaction.transcript)
    transaction.values |= {
        "request_id": request.request_id,
        "request": {"url": request.url, "fields": request.fields, "xml": request.xml},
    }
    transaction.transcript.begin("authorization", "POST" if request.fields else "GET", request.url, "browser")
    sign_in_await(owner, transaction, backend=SAML.key, name=request.relay_state)
