"""The sign-in backends, by the name that stands in their redirect URI. One provider, one module."""

from .amazon import Amazon
from .apple import Apple
from .base import ProviderBackend
from .facebook import Facebook
from .google import Google
from .oidc import Oidc
from .user_pool import UserPool
from .x import X

BACKENDS: dict[str, type[ProviderBackend]] = {
    backend.name: backend for backend in (Google, Facebook, Amazon, Apple, X, UserPool, Oidc)
}

__all__ = ["BACKENDS", "ProviderBackend"]
