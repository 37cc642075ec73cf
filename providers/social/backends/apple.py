"""Sign in with Apple. https://developer.apple.com/documentation/signinwithapplerestapi

No scope is asked for: with one, Apple answers by a cross-site POST, to which browsers add no cookie of ours.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jwt
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from social_core.backends.apple import AppleIdAuth
from social_core.backends.utils import jwt_error
from social_core.exceptions import AuthResponseError
from social_core.utils import constant_time_compare

from providers.social.base import SocialProvider
from providers.social.oauth2 import OAuth2Backend


class Apple(OAuth2Backend, AppleIdAuth[HttpResponse]):
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
        claims = self._verified(id_token)
        expected = self.strategy.session_pop("nonce")
        if not expected or not constant_time_compare(str(claims.get("nonce", "")), expected):
            raise AuthResponseError(self, code="nonce_mismatch", claim="nonce", stage="token_validation")
        self.id_token = claims
        return claims

    def _verified(self, id_token: str) -> dict[str, Any]:
        """What the library does, with our leeway and with the claims that must be there.

        Raises:
            AuthResponseError
        """
        try:
            key_id = jwt.get_unverified_header(id_token).get("kid")
            key = jwt.PyJWK.from_json(self.get_apple_jwk(key_id))
            return jwt.decode(
                id_token,
                key,
                algorithms=["RS256"],
                audience=self.expected_audience(),
                issuer=self.ID_TOKEN_ISSUER,
                leeway=settings.SIGN_IN_LEEWAY,
                options={"require": ["exp", "iat", "sub"]},
            )
        except jwt.PyJWTError as error:
            raise jwt_error(self, error) from error

    def expected_issuers(self) -> list[str]:
        return [self.ID_TOKEN_ISSUER]

    def expected_audience(self) -> str:
        return str(self.setting("CLIENT"))


def _private_key(read: Mapping[str, str], others: Mapping[str, Any]) -> Mapping[str, str]:
    """The key from its file, where one is named. In a variable, `\\n` stands for a line break."""
    path = read["APPLE_PRIVATE_KEY_FILE"]
    try:
        key = Path(path).read_text() if path else read["APPLE_PRIVATE_KEY"].replace("\\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"APPLE_PRIVATE_KEY_FILE is {path!r}, which cannot be read as text.") from error
    return {"APPLE_PRIVATE_KEY": key}


PROVIDER = SocialProvider(
    key="apple",
    order=40,
    label="Apple",
    button_label="Sign in with Apple",
    kind="social",
    logins_key="appleid.apple.com",
    artifact_kind="id_token",
    settings_needed=("APPLE_CLIENT_ID", "APPLE_TEAM_ID", "APPLE_KEY_ID", "APPLE_PRIVATE_KEY"),
    settings_optional=("APPLE_PRIVATE_KEY_FILE",),
    settings_derived=_private_key,
    yields="In return for a code, and for a client secret that this server signs itself.",
    colour="#1d1d1f",
    docs="apple",
    backend_class=Apple,
)
