"""Amazon Cognito user pools with managed login.

https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoints-oauth-grants.html
social-auth's own backend for user pools checks neither the ID token nor a nonce, so this is OpenID Connect.
"""

from typing import Any

from providers.sign_in.registration import Registration
from providers.social.base import SocialProvider
from providers.social.id_token import IdTokenBackend


def region(registration: Registration) -> str:
    """A user pool's id is `region_name`, and the pool lives in that region whatever AWS_REGION says."""
    return registration.setting("COGNITO_USER_POOL_ID").partition("_")[0]


def issuer(registration: Registration) -> str:
    """Who has issued the pool's tokens. Without the scheme it is the pool's key in the logins map."""
    pool = registration.setting("COGNITO_USER_POOL_ID")
    return f"https://cognito-idp.{region(registration)}.amazonaws.com/{pool}"


def domain(registration: Registration) -> str:
    """Origin of the managed login: a prefix domain, or a custom one, which COGNITO_DOMAIN then names as a whole."""
    name = registration.setting("COGNITO_DOMAIN").rpartition("://")[2].strip("/")
    return f"https://{name}" if "." in name else f"https://{name}.auth.{region(registration)}.amazoncognito.com"


class UserPool(IdTokenBackend):
    name = "cognito"
    SETTINGS = {"KEY": "COGNITO_APP_CLIENT_ID", "SECRET": "COGNITO_APP_CLIENT_SECRET"}

    def authorization_url(self) -> str:
        return self.registration.local_url(f"{domain(self.registration)}/oauth2/authorize")

    def access_token_url(self) -> str:
        return f"{domain(self.registration)}/oauth2/token"

    def id_token_issuer(self) -> str:
        return issuer(self.registration)

    def jwks_uri(self) -> str:
        return self.registration.local_url(f"{issuer(self.registration)}/.well-known/jwks.json")

    def use_basic_auth(self) -> bool:
        """An app client with a secret proves itself by HTTP Basic; a public one only by PKCE."""
        return bool(self.registration.setting("COGNITO_APP_CLIENT_SECRET"))

    def auth_complete_params(self, state: str | None = None) -> dict[str, Any]:
        parameters: dict[str, Any] = super().auth_complete_params(state)  # type: ignore[no-untyped-call]
        return {name: value for name, value in parameters.items() if value}


def _logins_key(registration: Registration) -> str:
    return issuer(registration).removeprefix("https://") if registration.setting("COGNITO_USER_POOL_ID") else ""


PROVIDER = SocialProvider(
    key="user-pool",
    order=80,
    label="Amazon Cognito user pool",
    button_label="Sign in with Amazon Cognito user pools",
    kind="user_pool",
    logins_key="cognito-idp.REGION.amazonaws.com/POOL",
    logins_key_set=_logins_key,
    artifact_kind="id_token",
    settings_needed=("COGNITO_USER_POOL_ID", "COGNITO_APP_CLIENT_ID", "COGNITO_DOMAIN"),
    settings_optional=("COGNITO_APP_CLIENT_SECRET",),
    yields="It carries the person’s groups, and the roles that these may have.",
    colour="#c7254e",
    monogram="UP",
    docs="cognito-user-pool",
    backend_class=UserPool,
)
