"""What a sign-in yields, and how the vault keeps it for a run."""

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.owners import Owner
from providers.sign_in.provider import ArtifactKind
from vault import services as vault

_ARTIFACT = "artifact"  # the purpose under which a run's artifact is sealed
# That of one which our server refused. Nothing that looks for an artifact finds it: it has to be asked for by name.
_REFUSED = "refused_artifact"
REFUSED_LIFE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Artifact:
    """What a provider issued for the logins map. Neither its value nor what it says about a person is in its repr.

    Attributes:
        provider: key in the registry.
        provider_name: key of the logins map.
        value: the token, `token;secret`, base64 SAML response, or developer user identifier.
        subject, issuer: as the provider names them, for the login history.
        claims: what was said about the person: verified claims of an ID token, attributes of an assertion, else the
            profile that the provider answered with.
        verified_by: in a few words, by what we know that it is genuine.
        refused: why our server judged it bad, which marks it; empty for one that was accepted.
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
    refused: str = ""

    @property
    def logins(self) -> dict[str, str]:
        return {self.provider_name: self.value}


def artifact_keep(owner: Owner, *, run_code: str, artifact: Artifact) -> None:
    """Seal what a sign-in yielded for a run. A later sign-in for the same run replaces it."""
    _seal(owner, run_code, _ARTIFACT, artifact)


def artifact_for(*, owner: Owner, run_code: str) -> Artifact | None:
    """What the sign-in of a run yielded, while it is fresh; None afterwards and for everybody else."""
    return _unseal(owner, run_code, _ARTIFACT)


def may_send_refused() -> bool:
    """Whether an artifact that our server refused may be sent to an identity pool: in the sandbox, else by setting."""
    return settings.APP_MODE == "sandbox" or settings.SEND_REFUSED_TOKENS


def refused_artifact_keep(owner: Owner, *, run_code: str, artifact: Artifact) -> None:
    """Seal one that was refused, for this run and no other."""
    if not artifact.refused:
        raise ValueError("An artifact that was accepted is none that was refused.")
    _seal(owner, run_code, _REFUSED, artifact)


def refused_artifact_for(*, owner: Owner, run_code: str) -> Artifact | None:
    """What the run's sign-in brought and our server refused, for a while; None for everybody else."""
    return _unseal(owner, run_code, _REFUSED) if may_send_refused() else None


def refused_artifact_forget(*, run_code: str) -> None:
    """It has been sent, or nobody is going to send it."""
    vault.discard_one(reference=run_code, purpose=_REFUSED)


def _seal(owner: Owner, run_code: str, purpose: str, artifact: Artifact) -> None:
    """What it says of its own end is what pages say, so that it is the vault's where that comes first."""
    until = min(artifact.expires_at, timezone.now() + vault.LONGEST)
    content = {**asdict(artifact), "expires_at": until.isoformat()}
    vault.seal(owner, reference=run_code, purpose=purpose, content=content, expires_at=until)


def _unseal(owner: Owner, run_code: str, purpose: str) -> Artifact | None:
    content = vault.unseal(owner, reference=run_code, purpose=purpose)
    if content is None:
        return None
    return Artifact(**{**content, "expires_at": datetime.fromisoformat(content["expires_at"])})
