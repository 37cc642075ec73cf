"""All identity providers by their keys. Adding one is a module in `social/backends`; nobody asks "is it this one?"."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from providers.company.provider import KEY as COMPANY
from providers.company.provider import company
from providers.developer import DEVELOPER
from providers.guest import GUEST
from providers.saml.provider import SAML
from providers.sign_in.provider import Provider
from providers.social import backends
from providers.social.base import SocialProvider


def _social() -> Iterator[SocialProvider]:
    """What each module of `social/backends` describes."""
    for module in iter_modules(backends.__path__, f"{backends.__name__}."):
        yield import_module(module.name).PROVIDER


PROVIDERS: dict[str, Provider] = {
    provider.key: provider
    for provider in sorted((GUEST, *_social(), SAML, DEVELOPER), key=lambda provider: provider.order)
}


def provider_of_backend(backend: str) -> SocialProvider:
    """The provider whose redirect URI names that social-auth backend.

    Raises:
        KeyError: there is none.
    """
    for provider in PROVIDERS.values():
        if isinstance(provider, SocialProvider) and provider.backend == backend:
            return provider
    raise KeyError(backend)


def provider_called(key: str) -> Provider | None:
    """The provider of a sign-in: one of them, or the company's, which signs in to this site."""
    return company() if key == COMPANY else PROVIDERS.get(key)


def in_a_sentence(key: str) -> str:
    """What the provider of a sign-in is called in a sentence; its key when it is no longer registered."""
    known = provider_called(key)
    return known.in_a_sentence if known else key
