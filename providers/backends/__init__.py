"""The sign-in backends, by the name that stands in their redirect URI. One provider, one module."""

from providers.backends.amazon import Amazon
from providers.backends.apple import Apple
from providers.backends.base import ProviderBackend
from providers.backends.facebook import Facebook
from providers.backends.google import Google
from providers.backends.oidc import Oidc
from providers.backends.user_pool import UserPool
from providers.backends.x import X

BACKENDS: dict[str, type[ProviderBackend]] = {
    backend.name: backend for backend in (Google, Facebook, Amazon, Apple, X, UserPool, Oidc)
}

__all__ = ["BACKENDS", "ProviderBackend"]
