"""The sign-in backends, by the name that stands in their redirect URI. One provider, one module."""

from providers.social.backends.amazon import Amazon
from providers.social.backends.apple import Apple
from providers.social.backends.facebook import Facebook
from providers.social.backends.google import Google
from providers.social.backends.oidc import Oidc
from providers.social.backends.user_pool import UserPool
from providers.social.backends.x import X
from providers.social.base import ProviderBackend

BACKENDS: dict[str, type[ProviderBackend]] = {
    backend.name: backend for backend in (Google, Facebook, Amazon, Apple, X, UserPool, Oidc)
}

__all__ = ["BACKENDS", "ProviderBackend"]
