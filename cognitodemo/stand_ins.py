"""How the application is registered at the sandbox's stand-ins: the one place where it meets the sandbox's facts.

Everything else finds the stand-ins by settings, and those of other accounts than home by REGISTERED_AT_ACCOUNT.
"""

from functools import lru_cache
from typing import Any

from django.conf import settings

from sandbox.core.facts import (
    AUTHENTICATED,
    DEVELOPER_PROVIDER_NAME,
    GUEST,
    IDENTITY_POOLS,
    Lab,
)
from sandbox.idp.stand_ins import application_settings, endpoint_map
from web import sandboxes

# Values by the names of settings; the beginning of a provider's real URL -> where its stand-in is.
Registered = tuple[dict[str, str], dict[str, str]]


@lru_cache(maxsize=256)
def registered(lab: Lab) -> Registered:
    """What the stand-ins of an account know the application by, and where they are."""
    return {**application_settings(lab), "DEVELOPER_PROVIDER_NAME": DEVELOPER_PROVIDER_NAME}, endpoint_map(lab)


def registered_at(account_id: str) -> Registered:
    """The same by an account's twelve digits, at the address of the sandbox that it is in."""
    home, public_url = settings.SANDBOX_ACCOUNT_ID, sandboxes.of_account(account_id).public_url
    return registered(Lab(settings.AWS_REGION, account_id, public_url, settings.PUBLIC_URL, home))


def seeded_pools(region: str, account_id: str, home: str) -> list[dict[str, Any]]:
    """The identity pools that an account of the sandbox has from the start, as flows.exchange.pool reads them."""
    return [
        {
            "key": pool.key,
            "pool_id": pool.pool_id(region, account_id, home),
            "label": pool.label,
            "description": pool.description,
            "region": region,
            "account_id": account_id,
            "guest_role_arn": pool.role_arn(account_id, GUEST),
            "authenticated_role_arn": pool.role_arn(account_id, AUTHENTICATED),
        }
        for pool in IDENTITY_POOLS
    ]


def pools_at(account_id: str) -> list[dict[str, Any]]:
    """The same, where the settings say."""
    return seeded_pools(settings.AWS_REGION, account_id, settings.SANDBOX_ACCOUNT_ID)
