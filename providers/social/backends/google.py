"""Google: OpenID Connect with PKCE. https://developers.google.com/identity/openid-connect/openid-connect"""

from typing import Any

from django.http import HttpResponse
from social_core.backends.google_openidconnect import GoogleOpenIdConnect

from providers.social.base import SocialProvider
from providers.social.id_token import IdTokenBackend


class Google(IdTokenBackend, GoogleOpenIdConnect[HttpResponse]):
    SETTINGS = {"KEY": "GOOGLE_CLIENT_ID", "SECRET": "GOOGLE_CLIENT_SECRET"}
    AUTHORIZATION_URL = ""  # both from the discovery document, as Google asks, and not from the library
    ACCESS_TOKEN_URL = ""
    TOKEN_ENDPOINT_AUTH_METHOD = "client_secret_post"  # noqa: S105 (the name of a method)

    def id_token_issuer(self) -> Any:
        """Google: "Always https://accounts.google.com or accounts.google.com". The library knows only the second."""
        return ["https://accounts.google.com", "accounts.google.com"]


PROVIDER = SocialProvider(
    key="google",
    order=10,
    label="Google",
    button_label="Sign in with Google",
    kind="social",
    logins_key="accounts.google.com",
    artifact_kind="id_token",
    settings_needed=("GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"),
    yields="A signed statement by Google of who signed in, for this application only.",
    colour="#1967d2",
    docs="google",
    backend_class=Google,
)
