"""What a sign-in yields, and the vault: the only place where a secret rests.

The vault is a table of sealed values. Each is readable by its owner alone, is bound to what it belongs to (a row copied
under another reference does not open), and lasts as long as the secret itself is valid, at most one hour.
"""

import json
import secrets
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from accounts.owners import Owner
from providers.models import SealedValue, SignIn
from providers.registry import ArtifactKind

LONGEST = timedelta(hours=1)
_NONCE_BYTES = 12
_ARTIFACT = "artifact"  # the purpose under which a run's artifact is sealed


@dataclass(frozen=True, slots=True)
class Artifact:
    """What a provider gave us for the logins map. Neither its value nor what it says about a person is in its repr.

    Attributes:
        provider: key in the registry.
        provider_name: key of the logins map.
        value: the token, `token;secret`, base64 SAML response, or developer user identifier.
        subject, issuer: as the provider names them, for the login history.
        claims: what was said about the person: verified claims of an ID token, attributes of an assertion, else the
            profile that the provider answered with.
        verified_by: in a few words, by what we know that it is genuine.
    """

    provider: str
    kind: ArtifactKind
    provider_name: str
    value: str = field(repr=False)
    expires_at: datetime
    subject: str = field(default="", repr=False)
    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict, repr=False)
    verified_by: str = ""

    @property
    def logins(self) -> dict[str, str]:
        return {self.provider_name: self.value}


@lru_cache(maxsize=4)
def derived_key(secret_key: str, purpose: str) -> bytes:
    """32 bytes for one purpose, derived from SECRET_KEY (HKDF-SHA256, RFC 5869)."""
    hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"identity-pools-lab {purpose}".encode())
    return hkdf.derive(secret_key.encode())


def seal(owner: Owner, *, reference: str, purpose: str, content: dict[str, Any], expires_at: datetime) -> None:
    """Keep `content` until `expires_at`, at most for an hour. What was there for the same purpose is replaced."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = nonce + _cipher().encrypt(nonce, json.dumps(content).encode(), _bound_to(reference, purpose))
    row = SealedValue(
        reference=reference,
        purpose=purpose,
        user_id=owner.user_id,
        visitor=owner.visitor if owner.user_id is None else None,
        sealed=sealed,
        expires_at=min(expires_at, timezone.now() + LONGEST),
    )
    SealedValue.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["reference", "purpose"],
        update_fields=["user", "visitor", "sealed", "created_at", "expires_at"],
    )
    # Nobody has to be told to purge: what has expired goes when the next secret comes.
    purge()


def unseal(owner: Owner, *, reference: str, purpose: str) -> dict[str, Any] | None:
    """The content, or None: it never was, has expired, is somebody else's, or was sealed with another SECRET_KEY."""
    row = _of(owner).filter(reference=reference, purpose=purpose, expires_at__gt=timezone.now()).first()
    if row is None:
        return None
    sealed = bytes(row.sealed)
    nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        content: dict[str, Any] = json.loads(_cipher().decrypt(nonce, rest, _bound_to(reference, purpose)))
    except InvalidTag:
        return None
    return content


def discard(*, reference: str) -> None:
    """Forget everything that belongs to `reference`."""
    SealedValue.objects.filter(reference=reference).delete()


def discard_one(*, reference: str, purpose: str) -> None:
    """Forget one thing that belongs to `reference`."""
    SealedValue.objects.filter(reference=reference, purpose=purpose).delete()


def artifact_keep(owner: Owner, *, run_code: str, artifact: Artifact) -> None:
    """Seal what a sign-in yielded for a run. A later sign-in for the same run replaces it."""
    content = {**asdict(artifact), "expires_at": artifact.expires_at.isoformat()}
    seal(owner, reference=run_code, purpose=_ARTIFACT, content=content, expires_at=artifact.expires_at)


def artifact_for(*, owner: Owner, run_code: str) -> Artifact | None:
    """What the sign-in of a run yielded, while it is fresh; None afterwards and for everybody else."""
    content = unseal(owner, reference=run_code, purpose=_ARTIFACT)
    if content is None:
        return None
    return Artifact(**{**content, "expires_at": datetime.fromisoformat(content["expires_at"])})


def adopt(*, visitor: UUID, user_id: int) -> int:
    """Give an account what this browser sealed, and its sign-ins, from while nobody was signed in.

    Returns how many sealed values there were.
    """
    SignIn.objects.filter(user=None, visitor=visitor).update(user_id=user_id, visitor=None)
    return SealedValue.objects.of_visitor(visitor).update(user_id=user_id, visitor=None)


def purge() -> int:
    """Delete what has expired; returns how many values."""
    return SealedValue.objects.expired().delete()[0]


def _of(owner: Owner) -> QuerySet[SealedValue]:
    if owner.user_id is not None:
        return SealedValue.objects.filter(user_id=owner.user_id)
    return SealedValue.objects.of_visitor(owner.visitor)


def _cipher() -> AESGCM:
    return AESGCM(derived_key(settings.SECRET_KEY, "vault"))


def _bound_to(reference: str, purpose: str) -> bytes:
    return f"{reference}/{purpose}".encode()
