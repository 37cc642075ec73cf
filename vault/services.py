"""The verbs of the vault: seal, unseal, discard, adopt, purge."""

import json
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db.models import CharField, DateTimeField
from django.utils import timezone

from accounts.owned import PreparedDeletionOfAll, PreparedOfOwner, belonging_to
from accounts.owners import Owner
from vault.keys import derived_key
from vault.models import SealedValue

LONGEST = timedelta(hours=1)
_NONCE_BYTES = 12
_KEPT = PreparedOfOwner(
    lambda whose, reference, purpose, now: SealedValue.objects.filter(
        whose, reference=reference, purpose=purpose, expires_at__gt=now
    ),
    CharField(),
    CharField(),
    DateTimeField(),
)
_EXPIRED = PreparedDeletionOfAll(lambda now: SealedValue.objects.filter(expires_at__lte=now), DateTimeField())


@dataclass(frozen=True, slots=True)
class Secret:
    """What is to be sealed: for what, and until when."""

    purpose: str
    content: dict[str, Any] = field(repr=False)
    expires_at: datetime


def seal(owner: Owner, *, reference: str, purpose: str, content: dict[str, Any], expires_at: datetime) -> None:
    """Keep `content` until `expires_at`, at most for an hour. What was there for the same purpose is replaced."""
    seal_all(owner, reference, [Secret(purpose, content, expires_at)])


def seal_all(owner: Owner, reference: str, kept: Sequence[Secret]) -> None:
    """The same of several that belong to one reference, in one statement."""
    latest = timezone.now() + LONGEST
    rows = [
        SealedValue(
            **belonging_to(owner),
            reference=reference,
            purpose=secret.purpose,
            sealed=_sealed(reference, secret),
            expires_at=min(secret.expires_at, latest),
        )
        for secret in kept
    ]
    SealedValue.objects.put(rows, ("reference", "purpose"))
    # Nobody has to be told to purge: what has expired goes when the next secret comes.
    purge()


def unseal(owner: Owner, *, reference: str, purpose: str) -> dict[str, Any] | None:
    """The content, or None: it never was, has expired, is somebody else's, or was sealed with another SECRET_KEY."""
    rows = _KEPT.rows(owner, reference, purpose, timezone.now())
    if not rows:
        return None
    sealed = bytes(rows[0].sealed)
    nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        content: dict[str, Any] = json.loads(_cipher().decrypt(nonce, rest, _bound_to(reference, purpose)))
    except InvalidTag:
        return None
    return content


def held(owner: Owner, *, references: Collection[str]) -> set[tuple[str, str]]:
    """Reference and purpose of what is there for any of `references` and has not expired. Nothing is opened."""
    rows = SealedValue.objects.owned_by(owner).filter(reference__in=references, expires_at__gt=timezone.now())
    return set(rows.values_list("reference", "purpose"))


def discard(*references: str) -> None:
    """Forget everything that belongs to one of them."""
    SealedValue.objects.filter(reference__in=references).delete()


def discard_one(*, reference: str, purpose: str) -> None:
    """Forget one thing that belongs to `reference`."""
    SealedValue.objects.filter(reference=reference, purpose=purpose).delete()


def adopt(*, visitor: UUID, user_id: int) -> int:
    """Give an account what was sealed for this browser while nobody was signed in; returns how many values."""
    return SealedValue.objects.adopt(visitor=visitor, user_id=user_id)


def purge() -> int:
    """Delete what has expired; returns how many values."""
    return _EXPIRED.delete(timezone.now())


def _sealed(reference: str, secret: Secret) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + _cipher().encrypt(nonce, json.dumps(secret.content).encode(), _bound_to(reference, secret.purpose))


def _cipher() -> AESGCM:
    return AESGCM(derived_key(settings.SECRET_KEY, "vault"))


def _bound_to(reference: str, purpose: str) -> bytes:
    return f"{reference}/{purpose}".encode()
