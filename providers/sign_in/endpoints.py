"""Where a provider's addresses are found: at the provider, or in sandbox mode at its stand-in."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings


def local_url(url: str) -> str:
    """Where a provider's URL is found here: itself, or in sandbox mode its stand-in's (PROVIDER_ENDPOINTS)."""
    endpoints: Mapping[str, str] = settings.PROVIDER_ENDPOINTS
    for prefix in sorted(endpoints, key=len, reverse=True):
        if url.startswith(prefix):
            return endpoints[prefix] + url[len(prefix) :]
    return url


def may_be_asked(address: str) -> bool:
    """In sandbox mode only the stand-ins, whatever a discovery document or a setting says; otherwise everybody."""
    stand_ins = {_origin(url) for url in settings.PROVIDER_ENDPOINTS.values()}
    return not stand_ins or _origin(address) in stand_ins


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
