"""Where the company ends its own session, after somebody has signed out here: OpenID Connect RP-Initiated Logout 1.0,
https://openid.net/specs/openid-connect-rpinitiated-1_0.html."""

from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.urls import reverse

from providers.company.provider import Company
from web.proxies import is_loopback

_LONGEST = 1000  # of an address that a session keeps


def sign_out_url(backend: Company) -> str:
    """The address at the company to which somebody goes who wants to be signed out there, too.

    Empty where the discovery document names none, or one that is no place to send people to. Without the ID token as a
    hint, which nobody keeps: the company asks whether it is meant, where it is not sure.
    """
    named = backend.oidc_config().get("end_session_endpoint")
    endpoint = backend.registration.local_url(named) if isinstance(named, str) else ""
    parts = urlsplit(endpoint)
    is_place = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    if not is_place or parts.fragment or len(endpoint) > _LONGEST:
        return ""
    back = f"{settings.PUBLIC_URL}{reverse('accounts:signed_out_at_company')}"
    # `logout_uri` is what user pools call it, which know no other name and refuse whoever does not say it:
    # https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html
    asked = {"client_id": settings.COMPANY_CLIENT_ID, "post_logout_redirect_uri": back, "logout_uri": back}
    return f"{endpoint}{'&' if parts.query else '?'}{urlencode(asked)}"
