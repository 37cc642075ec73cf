"""Any OpenID Connect provider: Okta, Auth0, Microsoft Entra ID, Google Workspace, Keycloak, ..."""

from django.conf import settings
from social_core.exceptions import AuthResponseError

from providers.social.id_token import IdTokenBackend


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
        return str(settings.OIDC_ISSUER).rstrip("/")

    def use_basic_auth(self) -> bool:
        """What the discovery document prefers; without one HTTP Basic, which every server takes (RFC 6749, 2.3.1)."""
        return True if self._without_discovery else super().use_basic_auth()

    def id_token_issuer(self) -> str:
        """The issuer as the provider spells it: some end it with a slash, and tokens then do, too.

        Raises:
            AuthResponseError: the discovery document is somebody else's.
        """
        if self._without_discovery:
            return str(settings.OIDC_ISSUER)
        issuer = str(self.oidc_config().get("issuer", ""))
        if issuer.rstrip("/") != self.oidc_endpoint():
            raise AuthResponseError(
                self,
                f"The discovery document names the issuer {issuer!r}, and OIDC_ISSUER is {settings.OIDC_ISSUER!r}.",
                code="invalid_claim",
                claim="issuer",
                stage="token_validation",
            )
        return issuer

    def expected_issuers(self) -> list[str]:
        return [str(settings.OIDC_ISSUER)]

    @property
    def _without_discovery(self) -> bool:
        return all((settings.OIDC_AUTHORIZATION_ENDPOINT, settings.OIDC_TOKEN_ENDPOINT, settings.OIDC_JWKS_URI))
