"""Any OpenID Connect provider: Okta, Auth0, Microsoft Entra ID, Google Workspace, Keycloak, ..."""

from providers.social.base import SocialProvider
from providers.social.discovered import DiscoveredIssuer

# Only for a provider that publishes no discovery document.
_ENDPOINTS = ("OIDC_AUTHORIZATION_ENDPOINT", "OIDC_TOKEN_ENDPOINT", "OIDC_JWKS_URI")


class Oidc(DiscoveredIssuer):
    name = "oidc"
    ISSUER = "OIDC_ISSUER"
    ENDPOINTS = _ENDPOINTS
    SETTINGS = {
        "KEY": "OIDC_CLIENT_ID",
        "SECRET": "OIDC_CLIENT_SECRET",
        "AUTHORIZATION_URL": "OIDC_AUTHORIZATION_ENDPOINT",
        "ACCESS_TOKEN_URL": "OIDC_TOKEN_ENDPOINT",
        "JWKS_URI": "OIDC_JWKS_URI",
    }


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
