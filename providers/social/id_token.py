"""Providers whose artifact is an ID token (OpenID Connect Core 1.0, code flow)."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from social_core.backends.open_id_connect import OpenIdConnectAuth

from providers.social.oauth2 import OAuth2Backend


class IdTokenBackend(OAuth2Backend, OpenIdConnectAuth[HttpResponse]):
    """State, PKCE and nonce always; signature, issuer, audience, expiry and nonce of the token checked."""

    JWT_DECODE_OPTIONS = {"require": ["exp", "iat", "sub"]}  # OpenID Connect Core 1.0, section 2

    def setting(self, name: str, default: Any = None) -> Any:
        """The clocks may differ by SIGN_IN_LEEWAY seconds: in each comparison of a time, and in a token's age."""
        if name == "JWT_LEEWAY":
            return settings.SIGN_IN_LEEWAY
        if name == "ID_TOKEN_MAX_AGE":
            return default + settings.SIGN_IN_LEEWAY
        return super().setting(name, default)

    def oidc_config_url(self) -> str:
        """Where it is found here: the library keeps documents and keys by their URL, and the same one has others in the
        next account."""
        return self.registration.local_url(super().oidc_config_url())

    def jwks_uri(self) -> str:
        return self.registration.local_url(super().jwks_uri())

    def validate_temporal_claims(self, id_token: dict[str, Any]) -> None:
        """The library compares `nbf` twice, and the second time without the leeway of the first."""
        compared = {name: value for name, value in id_token.items() if name != "nbf"}
        super().validate_temporal_claims(compared)

    def user_data(self, access_token: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The verified ID token says who signed in; the UserInfo endpoint is not asked the same again."""
        return dict(self.id_token or {})

    def expected_issuers(self) -> list[str]:
        issuer: object = self.id_token_issuer()
        return [str(name) for name in issuer] if isinstance(issuer, list) else [str(issuer)]
