"""X (Twitter): OAuth 1.0a. https://docs.x.com/fundamentals/authentication/oauth-1-0a/obtaining-user-access-tokens"""

from typing import Any
from urllib.parse import parse_qsl

from django.http import HttpResponse
from social_core.backends.twitter import TwitterOAuth
from social_core.utils import url_add_parameters

from providers.social.base import ProviderBackend, SocialProvider


class X(ProviderBackend, TwitterOAuth[HttpResponse]):
    """The request token names the sign-in (RFC 5849, section 2.2), so nothing is added to the callback URL."""

    SETTINGS = {"KEY": "X_CONSUMER_KEY", "SECRET": "X_CONSUMER_SECRET"}
    FIRST_STEP = "request-token"
    REDIRECT_STATE = False

    def oauth_authorization_request(self, token: Any) -> str:
        """`oauth_token` is all that X's page takes; the callback was registered with the request token."""
        content = token if isinstance(token, dict) else dict(parse_qsl(token))
        return url_add_parameters(self.authorization_url(), {"oauth_token": content["oauth_token"]})


PROVIDER = SocialProvider(
    key="x",
    order=50,
    label="X",
    button_label="Sign in with X",
    kind="social",
    logins_key="api.twitter.com",
    artifact_kind="oauth1_token",
    settings_needed=("X_CONSUMER_KEY", "X_CONSUMER_SECRET"),
    yields="By OAuth 1.0a; the identity pool is sent both as “token;secret”.",
    colour="#0f1419",
    docs="x",
    backend_class=X,
)
