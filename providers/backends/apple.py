"""Sign in with Apple. https://developer.apple.com/documentation/signinwithapplerestapi

No scope is asked for: with one, Apple answers by a cross-site POST, to which browsers add no cookie of ours.
"""

from typing import Any

from django.http import HttpResponse
from social_core.backends.apple import AppleIdAuth
from social_core.exceptions import AuthResponseError
from social_core.utils import constant_time_compare

from .base import ProviderBackend


class Apple(ProviderBackend, AppleIdAuth[HttpResponse]):
    SETTINGS = {
        "CLIENT": "APPLE_CLIENT_ID",
        "TEAM": "APPLE_TEAM_ID",
        "KEY": "APPLE_KEY_ID",
        "SECRET": "APPLE_PRIVATE_KEY",
    }
    # The client secret is a JWT that we sign for each call. Apple would take one for half a year.
    TOKEN_TTL_SEC = 300

    id_token: dict[str, Any] | None = None

    def auth_params(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """With a nonce, which the library leaves out: without it a code of another sign-in would do as well."""
        nonce = self.strategy.random_string(43)
        self.strategy.session_set("nonce", nonce)
        parameters: dict[str, Any] = super().auth_params(*args, **kwargs)  # type: ignore[no-untyped-call]
        return {**parameters, "nonce": nonce}

    def decode_id_token(self, id_token: str) -> dict[str, Any]:
        claims: dict[str, Any] = super().decode_id_token(id_token)  # type: ignore[no-untyped-call]
        expected = self.strategy.session_pop("nonce")
        if not expected or not constant_time_compare(str(claims.get("nonce", "")), expected):
            raise AuthResponseError(self, code="nonce_mismatch", claim="nonce", stage="token_validation")
        self.id_token = claims
        return claims

    def expected_issuers(self) -> list[str]:
        return [self.ID_TOKEN_ISSUER]

    def expected_audience(self) -> str:
        return str(self.setting("CLIENT"))
