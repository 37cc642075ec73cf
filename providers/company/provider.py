"""The company's OpenID Connect provider, as the settings name it."""

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from providers.sign_in.registration import Registration
from providers.social.base import SocialProvider
from providers.social.discovered import DiscoveredIssuer

KEY = "company"


class Company(DiscoveredIssuer):
    name = KEY
    ISSUER = "COMPANY_ISSUER"
    SETTINGS = {"KEY": "COMPANY_CLIENT_ID", "SECRET": "COMPANY_CLIENT_SECRET"}

    def get_scope(self) -> list[str]:
        """As COMPANY_SCOPES says. Without `openid` there would be no ID token, which lab.E041 says."""
        return settings.COMPANY_SCOPES.split()


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyProvider(SocialProvider):
    """Not one of the registry: it gives nothing to a run."""

    @property
    def complete_path(self) -> str:
        return reverse("providers:company_complete")

    def registration(self, account_id: str) -> Registration:
        """The company's own provider in both modes, or a stand-in, where COMPANY_ISSUER is one in sandbox mode.

        A stand-in may then be asked, and nobody else.
        """
        return Registration(settings.PROVIDER_ENDPOINTS if _is_stand_in(settings.COMPANY_ISSUER) else {})


def company() -> CompanyProvider:
    """Its description. Made when it is asked for: settings say what the company is called."""
    return CompanyProvider(
        key=KEY,
        order=0,
        label=settings.COMPANY_NAME,
        button_label=f"Sign in with {settings.COMPANY_NAME}",
        kind="enterprise",
        logins_key="",
        artifact_kind="none",
        backend_class=Company,
    )


def _is_stand_in(issuer: str) -> bool:
    known = settings.PROVIDER_ENDPOINTS
    return any(f"{issuer}/".startswith((prefix, local)) for prefix, local in known.items())
