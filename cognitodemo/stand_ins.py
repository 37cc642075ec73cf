"""How the application is registered at the sandbox's stand-ins: the one place where it meets the sandbox's facts.

Everything else finds the stand-ins by settings, and those of other accounts than home by REGISTERED_AT_ACCOUNT.
"""

from functools import lru_cache

from django.conf import settings

from sandbox.core.facts import DEVELOPER_PROVIDER_NAME, Lab
from sandbox.idp.stand_ins import application_settings, endpoint_map

# Values by the names of settings; the beginning of a provider's real URL -> where its stand-in is.
Registered = tuple[dict[str, str], dict[str, str]]


@lru_cache(maxsize=256)
def registered(lab: Lab) -> Registered:
    """What the stand-ins of an account know the application by, and where they are."""
    return {**application_settings(lab), "DEVELOPER_PROVIDER_NAME": DEVELOPER_PROVIDER_NAME}, endpoint_map(lab)


def registered_at(account_id: str) -> Registered:
    """The same by an account's twelve digits, at the addresses of the settings."""
    home = settings.SANDBOX_ACCOUNT_ID
    return registered(Lab(settings.AWS_REGION, account_id, settings.SANDBOX_PUBLIC_URL, settings.PUBLIC_URL, home))
