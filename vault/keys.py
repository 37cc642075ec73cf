"""Keys made of SECRET_KEY, one for each purpose."""

from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


@lru_cache(maxsize=4)
def derived_key(secret_key: str, purpose: str) -> bytes:
    """32 bytes for one purpose, derived from SECRET_KEY (HKDF-SHA256, RFC 5869)."""
    hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"identity-pools-lab {purpose}".encode())
    return hkdf.derive(secret_key.encode())
