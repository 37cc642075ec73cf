"""Amazon Cognito user pools with managed login.

https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoints-oauth-grants.html
social-auth's own backend for user pools checks neither the ID token nor a nonce, so this is OpenID Connect.
"""

from typing import Any

from django.conf import settings

from providers.registry import user_pool_region
from providers.social.base import local_url
from providers.social.id_token import IdTokenBackend


def domain() -> str:
    """Origin of the managed login: a prefix domain, or a custom one, which COGNITO_DOMAIN then names as a whole."""
    name = str(settings.COGNITO_DOMAIN).partition("://")[2] or str(settings.COGNITO_DOMAIN)
    name = name.strip("/")
    return f"https://{name}" if "." in name else f"https://{name}.auth.{user_pool_region()}.amazoncognito.com"


class UserPool(IdTokenBackend):
    name = "cognito"
    SETTINGS = {"KEY": "COGNITO_APP_CLIENT_ID", "SECRET": "COGNITO_APP_CLIENT_SECRET"}

    def authorization_url(self) -> str:
        return local_url(f"{domain()}/oauth2/authorize")

    def access_token_url(self) -> str:
        return f"{domain()}/oauth2/token"

    def id_token_issuer(self) -> str:
        return f"https://cognito-idp.{user_pool_region()}.amazonaws.com/{settings.COGNITO_USER_POOL_ID}"

    def jwks_uri(self) -> str:
        return f"{self.id_token_issuer()}/.well-known/jwks.json"

    def use_basic_auth(self) -> bool:
        """An app client with a secret proves itself by HTTP Basic; a public one by PKCE alone."""
        return bool(settings.COGNITO_APP_CLIENT_SECRET)

    def auth_complete_params(self, state: str | None = None) -> dict[str, Any]:
        parameters: dict[str, Any] = super().auth_complete_params(state)  # type: ignore[no-untyped-call]
        return {name: value for name, value in parameters.items() if value}
