"""Any OpenID Connect provider: Okta, Auth0, Microsoft Entra ID, Google Workspace, Keycloak, ..."""

from social_core.exceptions import AuthResponseError

from providers.social.base import SocialProvider
from providers.social.id_token import IdTokenBackend

# Only for a provider that publishes no discovery document.
_ENDPOINTS = ("OIDC_AUTHORIZATION_ENDPOINT", "OIDC_TOKEN_ENDPOINT", "OIDC_JWKS_URI")


class Oidc(IdTokenBackend):
    """Addresses come from the discovery document (OpenID Connect Discovery 1.0), unless the settings name them."""

    name = "oidc"
    SETTINGS = {
        "KEY": "OIDC_CLIENT_ID",
        "SECRET": "OIDC_CLIENT_SECRET",
        "AUTHORIZATION_URL": "OIDC_AUTHORIZATION_ENDPOINT",
        "ACCESS_TOKEN_URL": "OIDC_TOKEN_ENDPOINT",
        "JWKS_URI": "OIDC_JWKS_URI",
    }

    def oidc_endpoint(self) -> str:
        return self.registration.setting("OIDC_ISSUER").rstrip("/")

    def use_basic_auth(self) -> bool:
        """What the discovery document prefers; without one HTTP Basic, which every server takes (RFC 6749, 2.3.1)."""
        return True if self._without_discovery else super().use_basic_auth()

    def id_token_issuer(self) -> str:
        """The issuer as the provider spells it: some end it with a slash, and tokens then do, too.

        Raises:
            AuthResponseError: the discovery document is somebody else's.
        """
        if self._without_discovery:
            return self.registration.setting("OIDC_ISSUER")
        issuer, expected = str(self.oidc_config().get("issuer", "")), self.registration.setting("OIDC_ISSUER")
        if issuer.rstrip("/") != self.oidc_endpoint():
            raise AuthResponseError(
                self,
                f"The discovery document names the issuer {issuer!r}, but OIDC_ISSUER is {expected!r}.",
                code="invalid_claim",
                claim="issuer",
                stage="token_validation",
            )
        return issuer

    def expected_issuers(self) -> list[str]:
        return [self.registration.setting("OIDC_ISSUER")]

    @property
    def _without_discovery(self) -> bool:
        return all(self.registration.setting(name) for name in _ENDPOINTS)


PROVIDER = SocialProvider(
    key="oidc",
    order=60,
    label="OIDC provider",
    button_label="Sign in with OIDC provider",
    kind="enterprise",
    logins_key="issuer without https://",
    logins_key_set=lambda registration: registration.setting("OIDC_ISSUER").partition("://")[2].rstrip("/"),
    artifact_kind="id_token",
    settings_needed=("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_ISSUER"),
    settings_optional=_ENDPOINTS,
    settings_https=("OIDC_ISSUER", *_ENDPOINTS),
    yields="From any OpenID Connect provider that IAM knows: Okta, Auth0, Entra ID, Keycloak, …",
    colour="#5b4bb5",
    monogram="ID",
    docs="oidc",
    backend_class=Oidc,
)
