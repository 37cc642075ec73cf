"""What the providers know this application by, and where they are found: in sandbox mode another for each AWS account.

An account of the sandbox has stand-ins of its own, at which the application is registered under names of their own. On
AWS, and in the sandbox's home account, it is what the settings say.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.module_loading import import_string

from web.origins import origin_of

Registered = tuple[Mapping[str, str], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Registration:
    """The application as it is registered for runs of one AWS account.

    Attributes:
        endpoints: the beginning of a provider's URL -> where to go instead. Empty on AWS.
        values: by the names of settings; where a name is missing here, the setting itself counts.
    """

    endpoints: Mapping[str, str]
    values: Mapping[str, str] = field(default_factory=dict, repr=False)

    def setting(self, name: str) -> str:
        """The value of one of the providers' settings; empty when it has none."""
        return str(self.values[name] if name in self.values else getattr(settings, name))

    def local_url(self, url: str) -> str:
        """Where a provider's URL is found here: itself, or in sandbox mode its stand-in's."""
        for prefix in sorted(self.endpoints, key=len, reverse=True):
            if url.startswith(prefix):
                return self.endpoints[prefix] + url[len(prefix) :]
        return url

    def may_be_asked(self, address: str) -> bool:
        """In sandbox mode only the stand-ins, whatever a discovery document or a setting says; otherwise everybody."""
        stand_ins = {origin_of(url) for url in self.endpoints.values()}
        return not stand_ins or origin_of(address) in stand_ins


def registration_for(account_id: str = "") -> Registration:
    """The application's registration for runs of that AWS account; for an empty number, as the settings say."""
    if settings.APP_MODE == "aws" or account_id in ("", settings.SANDBOX_ACCOUNT_ID):
        return Registration(settings.PROVIDER_ENDPOINTS)
    at_account: Callable[[str], Registered] = import_string(settings.REGISTERED_AT_ACCOUNT)
    values, endpoints = at_account(account_id)
    return Registration(endpoints, values)
