"""Providers whose artifact is an ID token (OpenID Connect Core 1.0, code flow)."""

from typing import Any

from django.http import HttpResponse
from social_core.backends.open_id_connect import OpenIdConnectAuth

from .base import ProviderBackend


class IdTokenBackend(ProviderBackend, OpenIdConnectAuth[HttpResponse]):
    """State, nonce and PKCE (RFC 7636) always; signature, issuer, audience, expiry and nonce of the token checked."""

    OPTIONS = {"USE_PKCE": True}

    def user_data(self, access_token: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The verified ID token says who signed in; the UserInfo endpoint is not asked the same again."""
        return dict(self.id_token or {})

    def expected_issuers(self) -> list[str]:
        issuer: object = self.id_token_issuer()
        return [str(name) for name in issuer] if isinstance(issuer, list) else [str(issuer)]
