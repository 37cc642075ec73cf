"""The beginning of a sign-in at a social or OpenID Connect provider: the authorization request."""

from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from social_core.exceptions import SocialAuthBaseException

from accounts.owners import Owner
from providers.sign_in.sign_ins import sign_in_await
from providers.sign_in.transaction import Transaction
from providers.social.base import SocialProvider
from providers.social.errors import UNREADABLE, from_social_auth, unreadable
from providers.social.strategy import SignInStrategy


def begin(owner: Owner, provider: SocialProvider, transaction: Transaction) -> None:
    """Prepare the request, and keep what its answer will be compared with.

    Raises:
        SignInError: the provider could not be asked for what the request needs.
    """
    backend = provider.backend_class(SignInStrategy(transaction, provider), redirect_uri=redirect_uri(provider))
    try:
        url = backend.auth_url()
        parameters = parse_qs(urlsplit(url).query)
        name = (parameters.get("state") or parameters["oauth_token"])[0]
    except SocialAuthBaseException as error:
        raise from_social_auth(error, backend, transaction.transcript) from error
    except UNREADABLE as error:
        raise unreadable() from error
    transaction.values["request"] = {"url": url, "fields": {}, "xml": ""}
    transaction.transcript.begin("authorization", "GET", url, "browser")
    sign_in_await(owner, transaction, backend=provider.backend, name=name)


def redirect_uri(provider: SocialProvider) -> str:
    """The address that a provider sends the browser back to, and has to know beforehand."""
    return f"{settings.PUBLIC_URL}{provider.complete_path}"
