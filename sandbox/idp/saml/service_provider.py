"""The application as a SAML service provider."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServiceProvider:
    """What a provider's console would have been told of it."""

    entity_id: str
    acs_url: str


def service_provider(app_url: str) -> ServiceProvider:
    """The application at that origin."""
    return ServiceProvider(f"{app_url}/saml/metadata/", f"{app_url}/saml/acs/")
