"""Any OpenID Connect provider, found by its issuer: Okta, Auth0, Microsoft Entra ID, Google Workspace, Keycloak, ..."""

from typing import ClassVar

from social_core.exceptions import AuthResponseError

from providers.social.id_token import IdTokenBackend


class DiscoveredIssuer(IdTokenBackend):
    """Addresses come from the discovery document (OpenID Connect Discovery 1.0), unless the settings name them.

    Attributes:
        ISSUER: the setting that holds the issuer.
        ENDPOINTS: settings for all three addresses of a provider that publishes no such document; may be empty.
    """

    ISSUER: ClassVar[str] = ""
    ENDPOINTS: ClassVar[tuple[str, ...]] = ()

    def oidc_endpoint(self) -> str:
        return self.registration.setting(self.ISSUER).rstrip("/")

    def use_basic_auth(self) -> bool:
        """What the discovery document prefers; without one HTTP Basic, which every server takes (RFC 6749, 2.3.1)."""
        return True if self._without_discovery else super().use_basic_auth()

    def id_token_issuer(self) -> str:
        """The issuer as the provider spells it: some end it with a slash, and tokens then do, too.

        Raises:
            AuthResponseError: the discovery document is somebody else's.
        """
        expected = self.registration.setting(self.ISSUER)
        if self._without_discovery:
            return expected
        issuer = str(self.oidc_config().get("issuer", ""))
        if issuer.rstrip("/") != self.oidc_endpoint():
            raise AuthResponseError(
                self,
                f"The discovery document names the issuer {issuer!r}, but {self.ISSUER} is {expected!r}.",
                code="invalid_claim",
                claim="issuer",
                stage="token_validation",
            )
        return issuer

    def expected_issuers(self) -> list[str]:
        return [self.registration.setting(self.ISSUER)]

    @property
    def _without_discovery(self) -> bool:
        return bool(self.ENDPOINTS) and all(self.registration.setting(name) for name in self.ENDPOINTS)
